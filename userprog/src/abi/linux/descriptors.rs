//! What a Linux process has open.
//!
//! # Invariants
//! Descriptors that were made of each other, by `dup` or `fork`, share one [`Open`] and so its position and its
//! flags; whether one is closed by `execve` is its own. A process has at most [`MAX_OPEN_FILES`].

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use bitflags::bitflags;

use super::call::Call;
use super::paths::GuestPath;
use super::pipes::{Reader, Writer};
use crate::errno::Errno;
use crate::files::Inode;
use crate::limits::MAX_OPEN_FILES;
use crate::process::Pid;
use crate::service::Service;

bitflags! {
    /// Linux' flags for `open`.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub(crate) struct OpenFlags: u32 {
        const WRITE_ONLY = 1;
        const READ_WRITE = 2;
        const CREATE = 0o100;
        const EXCLUSIVE = 0o200;
        const TRUNCATE = 0o1000;
        const APPEND = 0o2000;
        const NONBLOCK = 0o4000;
        const LARGE_FILE = 0o100_000;
        const DIRECTORY = 0o200_000;
        const NO_FOLLOW = 0o400_000;
        const CLOSE_ON_EXEC = 0o2_000_000;
        const PATH = 0o10_000_000;
        /// What is to be done with the data.
        const ACCESS = Self::WRITE_ONLY.bits() | Self::READ_WRITE.bits();
    }
}

/// What is behind a descriptor.
#[derive(Debug)]
pub(crate) enum Object {
    /// The keyboard and the screen.
    Console,
    /// A plain file.
    File(Rc<Inode>),
    /// A directory, and its names as they were when it was read from its start.
    Directory(RefCell<Vec<Vec<u8>>>),
    /// `/dev/null`.
    Null,
    /// `/dev/zero`.
    Zero,
    /// `/dev/urandom`.
    Random,
    /// A text that the kernel made when it was opened.
    Text(Rc<[u8]>),
    /// `/proc/self/pagemap` of this process.
    PageMap(Pid),
    /// The end of a pipe that is read from.
    Reader(Reader),
    /// The end of a pipe that is written to.
    Writer(Writer),
}

/// What one `open` made.
#[derive(Debug)]
pub(crate) struct Open {
    pub object: Object,
    pub path: GuestPath,
    pub flags: Cell<OpenFlags>,
    /// Where the next read or write begins.
    pub position: Cell<u64>,
}

#[derive(Clone, Debug)]
struct Descriptor {
    open: Rc<Open>,
    close_on_exec: bool,
}

/// The descriptors of a process.
#[derive(Clone, Default, Debug)]
pub(crate) struct FdTable(BTreeMap<u32, Descriptor>);

impl Open {
    pub(super) fn new(object: Object, path: GuestPath, flags: OpenFlags) -> Rc<Open> {
        let kept = OpenFlags::WRITE_ONLY
            | OpenFlags::READ_WRITE
            | OpenFlags::APPEND
            | OpenFlags::NONBLOCK
            | OpenFlags::LARGE_FILE
            | OpenFlags::DIRECTORY
            | OpenFlags::PATH;
        Rc::new(Open {
            object,
            path,
            flags: Cell::new(flags & kept),
            position: Cell::new(0),
        })
    }

    pub(super) fn is_readable(&self) -> bool {
        let flags = self.flags.get();
        !flags.intersects(OpenFlags::WRITE_ONLY | OpenFlags::PATH)
    }

    /// Has a process woken by whatever changes next at the other end of a pipe.
    pub(super) fn wait(&self, pid: Pid) {
        match &self.object {
            Object::Reader(reader) => reader.wait(pid),
            Object::Writer(writer) => writer.wait(pid),
            _ => {}
        }
    }

    pub(super) fn is_writable(&self) -> bool {
        // Both together are what only `ioctl` is for.
        let access = self.flags.get() & OpenFlags::ACCESS;
        access == OpenFlags::WRITE_ONLY || access == OpenFlags::READ_WRITE
    }

    /// Whether it stands for a path alone, with which no data move.
    pub(super) fn is_path(&self) -> bool {
        self.flags.get().contains(OpenFlags::PATH)
    }
}

impl FdTable {
    /// Standard input, output and error, all of them the console.
    pub(super) fn on_console() -> FdTable {
        let path = GuestPath::root().join(b"dev/console");
        let console = Open::new(Object::Console, path, OpenFlags::READ_WRITE);
        let descriptor = Descriptor {
            open: console,
            close_on_exec: false,
        };
        FdTable((0..3).map(|fd| (fd, descriptor.clone())).collect())
    }

    /// What a descriptor stands for.
    pub(super) fn get(&self, fd: u32) -> Result<&Rc<Open>, Errno> {
        let descriptor = self.0.get(&fd).ok_or(Errno::BadFd)?;
        Ok(&descriptor.open)
    }

