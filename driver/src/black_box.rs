//! The record that a run leaves for the grader: its last fault-log events, why processes died, how
//! many events matched patterns, and how the kernel failed, if it did.
//!
//! # Invariants
//!
//! It is written at the end of the run, even when the kernel panics or hangs, since its content is
//! kept apart from the data of the kernel's thread. Its size is bounded, however long the run is.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError, Weak};

use glob::Pattern;
use host::programs::Programs;
use userprog::MachineEvent;
use vm::Event;
use vm::event::Detail;

use crate::autopsy;
use crate::during::During;
use crate::fault_log;
use crate::listener::Listener;
use crate::names::NameBook;
use protocol::kernel_panic::KernelPanic;
use protocol::record::{Divergence, Failure, Record, Walls};

/// The number of events that are kept.
const LAST: usize = 16;
/// The number of deaths that are kept.
const LAST_DEATHS: usize = 4;

thread_local! {
    /// The box of the run on this thread.
    static OPEN: RefCell<Weak<Mutex<Content>>> = const { RefCell::new(Weak::new()) };
}

/// Records a run; writes the file when it is dropped.
#[derive(Debug)]
pub struct BlackBox {
    content: Arc<Mutex<Content>>,
    entries: Arc<AtomicU64>,
}

/// A handle for another thread, which writes the box of a run that does not end.
pub struct Handle {
    content: Arc<Mutex<Content>>,
    /// How often the kernel was entered. Apart from the content, which a panic finds locked by nobody else.
    entries: Arc<AtomicU64>,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

/// The record to write, and its path.
#[derive(Debug)]
struct Content {
    path: PathBuf,
    names: NameBook,
    patterns: Vec<Pattern>,
    last: VecDeque<String>,
    during: During,
    record: Record,
}

impl BlackBox {
    /// Returns a box that writes to `path`, and counts the events that match each of `patterns`.
    /// Names come from `files`, the guest's.
    #[must_use]
    pub fn new(path: &Path, patterns: &[Pattern], files: Programs) -> BlackBox {
        let content = Arc::new(Mutex::new(Content {
            path: path.to_owned(),
            names: NameBook::new(files),
            patterns: patterns.to_vec(),
            last: VecDeque::new(),
            during: During::Start,
            record: Record {
                matches: vec![0; patterns.len()],
                ..Record::default()
            },
        }));
        OPEN.set(Arc::downgrade(&content));
        let entries = Arc::default();
        BlackBox { content, entries }
    }

    /// Returns the listener that feeds this.
    #[must_use]
    pub fn listener(&self) -> Listener {
        let (content, entered) = (Arc::clone(&self.content), Arc::clone(&self.content));
        let entries = Arc::clone(&self.entries);
        let listener = Listener::new(Detail::Evictions, move |work, event| {
            lock(&content).note(work, event);
        });
        listener.with_entries(move |why| {
            lock(&entered).during = During::Entered(*why);
            entries.fetch_add(1, Ordering::Relaxed);
        })
    }

    /// Adds where the finished log differs from a snapshot.
    pub fn set_divergence(&self, divergence: Option<Divergence>) {
        lock(&self.content).record.divergence = divergence;
    }

    /// Adds which walls stand between the kernel and the host.
    pub fn set_walls(&self, walls: Walls) {
        lock(&self.content).record.walls = walls;
    }

    /// Adds how the kernel failed.
    pub fn set_failure(&self, failure: Failure) {
        lock(&self.content).record.failure = Some(failure);
    }

    /// Returns a handle for another thread.
    #[must_use]
    pub fn handle(&self) -> Handle {
        Handle {
            content: Arc::clone(&self.content),
            entries: Arc::clone(&self.entries),
        }
    }
}

impl Drop for BlackBox {
    fn drop(&mut self) {
        lock(&self.content).write();
    }
}

impl Handle {
    /// Returns how often the kernel was entered so far.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.entries.load(Ordering::Relaxed)
    }

    /// Adds the failure of a kernel that does not come to an end, and writes the box.
    pub fn write(&self, failure: Failure) {
        let mut content = lock(&self.content);
        content.record.failure = Some(failure);
        content.write();
    }
}

/// Adds a panic of the kernel on this thread to the thread's box, if it has one, and writes the box
/// at once: unwinding may end the process.
pub fn note_panic(panic: &KernelPanic) {
    let Some(content) = OPEN.with_borrow(Weak::upgrade) else {
        return;
    };
    let mut content = match content.try_lock() {
        Ok(content) => content,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        // The holder is further up on this thread's stack, and writes it at the end.
        Err(TryLockError::WouldBlock) => return,
    };
    let first = Failure::Panic(panic.clone());
    content.record.failure.get_or_insert(first);
    content.write();
}

