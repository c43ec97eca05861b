//! Pins that a process holds on its own pages, until it gives them up, unmaps them or ends.
//!
//! # Invariants
//! A page with pins in its address space's list is in a frame that carries at
//! least as many, and an entry grants the access that it was pinned for; all processes together
//! pin at most half of the frames, so that there is always one to evict.

use std::ops::Range;

use machine::addr::Page;
use machine::mmu::Access;

use crate::ids::{SpaceId, User};
use crate::kill::Kill;
use crate::pager::Pager;
use crate::refused::PinError;
use crate::space::user_range::{Client, UserPiece};

impl Pager {
    /// Brings pages in and pins each for an access, once more than it may be pinned already.
    ///
    /// # Contract
    /// - Before: nothing; the pages may be anywhere.
    /// - After: each page is in a frame, its entry grants the access, and the address space keeps one
    ///   pin more on it. At most half of the frames carry such pins. On an error no page has a pin more
    ///   than before, though some may have come in.
    ///
    /// # Errors
    /// [`PinError`]; no page has a pin more than before.
    pub fn pin(
        &mut self,
        client: Client,
        pages: Range<Page>,
        access: Access,
    ) -> Result<(), PinError> {
        crate::lab::not_yet("6.4: pin pages for a process, all or none")
    }

    /// Takes one pin off each page.
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
