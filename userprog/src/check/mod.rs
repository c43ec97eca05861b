//! Rules for the virtual memory, checked while programs run: for incomplete kernels, so that a
//! mistake is reported at the event at which it breaks a rule.
//!
//! The events build a model of where pages are ([`shadow`]); each rule is a function of an event,
//! the model before it and RAM. `flushed` is checked before the CPU continues, `leaked` when a
//! process has ended, and the virtual memory's own invariants after each service with an event.
//!
//! # Invariants
//! - Checking changes nothing: programs, statistics and events are the same.
//! - The first rule that is broken is reported, and ends the run.
//! - No rule relies on the tables of the virtual memory, but on events, RAM, files and TLB
//!   invalidations. Only a leak can be seen in its tables alone.

mod bytes;
mod dropped;
mod flushed;
mod fresh;
mod granted;
mod handed_twice;
mod keeps_bytes;
mod leaked;
mod regions;
mod shadow;
mod shared_store;
mod spot;
mod still_mapped;
#[cfg(test)]
pub(crate) mod testing;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::rc::Rc;

use machine::addr::Page;
use machine::memory::PhysMemory;
use machine::pte::{Pte, PteFlags};
use machine::tlb::Tlb;
use vm::event::Detail;
use vm::{Event, Owner, Vm};

use crate::events::{MachineEvent, Origin, Recorder};
use crate::process::Pid;
pub(crate) use bytes::difference;
pub(crate) use spot::Spot;

use flushed::Changed;
use shadow::Shadow;

/// Whether the rules are checked.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Checking {
    /// They are not checked, at no cost.
    #[default]
    Off,
    /// Only that a program's memory holds what the program put there (`witness`).
    Bytes,
    /// All of them.
    Rules,
}

/// A rule that is broken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Breach {
    /// The rule.
    pub rule: &'static str,
    /// What is wrong, and what should be.
    pub what: String,
    /// The guest work at which it was found.
    pub at: u64,
    /// The event at which it was found.
    pub event: String,
}

/// Returns how an event breaks a rule, from the event and the model before it.
type Broken = fn(&Event, &Shadow) -> Option<String>;

/// The rules for events.
const RULES: [(&str, Broken); 7] = [
    (still_mapped::RULE, still_mapped::broken),
    (dropped::RULE, dropped::broken),
    (handed_twice::RULE, handed_twice::broken),
    (keeps_bytes::RULE, keeps_bytes::broken),
    (fresh::RULE, fresh::broken),
    (shared_store::RULE, shared_store::broken),
    (granted::RULE, granted::broken),
];

/// The beginning of the panic message that stops an endless service after a broken rule.
pub const RULE_BROKEN: &str = "the kernel broke the rule that ";
/// The most events of a service after it broke a rule: enough for any that ends.
const MOST_AFTER: u32 = 1_000_000;

/// Checks a machine. Clones share their state.
#[derive(Clone, Debug)]
pub(crate) struct Checks(Rc<RefCell<State>>);

#[derive(Debug)]
struct State {
    shadow: Shadow,
    changed: Changed,
    tlb: Tlb,
    breach: Option<Breach>,
    /// The number of events since.
    after: u32,
    /// The last event of the virtual memory.
    last: String,
    now: u64,
    /// Whether the virtual memory had an event since its last check.
    is_news: bool,
    /// Processes that ended since.
    ended: Vec<Owner>,
    /// Whose memory those have that share it.
    shares: BTreeMap<Pid, Owner>,
    /// Private pages that were dropped since.
    forgotten: Vec<(Owner, Range<Page>)>,
}

impl Checks {
    /// Creates the checks of a machine on which nothing has run yet.
    pub(crate) fn new(memory: PhysMemory, tlb: Tlb) -> Checks {
        Checks(Rc::new(RefCell::new(State {
            shadow: Shadow::new(memory),
            changed: Changed::default(),
            tlb,
            breach: None,
            after: 0,
            last: "the start".to_owned(),
            now: 0,
            is_news: false,
            ended: Vec::new(),
            shares: BTreeMap::new(),
            forgotten: Vec::new(),
        })))
    }

    /// Returns a recorder that checks all events, and reports those up to this level of detail to
    /// `other`.
    pub(crate) fn before(&self, detail: Detail, mut other: Recorder) -> Recorder {
        let checks = self.clone();
        Box::new(move |work, event| {
            checks.0.borrow_mut().note(work, event);
            match event {
                MachineEvent::Memory(event) if event.detail() > detail => {}
                event => other(work, event),
            }
        })
    }

    /// Records the stores so far, from D bits, before the kernel handles an exit.
    pub(crate) fn entered(&self, vm: &Vm, work: u64) {
        self.0.borrow_mut().look_for_stores(vm, work);
    }

    /// Records that private pages of a process are dropped in this service.
    pub(crate) fn forgotten(&self, owner: Owner, pages: Range<Page>) {
        // The entries that are cleared are reported when the service has ended.
        self.0.borrow_mut().forgotten.push((owner, pages));
    }