fn lock(content: &Mutex<Content>) -> MutexGuard<'_, Content> {
    content.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Content {
    fn note(&mut self, work: u64, event: &MachineEvent<'_>) {
        self.names.note(event);
        if let MachineEvent::Called { pid, call } = event {
            self.during = During::Called(*pid, *call);
        }
        if let Some(death) = autopsy::explain(event, &mut self.names) {
            keep_last(&mut self.record.deaths, death, LAST_DEATHS);
        }
        let Some(line) = fault_log::text(work, event, Detail::Evictions, &mut self.names) else {
            return;
        };
        let text = line
            .trim_start()
            .split_once(' ')
            .map_or("", |(_, text)| text);
        let matches = &mut self.record.matches;
        for (pattern, count) in self.patterns.iter().zip(matches) {
            *count += u64::from(pattern.matches(text));
        }
        match event {
            // What an ending process frees would displace the events that led to its end.
            MachineEvent::Memory(Event::FrameFreed { .. } | Event::SlotFreed { .. }) => return,
            // The fault's own line repeats its victims.
            MachineEvent::Memory(Event::Fault(fault)) => {
                let before = self.last.len().saturating_sub(fault.displaced.len());
                self.last.truncate(before);
            }
            _ => {}
        }
        if self.last.len() == LAST {
            self.last.pop_front();
        }
        self.last.push_back(line);
    }

    fn write(&mut self) {
        self.record.events = self.last.iter().cloned().collect();
        self.record.during = Some(self.during.in_words(&mut self.names));
        let json = serde_json::to_vec(&self.record).expect("a record is plain data");
        if let Err(error) = std::fs::write(&self.path, json) {
            log::warn!("{}: {error}", self.path.display());
        }
    }
}

/// Appends to a short list of which only the last `most` are kept.
fn keep_last(list: &mut Vec<String>, one: String, most: usize) {
    if list.len() == most {
        list.remove(0);
    }
    list.push(one);
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;
    use std::thread;

    use cap_std::ambient_authority;
    use machine::addr::{Frame, VirtAddr};
    use userprog::process::Pid;
    use userprog::{Cause, Entered};
    use vm::{Event, Owner, event::Eviction, event::Fate};

    use super::*;

    fn eviction(number: u32) -> Event {
        Event::Evicted(Eviction {
            frame: Frame::new(number),
            owner: Owner(1),
            page: machine::addr::Page::new(8),
            fate: Fate::Dropped,
        })
    }

    fn black_box(folder: &Path, patterns: &[Pattern]) -> BlackBox {
        let files = cap_std::fs::Dir::open_ambient_dir(folder, ambient_authority()).unwrap();
        BlackBox::new(&folder.join("box"), patterns, files.into())
    }

    #[test]
    fn the_last_events_and_the_matches_are_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let patterns = ["evict *dropped", "*swap*"].map(|text| Pattern::new(text).unwrap());
        let black_box = black_box(folder.path(), &patterns);
        let mut listener = black_box.listener();
        for number in 0..100 {
            let event = eviction(number);
            (listener.recorder)(number.into(), &MachineEvent::Memory(&event));
        }
        drop(black_box);

        let record = Record::read(&folder.path().join("box")).unwrap();
        assert_eq!(record.events.len(), LAST);
        assert!(
            record.events[0]
                .trim_start()
                .starts_with("84 evict frame=84")
        );
        assert_eq!(record.matches, [100, 0]);
        assert!(record.deaths.is_empty());
    }

    #[test]
    fn a_file_that_is_missing_or_cut_off_is_no_record() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("box");
        assert!(Record::read(&path).is_err());
        drop(black_box(folder.path(), &[]));
        let whole = std::fs::read(&path).unwrap();
        assert!(Record::read(&path).is_ok());
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert!(Record::read(&path).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn a_crash_leaves_the_file_too() {
        let folder = tempfile::tempdir().unwrap();
        let crash = std::panic::catch_unwind(|| {
            let black_box = black_box(folder.path(), &[]);
            (black_box.listener().recorder)(1, &MachineEvent::Memory(&eviction(1)));
            panic!("on purpose");
        });
        assert!(crash.is_err());
        assert_eq!(
            Record::read(&folder.path().join("box"))
                .unwrap()
                .events
                .len(),
            1
        );
    }

    /// Who watches the time asks all the time how often the kernel was entered.
    #[test]
    fn a_panic_is_noted_whoever_asks_at_that_moment() {
        let folder = tempfile::tempdir().unwrap();
        let panic = KernelPanic {
            message: "on purpose".to_owned(),
            place: "vm/src/x.rs:1".to_owned(),
            frames: Vec::new(),
        };
        for _ in 0..50 {
            let black_box = black_box(folder.path(), &[]);
            let handle = black_box.handle();
            let is_over = AtomicBool::new(false);
            thread::scope(|scope| {
                let asking = scope.spawn(|| {
                    while !is_over.load(Ordering::Relaxed) {
                        std::hint::black_box(handle.entries());
                    }
                });
                thread::yield_now();
                note_panic(&panic);
                is_over.store(true, Ordering::Relaxed);
                asking.join().unwrap();
            });
            drop(black_box);
            let record = Record::read(&folder.path().join("box")).unwrap();
            assert_eq!(record.failure, Some(Failure::Panic(panic.clone())));
        }
    }

    #[test]
    fn entries_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        let black_box = black_box(folder.path(), &[]);
        let mut entered = black_box.listener().entries.unwrap();
        let turn_over = Entered {
            pid: Pid(1),
            eip: VirtAddr(0),
            cause: Cause::Other,
        };
        (0..3).for_each(|_| entered(&turn_over));
        assert_eq!(black_box.handle().entries(), 3);
    }
}
