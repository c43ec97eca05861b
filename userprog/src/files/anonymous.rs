//! Memory that processes share without a file: a file without a name, in the host's memory.
//!
//! # Invariants
//! It takes as much of the quota as a file of its length, from the start and until its last mapping is gone, so
//! a guest cannot fill the host's memory with it. Pages that were never written out are zeros and take nothing
//! of the host's.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;

use machine::addr::PAGE_SIZE;
use vm::{FileId, FileSource};

use super::quota::{Quota, room_for};
use super::{FileError, Files};

/// A page of bytes.
type PageBytes = Box<[u8; PAGE_SIZE as usize]>;

/// Shared memory.
pub(crate) struct Anonymous {
    id: FileId,
    length: u64,
    /// The pages that were written out.
    pages: RefCell<BTreeMap<u64, PageBytes>>,
    quota: Quota,
}

impl Files {
    /// New shared memory of `length` bytes, all of them zero.
    ///
    /// # Errors
    /// If the quota is exceeded.
    pub(crate) fn anonymous(&mut self, length: u64) -> Result<Rc<Anonymous>, FileError> {
        let length = length.next_multiple_of(PAGE_SIZE.into());
        self.quota.take(room_for(length))?;
        self.last_id += 1;
        Ok(Rc::new(Anonymous {
            id: FileId(self.last_id),
            length,
            pages: RefCell::default(),
            quota: self.quota.clone(),
        }))
    }
}

/// An offset as a page and an offset in it.
fn place(offset: u64) -> (u64, usize) {
    let page = u64::from(PAGE_SIZE);
    (offset / page, (offset % page) as usize)
}

impl FileSource for Anonymous {
    fn id(&self) -> FileId {
        self.id
    }

    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, to: &mut [u8]) -> io::Result<usize> {
        let pages = self.pages.borrow();
        let left = usize::try_from(self.length.saturating_sub(offset)).unwrap_or(usize::MAX);
        let count = to.len().min(left);
        let mut done = 0;
        while done < count {
            let (page, at) = place(offset + done as u64);
            let bytes = (count - done).min(PAGE_SIZE as usize - at);
            let into = &mut to[done..done + bytes];
            match pages.get(&page) {
                Some(content) => into.copy_from_slice(&content[at..at + bytes]),
                None => into.fill(0),
            }
            done += bytes;
        }
        Ok(count)
    }

    fn write_at(&self, offset: u64, from: &[u8]) -> io::Result<()> {
        let end = offset.checked_add(from.len() as u64);
        if end.is_none_or(|end| end > self.length) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let mut pages = self.pages.borrow_mut();
        let mut done = 0;
        while done < from.len() {
            let (page, at) = place(offset + done as u64);
            let bytes = (from.len() - done).min(PAGE_SIZE as usize - at);
            let fresh = || Box::new([0; PAGE_SIZE as usize]);
            let content = pages.entry(page).or_insert_with(fresh);
            content[at..at + bytes].copy_from_slice(&from[done..done + bytes]);
            done += bytes;
        }
        Ok(())
    }
}

impl Drop for Anonymous {
    fn drop(&mut self) {
        self.quota.give_back(room_for(self.length));
    }
}
