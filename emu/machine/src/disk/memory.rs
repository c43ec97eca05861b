//! A disk in the host's memory that allocates only what is written.

use std::collections::HashMap;

use super::{BlockDevice, DiskError, SECTOR_SIZE, check};

/// Sectors of a chunk: one page of a guest.
const CHUNK: u64 = 8;
const CHUNK_SIZE: usize = CHUNK as usize * SECTOR_SIZE;

/// A disk of zeros that keeps what is written to it until it is dropped.
#[derive(Debug)]
pub struct MemoryDisk {
    sectors: u64,
    /// The chunks that were written to. The map is never iterated, so its order has no effect.
    chunks: HashMap<u64, Box<[u8; CHUNK_SIZE]>>,
}

impl MemoryDisk {
    /// Creates a disk of `sectors` sectors of zeros.
    #[must_use]
    pub fn new(sectors: u64) -> MemoryDisk {
        MemoryDisk {
            sectors,
            chunks: HashMap::new(),
        }
    }

    /// Returns the number of bytes of host memory that the content takes.
    #[must_use]
    pub fn resident_bytes(&self) -> usize {
        self.chunks.len() * CHUNK_SIZE
    }
}

impl BlockDevice for MemoryDisk {
    fn sectors(&self) -> u64 {
        self.sectors
    }

    fn read(&mut self, sector: u64, to: &mut [u8]) -> Result<(), DiskError> {
        check(self.sectors, sector, to.len())?;
        for piece in pieces(sector, to.len()) {
            let target = &mut to[piece.at..piece.at + piece.bytes];
            match self.chunks.get(&piece.chunk) {
                Some(chunk) => {
                    target.copy_from_slice(&chunk[piece.offset..piece.offset + piece.bytes]);
                }
                None => target.fill(0),
            }
        }
        Ok(())
    }

    fn write(&mut self, sector: u64, from: &[u8]) -> Result<(), DiskError> {
        check(self.sectors, sector, from.len())?;
        for piece in pieces(sector, from.len()) {
            let chunk = self
                .chunks
                .entry(piece.chunk)
                .or_insert_with(|| Box::new([0; CHUNK_SIZE]));
            chunk[piece.offset..piece.offset + piece.bytes]
                .copy_from_slice(&from[piece.at..piece.at + piece.bytes]);
        }
        Ok(())
    }
}

/// The part of a transfer that lies in one chunk.
struct Piece {
    chunk: u64,
    /// Where it begins in the chunk, in bytes.
    offset: usize,
    /// Where it begins in the caller's slice, in bytes.
    at: usize,
    bytes: usize,
}

fn pieces(sector: u64, bytes: usize) -> impl Iterator<Item = Piece> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let now = sector + (at / SECTOR_SIZE) as u64;
        let offset = (now % CHUNK) as usize * SECTOR_SIZE;
        let piece = Piece {
            chunk: now / CHUNK,
            offset,
            at,
            bytes: (CHUNK_SIZE - offset).min(bytes - at),
        };
        at += piece.bytes;
        (piece.bytes > 0).then_some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_of_4_gib_costs_what_was_written() {
        let mut disk = MemoryDisk::new(8 << 20);
        disk.write((8 << 20) - 1, &[7; SECTOR_SIZE]).unwrap();
        let mut back = [1; 2 * SECTOR_SIZE];
        disk.read((8 << 20) - 2, &mut back).unwrap();
        assert_eq!(back[..SECTOR_SIZE], [0; SECTOR_SIZE]);
        assert_eq!(back[SECTOR_SIZE..], [7; SECTOR_SIZE]);
        assert_eq!(disk.resident_bytes(), 4096);
    }
}
