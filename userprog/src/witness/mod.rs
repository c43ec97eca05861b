//! Evidence: a program finds in its memory what it stored there, what a system call was to put
//! there, and what its region gave it, and the kernel reads from it what it holds. A kernel that
//! invents bytes (the answers of a test it knows, say) is found out, whatever it reports.
//!
//! # Invariants
//! - Nothing here relies on what the virtual memory says of itself: not on its tables, events or
//!   numbers. The sources are the arguments of the calls that are made of it ([`watched`]), the
//!   entries that the CPU's TLB gets, the kernel's writes to RAM, and the files.
//! - Between two entries of a page in the TLB its bytes may change only by the program's own
//!   stores. A write of the kernel to its frame has them kept before, and if the entry is still in
//!   the TLB when the program goes on, they have to be there again.
//! - Watching changes nothing, not even for a kernel that is wrong: programs, statistics and events
//!   are the same, and so is what is in the TLB.
//!
//! What is not known is not judged: shared mappings, whose bytes belong to a file that others may
//! write to; private mappings of files until they are stored to.

mod areas;
mod pages;
#[cfg(test)]
mod tests;
mod watched;
#[cfg(test)]
mod watched_tests;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use cpu::{Cpu, Fill};
use machine::addr::{Frame, PAGE_SIZE, Page};
use machine::memory::{FrameBytes, PhysMemory};
use machine::tlb::{Stale, Tlb};
use vm::SpaceId;

use self::areas::{Areas, Fresh};
use self::pages::{Held, Pages};
pub(crate) use self::watched::WatchedPager;
use crate::check::{Breach, Spot, difference};

/// The rule.
const RULE: &str = "a program's memory holds what the program put there";

/// Watches a machine.
pub(crate) struct Witness {
    state: Rc<RefCell<State>>,
    memory: PhysMemory,
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Witness").finish_non_exhaustive()
    }
}

struct State {
    pages: Pages,
    areas: Areas,
    /// The number here of each address space, which stands for a process in [`Spot`]: a process may
    /// have another space while somebody still shares its first.
    spaces: BTreeMap<SpaceId, u32>,
    /// The process for which each of them was made.
    owners: BTreeMap<u32, u32>,
    /// The last number.
    last: u32,
    /// Files that were mapped: what they have may be in a frame alone.
    mapped: BTreeSet<u64>,
    /// Whose address space the CPU uses, and the work at which it went on.
    running: Option<u32>,
    now: u64,
    tlb: Tlb,
    /// The frames of its pages that are in the TLB.
    live: BTreeMap<Page, Frame>,
    /// Pages whose frames the kernel has written to since the CPU last ran.
    written: Vec<Spot>,
    breach: Option<Breach>,
}

impl Witness {
    /// Watches a machine on which nothing has run yet.
    pub(crate) fn new(memory: PhysMemory, cpu: &mut Cpu, tlb: Tlb) -> Witness {
        let state = Rc::new(RefCell::new(State::new(tlb)));
        let own = Rc::clone(&state);
        memory.listen_to_writes(Box::new(move |frame, bytes| {
            own.borrow_mut().is_written(frame, bytes);
        }));
        let own = Rc::clone(&state);
        cpu.listen_to_fills(Box::new(move |memory, fill| {
            own.borrow_mut().filled(memory, fill);
        }));
        Witness { state, memory }
    }

    /// Records with whose address space the CPU goes on.
    pub(crate) fn goes_on(&self, space: SpaceId, work: u64) {
        let mut state = self.state.borrow_mut();
        state.now = work;
        match state.process(space) {
            Some(process) => state.goes_on(&self.memory, process),
            None => {
                state.running = None;
                state.found(format!(
                    "{space:?}, in which the CPU goes on, was made for no process"
                ));
            }
        }
    }

    /// Forgets all processes, which ended with the machine.
    pub(crate) fn forget_all(&self) {
        let mut state = self.state.borrow_mut();
        let spaces: Vec<SpaceId> = state.spaces.keys().copied().collect();
        spaces.into_iter().for_each(|space| state.destroyed(space));
    }

    /// Returns how the rule was broken first.
    pub(crate) fn breach(&self) -> Option<Breach> {
        self.state.borrow().breach.clone()
    }
}

impl State {
    fn new(tlb: Tlb) -> State {
        State {
            pages: Pages::default(),
            areas: Areas::default(),
            spaces: BTreeMap::new(),
            owners: BTreeMap::new(),
            last: 0,
            mapped: BTreeSet::new(),
            running: None,
            now: 0,
            tlb,
            live: BTreeMap::new(),
            written: Vec::new(),
            breach: None,
        }
    }

    fn process(&self, space: SpaceId) -> Option<u32> {
        self.spaces.get(&space).copied()
    }

    /// Records a new address space of a process; returns its number.
    fn made(&mut self, space: SpaceId, owner: u32) -> u32 {
        self.last += 1;
        self.owners.insert(self.last, owner);
        if self.spaces.insert(space, self.last).is_some() {
            self.found(format!(
                "{space:?} was given to process {owner} while another used it"
            ));
        }
        self.last
    }

    /// Returns a page as messages name it.
    fn named(&self, spot: Spot) -> Spot {
        let owner = self.owners.get(&spot.process).copied();
        Spot::new(owner.unwrap_or(spot.process), spot.page)
    }

    fn destroyed(&mut self, space: SpaceId) {
        if let Some(process) = self.spaces.remove(&space) {
            self.owners.remove(&process);
            self.areas.end(process);
            self.pages.forget_all(process);
        }
    }

