//! Which content has which name while a reference string is recorded.
//!
//! # Invariants
//!
//! A content keeps its name for as long as it can be had again without making it anew: in frame, in
//! swap, in its file, or as zeros that were dropped. A page of a file that its only user stores to
//! keeps its name too; what the file has is another page from then on.

use std::collections::BTreeMap;
use std::rc::Rc;

use machine::addr::{Frame, Page};

use crate::ids::Owner;
use crate::residency::content::{Content, FileKey, Kind};
use crate::space::spt::ContentId;
use crate::study::reference_string::PageNumber;
use crate::study::touches::TouchLog;

/// A page of a process, by what is never used again for another process.
pub(crate) type Place = (Owner, Page);

/// The virtual memory's side: knows which content has which name.
pub(crate) struct Recording {
    log: Rc<TouchLog>,
    contents: BTreeMap<ContentId, PageNumber>,
    files: BTreeMap<FileKey, PageNumber>,
    /// What a page will hold when it is brought in again.
    awaited: BTreeMap<Place, PageNumber>,
}

impl Recording {
    pub fn new(log: Rc<TouchLog>) -> Recording {
        Recording {
            log,
            contents: BTreeMap::new(),
            files: BTreeMap::new(),
            awaited: BTreeMap::new(),
        }
    }

    /// The kernel accesses a frame for a program.
    pub fn touched(&self, frame: Frame) {
        self.log.touched(frame);
    }

    /// A content came into a frame, for `place` if it is new.
    pub fn settled(&mut self, frame: Frame, id: ContentId, content: &Content, place: Place) {
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
}
