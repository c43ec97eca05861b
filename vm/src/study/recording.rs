//! The names of contents while a reference string is recorded.
//!
//! # Invariants
//!
//! A content keeps its name as long as it can be brought back: while it is in a frame, in swap, in
//! its file, or dropped as zeros. A page of a file to which its only user stores keeps its name
//! too; the page of the file is another page from then on.

use std::collections::BTreeMap;
use std::rc::Rc;

use machine::addr::{Frame, Page};

use crate::ids::Owner;
use crate::residency::content::{Content, FileKey, Kind};
use crate::space::spt::ContentId;
use crate::study::reference_string::PageNumber;
use crate::study::touches::TouchLog;

/// A page of a process, by a name that is never reused for another process.
pub(crate) type Place = (Owner, Page);

/// The side of the recording in the virtual memory: it knows the name of each content.
#[derive(Debug)]
pub(crate) struct Recording {
    log: Rc<TouchLog>,
    contents: BTreeMap<ContentId, PageNumber>,
    files: BTreeMap<FileKey, PageNumber>,
    /// The names of contents that will be brought in again, by their pages.
    awaited: BTreeMap<Place, PageNumber>,
}

impl Recording {
    pub(crate) fn new(log: Rc<TouchLog>) -> Recording {
        Recording {
            log,
            contents: BTreeMap::new(),
            files: BTreeMap::new(),
            awaited: BTreeMap::new(),
        }
    }

    /// Records an access of the kernel to a frame for a program.
    pub(crate) fn touched(&self, frame: Frame) {
        self.log.touched(frame);
    }

    /// Records that a content came into a frame, for `place` if it is new.
    pub(crate) fn settled(&mut self, frame: Frame, id: ContentId, content: &Content, place: Place) {
        let number = match self.contents.get(&id) {
            Some(number) => *number,
            None => {
                let known = match &content.kind {
                    Kind::File(page) => self.files.get(&page.key()).copied(),
                    Kind::Private { .. } => self.awaited.remove(&place),
                };
                let number = known.unwrap_or_else(|| self.log.number(place.1));
                self.contents.insert(id, number);
                if let Kind::File(page) = &content.kind {
                    self.files.insert(page.key(), number);
                }
                number
            }
        };
        self.log.settled(frame, number);
    }

    /// Records that a page of a file became its only user's private page.
    pub(crate) fn claimed(&mut self, page: &FileKey) {
        self.files.remove(page);
    }

    /// Records that a page of a file that is not resident will be brought in as a private page.
    pub(crate) fn will_be_claimed(&mut self, page: &FileKey, place: Place) {
        if let Some(number) = self.files.remove(page) {
            self.awaited.insert(place, number);
        }
    }

    /// Records that a content was dropped because its region can produce it again.
    pub(crate) fn dropped(
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

    /// Records that a content has no user any more.
    pub(crate) fn freed(&mut self, id: ContentId) {
        self.contents.remove(&id);
    }
}
