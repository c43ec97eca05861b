//! Records the reference string of a run: which contents are touched, in order, by programs and by
//! the kernel for them.
//!
//! A frame holds a *content*, and that is what a reference names, not an address: code that two
//! processes share is one page, a copy-on-write page is one until it is copied. So a run is itself
//! a way to serve its string, and it cannot bring pages in less often than OPT does.
//!
//! What always holds:
//! - A content keeps its name for as long as it can be had again without making it anew: in frame,
//!   in swap, in its file, or as zeros that were dropped. A page of a file that its only user
//!   stores to keeps its name too; what the file has is another page from then on.
//! - The string is shortened as it is written (`shortened`), without changing the counts of OPT
//!   and LRU for as many frames as the recorder was made for, or more.
//! - Recording changes nothing in the virtual memory.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use machine::addr::{Frame, Page};
use machine::mmu::Access;
use thiserror::Error;

use crate::ids::{ContentId, Owner};
use crate::residency::content::{Content, FileKey, Kind};
use crate::residency::frame::FrameTable;
use crate::study::reference_string::{PageNumber, Reference, ReferenceString};
use crate::study::shortened::Shortened;

/// The bits of a page's number, which a page's name ends with.
const PAGE_BITS: u32 = 20;

/// The run touched more pages, one after the other, than were to be recorded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("the reference string is longer than {limit} references")]
pub struct TooLong {
    /// How many there may be.
    pub limit: usize,
}

/// How a reference string is recorded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RecordingOptions {
    /// The fewest frames for which the string is to be right.
    pub fewest_frames: usize,
    /// The most references that are kept, 4 bytes each, and the most pages, 8 bytes each.
    pub limit: usize,
}

/// The touches of a run, as they come.
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
}

impl TouchLog {
    pub(crate) fn new(frames: &FrameTable, options: RecordingOptions) -> TouchLog {
        TouchLog {
            options,
            first: frames.first(),
            held: vec![Cell::default(); frames.count() as usize],
            last: Cell::default(),
            references: RefCell::new(Shortened::new(options.fewest_frames)),
            is_too_long: Cell::default(),
            names: RefCell::default(),
        }
    }

    /// Takes note that the content of a frame is touched. Frames that hold no page of a program
    /// are the hardware's business.
    pub fn touched(&self, frame: Frame) {
        let index = frame.index().wrapping_sub(self.first.index());
        let held = self.held.get(index).and_then(Cell::get);
        if let Some(page) = held.filter(|_| held != self.last.get()) {
            self.last.set(held);
            self.add(page);
        }
    }

    /// Takes the string out.
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

    /// There is nothing to record any more of what comes into a frame.
    fn ignore(&self, frame: Frame) {
        self.held[frame.index() - self.first.index()].set(None);
    }

    fn set_held(&self, frame: Frame, page: PageNumber) {
        self.held[frame.index() - self.first.index()].set(Some(page));
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

/// A page of a process, by what is never used again for another process.
pub(crate) type Place = (Owner, Page);

/// The virtual memory's side: knows which content has which name.
pub(crate) struct Recording {
    log: Rc<TouchLog>,
    contents: BTreeMap<ContentId, PageNumber>,
    files: BTreeMap<FileKey, PageNumber>,
    /// What a page will hold when it is brought in again.
    awaited: BTreeMap<Place, PageNumber>,
    /// How many names each page of an address space has given.
    named: BTreeMap<Page, u64>,
}

impl Recording {
    pub fn new(log: Rc<TouchLog>) -> Recording {
        Recording {
            log,
            contents: BTreeMap::new(),
            files: BTreeMap::new(),
            awaited: BTreeMap::new(),
            named: BTreeMap::new(),
        }
    }

    /// The kernel accesses a frame for a program.
    pub fn touched(&self, frame: Frame) {
        self.log.touched(frame);
    }

    /// A content came into a frame, for `place` if it is new.
    pub fn settled(&mut self, frame: Frame, id: ContentId, content: &Content, place: Place) {
        if self.log.is_too_long.get() {
            return self.log.ignore(frame);
        }
        let number = match self.contents.get(&id) {
            Some(number) => *number,
            None => {
                let known = match &content.kind {
                    Kind::File(page) => self.files.get(&page.key()).copied(),
                    Kind::Private { .. } => self.awaited.remove(&place),
                };
                let number = known.unwrap_or_else(|| self.new_number(place.1));
                self.contents.insert(id, number);
                if let Kind::File(page) = &content.kind {
                    self.files.insert(page.key(), number);
                }
                number
            }
        };
        self.log.set_held(frame, number);
    }

    /// A page of a file is its only user's own from now on.
    pub fn claimed(&mut self, page: &FileKey) {
        self.files.remove(page);
    }

    /// A page of a file that is in no frame will be its only user's own.
    pub fn will_be_claimed(&mut self, page: &FileKey, place: Place) {
        if let Some(number) = self.files.remove(page) {
            self.awaited.insert(place, number);
        }
    }

    /// A content was dropped, since its pages' regions give it again.
    pub fn dropped(
        &mut self,
        id: ContentId,
        content: &Content,
        places: impl Iterator<Item = Place>,
    ) {
        match (self.contents.remove(&id), &content.kind) {
            (Some(number), Kind::Private { .. }) => {
                self.awaited.extend(places.map(|place| (place, number)));
            }
            // The page cache will find it by its file.
            (_, Kind::File(_)) | (None, _) => {}
        }
    }

    /// A content has no user any more.
    pub fn freed(&mut self, id: ContentId) {
        self.contents.remove(&id);
    }

    /// The first content of a page gets the page's own number as its name, later ones have a count
    /// before it.
    fn new_number(&mut self, page: Page) -> PageNumber {
        let count = self.named.entry(page).or_default();
        let name = *count << PAGE_BITS | u64::from(page.number());
        *count += 1;
        self.log.add_name(name)
    }
}

#[cfg(test)]
mod tests {
    use machine::layout::Layout;

    use super::*;

    #[test]
    fn what_does_not_fit_is_an_error_and_not_a_shorter_string() {
        let table = FrameTable::new(Layout::new(64));
        let options = RecordingOptions {
            fewest_frames: 1,
            limit: 2,
        };
        let log = TouchLog::new(&table, options);
        for page in 0..3 {
            let name = log.add_name(page % 2);
            log.set_held(table.first(), name);
            log.touched(table.first());
        }
        assert_eq!(log.take(), Err(TooLong { limit: 2 }));
    }
}
