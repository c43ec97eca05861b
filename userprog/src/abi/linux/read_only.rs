//! A file that was opened to be read, as a mapping has it.
//!
//! # Invariants
//! It is the same file with the same id, so its mappings share frames with those of the writable one, and
//! whatever another mapping has stored is written back through either; only whether a mapping may be made
//! writable is another answer.

use std::io;
use std::rc::Rc;

use vm::{FileId, FileSource};

use crate::files::Inode;

/// A file to which a shared mapping may not store.
pub(super) struct ReadOnly(pub Rc<Inode>);

impl FileSource for ReadOnly {
    fn id(&self) -> FileId {
        self.0.id()
    }

    fn len(&self) -> u64 {
        self.0.len()
    }

    fn is_writable(&self) -> bool {
        false
    }

    fn read_at(&self, offset: u64, to: &mut [u8]) -> io::Result<usize> {
        self.0.read_at(offset, to)
    }

    fn write_at(&self, offset: u64, from: &[u8]) -> io::Result<()> {
        self.0.write_at(offset, from)
    }
}
