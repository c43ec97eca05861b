//! pipe, pipe2, and what is in a pipe.
//!
//! # Invariants
//! A pipe holds at most [`CAPACITY`] bytes. It counts its ends; whoever waits at one end is woken by whatever
//! changes at the other: bytes that come or go, and the last descriptor that is closed.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

use super::call::{Call, Done, Reply};
use super::descriptors::{Object, Open, OpenFlags};
use super::paths::GuestPath;
use super::shared::Wakeups;
use crate::errno::Errno;
use crate::process::Pid;
use crate::service::Service;

/// What a pipe holds at most, as in Linux.
const CAPACITY: usize = 65_536;
/// Writes of up to so many bytes go into a pipe whole.
pub(super) const ATOMIC: usize = 4096;

/// A pipe.
#[derive(Debug)]
struct Pipe {
    bytes: RefCell<VecDeque<u8>>,
    readers: Cell<u32>,
    writers: Cell<u32>,
    /// Who waits at either end.
    waiting: RefCell<BTreeSet<Pid>>,
    wakeups: Wakeups,
}

/// The end that is read from.
pub(crate) struct Reader(Rc<Pipe>);

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}

/// The end that is written to.
#[derive(Debug)]
pub(crate) struct Writer(Rc<Pipe>);

/// What a transfer comes to that may have to wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Transfer {
    /// So many bytes have moved.
    Moved(usize),
    /// None can move before something changes.
    NotYet,
    /// None will ever move: nobody is at the other end.
    Never,
}

impl Pipe {
    fn changed(&self) {
        for pid in self.waiting.take() {
            self.wakeups.wake(pid);
        }
    }
}

/// A new pipe.
pub(super) fn new_pipe(wakeups: &Wakeups) -> (Reader, Writer) {
    let pipe = Rc::new(Pipe {
        bytes: RefCell::default(),
        readers: Cell::new(1),
        writers: Cell::new(1),
        waiting: RefCell::default(),
        wakeups: wakeups.clone(),
    });
    (Reader(Rc::clone(&pipe)), Writer(pipe))
}

impl Reader {
    /// Takes the first bytes.
    pub(super) fn read(&self, to: &mut [u8]) -> Transfer {
        let mut bytes = self.0.bytes.borrow_mut();
        let count = to.len().min(bytes.len());
        if count == 0 && !to.is_empty() {
            return match self.0.writers.get() {
                0 => Transfer::Never,
                _ => Transfer::NotYet,
            };
        }
        for (place, byte) in to.iter_mut().zip(bytes.drain(..count)) {
            *place = byte;
        }
        drop(bytes);
        self.0.changed();
        Transfer::Moved(count)
    }

    /// Whether a read would not wait.
    pub(super) fn is_ready(&self) -> bool {
        !self.0.bytes.borrow().is_empty() || self.is_hung_up()
    }

    /// Whether nobody will write any more.
    pub(super) fn is_hung_up(&self) -> bool {
        self.0.writers.get() == 0
    }

    /// Has a process woken by the next change.
    pub(super) fn wait(&self, pid: Pid) {
        self.0.waiting.borrow_mut().insert(pid);
    }
}

impl Writer {
    /// Adds bytes, as many as fit; what may not be cut fits whole or not at all.
    pub(super) fn write(&self, from: &[u8]) -> Transfer {
        if self.is_broken() {
            return Transfer::Never;
        }
        let mut bytes = self.0.bytes.borrow_mut();
        let room = CAPACITY - bytes.len();
        let count = from.len().min(room);
        if count == 0 && !from.is_empty() {
            return Transfer::NotYet;
        }
        bytes.extend(&from[..count]);
        drop(bytes);
        self.0.changed();
        Transfer::Moved(count)
    }

