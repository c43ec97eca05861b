//! Slot allocators: which free slot of the swap device an evicted page gets.
//!
//! A slot allocator is one file: a type that implements [`SlotAllocator`] and a constant of type
//! [`SlotAllocatorKind`], with which it is listed in [`SLOT_ALLOCATORS`]: here beside its `mod`
//! line, or, from outside the crate, with [`Registry::register`]. It knows slot numbers and nothing
//! else: the swap table (`swap`) knows what is in a slot and reserves the last one for
//! exchanges.
//!
//! # Invariants
//! A slot is allocated to one page at a time, and an allocation succeeds as long as any slot is
//! free: the swap table checks both at each step, whatever the allocator. An allocation takes at
//! most logarithmic time, and memory only for slots that were used before.

pub mod clustered;
pub mod first_free;
pub mod last_freed;
pub mod next_fit;
#[cfg(test)]
mod tests;

pub use crate::ids::Slot;

use crate::registry::{Kind, Registry};

/// Chooses among the free slots of a swap device.
///
/// # Examples
///
/// ```
/// use vm::slots::{Slot, SlotAllocator};
///
/// /// The slots of a device, the last one first.
/// struct FromTheEnd(Vec<Slot>);
///
/// impl SlotAllocator for FromTheEnd {
///     fn take(&mut self) -> Option<Slot> {
///         self.0.pop()
///     }
///
///     fn free(&mut self, slot: Slot) {
///         self.0.push(slot);
///     }
/// }
///
/// let mut slots = FromTheEnd((0..3).map(Slot::new).collect());
/// assert_eq!(slots.take(), Some(Slot::new(2)));
/// assert_eq!(slots.take(), Some(Slot::new(1)));
/// slots.free(Slot::new(2));
/// assert_eq!(slots.take(), Some(Slot::new(2)));
/// ```
pub trait SlotAllocator {
    /// Allocates a free slot; `None` if there is none. It stays in use until
    /// [`SlotAllocator::free`], and for ever if it turns out to be bad.
    fn take(&mut self) -> Option<Slot>;

    /// Frees a slot in use.
    fn free(&mut self, slot: Slot);
}

/// Builds a slot allocator for a device with this number of slots, numbered from 0, all of them
/// free.
pub type BuildSlotAllocator = fn(u32) -> Box<dyn SlotAllocator>;

/// A slot allocator that a machine can be given.
pub type SlotAllocatorKind = Kind<BuildSlotAllocator>;

/// All slot allocators, by the names that `--slot-allocator` takes.
///
/// # Examples
///
/// ```
/// use vm::SLOT_ALLOCATORS;
/// use vm::slots::Slot;
///
/// let kind = SLOT_ALLOCATORS.find("first-free")?;
/// let mut slots = (kind.build)(2);
/// let (first, second) = (slots.take().unwrap(), slots.take().unwrap());
/// assert_eq!([first, second].map(Slot::number), [0, 1]);
/// assert_eq!(slots.take(), None);
/// slots.free(first);
/// assert_eq!(slots.take(), Some(first));
/// # Ok::<(), vm::registry::Unknown>(())
/// ```
pub static SLOT_ALLOCATORS: Registry<BuildSlotAllocator> =
    Registry::new("slot allocator", OWN, &[]);

/// The slot allocators of this crate, in the order in which they are listed.
const OWN: &[SlotAllocatorKind] = &[
    last_freed::SLOT_ALLOCATOR,
    first_free::SLOT_ALLOCATOR,
    next_fit::SLOT_ALLOCATOR,
    clustered::SLOT_ALLOCATOR,
];

impl Default for SlotAllocatorKind {
    fn default() -> SlotAllocatorKind {
        last_freed::SLOT_ALLOCATOR
    }
}
