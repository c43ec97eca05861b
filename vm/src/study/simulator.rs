//! Replacement policies without a machine: a pool of frames with nothing but the page in each frame
//! and its bits.
//!
//! # Invariants
//!
//! A page that is loaded is accessed at once, since the faulting access is repeated. Every look of
//! a policy is counted. Every victim is checked to be evictable, and every `None` to be true.

use std::cell::Cell;

use machine::addr::Frame;
use machine::layout::Layout;
use machine::mmu::Access;

use crate::replacement::fuel::Fuel;
use crate::replacement::{FramePool, Frames, Policy, PolicyKind};
pub use crate::study::reference_string::PageNumber;
use crate::study::reference_string::ReferenceString;

/// The outcome of a reference to a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Touch {
    /// The page was in a frame.
    Hit,
    /// It was loaded into a free frame.
    Filled,
    /// It replaced this page.
    Replaced(PageNumber),
    /// No page could be evicted for it.
    NoFrame,
}

#[derive(Clone, Copy, Default)]
struct Slot {
    page: Option<PageNumber>,
    accessed: bool,
    dirty: bool,
    pinned: bool,
}

impl Slot {
    fn is_evictable(&self) -> bool {
        self.page.is_some() && !self.pinned
    }
}

/// The frames, as a policy sees them.
struct Pool {
    first: Frame,
    slots: Vec<Slot>,
    calls: Cell<u64>,
    fuel: Fuel,
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}

impl Pool {
    fn look(&self) {
        self.calls.set(self.calls.get() + 1);
        self.fuel.look();
    }

    fn slot(&self, frame: Frame) -> &Slot {
        self.look();
        &self.slots[frame.index() - self.first.index()]
    }
}

impl Frames for Pool {
    fn first(&self) -> Frame {
        self.first
    }

    fn count(&self) -> u32 {
        self.slots.len() as u32
    }

    fn is_evictable(&self, frame: Frame) -> bool {
        self.slot(frame).is_evictable()
    }

    fn accessed(&self, frame: Frame) -> bool {
        self.slot(frame).accessed
    }

    fn dirty(&self, frame: Frame) -> bool {
        self.slot(frame).dirty
    }

    fn clear_accessed(&mut self, frame: Frame) {
        self.look();
        self.slots[frame.index() - self.first.index()].accessed = false;
    }
}

/// A pool, its policy, and the pages in it.
///
/// # Examples
///
/// ```
/// use vm::POLICIES;
/// use vm::simulator::{Simulator, Touch};
/// use vm::Access;
///
/// let mut frames = Simulator::new(POLICIES.find("fifo")?, 2);
/// assert_eq!(frames.touch(0, Access::Read), Touch::Filled);
/// assert_eq!(frames.touch(1, Access::Write), Touch::Filled);
/// assert_eq!(frames.touch(0, Access::Read), Touch::Hit);
/// assert_eq!(frames.touch(2, Access::Read), Touch::Replaced(0));
/// frames.set_pinned(1, true);
/// assert_eq!(frames.touch(3, Access::Read), Touch::Replaced(2));
/// assert_eq!((frames.faults, frames.victims), (4, 2));
/// # Ok::<(), vm::registry::Unknown>(())
/// ```
pub struct Simulator {
    policy: Box<dyn Policy>,
    policy_name: &'static str,
    pool: Pool,
    /// The slot of each page.
    resident: Vec<Option<usize>>,
    /// Free slots; the next one to be used is the last.
    free: Vec<usize>,
    /// The number of victims that the policy has chosen.
    pub victims: u64,
    /// The number of references that faulted.
    pub faults: u64,
}

impl std::fmt::Debug for Simulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulator").finish_non_exhaustive()
    }
}

impl Simulator {
    /// Creates an empty pool of frames.
    #[must_use]
    pub fn new(kind: PolicyKind, frames: u32) -> Simulator {
        Simulator::with_seed(kind, frames, 0)
    }

    /// Creates an empty pool of frames, with a seed for a policy that picks at random.
    #[must_use]
    pub fn with_seed(kind: PolicyKind, frames: u32, seed: u64) -> Simulator {
        let first = Layout::new(frames).first_user_frame();
        let pool = FramePool {
            first,
            count: frames,
        };
        Simulator {
            policy: (kind.build)(pool, seed),
            policy_name: kind.name,
            pool: Pool {
                first,
                slots: vec![Slot::default(); frames as usize],
                calls: Cell::new(0),
                fuel: Fuel::for_search(kind.name, frames),
            },
            resident: Vec::new(),
            free: (0..frames as usize).rev().collect(),
            victims: 0,
            faults: 0,
        }
    }