    /// Records that the address space of a process is gone: it may get another one in the same
    /// service, whose pages begin anew.
    pub(crate) fn destroyed(&self, owner: Owner) {
        self.0.borrow_mut().shadow.ended(owner);
    }

    /// Checks the virtual memory after a service.
    pub(crate) fn served(&self, vm: &Vm) {
        self.0.borrow_mut().served(vm);
    }

    /// Checks TLB invalidations before the CPU continues with a process.
    pub(crate) fn goes_on(&self, running: Owner) {
        let mut state = self.0.borrow_mut();
        let State { changed, tlb, .. } = &mut *state;
        let broken = changed.broken(running, tlb);
        state.found(flushed::RULE, broken);
    }

    /// Checks for leaks after a run, when every process has ended.
    pub(crate) fn over(&self, vm: &Vm) {
        let mut state = self.0.borrow_mut();
        state.shadow.all_ended();
        let broken = leaked::broken(vm, &state.shadow);
        state.found(leaked::RULE, broken);
    }

    /// Returns the first rule that was broken.
    pub(crate) fn breach(&self) -> Option<Breach> {
        self.0.borrow().breach.clone()
    }
}

impl State {
    fn note(&mut self, work: u64, event: &MachineEvent<'_>) {
        self.now = work;
        match event {
            MachineEvent::Memory(event) => self.note_memory(work, event),
            MachineEvent::Started {
                pid,
                parent: Some(parent),
                origin,
                ..
            } => self.started(*parent, *pid, *origin),
            MachineEvent::Ended { pid, .. } => self.ended.push(Owner(pid.0)),
            _ => {}
        }
    }

    fn started(&mut self, parent: Pid, pid: Pid, origin: Origin) {
        let owner = *self.shares.get(&parent).unwrap_or(&Owner(parent.0));
        match origin {
            Origin::Exec => _ = self.shares.remove(&pid),
            Origin::Fork => self.shadow.forked(owner, Owner(pid.0)),
            Origin::Clone => _ = self.shares.insert(pid, owner),
        }
    }

    fn note_memory(&mut self, work: u64, event: &Event) {
        if let Some(breach) = &self.breach {
            self.after += 1;
            assert!(self.after < MOST_AFTER, "{RULE_BROKEN}{breach}");
            return;
        }
        let broken = RULES
            .iter()
            .find_map(|(rule, broken)| Some((*rule, broken(event, &self.shadow)?)));
        if broken.is_some() || event.detail() < Detail::Entries {
            self.is_news = true;
            self.last = event.to_string();
        }
        if let Some((rule, what)) = broken {
            self.found(rule, Some(what));
        }
        self.changed.note(event);
        self.shadow.take_in(work, event);
    }

    fn look_for_stores(&mut self, vm: &Vm, work: u64) {
        let spaces = vm.all_spaces().map(|space| (vm.owner(space), space));
        let spaces: BTreeMap<_, _> = spaces.collect();
        let entries = self.shadow.all_entries();
        let clean: Vec<_> = entries
            .filter(|(frame, _)| self.shadow.store_to(*frame).is_none())
            .collect();
        for (frame, spot) in clean {
            let space = spaces.get(&spot.owner());
            let entry = space.map(|space| vm.tables().entry(vm.directory(*space), spot.page));
            let is_dirty =
                |entry: Option<Pte>| entry.is_some_and(|entry| entry.has(PteFlags::DIRTY));
            if is_dirty(entry) {
                self.shadow.stored(frame, Some(spot), work);
            } else if is_dirty(vm.tables().alias_entry(frame)) {
                self.shadow.stored(frame, None, work);
            }
        }
    }

    fn served(&mut self, vm: &Vm) {
        for (owner, pages) in std::mem::take(&mut self.forgotten) {
            self.shadow.forget(owner, pages);
        }
        // One whose memory others still share has left nothing yet.
        let remain: BTreeSet<Owner> = vm.all_spaces().map(|space| vm.owner(space)).collect();
        let ended: Vec<Owner> = self
            .ended
            .extract_if(.., |owner| !remain.contains(owner))
            .collect();
        if !ended.is_empty() {
            ended.into_iter().for_each(|owner| self.shadow.ended(owner));
            let broken = leaked::broken(vm, &self.shadow);
            self.found(leaked::RULE, broken);
        }
        if std::mem::take(&mut self.is_news) && self.breach.is_none() {
            vm.check_invariants();
        }
    }

    fn found(&mut self, rule: &'static str, broken: Option<String>) {
        if let (Some(what), None) = (broken, &self.breach) {
            self.breach = Some(Breach {
                rule,
                what,
                at: self.now,
                event: self.last.clone(),
            });
        }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Breach {
            rule,
            what,
            at,
            event,
        } = self;
        write!(f, "{rule}: {what} (found at work {at}, event: {event})")
    }
}
