//! The rights of TLB entries, chosen so that the emulator is fast and still sees every store that
//! matters.
//!
//! The emulator detects stores to translated code only on pages whose entry can both store and
//! execute, and stores there take six times as long. So each frame is in one of the states of
//! [`FrameUse`].
//!
//! # Invariants
//!
//! - An entry of a *data* frame cannot execute, one of a *code* frame cannot store, and every entry
//!   of a *mixed* frame that can store can also execute.
//! - A frame becomes mixed only together with a TLB flush, so no older entry of it survives.
//! - An entry of a page whose D bit is clear cannot store, so the first store misses and the walk
//!   sets D (SDM vol. 3, 4.8).

use bitflags::bitflags;
use machine::addr::{Frame, Page};
use machine::memory::{FrameUse, PhysMemory};
use machine::mmu::{Access, Rights, Translation};
use machine::pte::PteFlags;

bitflags! {
    /// The rights of a TLB entry, in the bits of the emulator.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct EntryRights: u32 {
        const READ = 1 << 0;
        const WRITE = 1 << 1;
        const EXEC = 1 << 2;
    }
}

/// An entry that the TLB gets for a page of a program: through it alone the program fetches, loads
/// and stores there, until it is invalidated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fill {
    /// The page.
    pub page: Page,
    /// Its frame.
    pub frame: Frame,
    /// Whether the program can store through it.
    pub can_store: bool,
}

/// Called with each entry before it is used.
pub type FillListener = Box<dyn Fn(&PhysMemory, Fill)>;

/// Whether older TLB entries of a frame must be flushed before a new one is filled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum OldEntries {
    /// They agree with the new state.
    MayStay,
    /// They would let a store or a fetch go undetected.
    MustGo,
}

/// Returns the state of a frame after an access, and whether older entries of it may stay.
pub(crate) fn after(state: FrameUse, access: Access) -> (FrameUse, OldEntries) {
    use FrameUse::*;
    match (state, access) {
        // A load decides nothing: data and code are both loaded from.
        (state, Access::Read) => (state, OldEntries::MayStay),
        // From fresh: the older entries can only read, and a store or fetch through them misses.
        (Fresh | Data, Access::Write) => (Data, OldEntries::MayStay),
        (Fresh | Code, Access::Fetch) => (Code, OldEntries::MayStay),
        (Mixed, _) => (Mixed, OldEntries::MayStay),
        // An entry that can only write would hide stores to the code, until it is gone.
        (Code, Access::Write) | (Data, Access::Fetch) => (Mixed, OldEntries::MustGo),
    }
}

/// Returns the rights of an entry for a page whose frame is in `state`.
pub(crate) fn entry_rights(state: FrameUse, page: &Translation) -> EntryRights {
    // A walk for a load leaves D clear. With the right to store in the TLB, D would never be set.
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
