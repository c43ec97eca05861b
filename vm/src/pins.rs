//! Pins that a process holds on its own pages, until it gives them up, unmaps them or ends.
//!
//! What always holds: a page with pins in its address space's list is in a frame that carries at
//! least as many.

use crate::content::User;
use crate::space::SpaceId;
use crate::vm::Vm;
use emu::addr::Frame;

impl Vm {
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
        let pins = self.spaces.get(user.space).pins.get(&user.page).copied().unwrap_or(0);
        self.frames.info_mut(from).pins -= pins;
        pins
    }

    /// The frame that a page is in, if it is in one.
    pub fn frame_of(&self, user: User) -> Option<Frame> {
        let content = self.spaces.get(user.space).spt.content(user.page)?;
        self.contents.get(content).frame()
    }
}
