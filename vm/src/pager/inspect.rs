//! What inspectors ask: all that there is, to be read.
//!
//! What always holds: nothing here changes anything, no A or D bit and no counter.

use emu::addr::Frame;

use crate::calls::user_memory::AliasPolicy;
use crate::ids::{ContentId, SpaceId};
use crate::pager::Vm;
use crate::residency::content::Content;
use crate::residency::frame::FrameUse;
use crate::space::address_space::AddressSpace;

impl Vm {
    /// What pages hold: a content that the supplemental, the frame or the swap table names.
    pub fn content(&self, content: ContentId) -> &Content {
        self.contents.get(content)
    }

    /// All address spaces, in the order of their ids.
    pub fn spaces(&self) -> impl Iterator<Item = (SpaceId, &AddressSpace)> {
        self.spaces.iter()
    }

    /// Whether the content of a frame has been used since a replacement policy last cleared that,
    /// by any of the entries that map it.
    pub fn is_accessed(&self, frame: Frame) -> bool {
        self.frame_use().accessed(frame)
    }

    /// Whether the content of a frame has been stored to since it came there, by any of the
    /// entries that map it.
    pub fn is_dirty(&self, frame: Frame) -> bool {
        self.frame_use().dirty(frame)
    }

    /// How the kernel touches user memory, and so whether its aliases have A and D bits that count.
    pub fn alias_policy(&self) -> AliasPolicy {
        self.alias
    }

    fn frame_use(&self) -> FrameUse<'_> {
        FrameUse {
            frames: &self.frames,
            contents: &self.contents,
            spaces: &self.spaces,
            tables: &self.tables,
            alias: self.alias,
        }
    }
}