    /// Returns the number of faults for a reference string.
    ///
    /// # Examples
    ///
    /// ```
    /// use vm::POLICIES;
    /// use vm::reference_string::ReferenceString;
    /// use vm::simulator::Simulator;
    ///
    /// // Belady's anomaly: one frame more, and one fault more.
    /// let fifo = POLICIES.find("fifo")?;
    /// let string = ReferenceString::of_loads([1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5]);
    /// assert_eq!(Simulator::count_faults(fifo, 3, 0, &string), 9);
    /// assert_eq!(Simulator::count_faults(fifo, 4, 0, &string), 10);
    /// # Ok::<(), vm::registry::Unknown>(())
    /// ```
    #[must_use]
    pub fn count_faults(kind: PolicyKind, frames: u32, seed: u64, string: &ReferenceString) -> u64 {
        let mut simulator = Simulator::with_seed(kind, frames, seed);
        for one in string.references() {
            let access = if one.is_store() {
                Access::Write
            } else {
                Access::Read
            };
            simulator.touch(one.page(), access);
        }
        simulator.faults
    }

    /// Returns the number of looks at frames that the policy has made.
    pub fn calls(&self) -> u64 {
        self.pool.calls.get()
    }

    /// References a page, and loads it first if it is not resident.
    ///
    /// # Panics
    /// If the policy violates its contract, as in every method in which it chooses a victim.
    pub fn touch(&mut self, page: PageNumber, access: Access) -> Touch {
        let touch = if self.is_resident(page) {
            Touch::Hit
        } else {
            self.fault(page)
        };
        if let Some(slot) = self.slot_mut(page) {
            slot.accessed = true;
            slot.dirty |= access == Access::Write;
        }
        touch
    }

    /// Releases a page, as when its process exits.
    pub fn release(&mut self, page: PageNumber) {
        if let Some(index) = self.resident.get_mut(page as usize).and_then(Option::take) {
            self.pool.slots[index] = Slot::default();
            self.policy.released(self.frame(index));
            self.free.push(index);
        }
    }

    /// Sets whether a page is pinned, if it is in a frame.
    pub fn set_pinned(&mut self, page: PageNumber, pinned: bool) {
        if let Some(slot) = self.slot_mut(page) {
            slot.pinned = pinned;
        }
    }

    /// Returns whether a page is in a frame.
    pub fn is_resident(&self, page: PageNumber) -> bool {
        self.index(page).is_some()
    }

    /// Requests a victim but does not evict it, as when it cannot be written out.
    ///
    /// # Panics
    /// If the policy violates its contract.
    pub fn ask(&mut self) -> Option<PageNumber> {
        self.refuel();
        let chosen = self.policy.victim(&mut self.pool);
        self.victims += 1;
        let Some(frame) = chosen else {
            assert!(
                !self.pool.slots.iter().any(Slot::is_evictable),
                "a page could have gone"
            );
            return None;
        };
        let slot = self.pool.slots[frame.index() - self.pool.first.index()];
        assert!(slot.is_evictable(), "{frame} is not evictable");
        slot.page
    }

    fn fault(&mut self, page: PageNumber) -> Touch {
        self.faults += 1;
        let (touch, index) = match self.free.pop() {
            Some(index) => (Touch::Filled, index),
            None => match self.ask() {
                Some(victim) => {
                    self.release(victim);
                    (
                        Touch::Replaced(victim),
                        self.free.pop().expect("the victim's frame"),
                    )
                }
                None => return Touch::NoFrame,
            },
        };
        self.pool.slots[index].page = Some(page);
        if self.resident.len() <= page as usize {
            self.resident.resize(page as usize + 1, None);
        }
        self.resident[page as usize] = Some(index);
        self.refuel();
        self.policy.loaded(self.frame(index), &mut self.pool);
        touch
    }

    /// Resets the number of looks that the policy has left.
    fn refuel(&mut self) {
        self.pool.fuel = Fuel::for_search(self.policy_name, self.pool.count());
    }

    fn index(&self, page: PageNumber) -> Option<usize> {
        self.resident.get(page as usize).copied().flatten()
    }

    fn slot_mut(&mut self, page: PageNumber) -> Option<&mut Slot> {
        self.index(page).map(|index| &mut self.pool.slots[index])
    }

    fn frame(&self, index: usize) -> Frame {
        Frame::new(self.pool.first.number() + index as u32)
    }
}
