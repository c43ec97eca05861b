//! Pins: a frame that has one keeps its content.
//!
//! # Invariants
//!
//! The pin count of a frame is the number of [`Pin`] tokens for it plus the pins that address
//! spaces have in their lists. A page in such a list is in a frame.

use crate::ids::{SpaceId, User};
use crate::residency::Residency;
use crate::residency::token::Pin;
use machine::addr::Frame;

impl Residency {
    /// Pins a frame: its content stays where it is until [`Residency::unpin`].
    ///
    /// # Contract
    /// - Before: the frame holds a content.
    /// - After: the frame has one more pin, which is in a token: the caller's.
    pub(crate) fn pin(&mut self, frame: Frame) -> Pin {
        self.frames.info_mut(frame).pins += 1;
        self.pins_in_tokens += 1;
        Pin::new(frame)
    }

    /// Ends a pin.
    ///
    /// # Contract
    /// - Before: [`Residency::pin`] made it; its frame holds what it held then.
    /// - After: the frame has one pin less, and one pin less is in a token.
    pub(crate) fn unpin(&mut self, pin: Pin) {
        self.frames.info_mut(pin.end()).pins -= 1;
        self.pins_in_tokens -= 1;
    }

    /// Hands a pin over to an address space, for the frame of one of its pages.
    ///
    /// # Contract
    /// - Before: the pin is on the frame that the page is in.
    /// - After: the frame has as many pins as before, one less of them in a token; the space's list has
    ///   one more for the page; [`Residency::pinned_pages`] is one more if it was the page's first.
    ///
    /// # Panics
    /// If the pin is on another frame.
    pub(crate) fn keep_pin(&mut self, user: User, pin: Pin) {
        let frame = pin.end();
        assert_eq!(self.frame_of(user), Some(frame), "the frame of {user:?}");
        self.pins_in_tokens -= 1;
        // The frame's own count stays: the pin only changes its owner.
        let pins = &mut self.spaces.get_mut(user.space).pins;
        let count = pins.entry(user.page).or_insert(0);
        self.pinned_pages += u32::from(*count == 0);
        *count += 1;
    }

    /// Ends one of the pins that an address space keeps on a page.
    ///
    /// # Panics
    /// If it keeps none.
    pub(crate) fn end_kept_pin(&mut self, user: User) {
        self.end_pins(user, 1);
    }

    /// Ends all pins that an address space keeps on a page.
    pub(crate) fn end_kept_pins(&mut self, user: User) {
        let kept = self.spaces.get(user.space).pins(user.page);
        if kept > 0 {
            self.end_pins(user, kept);
        }
    }

    /// Ends all pins that an address space keeps.
    pub(crate) fn end_all_kept_pins(&mut self, space: SpaceId) {
        let pages: Vec<_> = self.spaces.get(space).pins.keys().copied().collect();
        for page in pages {
            self.end_kept_pins(User { space, page });
        }
    }

    /// Returns whether an address space keeps a pin on a page.
    pub(crate) fn is_pinned(&self, user: User) -> bool {
        self.spaces.get(user.space).pins.contains_key(&user.page)
    }

    /// Returns the number of pages on which address spaces keep pins.
    pub(crate) fn pinned_pages(&self) -> u32 {
        self.pinned_pages
    }

    /// Ends some of the pins that an address space keeps on a page.
    ///
    /// # Contract
    /// - Before: it keeps at least `count`, and so the page is in a frame.
    /// - After: the frame and the space's list have `count` pins less. A page without pins is not
    ///   in the list, and [`Residency::pinned_pages`] does not count it.
    fn end_pins(&mut self, user: User, count: u32) {
        let frame = self.frame_of(user).expect("a pinned page is in a frame");
        self.frames.info_mut(frame).pins -= count;
        let pins = &mut self.spaces.get_mut(user.space).pins;
        let left = pins.get_mut(&user.page).expect("it is pinned");
        *left -= count;
        if *left == 0 {
            pins.remove(&user.page);
            self.pinned_pages -= 1;
        }
    }
}
