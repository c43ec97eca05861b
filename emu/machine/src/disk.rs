//! Block devices: arrays of sectors that can be read and written.
//!
//! # Invariants
//!
//! A transfer is a whole number of sectors inside the device, or it fails and changes nothing. Only
//! [`FaultyDisk`], which is for tests, can leave a torn write.

mod faulty;
mod file;
mod memory;

pub use faulty::{Fault, FaultyDisk, Operation};
pub use file::FileDisk;
pub use memory::MemoryDisk;

use std::io;

use thiserror::Error;

/// Bytes of a sector.
pub const SECTOR_SIZE: usize = 512;

/// Why a transfer failed.
#[derive(Debug, Error)]
pub enum DiskError {
    /// It is not wholly on the device.
    #[error("{count} sectors from {sector} on are not on a disk of {sectors}")]
    OutOfRange {
        /// First sector of the transfer.
        sector: u64,
        /// Its number of sectors.
        count: u64,
        /// The number of sectors of the device.
        sectors: u64,
    },
    /// The device failed.
    #[error("sector {sector} cannot be transferred: {source}")]
    Device {
        /// First sector of the transfer.
        sector: u64,
        /// The error of the host.
        source: io::Error,
    },
}

/// A device that holds sectors.
///
/// # Examples
///
/// ```
/// use machine::disk::{BlockDevice, DiskError, MemoryDisk, SECTOR_SIZE};
///
/// let mut disk = MemoryDisk::new(8);
/// disk.write(3, &[7; 2 * SECTOR_SIZE])?;
/// let mut sector = [0; SECTOR_SIZE];
/// disk.read(4, &mut sector)?;
/// assert_eq!(sector, [7; SECTOR_SIZE]);
///
/// let beyond = disk.read(8, &mut sector).unwrap_err();
/// assert_eq!(beyond.to_string(), "1 sectors from 8 on are not on a disk of 8");
/// # Ok::<(), DiskError>(())
/// ```
pub trait BlockDevice {
    /// Returns the number of sectors.
    fn sectors(&self) -> u64;

    /// Reads the sectors from `sector` on into `to`.
    ///
    /// # Errors
    /// [`DiskError`] if they are not all on the device or it fails; the bytes in `to` are then
    /// undefined.
    ///
    /// # Panics
    /// If `to` is not a whole number of sectors long.
    fn read(&mut self, sector: u64, to: &mut [u8]) -> Result<(), DiskError>;

    /// Writes `from` to the sectors from `sector` on.
    ///
    /// # Errors
    /// [`DiskError`] if they are not all on the device or it fails; after a failure each sector has
    /// either its old or its new content.
    ///
    /// # Panics
    /// If `from` is not a whole number of sectors long.
    fn write(&mut self, sector: u64, from: &[u8]) -> Result<(), DiskError>;
}

/// Checks that a transfer of `bytes` bytes is a whole number of sectors on a device of `sectors`.
fn check(sectors: u64, sector: u64, bytes: usize) -> Result<(), DiskError> {
    assert!(
        bytes.is_multiple_of(SECTOR_SIZE),
        "{bytes} bytes are not whole sectors"
    );
    let count = (bytes / SECTOR_SIZE) as u64;
    match sector.checked_add(count) {
        Some(end) if end <= sectors => Ok(()),
        _ => Err(DiskError::OutOfRange {
            sector,
            count,
            sectors,
        }),
    }
}
