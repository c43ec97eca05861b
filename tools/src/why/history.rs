//! Listens to a run and records what happens to one page.
//!
//! # Invariants
//!
//! The most recent [`MOST_STEPS`] steps are kept, and the earlier ones are counted. A process's
//! page is followed from before its program is loaded.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use host::programs::Programs;
use machine::addr::{Frame, VirtAddr};
use serde::Serialize;
use userprog::process::Pid;
use userprog::{Call, MachineEvent, Origin};
use vm::event::Detail;
use vm::{Event, Owner};

use super::track::Track;
pub use super::track::Whereabouts;
use super::{Target, words};
use driver::fault_log;
use driver::listener::Listener;
use driver::names::NameBook;

/// The number of steps that are kept, of all processes together.
const MOST_STEPS: usize = 1_000_000;

/// Something that happened to the page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Episode {
    /// The guest work at which it happened.
    pub work: u64,
    /// The process, or the ancestor it is a copy of.
    pub pid: u32,
    /// The kind of step.
    pub kind: Kind,
    /// What happened, in words.
    pub text: String,
    /// The event's line in the fault log; empty if the step follows from several events.
    pub log: String,
}

/// Kinds of steps.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A region covers the page, or no longer covers it.
    Region,
    /// A fault of the process on the page.
    Fault,
    /// The page lost its frame.
    Eviction,
    /// The page came into a frame for another process.
    Arrival,
    /// Another page shares its content, or no longer does.
    Sharing,
    /// The page was written to its file, or could not be.
    Disk,
    /// Its content is gone.
    End,
    /// The kernel changed its page-table entry.
    Entry,
}

/// What happened to a page of a process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Story {
    /// The address in that process.
    pub address: VirtAddr,
    /// The steps, in order.
    pub steps: Vec<Episode>,
    /// The number of steps of the run that were too old to be kept.
    pub forgotten: u64,
}

/// The history of a page in all processes.
pub struct History(Rc<RefCell<State>>);

impl std::fmt::Debug for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("History").finish_non_exhaustive()
    }
}

pub(super) struct State {
    pub(super) target: Target,
    pub(super) names: NameBook,
    pub(super) tracks: BTreeMap<Owner, Track>,
    /// The address; and for a copy of another process, that process with the number of the first
    /// step that the copy does not inherit.
    pub(super) births: BTreeMap<Owner, Birth>,
    /// Events of a process that is being built: its address is not known before it starts.
    pub(super) building: BTreeMap<Owner, Vec<(u64, Event)>>,
    pub(super) steps: VecDeque<Episode>,
    pub(super) forgotten: u64,
    /// Steps of evictions whose cause the next fault may name, by frame.
    pub(super) unexplained: Vec<(Frame, u64)>,
    /// Processes whose entry was cleared since the last event of another kind.
    pub(super) emptied: Vec<Owner>,
    /// The last system call.
    pub(super) call: Option<(Pid, Call)>,
}

#[derive(Clone, Copy)]
pub(super) struct Birth {
    pub(super) address: VirtAddr,
    pub(super) parent: Option<(Owner, u64)>,
}

impl History {
    /// Follows the page at `target`. Names come from `files`, the guest's.
    #[must_use]
    pub fn new(target: Target, files: Programs) -> History {
        History(Rc::new(RefCell::new(State {
            target,
            names: NameBook::new(files),
            tracks: BTreeMap::new(),
            births: BTreeMap::new(),
            building: BTreeMap::new(),
            steps: VecDeque::new(),
            forgotten: 0,
            unexplained: Vec::new(),
            emptied: Vec::new(),
            call: None,
        })))
    }

    /// Returns the listener that feeds this with the machine's events.
    #[must_use]
    pub fn listener(&self) -> Listener {
        let state = Rc::clone(&self.0);
        Listener::new(Detail::Entries, move |work, event| {
            state.borrow_mut().hear(work, event);
        })
    }

    /// Returns the story of a process's page up to now, when `work` is done; `None` if there was no
    /// such process, or nothing in its program has the name.
    #[must_use]
    pub fn of(&self, pid: Pid, work: u64) -> Option<Story> {
        self.0.borrow_mut().settle(work);
        let state = self.0.borrow();
        let owner = Owner(pid.0);
        let birth = *state.births.get(&owner)?;
        // Each ancestor, with the end of the history that they have in common.
        let mut lineage = BTreeMap::from([(owner.0, u64::MAX)]);
        let mut next = birth.parent;
        while let Some((parent, until)) = next {
            lineage.insert(parent.0, until);
            next = state.births.get(&parent).and_then(|birth| birth.parent);
        }
        let numbered = (state.forgotten..).zip(&state.steps);
        let own = numbered
            .filter(|(number, step)| lineage.get(&step.pid).is_some_and(|until| number < until));
        Some(Story {
            address: birth.address,
            steps: own.map(|(_, step)| step.clone()).collect(),
            forgotten: state.forgotten,
        })
    }

