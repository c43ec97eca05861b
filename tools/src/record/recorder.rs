//! Makes steps of a run's events as they happen, and passes them on.
//!
//! A step waits only while a later one may still say something about it: an eviction and changes of
//! entries come before the fault that they were made for, and only the fault tells which page came
//! into a frame.
//!
//! # Invariants
//!
//! Steps are passed on in order, and each once. No more events are recorded than allowed. Once one
//! was left out, no later one is recorded, so that the recording can be replayed.

use std::cell::RefCell;
use std::rc::Rc;

use host::programs::Programs;
use machine::addr::Page;
use userprog::{MachineEvent, RunReport};
use vm::Slot;
use vm::event::{Area, Detail, Event, PagePlace};
use vm::{Backing, Owner, Region, Sharing};

use super::step::{EntryChange, Fault, Step, What};
use super::{Ended, Sink, Sources, Text, Texts};
use driver::listener::Listener;
use driver::names::NameBook;

/// Records one run.
#[derive(Debug)]
pub struct Recorder<S> {
    state: Rc<RefCell<State<S>>>,
}

#[derive(Debug)]
struct State<S> {
    names: NameBook,
    /// The number of events that may still be recorded.
    room: u64,
    events: u64,
    /// The changes that belong to no step yet.
    changes: Vec<EntryChange>,
    /// The work at which they were made.
    waiting_since: Option<u64>,
    /// The steps since the last one that was complete, each with its changes.
    window: Vec<(Step, Vec<EntryChange>)>,
    texts: Texts,
    /// Taken at the end of the run, as is the sink.
    sources: Option<Sources>,
    sink: Option<S>,
    left_out: u64,
}

impl<S: Sink + 'static> Recorder<S> {
    /// Returns a recorder that passes up to `most` events to `sink`, with names from the guest's
    /// files and lines from `sources`.
    pub fn new(files: Programs, most: u64, sources: Sources, sink: S) -> Recorder<S> {
        Recorder {
            state: Rc::new(RefCell::new(State {
                names: NameBook::new(files),
                room: most,
                events: 0,
                changes: Vec::new(),
                waiting_since: None,
                window: Vec::new(),
                texts: Texts::default(),
                sources: Some(sources),
                sink: Some(sink),
                left_out: 0,
            })),
        }
    }

    /// Returns the listener that feeds this, to be attached before the machine starts.
    #[must_use]
    pub fn listener(&self) -> Listener {
        let state = Rc::clone(&self.state);
        Listener::new(Detail::Entries, move |work, event| {
            state.borrow_mut().note(work, event);
        })
    }

    /// Passes on the last steps, once the run is over. Returns the sink.
    pub fn finish(self, report: RunReport) -> (S, Ended) {
        let mut state = self.state.borrow_mut();
        state.settle(u64::MAX);
        state.pass_on();
        let ended = Ended {
            report,
            texts: std::mem::take(&mut state.texts),
            sources: state.sources.take().map(Sources::texts).unwrap_or_default(),
            events: state.events,
            left_out: state.left_out,
        };
        (state.give_back_sink(), ended)
    }
}

impl<S: Sink> State<S> {
    fn give_back_sink(&mut self) -> S {
        self.sink.take().expect("a recorder finishes once")
    }

    fn note(&mut self, work: u64, event: &MachineEvent<'_>) {
        self.names.note(event);
        // A list of changes ends with a step, whose place is counted before the step is known.
        let ends_list = self.waiting_since.is_some_and(|then| then != work);
        let begins_list = matches!(event, MachineEvent::Memory(Event::Entry { .. }));
        let needed = 1 + u64::from(ends_list) + u64::from(begins_list);
        if self.left_out > 0 || needed > self.room {
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
            self.changes.push(EntryChange {
                owner,
                page,
                old,
                new,
            });
            self.waiting_since = Some(work);
            self.count();
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
        let step = Step {
            work,
            emptied: None,
            what,
        };
        self.window.push((step, std::mem::take(&mut self.changes)));
        self.count();
        if let What::Fault(fault) = what
            && let PagePlace::Slot(slot) = fault.before.place
        {
            self.note_emptied(fault.owner, fault.addr.page(), slot);
        }
        if !leads_to_a_fault(&what) {
            self.pass_on();
        }
    }

    fn count(&mut self) {
        self.events += 1;
        self.room -= 1;
    }

    /// Notes in which step a page that was in a slot came into a frame: that of its fault, or one
    /// of the steps before, which the fault led to.
    fn note_emptied(&mut self, owner: Owner, page: Page, slot: Slot) {
        let came = |(_, changes): &&mut (Step, Vec<EntryChange>)| {
            let mut changes = changes.iter();
            changes.any(|one| (one.owner, one.page) == (owner, page) && one.new.is_present())
        };
        if let Some((step, _)) = self.window.iter_mut().find(came) {
            step.emptied = Some(slot);
        }
    }

    /// Passes on the steps that are complete.
    fn pass_on(&mut self) {
        if let Some(sink) = &mut self.sink {
            for (step, changes) in self.window.drain(..) {
                sink.take(&step, &changes, &mut self.texts);
            }
        }
    }

    fn what(&mut self, event: &MachineEvent<'_>) -> What {
        match event {
            MachineEvent::Memory(event) => self.what_in_memory(event),
            MachineEvent::Started {
                pid,
                parent,
                name,
                origin,
                ..
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

/// Returns whether the step may have been taken for a fault that comes later.
fn leads_to_a_fault(what: &What) -> bool {
    matches!(
        what,
        What::Entries | What::Evicted(_) | What::PageOutFailed { .. }
    )
}
