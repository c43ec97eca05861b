//! Reporting events: to the `log` crate, and to a recorder.
//!
//! # Invariants
//!
//! Changes of page-table entries are reported before the event that they belong to.

use log::{Level, log, log_enabled};

use crate::observe::event::{Detail, Event};
use crate::pager::Pager;
use crate::spaces::AddressSpace;

/// The target under which events go through the `log` crate.
pub(crate) const LOG_TARGET: &str = "vm::fault";

/// Receives an event with the guest work at which it happened.
pub(crate) type Hear = Box<dyn FnMut(u64, &Event)>;

/// A recorder, and the level of detail that it receives.
pub(crate) struct Listener {
    detail: Detail,
    hear: Hear,
}

impl Pager {
    /// Does what [`Vm::record`](crate::Vm::record) documents.
    pub(crate) fn record(&mut self, detail: Detail, hear: Hear) {
        self.listener = Some(Listener { detail, hear });
        self.listen_to_entries();
    }

    /// Starts keeping changes of entries, if anything listens to them.
    pub(crate) fn listen_to_entries(&mut self) {
        if self.is_heard(Detail::Entries) {
            self.tables.keep_journal();
        }
    }

    /// Returns whether anything listens to events of this level of detail.
    pub(crate) fn is_heard(&self, detail: Detail) -> bool {
        let listener = self.listener.as_ref();
        listener.is_some_and(|listener| detail <= listener.detail)
            || log_enabled!(target: LOG_TARGET, level(detail))
    }

    /// Reports an event, after the changes of entries that belong to it.
    pub(crate) fn tell(&mut self, event: Event) {
        for change in self.tables.take_journal() {
            let is_changed = |space: &&AddressSpace| space.directory.root() == change.root;
            let changed = self.spaces.iter().find(is_changed);
            let owner = changed.expect("its address space is there").owner;
            self.tell_now(&Event::Entry {
                owner,
                page: change.page,
                old: change.old,
                new: change.new,
            });
        }
        self.tell_now(&event);
    }

    fn tell_now(&mut self, event: &Event) {
        let now = self.now.0;
        log!(target: LOG_TARGET, level(event.detail()), "{now:>10} {event}");
        match &mut self.listener {
            Some(listener) if event.detail() <= listener.detail => (listener.hear)(now, event),
            _ => {}
        }
    }
}

fn level(detail: Detail) -> Level {
    match detail {
        Detail::Faults => Level::Info,
        Detail::Evictions => Level::Debug,
        Detail::Entries => Level::Trace,
    }
}
