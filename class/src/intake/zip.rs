//! A ZIP that is handed in.
//!
//! # Invariants
//! - Only wanted entries are decompressed, and no further than [`super::limits::FILE_BYTES`] each, whatever
//!   size the archive claims.
//! - What is taken has the checksum that the directory says.

use std::io::{self, Read};

use flate2::CrcReader;
use flate2::read::DeflateDecoder;

use super::container::{Container, Wanted};
use super::directory::{self, Flaw, Header};
use super::listing::{Kind, Listing};
use super::reading::Reading;
use super::refusal::Refusal;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// A ZIP in memory, and its directory.
pub(super) struct Zip {
    bytes: Vec<u8>,
    headers: Vec<Header>,
}

impl Zip {
    /// Reads the directory.
    ///
    /// # Errors
    /// It is damaged, or anything in the archive is encrypted.
    pub(super) fn new(bytes: Vec<u8>) -> Result<Zip, Refusal> {
        let headers = directory::read(&bytes).map_err(refusal)?;
        if let Some(header) = headers.iter().find(|header| header.encrypted) {
            return Err(Refusal::Encrypted { path: name(header) });
        }
        Ok(Zip { bytes, headers })
    }

    fn read_entry(
        &self,
        header: &Header,
        target: &str,
        reading: &mut Reading,
    ) -> Result<(), Refusal> {
        let data = header
            .data(&self.bytes)
            .ok_or_else(|| damaged(format!("{} is not where it should be", name(header))))?;
        let contents: Box<dyn Read> = match header.method {
            STORED => Box::new(data),
            DEFLATED => Box::new(DeflateDecoder::new(data)),
            _ => {
                let what = "a ZIP with a compression other than deflate";
                return Err(Refusal::Unsupported { what });
            }
        };
        let mut contents = CrcReader::new(contents);
        reading.take(target, &mut contents, broken)?;
        if contents.crc().sum() != header.crc {
            return Err(damaged(format!("{} has another checksum", name(header))));
        }
        Ok(())
    }
}

fn refusal(flaw: Flaw) -> Refusal {
    match flaw {
        Flaw::Damaged(why) => damaged(why.to_owned()),
        Flaw::TooMany => Refusal::TooMany,
        Flaw::Zip64 => Refusal::Unsupported { what: "a ZIP64" },
    }
}

fn damaged(why: String) -> Refusal {
    Refusal::Damaged { kind: "ZIP", why }
}

fn broken(error: io::Error) -> Refusal {
    Refusal::damaged("ZIP", error)
}

fn name(header: &Header) -> String {
    String::from_utf8_lossy(&header.name).into_owned()
}

/// Windows has no mode, and marks folders by their names only.
fn kind(header: &Header) -> Kind {
    let folder = header.name.ends_with(b"/") || header.name.ends_with(b"\\");
    match header.file_type {
        0o040_000 => Kind::Folder,
        0o120_000 => Kind::Link,
        0 | 0o100_000 if folder => Kind::Folder,
        0 | 0o100_000 => Kind::File,
        _ => Kind::Other("is not a plain file"),
    }
}

impl Container for Zip {
    fn list(&mut self, listing: &mut Listing) -> Result<(), Refusal> {
        for (id, header) in self.headers.iter().enumerate() {
            listing.add(&header.name, kind(header), id)?;
        }
        Ok(())
    }

    fn read(&mut self, wanted: &Wanted, reading: &mut Reading) -> Result<(), Refusal> {
        for (&id, target) in wanted {
            self.read_entry(&self.headers[id], target, reading)?;
        }
        Ok(())
    }
}