    /// Whether a write of so many bytes would not wait before its first.
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        let room = CAPACITY - self.0.bytes.borrow().len();
        let needed = if bytes <= ATOMIC { bytes } else { 1 };
        self.is_broken() || room >= needed
    }

    /// Whether nobody will read any more.
    pub(super) fn is_broken(&self) -> bool {
        self.0.readers.get() == 0
    }

    /// Has a process woken by the next change.
    pub(super) fn wait(&self, pid: Pid) {
        self.0.waiting.borrow_mut().insert(pid);
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.0.readers.set(0);
        self.0.changed();
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.0.writers.set(0);
        self.0.changed();
    }
}

/// `int pipe(int fds[2])`
pub(super) fn pipe(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [to] = call.arguments();
    make(kernel, call, to, OpenFlags::empty())
}

/// `int pipe2(int fds[2], int flags)`
pub(super) fn pipe2(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [to, flags] = call.arguments();
    let allowed = OpenFlags::CLOSE_ON_EXEC | OpenFlags::NONBLOCK;
    let flags = OpenFlags::from_bits(flags).filter(|flags| allowed.contains(*flags));
    make(kernel, call, to, flags.ok_or(Errno::Invalid)?)
}

fn make(kernel: &mut Service<'_>, call: Call, to: u32, flags: OpenFlags) -> Reply {
    let (reader, writer) = new_pipe(&kernel.linux.wakeups);
    let path = GuestPath::root();
    let closes = flags.contains(OpenFlags::CLOSE_ON_EXEC);
    let reader = Open::new(Object::Reader(reader), path.clone(), flags);
    let writer = Open::new(Object::Writer(writer), path, flags | OpenFlags::WRITE_ONLY);
    let files = &mut kernel.group_mut(call.pid()).files;
    let first = files.add(reader, 0, closes)?;
    let second = files.add(writer, 0, closes);
    let second = second.or_else(|errno| files.close(first).and(Err(errno)))?;
    let numbers = [first, second].map(u32::to_le_bytes).concat();
    if let Err(fail) = kernel.copy_out(call, to, &numbers) {
        let files = &mut kernel.group_mut(call.pid()).files;
        files.close(first)?;
        files.close(second)?;
        return Err(fail);
    }
    Ok(Done::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_out_as_they_went_in_and_not_before() {
        let (reader, writer) = new_pipe(&Wakeups::default());
        let mut to = [0; 3];
        assert_eq!(reader.read(&mut to), Transfer::NotYet);
        assert_eq!(writer.write(b"hello"), Transfer::Moved(5));
        assert_eq!((reader.read(&mut to), &to), (Transfer::Moved(3), b"hel"));
        drop(writer);
        assert_eq!(reader.read(&mut to), Transfer::Moved(2));
        assert_eq!(reader.read(&mut to), Transfer::Never);
    }

    #[test]
    fn a_pipe_fills_up_and_breaks() {
        let (reader, writer) = new_pipe(&Wakeups::default());
        assert_eq!(
            writer.write(&[7; CAPACITY - 10]),
            Transfer::Moved(CAPACITY - 10)
        );
        assert!(writer.has_room(10) && !writer.has_room(11) && writer.has_room(ATOMIC + 1));
        assert_eq!(writer.write(&[7; 20]), Transfer::Moved(10));
        assert_eq!(writer.write(&[7; 20]), Transfer::NotYet);
        drop(reader);
        assert_eq!(writer.write(b"x"), Transfer::Never);
    }

    #[test]
    fn whoever_waits_is_woken_once_by_what_changes_at_the_other_end() {
        let wakeups = Wakeups::default();
        let (reader, writer) = new_pipe(&wakeups);
        reader.wait(Pid(3));
        assert!(wakeups.take().is_empty());
        writer.write(b"x");
        writer.write(b"y");
        assert_eq!(wakeups.take().into_iter().collect::<Vec<_>>(), [Pid(3)]);
        reader.wait(Pid(4));
        drop(writer);
        assert!(wakeups.take().contains(&Pid(4)));
    }
}
