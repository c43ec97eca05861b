//! Records the reference string of a run: which contents are touched, in order, by programs and by
//! the kernel for them.
//!
//! A reference names a *content*, not an address: code that two processes share is one page, and a
//! copy-on-write page is one page until it is copied. So the run itself is one way to serve its
//! string, and it cannot load pages less often than OPT.
//!
//! # Invariants
//!
//! - A frame holds the page that [`TouchLog::settled`] last reported for it. The virtual memory
//!   makes these reports, since it knows when a content that moves keeps its identity, and so its
//!   number.
//! - The string is shortened while it is recorded (`shortened`), without changing the counts of OPT
//!   and LRU for the number of frames for which it is made, or more.
//! - Recording changes nothing in the virtual memory.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use machine::addr::{Frame, Page};
use machine::mmu::Access;
use thiserror::Error;

use crate::replacement::FramePool;
use crate::study::reference_string::{PageNumber, Reference, ReferenceString};
use crate::study::shortened::Shortened;

/// The number of bits of a page number: the low bits of a name.
const PAGE_BITS: u32 = 20;

/// The reference string of the run exceeds the limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("the reference string is longer than {limit} references")]
pub struct TooLong {
    /// The limit.
    pub limit: usize,
}

/// How a reference string is recorded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RecordingOptions {
    /// The fewest frames for which the string is to be exact.
    pub fewest_frames: usize,
    /// The limit on references, which take 4 bytes each, and on pages, which take 8 bytes each.
    pub limit: usize,
}

/// The touches of a run, as they come.
///
/// # Examples
///
/// ```
/// use machine::addr::{Frame, Page};
/// use vm::replacement::FramePool;
/// use vm::touches::{RecordingOptions, TouchLog};
///
/// let pool = FramePool { first: Frame::new(100), count: 2 };
/// let log = TouchLog::new(pool, RecordingOptions { fewest_frames: 1, limit: 1000 });
/// let pages = [0x8048, 0x8050].map(|page| log.number(Page::new(page)));
/// for page in [pages[0], pages[1], pages[0]] {
///     log.settled(pool.first, page); // all in one frame, one after the other
///     log.touched(pool.first);
/// }
/// let string = log.take()?;
/// let names: Vec<u64> = string.references().iter().map(|one| string.name(one.page())).collect();
/// assert_eq!(names, [0x8048, 0x8050, 0x8048]);
/// # Ok::<(), vm::touches::TooLong>(())
/// ```
#[derive(Debug)]
pub struct TouchLog {
    options: RecordingOptions,
    first: Frame,
    /// What each frame holds.
    held: Vec<Cell<Option<PageNumber>>>,
    last: Cell<Option<PageNumber>>,
    references: RefCell<Shortened>,
    is_too_long: Cell<bool>,
    /// The name of each page by its number.
    names: RefCell<Vec<u64>>,
    /// The number of contents that were named after each page number.
    named: RefCell<BTreeMap<Page, u64>>,
}

impl TouchLog {
    /// Creates a log for a pool of frames that are all free.
    #[must_use]
    pub fn new(frames: FramePool, options: RecordingOptions) -> TouchLog {
        TouchLog {
            options,
            first: frames.first,
            held: vec![Cell::default(); frames.count as usize],
            last: Cell::default(),
            references: RefCell::new(Shortened::new(options.fewest_frames)),
            is_too_long: Cell::default(),
            names: RefCell::default(),
            named: RefCell::default(),
        }
    }

    /// Records an access to the content of a frame. Frames outside the user pool are ignored: the
    /// hardware itself accesses them.
    pub fn touched(&self, frame: Frame) {
        let index = frame.index().wrapping_sub(self.first.index());
        let held = self.held.get(index).and_then(Cell::get);
        if let Some(page) = held.filter(|_| held != self.last.get()) {
            self.last.set(held);
            self.add(page);
        }
    }

    /// Takes the string.
    ///
    /// # Errors
    /// [`TooLong`] if there was more to record than the limit allows.
    pub fn take(&self) -> Result<ReferenceString, TooLong> {
        let references = self.references.borrow_mut().take();
        self.last.set(None);
        if self.is_too_long.get() {
            return Err(TooLong {
                limit: self.options.limit,
            });
        }
        Ok(numbered_by_first_use(references, &self.names.borrow()))
    }

    fn add(&self, page: PageNumber) {
        let mut references = self.references.borrow_mut();
        if references.len() < self.options.limit {
            references.push(page);
        } else {
            self.is_too_long.set(true);
        }
    }

    /// Sets the page that a frame holds from now on, by its number from [`TouchLog::number`].
    pub fn settled(&self, frame: Frame, page: PageNumber) {
        // Beyond the limit the string is an error anyway, so nothing is recorded any more.
        let held = Some(page).filter(|_| !self.is_too_long.get());
        self.held[frame.index() - self.first.index()].set(held);
    }

    /// Returns the number of a new content of a page. The first content of a page number gets that
    /// as its name; later ones have a count in the high bits.
    pub fn number(&self, page: Page) -> PageNumber {
        let mut named = self.named.borrow_mut();
        let count = named.entry(page).or_default();
        let name = *count << PAGE_BITS | u64::from(page.number());
        *count += 1;
        self.add_name(name)
    }

    /// Returns whether the run has exceeded the limit.
    pub fn is_too_long(&self) -> bool {
        self.is_too_long.get()
    }

    fn add_name(&self, name: u64) -> PageNumber {
        let mut names = self.names.borrow_mut();
        names.push(name);
        if names.len() > self.options.limit {
            self.is_too_long.set(true);
        }
        names.len() as PageNumber - 1
    }
}

fn numbered_by_first_use(mut references: Vec<Reference>, names: &[u64]) -> ReferenceString {
    let mut numbers = vec![None; names.len()];
    let mut used = Vec::new();
    for one in &mut references {
        let number = *numbers[one.index()].get_or_insert_with(|| {
            used.push(names[one.index()]);
            used.len() as PageNumber - 1
        });
        *one = Reference::new(number, Access::Read);
    }
    ReferenceString::new(references, used)
}

#[cfg(test)]
mod tests {
    use machine::layout::Layout;

    use super::*;

    #[test]
    fn what_does_not_fit_is_an_error_and_not_a_shorter_string() {
        let layout = Layout::new(64);
        let pool = FramePool {
            first: layout.first_user_frame(),
            count: layout.user_frames(),
        };
        let options = RecordingOptions {
            fewest_frames: 1,
            limit: 2,
        };
        let log = TouchLog::new(pool, options);
        for page in 0..3 {
            let name = log.add_name(page % 2);
            log.settled(pool.first, name);
            log.touched(pool.first);
        }
        assert_eq!(log.take(), Err(TooLong { limit: 2 }));
    }
}
