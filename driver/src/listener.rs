//! Listeners to the events of a machine.
//!
//! # Invariants
//!
//! Each listener gets every event up to the detail it requested, in order, and no more. Without
//! listeners the machine reports no events, and runs at full speed.

use userprog::{Entered, EntryWatch, Kernel, MachineEvent, Recorder};
use vm::event::Detail;

/// A listener.
pub struct Listener {
    /// The detail of the virtual memory's events that it gets.
    pub detail: Detail,
    /// Called with each event.
    pub recorder: Recorder,
    /// Called with the reason whenever the kernel is entered.
    pub entries: Option<EntryWatch>,
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener").finish_non_exhaustive()
    }
}

impl Listener {
    /// Returns a listener for events up to this detail.
    pub fn new(detail: Detail, recorder: impl FnMut(u64, &MachineEvent<'_>) + 'static) -> Listener {
        Listener {
            detail,
            recorder: Box::new(recorder),
            entries: None,
        }
    }

    /// Makes it listen to entries of the kernel as well.
    pub fn with_entries(self, entries: impl FnMut(&Entered) + 'static) -> Listener {
        Listener {
            entries: Some(Box::new(entries)),
            ..self
        }
    }
}

/// Attaches all of them to a machine.
pub fn attach(mut listeners: Vec<Listener>, kernel: &mut Kernel) {
    let Some(most) = listeners.iter().map(|one| one.detail).max() else {
        return;
    };
    let watches = listeners.iter_mut().filter_map(|one| one.entries.take());
    let mut watches: Vec<_> = watches.collect();
    if !watches.is_empty() {
        kernel.watch_entries(move |entered| watches.iter_mut().for_each(|watch| watch(entered)));
    }
    let recorder = move |work, event: &MachineEvent<'_>| {
        let detail = match event {
            MachineEvent::Memory(event) => event.detail(),
            _ => Detail::Faults,
        };
        for listener in listeners.iter_mut().filter(|one| detail <= one.detail) {
            (listener.recorder)(work, event);
        }
    };
    kernel.record(most, Box::new(recorder));
}
