//! pipe, pipe2, and what is in a pipe.
//!
//! # Invariants
//! A pipe has at most [`PAGES`] pages, and bytes of one write of up to a page are in one. It counts its ends; whoever waits at one end is woken by whatever
//! changes at the other: bytes that come or go, and the last descriptor that is closed.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

use machine::addr::PAGE_SIZE;

use super::call::{Call, Done, Reply};
use super::descriptors::{Object, Open, OpenFlags};
use super::paths::GuestPath;
use super::shared::Wakeups;
use crate::errno::Errno;
use crate::process::Pid;
use crate::service::Service;

/// The pages of a pipe, as in Linux.
const PAGES: usize = 16;
/// Writes of up to so many bytes go into a pipe whole: a page.
pub(super) const ATOMIC: usize = PAGE_SIZE as usize;

/// A pipe.
#[derive(Debug)]
struct Pipe {
    pages: RefCell<VecDeque<PipePage>>,
    readers: Cell<u32>,
    writers: Cell<u32>,
    /// Who waits at either end.
    waiting: RefCell<BTreeSet<Pid>>,
    wakeups: Wakeups,
}

/// A page of a pipe. What has been read of it is room for nobody before all of it has been.
#[derive(Debug)]
struct PipePage {
    bytes: Vec<u8>,
    read: usize,
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

impl PipePage {
    fn left(&self) -> &[u8] {
        &self.bytes[self.read..]
    }

    fn has_room(&self, bytes: usize) -> bool {
        self.bytes.len() + bytes <= ATOMIC
    }
}

impl Pipe {
    fn changed(&self) {
        for pid in self.waiting.take() {
            self.wakeups.wake(pid);
        }
    }

    fn bytes(&self) -> usize {
        let pages = self.pages.borrow();
        pages.iter().map(|page| page.left().len()).sum()
    }
}

/// A new pipe.
pub(super) fn new_pipe(wakeups: &Wakeups) -> (Reader, Writer) {
    let pipe = Rc::new(Pipe {
        pages: RefCell::default(),
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
        if to.is_empty() {
            return Transfer::Moved(0);
        }
        let mut pages = self.0.pages.borrow_mut();
        let mut done = 0;
        while let Some(page) = pages.front_mut().filter(|_| done < to.len()) {
            let count = page.left().len().min(to.len() - done);
            to[done..done + count].copy_from_slice(&page.left()[..count]);
            done += count;
            page.read += count;
            if page.left().is_empty() {
                pages.pop_front();
            }
        }
        drop(pages);
        match (done, self.0.writers.get()) {
            (0, 0) => Transfer::Never,
            (0, _) => Transfer::NotYet,
            (done, _) => {
                self.0.changed();
                Transfer::Moved(done)
            }
        }
    }

    /// The bytes that are there.
    pub(super) fn bytes(&self) -> usize {
        self.0.bytes()
    }

    /// Whether there are any.
    pub(super) fn has_bytes(&self) -> bool {
        !self.0.pages.borrow().is_empty()
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
    /// Adds up to a page of bytes, all of them or none: behind the last ones, or in a page of their own.
    pub(super) fn write(&self, from: &[u8]) -> Transfer {
        debug_assert!(from.len() <= ATOMIC);
        if self.is_broken() {
            return Transfer::Never;
        }
        if from.is_empty() {
            return Transfer::Moved(0);
        }
        let mut pages = self.0.pages.borrow_mut();
        let is_full = pages.len() == PAGES;
        match pages.back_mut().filter(|page| page.has_room(from.len())) {
            Some(page) => page.bytes.extend(from),
            None if is_full => return Transfer::NotYet,
            None => pages.push_back(PipePage {
                bytes: from.to_vec(),
                read: 0,
            }),
        }
        drop(pages);
        self.0.changed();
        Transfer::Moved(from.len())
    }

    /// The bytes of a write of `total` bytes that go first: those beyond whole pages, if there is room for them
    /// behind what is there.
    pub(super) fn first_part(&self, total: usize) -> usize {
        let rest = total % ATOMIC;
        let pages = self.0.pages.borrow();
        match pages.back().is_some_and(|page| page.has_room(rest)) {
            true if rest > 0 => rest,
            _ => total.min(ATOMIC),
        }
    }

    /// The bytes that have not been read.
    pub(super) fn bytes(&self) -> usize {
        self.0.bytes()
    }

    /// Whether a page is free.
    pub(super) fn has_room(&self) -> bool {
        self.0.pages.borrow().len() < PAGES
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
    fn a_pipe_fills_up_page_by_page_and_breaks() {
        let (reader, writer) = new_pipe(&Wakeups::default());
        let page = [7; ATOMIC];
        for _ in 1..PAGES {
            assert_eq!(writer.write(&page), Transfer::Moved(ATOMIC));
        }
        assert_eq!(writer.write(&page[10..]), Transfer::Moved(ATOMIC - 10));
        assert!(!writer.has_room());
        assert_eq!(writer.first_part(ATOMIC + 10), 10);
        assert_eq!(writer.first_part(ATOMIC + 11), ATOMIC);
        assert_eq!(writer.write(&page[..11]), Transfer::NotYet);
        assert_eq!(writer.write(&page[..10]), Transfer::Moved(10));
        let mut to = [0; 2 * ATOMIC];
        assert_eq!(reader.read(&mut to[1..ATOMIC]), Transfer::Moved(ATOMIC - 1));
        assert_eq!(writer.write(b"x"), Transfer::NotYet);
        assert_eq!(reader.read(&mut to[..1]), Transfer::Moved(1));
        assert_eq!(writer.write(b"x"), Transfer::Moved(1));
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
