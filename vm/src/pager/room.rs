//! How many private pages there may be.
//!
//! Only a frame or a slot can keep a private page; a page of a file can be dropped and read again.
//! If private pages could fill all frames while swap is full, no page of a file would find a frame,
//! and processes that never asked for anything could not even execute their code. So the asker is
//! told that memory is full while there is still room for everyone else's next instruction.
//!
//! # Invariants
//!
//! A page becomes private only while frames and slots have room for it beside [`RESERVE`] frames
//! for pages of files (half of the frames if there are few). A pristine page counts, since a store
//! may make it a page to be kept at any time and without a fault; but where there is no room, one
//! that nobody has stored to yet goes instead.

use crate::ids::SpaceId;
use crate::kill::Kill;
use crate::pager::Pager;
use crate::pager::candidates::Search;
use crate::pager::denied::Denied;
use crate::pager::in_hand::PAGES_AN_INSTRUCTION;

/// Frames that are never needed for private pages: enough for any one instruction.
const RESERVE: u32 = PAGES_AN_INSTRUCTION;

impl Pager {
    /// Makes sure that one more page may become private.
    ///
    /// # Contract
    /// - Before: nothing.
    /// - After: there are fewer private pages than there may be. To that end at most one page has left
    ///   its frame: a pristine one, which is untouched now.
    ///
    /// # Errors
    /// [`Kill::OutOfSwap`] if there is no room; nothing has changed.
    pub(crate) fn make_room_for_private(&mut self, asker: SpaceId) -> Result<(), Denied> {
        // lab 10.1: keep room for everyone's code
        if self.private_pages() < self.most_private_pages() {
            return Ok(());
        }
        let pristine = self.find_victim(asker, Search::Pristine, 0);
        let pristine = pristine.ok_or(Kill::OutOfSwap)?;
        self.evict_and_free(pristine).map_err(|_| Kill::PageOut)?;
        Ok(())
        // lab given
        // | // Until 10.1: who asks first is served first.
        // | Ok(())
        // lab end
    }

    // lab 10 only
    fn private_pages(&self) -> u64 {
        (self.residency.contents() - self.residency.cached_pages()) as u64
    }

    fn most_private_pages(&self) -> u64 {
        let frames = self.frames().count();
        let reserve = RESERVE.min(frames / 2);
        u64::from(frames - reserve) + u64::from(self.swap().most_evicted())
    }
    // lab end
}
