//! Collects the steps of a run as they happen.
//!
//! # Invariants
//!
//! No more events are kept than allowed. Once one was left out, no later one is kept, so that the
//! recording can be replayed.

use std::cell::RefCell;
use std::rc::Rc;

use cap_std::fs::Dir;
use machine::addr::Page;
use userprog::{MachineEvent, RunReport};
use vm::Slot;
use vm::event::{Area, Detail, Event, PagePlace};
use vm::{Backing, Owner, Region, Sharing};

use super::step::{EntryChange, Fault, Step, What};
use super::{MachineFacts, Recording, Sources, Text, Texts};
use driver::listener::Listener;
use driver::names::NameBook;

/// Records one run.
pub struct Recorder {
    state: Rc<RefCell<State>>,
}

struct State {
    names: NameBook,
    most: usize,
    steps: Vec<Step>,
    entries: Vec<EntryChange>,
    texts: Texts,
    /// Taken at the end of the run.
    sources: Option<Sources>,
    left_out: u64,
    /// The work at which the changes were made that belong to no step yet.
    waiting_since: Option<u64>,
}

impl Recorder {
    /// Returns a recorder that keeps up to `most` events, with names from the guest's files and
    /// lines from `sources`.
    pub fn new(files: Dir, most: usize, sources: Sources) -> Recorder {
        Recorder {
            state: Rc::new(RefCell::new(State {
                names: NameBook::new(files),
                most,
                steps: Vec::new(),
                entries: Vec::new(),
                texts: Texts::default(),
                sources: Some(sources),
                left_out: 0,
                waiting_since: None,
            })),
        }
    }

    /// Returns the listener that feeds this, to be attached before the machine starts.
    pub fn listener(&self) -> Listener {
        let state = Rc::clone(&self.state);
        Listener::new(Detail::Entries, move |work, event| {
            state.borrow_mut().note(work, event);
        })
    }

    /// Returns the recording, once the run is over.
    pub fn finish(
        self,
        command_line: String,
        machine: MachineFacts,
        report: RunReport,
    ) -> Recording {
        let mut state = self.state.borrow_mut();
        state.settle(u64::MAX);
        Recording {
            command_line,
            machine,
            report,
            steps: std::mem::take(&mut state.steps),
            entries: std::mem::take(&mut state.entries),
            texts: std::mem::take(&mut state.texts),
            sources: state.sources.take().map(Sources::texts).unwrap_or_default(),
            left_out: state.left_out,
        }
    }
}

impl State {
    fn note(&mut self, work: u64, event: &MachineEvent<'_>) {
        self.names.note(event);
        // A list of changes ends with a step, whose place is counted before the step is known.
        let ends_list = self.waiting_since.is_some_and(|then| then != work);
        let begins_list = matches!(event, MachineEvent::Memory(Event::Entry { .. }));
        let needed = 1 + usize::from(ends_list) + usize::from(begins_list);
        let room = self.most - self.steps.len() - self.entries.len();
        if self.left_out > 0 || needed > room {
            self.left_out += 1;
            return;
        }
        self.settle(work);
        if let MachineEvent::Memory(Event::Entry {
            owner,
            page,
            old,
            new,
        }) = event
        {
            let (owner, page, old, new) = (*owner, *page, *old, *new);
            self.entries.push(EntryChange {
                owner,
                page,
                old,
                new,
            });
            self.waiting_since = Some(work);
        } else {
            let what = self.what(event);
            self.push(work, what);
        }
    }

    /// Makes pending changes of entries a step of their own if they were made at another time.
    fn settle(&mut self, now: u64) {
        if let Some(then) = self.waiting_since.filter(|then| *then != now) {
            self.push(then, What::Entries);
        }
    }

    fn push(&mut self, work: u64, what: What) {
        self.waiting_since = None;
        self.steps.push(Step {
            work,
            entries_end: self.entries.len() as u32,
            emptied: None,
            what,
        });
        if let What::Fault(fault) = what
            && let PagePlace::Slot(slot) = fault.before.place
        {
            self.note_emptied(fault.owner, fault.addr.page(), slot);
        }
    }

