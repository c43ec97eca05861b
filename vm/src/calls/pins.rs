//! Pins that a process holds on its own pages, until it gives them up, unmaps them or ends.
//!
//! # Invariants
//! A page with pins in its address space's list is in a frame that carries at
//! least as many, and an entry grants the access that it was pinned for; all processes together
//! pin at most half of the frames, so that there is always one to evict.

use std::ops::Range;

use emu::addr::{Frame, Page, VirtAddr};
use emu::mmu::Access;
use thiserror::Error;

use crate::ids::{SpaceId, User};
use crate::kill::Kill;
use crate::pager::Vm;

/// Why pages were not pinned or unpinned; nothing changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum PinError {
    /// A page cannot be accessed so, or cannot be brought in.
    #[error(transparent)]
    Kill(#[from] Kill),
    /// Half of the frames are pinned already.
    #[error("too many pinned pages")]
    TooMany,
    /// A page that is to be unpinned has no pin.
    #[error("the page is not pinned")]
    NotPinned,
}

impl Vm {
    /// Brings pages in and pins each for an access, once more than it may be pinned already.
    ///
    /// # Errors
    /// [`PinError`]; no page has a pin more than before.
    pub fn pin(
        &mut self,
        space: SpaceId,
        pages: Range<Page>,
        access: Access,
        stack: VirtAddr,
    ) -> Result<(), PinError> {
        let users = pages
            .start
            .until(pages.end)
            .map(|page| User { space, page });
        let room = (self.frames.count() / 2).saturating_sub(self.pinned_pages) as usize;
        let mut new = users.clone().filter(|user| !self.is_pinned(*user));
        if new.nth(room).is_some() {
            return Err(PinError::TooMany);
        }
        for user in users {
            self.allowed(space, user.page.start(), access, stack)
                .map_err(Kill::from)?;
        }
        for page in pages.start.until(pages.end) {
            if let Err(error) = self.pin_page(User { space, page }, access, stack) {
                self.unpin(space, pages.start..page)
                    .expect("they were pinned just now");
                return Err(error.into());
            }
        }
        self.debug_check();
        Ok(())
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
        if !users.clone().all(|user| self.is_pinned(user)) {
            return Err(PinError::NotPinned);
        }
        for user in users {
            let frame = self.frame_of(user).expect("a pinned page is in a frame");
            self.frames.info_mut(frame).pins -= 1;
            let pins = &mut self.spaces.get_mut(space).pins;
            let left = pins.get_mut(&user.page).expect("it is pinned");
            *left -= 1;
            if *left == 0 {
                pins.remove(&user.page);
                self.pinned_pages -= 1;
            }
        }
        Ok(())
    }

    /// The frame that a page is in, if it is in one.
    pub fn frame_of(&self, user: User) -> Option<Frame> {
        let content = self.spaces.get(user.space).spt.content(user.page)?;
        self.contents.get(content).frame()
    }

    pub(crate) fn is_pinned(&self, user: User) -> bool {
        self.spaces.get(user.space).pins.contains_key(&user.page)
    }

    /// Ends all pins of a page.
    pub(crate) fn release_pins_of(&mut self, user: User) {
        let Some(pins) = self.spaces.get_mut(user.space).pins.remove(&user.page) else {
            return;
        };
        let frame = self.frame_of(user).expect("a pinned page is in a frame");
        self.frames.info_mut(frame).pins -= pins;
        self.pinned_pages -= 1;
    }

    /// Ends all pins of an address space.
    pub(crate) fn release_pins(&mut self, space: SpaceId) {
        let pages: Vec<_> = self.spaces.get(space).pins.keys().copied().collect();
        for page in pages {
            self.release_pins_of(User { space, page });
        }
    }

    /// Takes a page's pins off the frame it is about to leave; the caller puts as many on the
    /// frame it moves to.
    pub(crate) fn move_pins_out(&mut self, user: User, from: Frame) -> u32 {
        let pins = self
            .spaces
            .get(user.space)
            .pins
            .get(&user.page)
            .copied()
            .unwrap_or(0);
        self.frames.info_mut(from).pins -= pins;
        pins
    }

    fn pin_page(&mut self, user: User, access: Access, stack: VirtAddr) -> Result<(), Kill> {
        let pinned = self.pin_user(user.space, user.page.start(), 1, access, stack)?;
        // The pin stays: the address space's list owns it from here on.
        self.keep_pin(pinned);
        self.pinned_pages += u32::from(!self.is_pinned(user));
        *self
            .spaces
            .get_mut(user.space)
            .pins
            .entry(user.page)
            .or_insert(0) += 1;
        Ok(())
    }
}