    /// Returns why the address is not one in a process's program; `None` if it is.
    #[must_use]
    pub fn refusal(&self, pid: Pid) -> Option<String> {
        let state = self.0.borrow();
        let owner = Owner(pid.0);
        let name = state.names.process(owner)?;
        let program = state.names.program_of(owner)?;
        state.target.refusal(program, name)
    }

    /// Returns the place of the page in a live process, according to the events; `None` if it is
    /// not followed.
    #[must_use]
    pub fn place(&self, pid: Pid) -> Option<Whereabouts> {
        let state = self.0.borrow();
        Some(state.tracks.get(&Owner(pid.0))?.place)
    }

    /// Returns `NAME+OFFSET` of what is at an address of a process, and the line of source if that
    /// is code.
    #[must_use]
    pub fn names_at(&self, pid: Pid, address: VirtAddr) -> (Option<String>, Option<String>) {
        let names = &mut self.0.borrow_mut().names;
        let owner = Owner(pid.0);
        let line = names.line(owner, address.0).map(|line| line.to_string());
        (names.symbol(owner, address.0), line)
    }

    /// Returns the name of a process, even after it has ended.
    pub fn process_name(&self, pid: Pid) -> Option<String> {
        self.0
            .borrow()
            .names
            .process(Owner(pid.0))
            .map(str::to_owned)
    }
}

impl State {
    fn hear(&mut self, work: u64, event: &MachineEvent<'_>) {
        self.names.note(event);
        match event {
            MachineEvent::Memory(event) => self.hear_memory(work, event),
            // The pages are those of another one, which is followed.
            MachineEvent::Started {
                origin: Origin::Clone,
                ..
            } => self.building.clear(),
            MachineEvent::Started {
                pid,
                parent,
                origin,
                ..
            } => {
                let built = self.building.remove(&Owner(pid.0)).unwrap_or_default();
                self.building.clear();
                let parent = parent.filter(|_| *origin == Origin::Fork);
                self.start(
                    work,
                    Owner(pid.0),
                    parent.map(|parent| Owner(parent.0)),
                    &event.to_string(),
                );
                for (work, event) in built {
                    self.follow(work, Owner(pid.0), &event);
                }
                self.emptied.clear();
            }
            MachineEvent::Called { pid, call } => {
                // A process that the last call was building exists by now, or never will.
                self.building.clear();
                self.settle(work);
                self.call = Some((*pid, *call));
            }
            MachineEvent::Ended { pid, .. } => {
                if self.tracks.remove(&Owner(pid.0)).is_some() {
                    let text = "goes with its process, which ends".to_owned();
                    self.step(work, Owner(pid.0), Kind::End, text, event.to_string());
                }
            }
            MachineEvent::Running { .. } | MachineEvent::Died { .. } => {}
        }
    }

    /// Starts to follow the page of a new process.
    fn start(&mut self, work: u64, owner: Owner, parent: Option<Owner>, log: &str) {
        let Some(parent) = parent else {
            let program = self.names.program_of(owner);
            let moved_by = self.names.moved_by(owner);
            let found = program.and_then(|program| self.target.in_program(program, moved_by));
            let Some(address) = found else {
                return;
            };
            let birth = Birth {
                address,
                parent: None,
            };
            self.births.insert(owner, birth);
            self.tracks.insert(owner, Track::untouched(address.page()));
            return;
        };
        let (Some(track), Some(birth)) = (self.tracks.get_mut(&parent), self.births.get(&parent))
        else {
            return;
        };
        let (address, page, place) = (birth.address, track.page, track.place);
        let mut copy = track.clone();
        if place != Whereabouts::Nowhere {
            track.sharers.insert((owner, page));
            copy.sharers.insert((parent, page));
        }
        self.tracks.insert(owner, copy);
        let number = self.forgotten + self.steps.len() as u64;
        let birth = Birth {
            address,
            parent: Some((parent, number)),
        };
        self.births.insert(owner, birth);
        let place = words::place(place);
        let text = format!(
            "is shared with process {}, a copy of this one; it is {place}",
            owner.0
        );
        self.step(work, parent, Kind::Sharing, text, log.to_owned());
        let text = format!(
            "is that of process {}, of which this one is a copy; it is {place}",
            parent.0
        );
        self.step(work, owner, Kind::Sharing, text, log.to_owned());
    }

    pub(super) fn log(&mut self, work: u64, event: &Event) -> String {
        let event = MachineEvent::Memory(event);
        let line = fault_log::text(work, &event, Detail::Entries, &mut self.names);
        line.unwrap_or_default().trim_start().to_owned()
    }

    pub(super) fn step(&mut self, work: u64, owner: Owner, kind: Kind, text: String, log: String) {
        if self.steps.len() == MOST_STEPS {
            self.steps.pop_front();
            self.forgotten += 1;
        }
        self.steps.push_back(Episode {
            work,
            pid: owner.0,
            kind,
            text,
            log,
        });
    }
}
