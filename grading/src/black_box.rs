//! What a run leaves behind for whoever judges it: its last fault-log events, why
//! processes died, and how many events matched patterns.
//!
//! What always holds: it is written at the end of the run, also when the kernel crashes; it takes
//! the same small room however long the run is.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use cap_std::fs::Dir;
use glob::Pattern;
use serde::{Deserialize, Serialize};
use userprog::MachineEvent;
use vm::Event;
use vm::event::Detail;

use crate::autopsy;
use crate::fault_log;
use crate::listener::Listener;
use crate::names::NameBook;
use crate::snapshot::Divergence;

/// How many events are kept.
const LAST: usize = 16;
/// How many deaths are kept.
const LAST_DEATHS: usize = 4;

/// What was in a black box.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Record {
    /// The last events of the fault log, each with the guest work at which it was.
    pub events: Vec<String>,
    /// Why the last processes died that did not end of their own accord.
    pub deaths: Vec<String>,
    /// How many events matched each pattern.
    pub matches: Vec<u64>,
    /// Where the fault log parts from the snapshot that it was compared with.
    #[serde(default)]
    pub divergence: Option<Divergence>,
}

impl Record {
    /// Reads what a run left.
    ///
    /// # Errors
    /// Those of reading the file, and `InvalidData` or `UnexpectedEof` if it is not whole.
    pub fn read(path: &Path) -> io::Result<Record> {
        Ok(serde_json::from_slice(&std::fs::read(path)?)?)
    }
}

/// Records a run; writes the file when it is dropped.
pub struct BlackBox {
    path: PathBuf,
    state: Rc<RefCell<State>>,
}

struct State {
    names: NameBook,
    last: VecDeque<String>,
    deaths: VecDeque<String>,
    patterns: Vec<Pattern>,
    matches: Vec<u64>,
    divergence: Option<Divergence>,
}

impl BlackBox {
    /// One that writes to `path`, and counts the events that match each of `patterns`. Names come
    /// from `files`, the guest's.
    pub fn new(path: &Path, patterns: &[Pattern], files: Dir) -> BlackBox {
        BlackBox {
            path: path.to_owned(),
            state: Rc::new(RefCell::new(State {
                names: NameBook::new(files),
                last: VecDeque::new(),
                deaths: VecDeque::new(),
                patterns: patterns.to_vec(),
                matches: vec![0; patterns.len()],
                divergence: None,
            })),
        }
    }

    /// What has to be told what happens.
    pub fn listener(&self) -> Listener {
        let state = Rc::clone(&self.state);
        Listener::new(Detail::Evictions, move |work, event| {
            state.borrow_mut().note(work, event);
        })
    }

    /// Adds where the log, which is at its end, parts from a snapshot.
    pub fn set_divergence(&self, divergence: Option<Divergence>) {
        self.state.borrow_mut().divergence = divergence;
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
    fn note(&mut self, work: u64, event: &MachineEvent<'_>) {
        self.names.note(event);
        if let Some(death) = autopsy::explain(event, &mut self.names) {
            push(&mut self.deaths, death, LAST_DEATHS);
        }
        let Some(line) = fault_log::text(work, event, Detail::Evictions, &mut self.names) else {
            return;
        };
        let text = line
            .trim_start()
            .split_once(' ')
            .map_or("", |(_, text)| text);
        for (pattern, count) in self.patterns.iter().zip(&mut self.matches) {
            *count += u64::from(pattern.matches(text));
        }
        match event {
            // What a process leaves when it ends would take the room of what led to its end.
            MachineEvent::Memory(Event::FrameFreed { .. } | Event::SlotFreed { .. }) => return,
            // The fault's own line says again whom it displaced.
            MachineEvent::Memory(Event::Fault(fault)) => {
                self.last
                    .truncate(self.last.len().saturating_sub(fault.displaced.len()));
            }
            _ => {}
        }
        push(&mut self.last, line, LAST);
    }

    fn record(&self) -> Record {
        Record {
            events: self.last.iter().cloned().collect(),
            deaths: self.deaths.iter().cloned().collect(),
            matches: self.matches.clone(),
            divergence: self.divergence.clone(),
        }
    }
}

/// Adds to a list of which only the last are kept.
fn push(list: &mut VecDeque<String>, one: String, most: usize) {
    if list.len() == most {
        list.pop_front();
    }
    list.push_back(one);
}

#[cfg(test)]
mod tests {
    use cap_std::ambient_authority;
    use machine::addr::Frame;
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
        let files = Dir::open_ambient_dir(folder, ambient_authority()).unwrap();
        BlackBox::new(&folder.join("box"), patterns, files)
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
}
