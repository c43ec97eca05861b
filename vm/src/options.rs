//! What can be chosen about the virtual memory of a machine.
//!
//! # Invariants
//!
//! What programs do and read depends on none of it.

use crate::alias::AliasPolicy;
use crate::replacement::PolicyKind;
use crate::slots::SlotAllocatorKind;

/// What can be chosen about the virtual memory of a machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct VmOptions {
    /// How the kernel touches user memory.
    pub alias: AliasPolicy,
    /// Who is evicted.
    pub policy: PolicyKind,
    /// Which slot a page gets that is swapped out.
    pub slot_allocator: SlotAllocatorKind,
    /// Seed for a policy that draws lots.
    pub seed: u64,
    /// How much guest work a disk takes to transfer a page; 0 for no time at all.
    pub disk_latency: u64,
}
