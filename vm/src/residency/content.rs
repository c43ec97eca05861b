//! Contents: the bytes that one or more pages hold, in a frame or in a swap slot.
//!
//! A page of an address space names its content, and the content knows its place. So a swap-out or
//! swap-in changes one record, however many address spaces share the page after a fork; and a page
//! of a file is one content for all mappings of it. The users of a content are its reverse map, as
//! `anon_vma` and `address_space` are in Linux: the way from a frame to all entries that map it.
//!
//! # Invariants
//!
//! A content has a place and at least one user; it is freed with its last user; its users are
//! exactly the pages whose supplemental page table entries name it.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use machine::addr::{Frame, PAGE_SIZE};

use crate::ids::{FileId, User};
pub use crate::place::Place;
use crate::residency::users::{FEW, Users};
use crate::space::file::FileRef;
use crate::space::region::Piece;
use crate::space::spt::ContentId;

/// The kind of a content, which decides what eviction may do with it.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Anonymous memory or a private copy: only swap can keep it. Several users share it
    /// copy-on-write.
    Private {
        /// It was filled with zeros for a load and, unless its frame is dirty, is still zero. It
        /// can be dropped, because the next fault fills it with zeros again.
        pristine: bool,
    },
    /// A page of a file: it can be read again, and is written back to the file if it is dirty.
    File(FilePage),
}

/// A page read from a file, whole or put together.
#[derive(Clone)]
pub struct FilePage {
    /// The file.
    pub file: FileRef,
    /// The part of it.
    pub part: Part,
}

/// Which part of a file a page holds.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Part {
    /// The file's page of this number, zero past the file's end.
    Whole(u32),
    /// Pieces, zero elsewhere. Never written back: only private regions have such pages.
    Pieces(Rc<[Piece]>),
}

impl Part {
    /// Returns the offset in the file at which it begins, in bytes.
    #[must_use]
    pub fn offset(&self) -> u64 {
        match self {
            Part::Whole(number) => u64::from(*number) * u64::from(PAGE_SIZE),
            Part::Pieces(pieces) => pieces.first().map_or(0, |piece| piece.offset),
        }
    }

    /// Returns the number of the file's page by which messages name it.
    #[must_use]
    pub fn first_page(&self) -> u32 {
        (self.offset() / u64::from(PAGE_SIZE)) as u32
    }
}

/// The key under which the page cache finds a page of a file.
pub type FileKey = (FileId, Part);

impl FilePage {
    /// Returns the key under which the page cache finds it.
    #[must_use]
    pub fn key(&self) -> FileKey {
        (self.file.id(), self.part.clone())
    }
}

impl fmt::Debug for FilePage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.file.id(), self.part)
    }
}

/// A content: its place, its kind and the pages that hold it.
#[derive(Debug)]
pub struct Content {
    /// The frame or slot it is in.
    pub place: Place,
    /// What eviction may do with it.
    pub kind: Kind,
    users: Users,
}

impl Content {
    /// Returns the pages that hold it.
    #[must_use]
    pub fn users(&self) -> &[User] {
        &self.users
    }

    /// Returns the frame it is in, if it is in one.
    #[must_use]
    pub fn frame(&self) -> Option<Frame> {
        match self.place {
            Place::Frame(frame) => Some(frame),
            Place::Slot(_) => None,
        }
    }
}

/// All contents of the machine.
#[derive(Default, Debug)]
pub(super) struct Contents {
    slab: Vec<Option<Content>>,
    free: Vec<ContentId>,
    /// See [`Contents::walk`].
    walked: Cell<u64>,
}

impl Contents {
    /// Adds a content with its first user.
    pub(super) fn add(&mut self, place: Place, kind: Kind, user: User) -> ContentId {
        let content = Content {
            place,
            kind,
            users: Users::one(user),
        };
        // Ids are reused in a fixed order, so they are the same in every run.
        match self.free.pop() {
            Some(id) => {
                self.slab[id.index()] = Some(content);
                id
            }
            None => {
                self.slab.push(Some(content));
                ContentId::of_index(self.slab.len() - 1)
            }
        }
    }

    /// Returns a content that must exist.
    pub(super) fn get(&self, id: ContentId) -> &Content {
        self.find(id)
            .expect("an id is used only while its content lives")
    }

    /// Returns the content of an id, or `None` if it no longer exists.
    pub(super) fn find(&self, id: ContentId) -> Option<&Content> {
        self.slab.get(id.index())?.as_ref()
    }

    /// Returns a content that must exist, to change it.
    pub(super) fn get_mut(&mut self, id: ContentId) -> &mut Content {
        self.slab[id.index()]
            .as_mut()
            .expect("an id is used only while its content lives")
    }

    /// Returns the users of a content, for a caller that visits all of them. The visits are
    /// counted, except for a few of each content, so that the kernel can charge for them.
    pub(super) fn walk(&self, id: ContentId) -> &[User] {
        let users = self.get(id).users();
        let beyond = users.len().saturating_sub(FEW) as u64;
        self.walked.set(self.walked.get() + beyond);
        users
    }

    /// Returns the number of counted visits since the last call.
    pub(super) fn take_walked(&self) -> u64 {
        self.walked.take()
    }

    /// Adds a user to a content.
    pub(super) fn add_user(&mut self, id: ContentId, user: User) {
        self.get_mut(id).users.add(user);
    }

    /// Removes a user. Returns whether any is left.
    pub(super) fn remove_user(&mut self, id: ContentId, user: User) -> bool {
        let users = &mut self.get_mut(id).users;
        users.remove(user);
        !users.is_empty()
    }

    /// Removes a content. Returns it with the users it still had.
    pub(super) fn remove(&mut self, id: ContentId) -> Content {
        let content = self.slab[id.index()].take().expect("removed once");
        self.free.push(id);
        content
    }

    /// Returns all contents, in the order of their ids, for checks.
    pub(super) fn iter(&self) -> impl Iterator<Item = (ContentId, &Content)> {
        self.slab
            .iter()
            .enumerate()
            .filter_map(|(index, content)| Some((ContentId::of_index(index), content.as_ref()?)))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn len(&self) -> usize {
        self.slab.len() - self.free.len()
    }
}
