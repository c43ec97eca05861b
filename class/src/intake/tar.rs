//! A tar, plain or compressed with gzip, read twice as a stream: first its names, then the wanted files.
//!
//! # Invariants
//! - Nothing is unpacked: bytes that are not wanted are counted and forgotten.
//! - A tar without its end mark is damaged, however well the part before it reads.
//! - Bytes between two files are limited by [`super::limits::HEADER_BYTES`], since they are held in memory.

use std::io::{self, Read};

use flate2::read::GzDecoder;
use tar::{Archive, Entry, EntryType};

use super::container::{Container, Wanted};
use super::listing::{Kind, Listing};
use super::reading::{Metered, Reading};
use super::refusal::Refusal;

/// Whether the bytes of a tar are compressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Packing {
    /// They are as they are.
    Plain,
    /// With gzip.
    Gzip,
}

/// A tar in memory, as it came.
pub(super) struct Tar {
    bytes: Vec<u8>,
    packing: Packing,
}

type Stream<'a> = Metered<Box<dyn Read + 'a>>;

impl Tar {
    /// A tar of these bytes.
    pub(super) fn new(bytes: Vec<u8>, packing: Packing) -> Tar {
        Tar { bytes, packing }
    }

    fn stream(&self) -> Stream<'_> {
        Metered::new(match self.packing {
            Packing::Plain => Box::new(self.bytes.as_slice()),
            Packing::Gzip => Box::new(GzDecoder::new(self.bytes.as_slice())),
        })
    }

    /// Visits each entry with its number, then reads on to the end, where gzip has its checksum.
    fn each(
        &self,
        mut visit: impl FnMut(usize, &mut Entry<'_, Stream<'_>>) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let stream = self.stream();
        let meter = stream.meter();
        let mut archive = Archive::new(stream);
        meter.allow_headers();
        for (number, entry) in archive.entries().map_err(broken)?.enumerate() {
            let mut entry = entry.map_err(broken)?;
            refuse_sparse(&entry)?;
            meter.allow_body();
            visit(number, &mut entry)?;
            io::copy(&mut entry, &mut io::sink()).map_err(broken)?;
            meter.allow_headers();
        }
        if meter.ended() {
            return Err(broken(io::Error::other("it has no end mark")));
        }
        meter.allow_body();
        io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(broken)?;
        Ok(())
    }
}

fn broken(error: io::Error) -> Refusal {
    Refusal::damaged("tar", error)
}

/// The holes of a sparse file may be of any size and are made here, not read, so no limit counts them.
fn refuse_sparse<R: Read>(entry: &Entry<'_, R>) -> Result<(), Refusal> {
    if entry.header().entry_type() == EntryType::GNUSparse {
        let what = "a tar with sparse files";
        return Err(Refusal::Unsupported { what });
    }
    Ok(())
}

fn kind<R: Read>(entry: &Entry<'_, R>) -> Kind {
    match entry.header().entry_type() {
        EntryType::Directory => Kind::Folder,
        // Before 1988, folders were files whose name ends like this.
        EntryType::Regular if entry.path_bytes().ends_with(b"/") => Kind::Folder,
        EntryType::Regular | EntryType::Continuous => Kind::File,
        EntryType::Symlink | EntryType::Link => Kind::Link,
        EntryType::Fifo => Kind::Other("is a FIFO"),
        EntryType::Char | EntryType::Block => Kind::Other("is a device"),
        _ => Kind::Other("is of a kind that is not known"),
    }
}

impl Container for Tar {
    fn list(&mut self, listing: &mut Listing) -> Result<(), Refusal> {
        self.each(|number, entry| {
            // `git archive` writes the commit into a header for all files, which names none.
            if entry.header().entry_type() == EntryType::XGlobalHeader {
                return Ok(());
            }
            listing.add(&entry.path_bytes(), kind(entry), number)
        })
    }

    fn read(&mut self, wanted: &Wanted, reading: &mut Reading) -> Result<(), Refusal> {
        self.each(|number, entry| match wanted.get(&number) {
            Some(target) => reading.take(target, entry, broken),
            None => Ok(()),
        })
    }
}