    /// Forgets pages that are not what they were, or not there any more.
    fn given_up(&mut self, space: SpaceId, pages: &Range<Page>) {
        if let Some(process) = self.process(space) {
            self.areas.cut(process, pages);
            self.pages.forget(process, pages.clone());
        }
    }

    /// Keeps what a frame has, to which the kernel is about to write.
    fn is_written(&mut self, frame: Frame, bytes: &FrameBytes) {
        let there = self.pages.keep(frame, None, bytes);
        self.written.extend(there);
    }

    /// Judges what a process goes on with that is in the TLB.
    fn goes_on(&mut self, memory: &PhysMemory, process: u32) {
        if self.running != Some(process) {
            self.running = Some(process);
            self.live.clear();
        }
        match self.tlb.due() {
            Stale::Everything => self.live.clear(),
            Stale::Pages(pages) => {
                for page in pages {
                    self.live.remove(&page);
                }
            }
        }
        for spot in std::mem::take(&mut self.written) {
            let live = self.live.get(&spot.page).copied();
            if let Some(frame) = live.filter(|_| spot.process == process) {
                self.judge(memory, spot, frame);
            }
        }
    }

    /// Judges what the program on the CPU is about to use.
    fn filled(&mut self, memory: &PhysMemory, fill: Fill) {
        let Some(process) = self.running else {
            return;
        };
        let Fill {
            page,
            frame,
            can_store,
        } = fill;
        self.live.insert(page, frame);
        let spot = Spot::new(process, page);
        if self.pages.get(spot).is_none() {
            match self.areas.fresh(spot) {
                Fresh::Shared => return,
                Fresh::OfFile if !can_store => return,
                Fresh::OfFile => self.pages.set(spot, Held::Unknown),
                Fresh::Bytes(given) => {
                    let is = memory.with_frame(frame, |bytes| *bytes);
                    self.compare(spot, frame, &given.bytes, &is[..given.count]);
                    self.pages.set(spot, Held::InFrame(frame));
                }
            }
        }
        self.judge(memory, spot, frame);
        if can_store {
            self.pages.stores(spot);
        }
        if can_store && self.pages.has_others(frame, spot) {
            let is = memory.with_frame(frame, |bytes| *bytes);
            self.pages.keep(frame, Some(spot), &is);
        }
    }

    /// Judges a page of a program that is in a frame, if it is known.
    fn judge(&mut self, memory: &PhysMemory, spot: Spot, frame: Frame) {
        let was = match self.pages.get(spot) {
            None => return,
            Some(Held::InFrame(there)) if *there == frame => return,
            Some(Held::InFrame(there)) => Some(memory.with_frame(*there, |bytes| *bytes)),
            Some(Held::Kept(was)) => Some(**was),
            Some(Held::Unknown) => None,
        };
        if let Some(was) = was {
            let is = memory.with_frame(frame, |bytes| *bytes);
            self.compare(spot, frame, &was, &is);
        }
        self.pages.set(spot, Held::InFrame(frame));
    }

    fn compare(&mut self, spot: Spot, frame: Frame, was: &FrameBytes, is: &[u8]) {
        if let Some(differs) = difference(was, is) {
            let spot = self.named(spot);
            self.found(format!(
                "{spot} is in frame {frame} with bytes that nobody put there: {differs}"
            ));
        }
    }

    /// Judges what the kernel has read from a page for a system call.
    fn has_read(&mut self, memory: &PhysMemory, spot: Spot, at: usize, read: &[u8]) {
        let part = at..at + read.len();
        let differs = |was: &FrameBytes| (was[part.clone()] != *read).then_some(());
        let broken = match self.pages.get(spot) {
            Some(Held::InFrame(there)) => memory.with_frame(*there, differs),
            Some(Held::Kept(was)) => differs(was),
            Some(Held::Unknown) => None,
            None => match self.areas.fresh(spot) {
                Fresh::Bytes(was) if part.end <= was.count => differs(&was.bytes),
                _ => None,
            },
        };
        if broken.is_some() {
            let spot = self.named(spot);
            self.found(format!(
                "from byte {at:#x} of {spot} on, a system call read {} bytes that are not there",
                read.len()
            ));
        }
    }

    /// Returns a page with what a system call stores there; what is not known of it stays so.
    fn with_stored(
        &self,
        memory: &PhysMemory,
        spot: Spot,
        at: usize,
        stored: &[u8],
    ) -> Option<Held> {
        let known = match self.pages.get(spot) {
            Some(Held::InFrame(there)) => Some(memory.with_frame(*there, |bytes| *bytes)),
            Some(Held::Kept(was)) => Some(**was),
            Some(Held::Unknown) => None,
            None => match self.areas.fresh(spot) {
                Fresh::Shared => return None,
                Fresh::OfFile => None,
                // Behind the end of its file a page may have anything.
                Fresh::Bytes(was) => (was.count == PAGE_SIZE as usize).then_some(*was.bytes),
            },
        };
        let Some(mut bytes) = known else {
            return Some(Held::Unknown);
        };
        bytes[at..at + stored.len()].copy_from_slice(stored);
        Some(Held::Kept(Rc::new(bytes)))
    }

    fn found(&mut self, what: String) {
        self.breach.get_or_insert(Breach {
            rule: RULE,
            what,
            at: self.now,
            event: "the next access".to_owned(),
        });
    }
}
