//! The instruction in hand: what its faults brought in stays until it was executed.
//!
//! An i386 instruction may need six pages at once: two of code, two that it reads and two that it
//! writes. If the fault for one of them could take another one's frame, a machine with few frames
//! would fault for ever without executing anything.
//!
//! What always holds: the frames in hand belong to pages that the faults of one instruction of one
//! process have asked for, and are not evicted. They are let go as soon as a fault is another
//! instruction's, so that never more than one instruction keeps others from memory. Who cannot
//! have a frame beside those has no room for one instruction, and is told that.

use emu::addr::{Frame, VirtAddr};
use emu::mmu::{Access, Ring};
use smallvec::SmallVec;

use crate::ids::{SpaceId, User};
use crate::kill::Kill;
use crate::pager::Vm;

/// The pages that an instruction may need at once.
pub(crate) const PAGES_AN_INSTRUCTION: u32 = 6;

/// The frames that one instruction's faults have asked for.
#[derive(Debug, Default)]
pub(crate) struct InHand {
    space: Option<SpaceId>,
    frames: SmallVec<[Frame; PAGES_AN_INSTRUCTION as usize]>,
}

impl InHand {
    /// The frames, some of which may have been given up or lost their mark since.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }
}

impl Vm {
    /// As [`Vm::resolve`], for an instruction that has faulted before and was not executed since:
    /// what those faults brought in stays where it is.
    ///
    /// # Errors
    /// [`Kill`] if the process must end.
    pub fn resolve_again(
        &mut self,
        space: SpaceId,
        addr: VirtAddr,
        access: Access,
        stack: VirtAddr,
    ) -> Result<(), Kill> {
        if self.in_hand.space != Some(space) {
            self.let_go();
        }
        let result = self.resolve_for(Ring::User, space, addr, access, stack);
        self.take_in_hand(User {
            space,
            page: addr.page(),
        });
        result
    }

    /// The page that a fault asked for stays in its frame, if it came into one.
    pub(crate) fn take_in_hand(&mut self, user: User) {
        let Some(frame) = self.frame_of(user) else {
            return;
        };
        self.in_hand.space = Some(user.space);
        let info = self.frames.info_mut(frame);
        if !info.in_hand {
            info.in_hand = true;
            self.in_hand.frames.push(frame);
        }
    }

    /// Another instruction is at work: the frames in hand may go again.
    pub(crate) fn let_go(&mut self) {
        for frame in std::mem::take(&mut self.in_hand).frames {
            self.frames.info_mut(frame).in_hand = false;
        }
    }
}
