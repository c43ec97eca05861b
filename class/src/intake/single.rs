//! One `.rs` file as a submission: treated as a folder with this file, which is chosen by its name.

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::container::{Container, Wanted};
use super::listing::{Kind, Listing};
use super::reading::Reading;
use super::refusal::Refusal;

/// The file, read.
pub(super) struct Single {
    name: Vec<u8>,
    bytes: Vec<u8>,
}

impl Single {
    /// The file at this path, of which only the name counts, with these contents.
    pub(super) fn new(path: &Path, bytes: Vec<u8>) -> Single {
        let name = path.file_name().unwrap_or_default();
        Single {
            name: name.as_bytes().to_owned(),
            bytes,
        }
    }
}

impl Container for Single {
    fn list(&mut self, listing: &mut Listing) -> Result<(), Refusal> {
        listing.add(&self.name, Kind::File, 0)
    }

    fn read(&mut self, wanted: &Wanted, reading: &mut Reading) -> Result<(), Refusal> {
        for target in wanted.values() {
            let broken = |error: io::Error| Refusal::damaged("file", error);
            reading.take(target, self.bytes.as_slice(), broken)?;
        }
        Ok(())
    }
}
