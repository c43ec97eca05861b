//! Use of frames: their accessed and dirty bits, combined over all entries that map them, and the
//! kernel's own accesses. See "Accessed and Dirty Bits" in the Pintos documentation for the problem
//! of aliases.
//!
//! # Invariants
//!
//! Reading the bits changes nothing. They are cleared in all entries at once, the kernel's alias
//! included; D only for a page that has just been written to its file.

use machine::addr::{Frame, PhysAddr, VirtAddr};
use machine::mmu::{self, Access, Ring};
use machine::pte::{Pte, PteFlags};

use crate::alias::AliasPolicy;
use crate::ids::{SpaceId, User};
use crate::residency::Residency;
use crate::residency::change::WrittenBack;
use crate::residency::token::Pin;

impl Residency {
    /// Returns whether the content of a frame has been accessed since its accessed bits were
    /// cleared.
    pub(crate) fn accessed(&self, frame: Frame) -> bool {
        self.frames.info(frame).accessed || self.any_entry(frame, PteFlags::ACCESSED)
    }

    /// Returns whether the content of a frame has been stored to since it came into the frame, or
    /// was last written back.
    pub(crate) fn dirty(&self, frame: Frame) -> bool {
        self.frames.info(frame).dirty || self.any_entry(frame, PteFlags::DIRTY)
    }

    /// Clears the accessed bit of a frame in every entry that maps it.
    pub(crate) fn clear_accessed(&mut self, frame: Frame) {
        // All three places, or a page that is no longer used keeps its second chance for ever: what
        // cleared entries knew, the users' entries, and the alias of the kernel.
        self.frames.info_mut(frame).accessed = false;
        self.clear_in_entries(frame, PteFlags::ACCESSED);
        if self.alias == AliasPolicy::Sync {
            self.clear_in_alias(frame, PteFlags::ACCESSED);
        }
    }

    /// Clears the dirty bit of a frame whose content has just been written to its file.
    ///
    /// # Contract
    /// - Before: [`Residency::write_back`] returned `written`, and there was no store to the frame
    ///   since.
    /// - After: the frame is not [`Residency::dirty`] before the next store to it.
    pub(crate) fn mark_clean(&mut self, written: WrittenBack) {
        let frame = written.frame;
        // Nothing has stored to the frame since the write: no program runs during a system call.
        self.frames.info_mut(frame).dirty = false;
        self.clear_in_entries(frame, PteFlags::DIRTY);
        self.clear_in_alias(frame, PteFlags::DIRTY);
    }

    /// Returns the physical address of a byte in a pinned page, and sets the A and D bits that the
    /// kernel's access sets: those of its alias, or those of the user's entry.
    ///
    /// # Contract
    /// - Before: the pin is on the frame of the page of `addr` in `space`, whose entry grants the access.
    /// - After: [`Residency::accessed`] of the frame, and after a store [`Residency::dirty`].
    ///   With [`AliasPolicy::Sync`] the kernel went through its alias, whose bits are set; where there is
    ///   none, and with [`AliasPolicy::UserAddress`], through the user's entry, as a walk sets them.
    ///   The address is that of the byte in the frame.
    pub(crate) fn reach(
        &mut self,
        pin: &Pin,
        space: SpaceId,
        addr: VirtAddr,
        access: Access,
    ) -> PhysAddr {
        let frame = pin.frame();
        // lab 5.4: leave the traces of the kernel's own access
        // The emulated CPU does not execute the kernel, so nothing else sets these bits.
        let through_alias = match self.alias {
            AliasPolicy::Sync => {
                let used = match access {
                    Access::Write => PteFlags::ACCESSED | PteFlags::DIRTY,
                    Access::Read | Access::Fetch => PteFlags::ACCESSED,
                };
                self.tables.update_alias(frame, |alias| alias.with(used))
            }
            AliasPolicy::UserAddress => None,
        };
        match through_alias {
            Some((_, flush)) => self.tlb.note(flush),
            None => {
                // The kernel's directory, in ring 0: but for U/S the rights are those of the
                // program, since CR0.WP is set (SDM vol. 3, 4.6.1).
                let root = self.spaces.get(space).directory.root();
                let walk = mmu::translate(&self.memory, root, addr, access, Ring::Kernel);
                let walk = walk.expect("a pinned page keeps its entry");
                debug_assert_eq!(walk.frame, frame);
            }
        }
        // lab given
        // | // Until 5.4: what the kernel does to a page leaves no trace.
        // lab end
        PhysAddr(frame.start().0 + addr.offset())
    }

    /// Sets the time, in guest work, at which a transfer has filled a frame.
    pub(crate) fn set_ready_at(&mut self, frame: Frame, time: u64) {
        self.frames.info_mut(frame).ready_at = time;
    }

    /// Clears bits in the kernel's alias of a frame, if it has one.
    ///
    /// # Contract
    /// - Before: nothing.
    /// - After: the alias has none of the bits, and its translation leaves the TLB.
    pub(super) fn clear_in_alias(&mut self, frame: Frame, flags: PteFlags) {
        let cleared = self
            .tables
            .update_alias(frame, |alias: Pte| alias.without(flags));
        if let Some((_, flush)) = cleared {
            self.tlb.note(flush);
        }
    }

    /// Clears bits in the entries of all users of a frame's content.
    ///
    /// # Contract
    /// - Before: nothing; the frame may hold nothing.
    /// - After: no user's entry of the frame has any of the bits, all other bits are as they were, and
    ///   the translation of each entry that had one leaves the TLB.
    fn clear_in_entries(&mut self, frame: Frame, flags: PteFlags) {
        // lab 5.2: clear bits in all users' entries
        let Some(content) = self.frames.info(frame).content else {
            return;
        };
        for user in self.contents.walk(content) {
            let directory = &self.spaces.get(user.space).directory;
            let clear = |entry: Pte| entry.without(flags);
            // A cached translation would not set the bit again (SDM vol. 3, 4.10.4.3).
            let (_, flush) = self.tables.update(directory, user.page, clear);
            self.tlb.note(flush);
        }
        // lab given
        // | // Until 5.2: the first of them stands for all.
        // | if let Some(user) = self.users(frame).first().copied() {
        // |     let directory = &self.spaces.get(user.space).directory;
        // |     let cleared = self.tables.update(directory, user.page, |old| old.without(flags));
        // |     self.tlb.note(cleared.1);
        // | }
        // lab end
    }

    /// Returns whether a bit is set in any entry that maps a frame.
    ///
    /// # Contract
    /// - Before: nothing; the frame may hold nothing.
    /// - After: nothing has changed. The entries of all users count, and with [`AliasPolicy::Sync`] the
    ///   kernel's alias, where there is one.
    fn any_entry(&self, frame: Frame, flag: PteFlags) -> bool {
        // lab 5.1: read a bit over all entries
        // Each use sets bits in one entry only, the one through which it was made.
        self.users(frame).iter().any(|user| {
            let directory = &self.spaces.get(user.space).directory;
            self.tables.entry(directory, user.page).has(flag)
        }) || self.alias == AliasPolicy::Sync
            && self
                .tables
                .alias_entry(frame)
                .is_some_and(|entry| entry.has(flag))
        // lab given
        // | // Until 5.1: the first user's entry stands for all.
        // | self.users(frame).first().is_some_and(|user| {
        // |     self.entry(user.space, user.page).has(flag)
        // | })
        // lab end
    }

    fn users(&self, frame: Frame) -> &[User] {
        match self.frames.info(frame).content {
            Some(content) => self.contents.walk(content),
            None => &[],
        }
    }
}
