//! The requests of a debugger to the CPU.

use std::collections::{BTreeMap, BTreeSet};

use machine::addr::{Frame, VirtAddr};
use unicorn_engine::UcHookId;

use crate::counter::Block;

/// The requests of a debugger, and where the CPU last stopped for it.
#[derive(Default, Debug)]
pub(crate) struct Wishes {
    pub breakpoints: BTreeSet<VirtAddr>,
    /// The hooks of breakpoints. They are updated when the CPU next runs: a debugger removes all
    /// breakpoints at each stop and sets the same ones before it continues.
    pub installed: BTreeMap<VirtAddr, UcHookId>,
    /// Whether each block is reported to the counter.
    pub records_blocks: bool,
    pub step: SingleStep,
    pub here: Option<Here>,
}

/// Whether a single step is requested.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) enum SingleStep {
    #[default]
    No,
    /// For the program in this address space, when it is on the CPU.
    In(Frame),
    /// The instruction was a system call, which the kernel is serving.
    Served(Frame),
}

impl SingleStep {
    /// Drops a request that concerns an address space.
    pub(crate) fn without(self, root: Frame) -> SingleStep {
        match self {
            SingleStep::In(space) | SingleStep::Served(space) if space == root => SingleStep::No,
            other => other,
        }
    }
}

/// Where the CPU last stopped for a debugger.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Here {
    pub eip: VirtAddr,
    pub root: Frame,
    /// The block that continues from there.
    pub block: Option<Block>,
}
