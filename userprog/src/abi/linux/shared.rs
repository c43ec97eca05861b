//! What all Linux processes of a machine share.
//!
//! # Invariants
//! Random numbers follow from the seed and from who asked for them before.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use machine::random::SplitMix;

use super::alarms::Alarms;
use super::attributes::Attributes;
use super::futexes::Futexes;
use super::layout::Layout;
use super::names;
use crate::abi::Abi;
use crate::process::Pid;

/// What all Linux processes of a machine share, and whether programs are taken for Linux' at all.
#[derive(Debug)]
pub(crate) struct LinuxShared {
    /// Which interface programs have; found from each executable if the user has not said.
    pub chosen: Option<Abi>,
    /// The processes to be woken.
    pub wakeups: Wakeups,
    pub alarms: Alarms,
    /// Who waits at which futex.
    pub futexes: Futexes,
    /// What is kept of their files beside content.
    pub attributes: Attributes,
    random: SplitMix,
    /// What places of programs follow from, if they are not always the first.
    places: Option<SplitMix>,
    /// The calls that there are not, of which the log has been told.
    missing: BTreeSet<u32>,
}

/// Processes whose wait may be over. Clones share the list.
#[derive(Clone, Default, Debug)]
pub(crate) struct Wakeups(Rc<RefCell<BTreeSet<Pid>>>);

impl LinuxShared {
    /// `aslr` is the seed of where parts of programs are.
    pub(crate) fn new(chosen: Option<Abi>, seed: u64, aslr: Option<u64>) -> LinuxShared {
        LinuxShared {
            chosen,
            wakeups: Wakeups::default(),
            alarms: Alarms::default(),
            futexes: Futexes::default(),
            attributes: Attributes::default(),
            random: SplitMix::new(seed),
            places: aslr.map(SplitMix::new),
            missing: BTreeSet::new(),
        }
    }

    /// Random bytes.
    pub(crate) fn random(&mut self, to: &mut [u8]) {
        for chunk in to.chunks_mut(8) {
            let number = self.random.next_u64().to_le_bytes();
            chunk.copy_from_slice(&number[..chunk.len()]);
        }
    }

    /// Where the parts of the next program are.
    pub(crate) fn layout(&mut self) -> Layout {
        self.places.as_mut().map_or(Layout::FIRST, Layout::random)
    }

    /// Forgets what there is of a process or thread that has ended.
    pub(crate) fn forget(&mut self, pid: Pid) {
        self.alarms.forget(pid);
        self.futexes.forget(pid);
    }

    /// Says once in the log that there is no such call.
    pub(crate) fn note_missing(&mut self, number: u32) {
        if names::name(number).is_some() && self.missing.insert(number) {
            let name = names::name(number).unwrap_or("?");
            log::warn!("Linux' system call {name} ({number}) is not there: ENOSYS");
        }
    }
}

impl Wakeups {
    /// Has a process woken.
    pub(crate) fn wake(&self, pid: Pid) {
        self.0.borrow_mut().insert(pid);
    }

    /// Those to be woken, in the order of their numbers.
    pub(crate) fn take(&self) -> BTreeSet<Pid> {
        self.0.take()
    }
}
