//! create, remove, open, filesize, read, write, seek, tell, close, ftruncate.
//!
//! # Invariants
//!
//! Data are moved page by page, and each page is charged as work. The content of a file is read and
//! written through the virtual memory, so that it is coherent with mappings. Positions and counts
//! saturate at the largest 32-bit values.

use std::io;
use std::rc::Rc;

use machine::addr::PAGE_SIZE;
use vm::{Access, FileRef, FileSource, Kill, UserPtr};

use super::{Answer, Caller};
use crate::charges::{FILE_LOOKUP, PAGE_MOVED};
use crate::errno::Errno;
use crate::files::{Fd, FileError, OpenFile};
use crate::parts::parts;
use crate::service::Service;

/// The largest count that a call can return.
const MAX_COUNT: u64 = i32::MAX as u64;

impl Service<'_> {
    /// Serves `bool create(const char *file, unsigned initial_size)`
    pub(super) fn sys_create(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [name, length] = self.arguments(caller)?;
        let Some(name) = self.file_name(caller, name)? else {
            return Ok(Answer::from(false));
        };
        let made = self.files.create(&name, length.into());
        Ok(Answer::from(noted(caller, "create", made).is_some()))
    }

    /// Serves `bool remove(const char *file)`
    pub(super) fn sys_remove(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [name] = self.arguments(caller)?;
        let Some(name) = self.file_name(caller, name)? else {
            return Ok(Answer::from(false));
        };
        let removed = self.files.remove(&name);
        Ok(Answer::from(noted(caller, "remove", removed).is_some()))
    }

    /// Serves `int open(const char *file)`: a descriptor from 2 on, or -1.
    pub(super) fn sys_open(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [name] = self.arguments(caller)?;
        let Some(name) = self.file_name(caller, name)? else {
            return Ok(Answer::FAILED);
        };
        let Some(inode) = noted(caller, "open", self.files.open(&name)) else {
            return Ok(Answer::FAILED);
        };
        let fd = self.processes.get_mut(caller.pid).files.open(inode);
        Ok(fd.map_or(Answer::FAILED, |fd| Answer::Value(fd.0)))
    }

    /// Serves `int filesize(int fd)`: -1 if no file is open there.
    pub(super) fn sys_filesize(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [fd] = self.arguments(caller)?;
        let length = self.open_file(caller, fd).map(|file| file.inode.len());
        Ok(length.map_or(Answer::FAILED, |length| {
            Answer::Value(length.min(MAX_COUNT) as u32)
        }))
    }

    /// Serves `int read(int fd, void *buffer, unsigned size)`: the number of bytes read, or -1.
    pub(super) fn sys_read(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [fd, buffer, size] = self.arguments(caller)?;
        self.check(caller, buffer, size, Access::Write)?;
        if Fd(fd) == Fd::INPUT {
            return self.read_keyboard(caller, buffer, size);
        }
        let Some(file) = self.open_file(caller, fd) else {
            return Ok(Answer::FAILED);
        };
        let OpenFile { inode, position } = file.clone();
        let left = inode.len().saturating_sub(position.into());
        let file: FileRef = inode;
        let mut done = 0;
        let count = left.min(MAX_COUNT).min(size.into()) as usize;
        for part in parts(UserPtr(buffer), count) {
            if !self.move_page() {
                break;
            }
            let mut bytes = [0; PAGE_SIZE as usize];
            let bytes = &mut bytes[..part.range.len()];
            let read = match self.vm.file_read(&file, u64::from(position) + done, bytes) {
                Ok(read) => read,
                Err(error) => return Ok(self.stopped_by(caller, Fd(fd), done, &error)),
            };
            self.vm
                .write_user(caller.client(), part.pointer(), &bytes[..read])?;
            done += read as u64;
            if read < part.range.len() {
                break;
            }
        }
        self.move_position(caller, Fd(fd), done);
        Ok(Answer::Value(done as u32))
    }

    /// Serves `int write(int fd, const void *buffer, unsigned size)`: the number of bytes written,
    /// 0 for the executable of a running process, or -1.
    pub(super) fn sys_write(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [fd, buffer, size] = self.arguments(caller)?;
        self.check(caller, buffer, size, Access::Read)?;
        if Fd(fd) == Fd::OUTPUT {
            return self.write_console(caller, buffer, size);
        }
        let Some(file) = self.open_file(caller, fd) else {
            return Ok(Answer::FAILED);
        };
        let OpenFile { inode, position } = file.clone();
        if inode.is_executed() {
            return Ok(Answer::Value(0));
        }
        inode.allow_writes();
        let file: FileRef = inode;
        let room = u32::MAX - position;
        let mut done = 0;
        for part in parts(UserPtr(buffer), size.min(room) as usize) {
            if !self.move_page() {
                break;
            }
            let mut bytes = [0; PAGE_SIZE as usize];
            let bytes = &mut bytes[..part.range.len()];
            self.vm.read_user(caller.client(), part.pointer(), bytes)?;
            match self.vm.file_write(&file, u64::from(position) + done, bytes) {
                Ok(()) => done += bytes.len() as u64,
                Err(error) if error.kind() == io::ErrorKind::StorageFull => break,
                Err(error) => return Ok(self.stopped_by(caller, Fd(fd), done, &error)),
            }
        }
        self.move_position(caller, Fd(fd), done);
        Ok(Answer::Value(done as u32))
    }

    /// Serves `void seek(int fd, unsigned position)`
    pub(super) fn sys_seek(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [fd, position] = self.arguments(caller)?;
        if let Some(file) = self.processes.get_mut(caller.pid).files.get_mut(Fd(fd)) {
            file.position = position;
        }
        Ok(Answer::DONE)
    }

    /// Serves `unsigned tell(int fd)`: -1 if no file is open there.
    pub(super) fn sys_tell(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [fd] = self.arguments(caller)?;
        let file = self.open_file(caller, fd);
        Ok(file.map_or(Answer::FAILED, |file| Answer::Value(file.position)))
    }

    /// Serves `void close(int fd)`
    pub(super) fn sys_close(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [fd] = self.arguments(caller)?;
        self.processes.get_mut(caller.pid).files.close(Fd(fd));
        Ok(Answer::DONE)
    }

    /// Serves `int ftruncate(int fd, unsigned length)`: truncates a file, or extends it with zeros.
    /// Mapped pages past its end are dropped.
    pub(super) fn sys_ftruncate(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [fd, length] = self.arguments(caller)?;
        let Some(file) = self.open_file(caller, fd) else {
            return Ok(Errno::BadFd.into());
        };
        let inode = Rc::clone(&file.inode);
        if inode.is_executed() {
            return Ok(Errno::Access.into());
        }
        self.charge(FILE_LOOKUP);
        inode.allow_writes();
        let old = inode.len();
        let changed = inode
            .set_len(length.into())
            .map_err(|error| match error.kind() {
                io::ErrorKind::StorageFull => Errno::NoSpace,
                _ => Errno::Io,
            });
        let file: FileRef = inode;
        self.vm.file_resized(&file, old);
        Ok(Answer::from(changed))
    }

    /// Reads until the buffer is full or the input ends.
    fn read_keyboard(&mut self, caller: Caller, buffer: u32, size: u32) -> Result<Answer, Kill> {
        let mut done = 0;
        for part in parts(UserPtr(buffer), size as usize) {
            if !self.move_page() {
                break;
            }
            let mut line = [0; PAGE_SIZE as usize];
            let read = self.console.read(&mut line[..part.range.len()]);
            self.vm
                .write_user(caller.client(), part.pointer(), &line[..read])?;
            done += read as u32;
            if read < part.range.len() {
                break;
            }
        }
        Ok(Answer::Value(done))
    }

    fn write_console(&mut self, caller: Caller, buffer: u32, size: u32) -> Result<Answer, Kill> {
        let mut done = 0;
        for part in parts(UserPtr(buffer), size as usize) {
            if !self.move_page() {
                break;
            }
            let mut text = [0; PAGE_SIZE as usize];
            let text = &mut text[..part.range.len()];
            self.vm.read_user(caller.client(), part.pointer(), text)?;
            self.console.write(text);
            done += text.len() as u32;
        }
        Ok(Answer::Value(done))
    }

    fn open_file(&self, caller: Caller, fd: u32) -> Option<&OpenFile> {
        self.processes.get(caller.pid).files.get(Fd(fd))
    }

    fn file_name(&mut self, caller: Caller, name: u32) -> Result<Option<Vec<u8>>, Kill> {
        self.charge(FILE_LOOKUP);
        self.string(caller, name)
    }

    fn move_position(&mut self, caller: Caller, fd: Fd, bytes: u64) {
        if let Some(file) = self.processes.get_mut(caller.pid).files.get_mut(fd) {
            let end = u64::from(file.position) + bytes;
            file.position = u32::try_from(end).unwrap_or(u32::MAX);
        }
    }

    /// Returns the result of a call that an error of the host has stopped after `done` bytes.
    fn stopped_by(&mut self, caller: Caller, fd: Fd, done: u64, error: &io::Error) -> Answer {
        log::warn!(
            "{}: input/output error on descriptor {}: {error}",
            caller.pid,
            fd.0
        );
        self.move_position(caller, fd, done);
        if done > 0 {
            Answer::Value(done as u32)
        } else {
            Answer::FAILED
        }
    }

    /// Charges for a page of data; whether there is work left for it.
    pub(crate) fn move_page(&mut self) -> bool {
        let goes_on = !self.work_is_done();
        self.charge(PAGE_MOVED);
        goes_on
    }
}

/// Returns a result, or logs the error.
fn noted<T>(caller: Caller, call: &str, result: Result<T, FileError>) -> Option<T> {
    result
        .inspect_err(|error| log::debug!("{}: {call}: {error}", caller.pid))
        .ok()
}
