//! Pins that a process holds on its own pages, until it unpins or unmaps them or ends.
//!
//! # Invariants
//! A page with pins in its address space's list is in a frame with at least as many pins, and its
//! entry grants the access that it was pinned for. All processes together pin at most half of the
//! frames, so that others can be evicted.

use std::ops::Range;

use machine::addr::Page;
use machine::mmu::Access;

use crate::ids::{SpaceId, User};
use crate::kill::Kill;
use crate::pager::Pager;
use crate::refused::PinError;
use crate::space::user_range::{Client, UserPiece};

impl Pager {
    /// Brings pages in and pins each for an access, once more if it is pinned already.
    ///
    /// # Contract
    /// - Before: nothing; the pages may be anywhere.
    /// - After: each page is in a frame, its entry grants the access, and the address space keeps
    ///   one more pin on it. At most half of the frames have such pins. On an error no page has
    ///   more pins than before, though some may have come in.
    ///
    /// # Errors
    /// [`PinError`]; no page has more pins than before.
    ///
    /// # Examples
    ///
    // lab 6 example
    /// ```
    /// use kit::{Machine, client};
    /// use machine::addr::Page;
    /// use vm::{Access, AdviceError, PinError, VmOptions};
    ///
    /// let mut machine = Machine::new(8, 64, VmOptions::default());
    /// let space = machine.space();
    /// machine.zeros(space, 0x0a00_0000, 8);
    /// let first = Page::new(0x0a000)..Page::new(0x0a001);
    /// machine.vm.pin(client(space), first.clone(), Access::Write)?;
    /// assert_eq!(machine.vm.page_out(space, first.clone()), Err(AdviceError::Pinned));
    ///
    /// // At most half of the frames, all or none.
    /// let all = Page::new(0x0a000)..Page::new(0x0a008);
    /// assert_eq!(machine.vm.pin(client(space), all, Access::Write), Err(PinError::TooMany));
    /// machine.vm.unpin(space, first)?;
    /// # Ok::<(), vm::PinError>(())
    /// ```
    pub fn pin(
        &mut self,
        client: Client,
        pages: Range<Page>,
        access: Access,
    ) -> Result<(), PinError> {
        // lab 6.4: pin pages for a process, all or none
        let space = client.space;
        let users = pages
            .start
            .until(pages.end)
            .map(|page| User { space, page });
        let room =
            (self.frames().count() / 2).saturating_sub(self.residency().pinned_pages()) as usize;
        // A page that is pinned already takes no further frame.
        let mut new = users
            .clone()
            .filter(|user| !self.residency().is_pinned(*user));
        if new.nth(room).is_some() {
            return Err(PinError::TooMany);
        }
        // All rights before the first page: an error that is certain costs no disk access.
        for user in users {
            self.allowed(client, user.page.start(), access)
                .map_err(Kill::from)?;
        }
        for page in pages.start.until(pages.end) {
            if let Err(error) = self.pin_page(client, page, access) {
                // All or none: what is pinned so far would stay pinned without a holder.
                for page in pages.start.until(page) {
                    self.end_kept_pin(User { space, page });
                }
                return Err(error.into());
            }
        }
        self.debug_check();
        Ok(())
        // lab end
    }

    /// Removes one pin from each page.
    ///
    /// # Errors
    /// [`PinError::NotPinned`] if a page has none; nothing changed.
    pub fn unpin(&mut self, space: SpaceId, pages: Range<Page>) -> Result<(), PinError> {
        let users = pages
            .start
            .until(pages.end)
            .map(|page| User { space, page });
        if !users.clone().all(|user| self.residency().is_pinned(user)) {
            return Err(PinError::NotPinned);
        }
        for user in users {
            self.end_kept_pin(user);
        }
        Ok(())
    }

    fn pin_page(&mut self, client: Client, page: Page, access: Access) -> Result<(), Kill> {
        let pinned = self.pin_user(UserPiece::of_page(client, page), access)?;
        let space = client.space;
        // The pin stays: the address space's list owns it from here on.
        self.keep_pin(User { space, page }, pinned.into_pin());
        Ok(())
    }
}
