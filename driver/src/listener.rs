//! Those who want to know what happens in a machine.
//!
//! # Invariants
//!
//! Each is told every event up to the detail it asked for, in order, and no more; with none, the
//! machine tells nothing and is as fast as it can be.

use userprog::{Entered, EntryWatch, Kernel, MachineEvent, Recorder};
use vm::event::Detail;

/// One who listens.
pub struct Listener {
    /// How much it wants to know of the virtual memory.
    pub detail: Detail,
    /// Is told.
    pub recorder: Recorder,
    /// Is told what the kernel is about to deal with, whenever it is entered.
    pub entries: Option<EntryWatch>,
}

impl Listener {
    /// One who is told events up to this detail.
    pub fn new(detail: Detail, recorder: impl FnMut(u64, &MachineEvent<'_>) + 'static) -> Listener {
        Listener {
            detail,
            recorder: Box::new(recorder),
            entries: None,
        }
    }

    /// The same, who is also told what the kernel is about to deal with.
    pub fn with_entries(self, entries: impl FnMut(&Entered) + 'static) -> Listener {
        Listener {
            entries: Some(Box::new(entries)),
            ..self
        }
    }
}

/// Has a machine tell all of them.
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
