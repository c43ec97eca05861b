//! What a TLB entry may allow, so that the emulator runs fast and still sees all it must.
//!
//! The emulator keeps translated code in step with stores only on pages whose entry can both
//! store and execute, at a sixth of the speed. So each frame is in one of the states of
//! [`FrameUse`].
//!
//! # Invariants
//!
//! - an entry of a *data* frame cannot execute, one of a *code* frame cannot store, and every
//!   entry of a *mixed* frame that can store can execute;
//! - a frame becomes mixed only together with a flush, so that no older entry of it survives;
//! - an entry of a page whose D bit is clear cannot store, so that the first store comes back to
//!   the walk and sets D.

use bitflags::bitflags;
use machine::memory::FrameUse;
use machine::mmu::{Access, Rights, Translation};
use machine::pte::PteFlags;

bitflags! {
    /// What a TLB entry allows, in the bits of the emulator.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct EntryRights: u32 {
        const READ = 1 << 0;
        const WRITE = 1 << 1;
        const EXEC = 1 << 2;
    }
}

/// Whether older TLB entries of a frame must go before a new one is handed out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OldEntries {
    /// They agree with the new state.
    MayStay,
    /// They would let a store or a fetch pass unseen.
    MustGo,
}

/// The state of a frame after an access, and what that means for the entries handed out before.
pub fn after(state: FrameUse, access: Access) -> (FrameUse, OldEntries) {
    use FrameUse::*;
    match (state, access) {
        (state, Access::Read) => (state, OldEntries::MayStay),
        (Fresh | Data, Access::Write) => (Data, OldEntries::MayStay),
        (Fresh | Code, Access::Fetch) => (Code, OldEntries::MayStay),
        (Mixed, _) => (Mixed, OldEntries::MayStay),
        (Code, Access::Write) | (Data, Access::Fetch) => (Mixed, OldEntries::MustGo),
    }
}

/// The rights of an entry for a page whose frame is in `state`.
pub fn entry_rights(state: FrameUse, page: &Translation) -> EntryRights {
    let can_store = page.rights == Rights::ReadWrite && page.pte.has(PteFlags::DIRTY);
    match (state, can_store) {
        (FrameUse::Fresh, _) | (FrameUse::Data, false) => EntryRights::READ,
        (FrameUse::Data, true) => EntryRights::READ | EntryRights::WRITE,
        (FrameUse::Code, _) | (FrameUse::Mixed, false) => EntryRights::READ | EntryRights::EXEC,
        (FrameUse::Mixed, true) => EntryRights::all(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use machine::addr::Frame;
    use machine::pte::Pte;

    const STATES: [FrameUse; 4] = [
        FrameUse::Fresh,
        FrameUse::Data,
        FrameUse::Code,
        FrameUse::Mixed,
    ];

    fn page(flags: PteFlags, rights: Rights) -> Translation {
        let frame = Frame::new(1);
        Translation {
            frame,
            pte: Pte::new(frame, flags),
            rights,
        }
    }

    #[test]
    fn no_entry_of_a_clean_or_read_only_page_can_store() {
        let dirty = PteFlags::USER_WRITE | PteFlags::DIRTY;
        for state in STATES {
            for page in [
                page(PteFlags::USER_WRITE, Rights::ReadWrite),
                page(dirty, Rights::ReadOnly),
            ] {
                assert!(
                    !entry_rights(state, &page).contains(EntryRights::WRITE),
                    "{state:?}"
                );
            }
        }
    }

    #[test]
    fn an_entry_always_allows_the_access_that_asked_for_it() {
        let page = page(PteFlags::USER_WRITE | PteFlags::DIRTY, Rights::ReadWrite);
        for state in STATES {
            for (access, right) in [
                (Access::Read, EntryRights::READ),
                (Access::Write, EntryRights::WRITE),
                (Access::Fetch, EntryRights::EXEC),
            ] {
                let (state, _) = after(state, access);
                assert!(
                    entry_rights(state, &page).contains(right),
                    "{state:?} {access:?}"
                );
            }
        }
    }

    #[test]
    fn old_entries_stay_only_if_they_keep_the_new_states_promise() {
        let page = page(PteFlags::USER_WRITE | PteFlags::DIRTY, Rights::ReadWrite);
        for state in STATES {
            for access in [Access::Read, Access::Write, Access::Fetch] {
                let (next, old) = after(state, access);
                let older = entry_rights(state, &page);
                let newer = entry_rights(next, &page);
                let unseen_store = older.contains(EntryRights::WRITE)
                    && newer.contains(EntryRights::EXEC)
                    && !older.contains(EntryRights::EXEC);
                let changed_to_mixed = next == FrameUse::Mixed && state != FrameUse::Mixed;
                assert!(!unseen_store || old == OldEntries::MustGo);
                assert_eq!(changed_to_mixed, old == OldEntries::MustGo);
            }
        }
    }
}