    /// Notes in which step a page that was in a slot came into a frame: that of its fault, or one
    /// of the steps before, which the fault led to.
    fn note_emptied(&mut self, owner: Owner, page: Page, slot: Slot) {
        let fault = self.steps.len() - 1;
        let belongs = |step: &Step| {
            matches!(
                step.what,
                What::Entries | What::Evicted(_) | What::PageOutFailed { .. }
            )
        };
        let before = self.steps[..fault].iter().rposition(|step| !belongs(step));
        let first = before.map_or(0, |step| step + 1);
        let came = |step: &usize| {
            let mut changes = self.changes_of(*step).iter();
            changes.any(|one| (one.owner, one.page) == (owner, page) && one.new.is_present())
        };
        if let Some(step) = (first..=fault).find(came) {
            self.steps[step].emptied = Some(slot);
        }
    }

    fn changes_of(&self, step: usize) -> &[EntryChange] {
        let start = step
            .checked_sub(1)
            .map_or(0, |before| self.steps[before].entries_end);
        &self.entries[start as usize..self.steps[step].entries_end as usize]
    }

    fn what(&mut self, event: &MachineEvent<'_>) -> What {
        match event {
            MachineEvent::Memory(event) => self.what_in_memory(event),
            MachineEvent::Started {
                pid,
                parent,
                name,
                origin,
            } => What::Started {
                pid: *pid,
                parent: *parent,
                name: self.texts.number(&name.to_string()),
                origin: *origin,
            },
            MachineEvent::Running { pid } => What::Running { pid: *pid },
            MachineEvent::Called { pid, call } => What::Called {
                pid: *pid,
                name: self.texts.number(&call.to_string()),
            },
            MachineEvent::Died {
                pid,
                exception,
                eip,
            } => What::Died {
                pid: *pid,
                exception: self.texts.number(exception.name()),
                eip: *eip,
                at: self.line(Owner(pid.0), eip.0),
            },
            MachineEvent::Ended { pid, status } => What::Ended {
                pid: *pid,
                status: *status,
            },
        }
    }

    fn what_in_memory(&mut self, event: &Event) -> What {
        match event {
            Event::Fault(fault) => What::Fault(self.fault(fault)),
            Event::Refused {
                owner,
                addr,
                access,
                why,
                ..
            } => What::Refused {
                owner: *owner,
                addr: *addr,
                access: *access,
                why: self.texts.number(&why.to_string()),
            },
            Event::Evicted(eviction) => What::Evicted(*eviction),
            Event::PageOutFailed { frame } => What::PageOutFailed { frame: *frame },
            Event::WrittenBack { frame, file, page } => What::WrittenBack {
                frame: *frame,
                file: *file,
                page: *page,
            },
            Event::WriteBackFailed { file, page } => What::WriteBackFailed {
                file: *file,
                page: *page,
            },
            Event::FrameFreed { frame } => What::FrameFreed { frame: *frame },
            Event::SlotFreed { slot } => What::SlotFreed { slot: *slot },
            Event::Mapped { owner, region } => self.mapped(*owner, region),
            Event::Unmapped { owner, start, end } => What::Unmapped {
                owner: *owner,
                start: *start,
                end: *end,
            },
            Event::Entry { .. } => unreachable!("changes of entries belong to steps"),
        }
    }

    fn fault(&mut self, fault: &vm::event::Fault) -> Fault {
        let symbol = self.names.symbol(fault.owner, fault.addr.0);
        Fault {
            owner: fault.owner,
            eip: fault.eip,
            at: self.line(fault.owner, fault.eip.0),
            addr: fault.addr,
            symbol: symbol.map(|symbol| self.texts.number(&symbol)),
            access: fault.access,
            ring: fault.ring,
            code: fault.code,
            before: fault.before,
            outcome: fault.outcome,
        }
    }

    fn mapped(&mut self, owner: Owner, region: &Region) -> What {
        let shared = match region.sharing {
            Sharing::Shared => 's',
            Sharing::Private => 'p',
        };
        let from = match &region.backing {
            Backing::Zero => "zeros".to_owned(),
            Backing::File { file, first } => format!("file {}, page {first}", file.id()),
            Backing::Mixed { file, .. } => format!("pieces of file {}", file.id()),
        };
        What::Mapped {
            owner,
            start: region.start,
            end: region.end,
            area: self.texts.number(&Area::of(region).to_string()),
            rights: self.texts.number(&format!("{}{shared}", region.protection)),
            from: self.texts.number(&from),
        }
    }

    fn line(&mut self, owner: Owner, address: u32) -> Option<Text> {
        let line = self.names.line(owner, address)?;
        if let Some(sources) = &mut self.sources {
            sources.note(&line);
        }
        Some(self.texts.number(&line.to_string()))
    }
}
