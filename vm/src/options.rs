//! The options of a machine's virtual memory.
//!
//! # Invariants
//!
//! What programs compute does not depend on any of them.

use crate::alias::AliasPolicy;
use crate::replacement::PolicyKind;
use crate::slots::SlotAllocatorKind;

/// The options of a machine's virtual memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct VmOptions {
    /// How the kernel accesses user memory.
    pub alias: AliasPolicy,
    /// The replacement policy.
    pub policy: PolicyKind,
    /// Chooses the slot to which a page is swapped out.
    pub slot_allocator: SlotAllocatorKind,
    /// The seed for a policy that picks at random.
    pub seed: u64,
    /// The guest work for which a disk is busy with a page; 0 if transfers take no time.
    pub disk_latency: u64,
}
