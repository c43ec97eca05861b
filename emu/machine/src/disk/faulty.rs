//! A disk that fails as a test plans.

use std::io;

use super::{BlockDevice, DiskError, SECTOR_SIZE};

/// A kind of transfer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    /// [`BlockDevice::read`].
    Read,
    /// [`BlockDevice::write`].
    Write,
}

/// One transfer that fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The kind of transfer.
    pub operation: Operation,
    /// The number of the transfer among those of its kind, from 0.
    pub nth: u64,
    /// The number of sectors that are transferred before it fails; 0 if it changes nothing.
    pub torn_after: usize,
}

/// A disk that forwards to another one, except for the transfers that fail by plan.
///
/// # Examples
///
/// ```
/// use machine::disk::{BlockDevice, Fault, FaultyDisk, MemoryDisk, Operation, SECTOR_SIZE};
///
/// let second_write = Fault { operation: Operation::Write, nth: 1, torn_after: 0 };
/// let mut disk = FaultyDisk::new(MemoryDisk::new(8), vec![second_write]);
/// assert!(disk.write(0, &[1; SECTOR_SIZE]).is_ok());
/// assert!(disk.write(0, &[2; SECTOR_SIZE]).is_err());
///
/// let mut sector = [0; SECTOR_SIZE];
/// disk.read(0, &mut sector)?;
/// assert_eq!(sector, [1; SECTOR_SIZE]);
/// # Ok::<(), machine::disk::DiskError>(())
/// ```
#[derive(Debug)]
pub struct FaultyDisk<D> {
    disk: D,
    plan: Vec<Fault>,
    reads: u64,
    writes: u64,
}

impl<D: BlockDevice> FaultyDisk<D> {
    /// Wraps `disk`; each transfer that `plan` names fails.
    pub fn new(disk: D, plan: Vec<Fault>) -> FaultyDisk<D> {
        FaultyDisk {
            disk,
            plan,
            reads: 0,
            writes: 0,
        }
    }

    /// Returns the wrapped disk.
    pub fn into_inner(self) -> D {
        self.disk
    }

    /// Counts a transfer. If it is to fail, returns the number of bytes that are transferred
    /// before.
    fn fails_after(&mut self, operation: Operation, bytes: usize) -> Option<usize> {
        let count = match operation {
            Operation::Read => &mut self.reads,
            Operation::Write => &mut self.writes,
        };
        let nth = *count;
        *count += 1;
        let named = |fault: &&Fault| fault.operation == operation && fault.nth == nth;
        let fault = self.plan.iter().find(named)?;
        Some((fault.torn_after * SECTOR_SIZE).min(bytes))
    }
}

impl<D: BlockDevice> BlockDevice for FaultyDisk<D> {
    fn sectors(&self) -> u64 {
        self.disk.sectors()
    }

    fn read(&mut self, sector: u64, to: &mut [u8]) -> Result<(), DiskError> {
        match self.fails_after(Operation::Read, to.len()) {
            None => self.disk.read(sector, to),
            Some(bytes) => {
                self.disk.read(sector, &mut to[..bytes])?;
                Err(planned(sector))
            }
        }
    }

    fn write(&mut self, sector: u64, from: &[u8]) -> Result<(), DiskError> {
        match self.fails_after(Operation::Write, from.len()) {
            None => self.disk.write(sector, from),
            Some(bytes) => {
                self.disk.write(sector, &from[..bytes])?;
                Err(planned(sector))
            }
        }
    }
}

fn planned(sector: u64) -> DiskError {
    DiskError::Device {
        sector,
        source: io::Error::other("this failure was planned"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::MemoryDisk;
    use super::*;

    #[test]
    fn exactly_the_planned_transfers_fail() {
        let fault = |operation, nth| Fault {
            operation,
            nth,
            torn_after: 0,
        };
        let plan = vec![fault(Operation::Read, 1), fault(Operation::Write, 0)];
        let mut disk = FaultyDisk::new(MemoryDisk::new(8), plan);
        let mut sector = [0; SECTOR_SIZE];
        assert!(disk.write(0, &[1; SECTOR_SIZE]).is_err());
        assert!(disk.read(0, &mut sector).is_ok());
        assert_eq!(sector, [0; SECTOR_SIZE]);
        assert!(disk.read(0, &mut sector).is_err());
        assert!(disk.read(0, &mut sector).is_ok());
        assert!(disk.write(0, &[1; SECTOR_SIZE]).is_ok());
    }

    #[test]
    fn a_torn_write_leaves_the_sectors_before_the_tear() {
        let fault = Fault {
            operation: Operation::Write,
            nth: 0,
            torn_after: 1,
        };
        let mut disk = FaultyDisk::new(MemoryDisk::new(8), vec![fault]);
        assert!(disk.write(0, &[1; 2 * SECTOR_SIZE]).is_err());
        let mut back = [9; 2 * SECTOR_SIZE];
        disk.into_inner().read(0, &mut back).unwrap();
        assert_eq!(back[..SECTOR_SIZE], [1; SECTOR_SIZE]);
        assert_eq!(back[SECTOR_SIZE..], [0; SECTOR_SIZE]);
    }
}
