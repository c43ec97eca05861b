//! The limit on private pages.
//!
//! Only a frame or a swap slot can keep a private page; a page of a file can be dropped and read
//! again. If private pages could fill all frames while swap is full, no page of a file would find a
//! frame, and processes that never asked for memory could not even execute their code. So a process
//! that asks for a page is told that memory is full while there is still room for the next
//! instruction of every other process.
//!
//! # Invariants
//!
//! A page becomes private only while frames and slots have room for it beside [`RESERVE`] frames
//! for pages of files (half of the frames if there are few). A pristine page counts, since its
//! entry may be writable and a store needs no fault. Where there is no room, a page that is still
//! pristine is dropped to make some.

use crate::ids::SpaceId;
use crate::kill::Kill;
use crate::pager::Pager;
use crate::pager::candidates::Search;
use crate::pager::denied::Denied;
use crate::pager::in_hand::PAGES_AN_INSTRUCTION;

/// Frames that private pages leave free: enough for any one instruction.
const RESERVE: u32 = PAGES_AN_INSTRUCTION;

impl Pager {
    /// Makes sure that one more page may become private.
    ///
    /// # Contract
    /// - Before: nothing.
    /// - After: there are fewer private pages than the limit. For that, at most one page has left
    ///   its frame: a pristine one, which is untouched now.
    ///
    /// # Errors
    /// [`Kill::OutOfSwap`] if there is no room; nothing has changed.
    pub(crate) fn make_room_for_private(&mut self, asker: SpaceId) -> Result<(), Denied> {
        // lab 10.1: keep room for everyone's code
        if self.private_pages() < self.most_private_pages() {
            return Ok(());
        }
        // No minimum is kept: a pristine page costs its process a minor fault, nothing more.
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
    /// Returns the number of private contents. A page shared copy-on-write counts once.
    fn private_pages(&self) -> u64 {
        (self.residency.contents() - self.residency.cached_pages()) as u64
    }

    fn most_private_pages(&self) -> u64 {
        let frames = self.frames().count();
        // On a machine with few frames the full reserve would leave hardly any for private pages.
        let reserve = RESERVE.min(frames / 2);
        u64::from(frames - reserve) + u64::from(self.swap().most_evicted())
    }
    // lab end
}
