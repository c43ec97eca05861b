//! A disk in a file of the host.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::{BlockDevice, DiskError, SECTOR_SIZE, check};

/// A disk whose sectors are the bytes of a file, in order.
#[derive(Debug)]
pub struct FileDisk {
    file: File,
    sectors: u64,
}

impl FileDisk {
    /// Opens the disk in an existing file; an incomplete last sector is not part of it.
    ///
    /// # Errors
    /// The error of the host, if the file cannot be opened for reading and writing.
    pub fn open(path: &Path) -> io::Result<FileDisk> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        let sectors = file.metadata()?.len() / SECTOR_SIZE as u64;
        Ok(FileDisk { file, sectors })
    }

    /// Creates a disk of `sectors` sectors of zeros in a new file, or overwrites an existing one.
    /// The file is sparse: the host allocates blocks as they are written.
    ///
    /// # Errors
    /// The error of the host, if the file cannot be created or be that long.
    pub fn create(path: &Path, sectors: u64) -> io::Result<FileDisk> {
        let bytes = sectors
            .checked_mul(SECTOR_SIZE as u64)
            .ok_or(io::ErrorKind::FileTooLarge)?;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(path)?;
        file.set_len(bytes)?;
        Ok(FileDisk { file, sectors })
    }
}

impl BlockDevice for FileDisk {
    fn sectors(&self) -> u64 {
        self.sectors
    }

    fn read(&mut self, sector: u64, to: &mut [u8]) -> Result<(), DiskError> {
        check(self.sectors, sector, to.len())?;
        let result = self.file.read_exact_at(to, sector * SECTOR_SIZE as u64);
        result.map_err(|source| DiskError::Device { sector, source })
    }

    fn write(&mut self, sector: u64, from: &[u8]) -> Result<(), DiskError> {
        check(self.sectors, sector, from.len())?;
        let result = self.file.write_all_at(from, sector * SECTOR_SIZE as u64);
        result.map_err(|source| DiskError::Device { sector, source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_there_when_the_file_is_opened_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("disk");
        let mut disk = FileDisk::create(&path, 10).unwrap();
        disk.write(9, &[5; SECTOR_SIZE]).unwrap();
        drop(disk);
        let mut disk = FileDisk::open(&path).unwrap();
        assert_eq!(disk.sectors(), 10);
        let mut back = [0; 2 * SECTOR_SIZE];
        disk.read(8, &mut back).unwrap();
        assert_eq!(back[SECTOR_SIZE..], [5; SECTOR_SIZE]);
    }

    #[test]
    fn a_file_that_shrank_is_an_error_of_the_device() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("disk");
        let mut disk = FileDisk::create(&path, 10).unwrap();
        OpenOptions::new()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(0)
            .unwrap();
        let result = disk.read(3, &mut [0; SECTOR_SIZE]);
        assert!(matches!(result, Err(DiskError::Device { sector: 3, .. })));
    }
}
