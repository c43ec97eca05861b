//! What a run leaves behind for whoever judges it: its last fault-log events, the accesses that
//! killed processes, and how many events matched patterns.
//!
//! What always holds: it is written at the end of the run, also when the kernel crashes; it takes
//! the same small room however long the run is.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use emu::mmu::Access;
use glob::Pattern;
use serde::{Deserialize, Serialize};
use vm::Event;
use vm::event::Outcome;

use crate::run::Recorder;

/// How many events are kept.
const LAST: usize = 16;
/// How many killing accesses are kept.
const MOST_KILLS: usize = 64;

/// What was in a black box.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Record {
    /// The last events of the fault log, each with the guest work at which it was.
    pub events: Vec<String>,
    /// The accesses that killed processes, in order; of very many only the first.
    pub kills: Vec<KillRecord>,
    /// How many events matched each pattern.
    pub matches: Vec<u64>,
}

/// An access that killed a process.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KillRecord {
    /// The process's number.
    pub pid: u32,
    /// The address.
    pub address: u32,
    /// Whether it was a store.
    pub store: bool,
    /// Why, in words.
    pub why: String,
}

impl Record {
    /// Reads what a run left, if it left anything.
    pub fn read(path: &Path) -> Option<Record> {
        serde_json::from_slice(&std::fs::read(path).ok()?).ok()
    }
}

/// Records a run; writes the file when it is dropped.
pub struct BlackBox {
    path: PathBuf,
    state: Rc<RefCell<State>>,
}

struct State {
    last: VecDeque<(u64, Event)>,
    kills: Vec<KillRecord>,
    patterns: Vec<Pattern>,
    matches: Vec<u64>,
}

impl BlackBox {
    /// One that writes to `path`, and counts the events that match each of `patterns`.
    pub fn new(path: &Path, patterns: &[Pattern]) -> BlackBox {
        BlackBox {
            path: path.to_owned(),
            state: Rc::new(RefCell::new(State {
                last: VecDeque::new(),
                kills: Vec::new(),
                patterns: patterns.to_vec(),
                matches: vec![0; patterns.len()],
            })),
        }
    }

    /// What the virtual memory hands its events to.
    pub fn recorder(&self) -> Recorder {
        let state = Rc::clone(&self.state);
        Box::new(move |work, event| state.borrow_mut().note(work, event))
    }
}

impl Drop for BlackBox {
    fn drop(&mut self) {
        let record = self.state.borrow().record();
        let json = serde_json::to_vec(&record).expect("a record is plain data");
        if let Err(error) = std::fs::write(&self.path, json) {
            log::warn!("{}: {error}", self.path.display());
        }
    }
}

impl State {
    fn note(&mut self, work: u64, event: &Event) {
        if !self.patterns.is_empty() {
            let text = event.to_string();
            for (pattern, count) in self.patterns.iter().zip(&mut self.matches) {
                *count += u64::from(pattern.matches(&text));
            }
        }
        if self.kills.len() < MOST_KILLS {
            self.kills.extend(KillRecord::of(event));
        }
        if self.last.len() == LAST {
            self.last.pop_front();
        }
        self.last.push_back((work, event.clone()));
    }

    fn record(&self) -> Record {
        let events = self.last.iter();
        Record {
            events: events
                .map(|(work, event)| format!("{work:>10} {event}"))
                .collect(),
            kills: self.kills.clone(),
            matches: self.matches.clone(),
        }
    }
}

impl KillRecord {
    fn of(event: &Event) -> Option<KillRecord> {
        match event {
            Event::Fault {
                owner,
                addr,
                access,
                outcome: Outcome::Killed(kill),
            } => Some(KillRecord {
                pid: owner.0,
                address: addr.0,
                store: *access == Access::Write,
                why: kill.to_string(),
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use emu::addr::{Frame, VirtAddr};
    use vm::{BadAccess, Owner};

    use super::*;

    fn fault(addr: u32, outcome: Outcome) -> Event {
        Event::Fault {
            owner: Owner(1),
            addr: VirtAddr(addr),
            access: Access::Write,
            outcome,
        }
    }

    #[test]
    fn the_last_events_the_kills_and_the_matches_are_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("box");
        let patterns = ["*zero-fill*", "*swap*"].map(|text| Pattern::new(text).unwrap());
        let black_box = BlackBox::new(&path, &patterns);
        let mut recorder = black_box.recorder();
        for number in 0..100 {
            recorder(number, &fault(0x1000, Outcome::ZeroFilled(Frame::new(1))));
        }
        recorder(
            100,
            &fault(0x10, Outcome::Killed(BadAccess::Unmapped.into())),
        );
        drop(black_box);

        let record = Record::read(&path).unwrap();
        assert_eq!(record.events.len(), LAST);
        assert!(record.events[0].trim_start().starts_with("85 fault pid=1"));
        assert_eq!(record.matches, [100, 0]);
        assert_eq!(record.kills.len(), 1);
        assert_eq!(
            (record.kills[0].address, record.kills[0].store),
            (0x10, true)
        );
        assert_eq!(record.kills[0].why, "nothing is mapped there");
    }

    #[test]
    fn a_crash_leaves_the_file_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("box");
        let crash = std::panic::catch_unwind(|| {
            let black_box = BlackBox::new(&path, &[]);
            black_box.recorder()(1, &fault(0x1000, Outcome::Waited));
            panic!("on purpose");
        });
        assert!(crash.is_err());
        assert_eq!(Record::read(&path).unwrap().events.len(), 1);
    }
}
