//! The files that gdb has open.

use gdbstub::target::ext::host_io::{HostIoErrno, HostIoError};

/// The files that gdb has open, by number.
#[derive(Default)]
pub(super) struct OpenFiles(Vec<Option<Vec<u8>>>);

/// The most files that gdb can have open at once.
const MOST: usize = 64;

impl OpenFiles {
    /// Returns the content of a file.
    pub(super) fn get(&self, fd: u32) -> Result<&Vec<u8>, HostIoError<String>> {
        let file = self.0.get(fd as usize).and_then(Option::as_ref);
        file.ok_or(HostIoError::Errno(HostIoErrno::EBADF))
    }

    /// Opens a file with this content.
    pub(super) fn add(&mut self, content: Vec<u8>) -> Result<u32, HostIoError<String>> {
        let free = self.0.iter().position(Option::is_none);
        let fd = free.unwrap_or(self.0.len());
        if fd == MOST {
            return Err(HostIoError::Errno(HostIoErrno::EMFILE));
        }
        if fd == self.0.len() {
            self.0.push(None);
        }
        self.0[fd] = Some(content);
        Ok(fd as u32)
    }

    /// Closes a file.
    pub(super) fn close(&mut self, fd: u32) -> Result<(), HostIoError<String>> {
        self.get(fd)?;
        self.0[fd as usize] = None;
        Ok(())
    }
}