    /// Gives something the lowest free number from `lowest` on.
    ///
    /// # Errors
    /// EMFILE if there are too many, EINVAL if no process can have `lowest`.
    pub(super) fn add(
        &mut self,
        open: Rc<Open>,
        lowest: u32,
        close_on_exec: bool,
    ) -> Result<u32, Errno> {
        if lowest as usize >= MAX_OPEN_FILES {
            return Err(Errno::Invalid);
        }
        let fd = (lowest..MAX_OPEN_FILES as u32).find(|fd| !self.0.contains_key(fd));
        let fd = fd.ok_or(Errno::TooManyOpen)?;
        self.put(fd, open, close_on_exec)?;
        Ok(fd)
    }

    /// Gives something this number, whatever it stood for.
    ///
    /// # Errors
    /// EBADF if no process can have that number.
    pub(super) fn put(
        &mut self,
        fd: u32,
        open: Rc<Open>,
        close_on_exec: bool,
    ) -> Result<(), Errno> {
        if fd as usize >= MAX_OPEN_FILES {
            return Err(Errno::BadFd);
        }
        let descriptor = Descriptor {
            open,
            close_on_exec,
        };
        self.0.insert(fd, descriptor);
        Ok(())
    }

    /// Closes a descriptor.
    pub(super) fn close(&mut self, fd: u32) -> Result<(), Errno> {
        self.0.remove(&fd).map(drop).ok_or(Errno::BadFd)
    }

    /// Has those from `first` to `last` closed by `execve`.
    pub(super) fn close_range_on_exec(&mut self, first: u32, last: u32) {
        let chosen = self.0.iter_mut();
        let chosen = chosen.filter(|(fd, _)| (first..=last).contains(fd));
        chosen.for_each(|(_, descriptor)| descriptor.close_on_exec = true);
    }

    /// Closes those from `first` to `last`.
    pub(super) fn close_range(&mut self, first: u32, last: u32) {
        self.0.retain(|fd, _| !(first..=last).contains(fd));
    }

    /// Whether `execve` closes a descriptor.
    pub(super) fn closes_on_exec(&self, fd: u32) -> Result<bool, Errno> {
        Ok(self.0.get(&fd).ok_or(Errno::BadFd)?.close_on_exec)
    }

    /// Says whether `execve` closes a descriptor.
    pub(super) fn set_close_on_exec(&mut self, fd: u32, closes: bool) -> Result<(), Errno> {
        self.0.get_mut(&fd).ok_or(Errno::BadFd)?.close_on_exec = closes;
        Ok(())
    }

    /// Closes what `execve` closes.
    pub(super) fn close_for_exec(&mut self) {
        self.0.retain(|_, descriptor| !descriptor.close_on_exec);
    }
}

impl Service<'_> {
    /// What a descriptor of the caller's stands for.
    ///
    /// # Errors
    /// EBADF if there is none, or only for a path.
    pub(super) fn opened(&self, call: Call, fd: u32) -> Result<Rc<Open>, Errno> {
        let open = self.opened_in_any_way(call, fd)?;
        match open.is_path() {
            true => Err(Errno::BadFd),
            false => Ok(open),
        }
    }

    /// The same, also if it stands for a path alone.
    pub(super) fn opened_in_any_way(&self, call: Call, fd: u32) -> Result<Rc<Open>, Errno> {
        self.group_of(call.pid()).files.get(fd).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn null() -> Rc<Open> {
        Open::new(Object::Null, GuestPath::root(), OpenFlags::READ_WRITE)
    }

    #[test]
    fn the_lowest_free_number_is_given() {
        let mut table = FdTable::on_console();
        assert_eq!(table.add(null(), 0, false), Ok(3));
        table.close(1).unwrap();
        assert_eq!(table.add(null(), 0, true), Ok(1));
        assert_eq!(table.add(null(), 10, false), Ok(10));
        assert_eq!(table.close(7), Err(Errno::BadFd));
        table.close_for_exec();
        assert_eq!(table.get(1).err(), Some(Errno::BadFd));
        assert!(table.get(3).is_ok());
    }

    #[test]
    fn a_process_has_only_so_many() {
        let mut table = FdTable::default();
        for fd in 0..MAX_OPEN_FILES as u32 {
            assert_eq!(table.add(null(), 0, false), Ok(fd));
        }
        assert_eq!(table.add(null(), 0, false), Err(Errno::TooManyOpen));
        assert_eq!(table.add(null(), u32::MAX, false), Err(Errno::Invalid));
        assert_eq!(table.put(u32::MAX, null(), false), Err(Errno::BadFd));
    }
}
