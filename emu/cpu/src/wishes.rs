//! What a debugger wants of the CPU.

use std::collections::{BTreeMap, BTreeSet};

use machine::addr::{Frame, VirtAddr};
use unicorn_engine::UcHookId;

use crate::counter::Block;

/// What a debugger wants, and where the CPU last stopped for it.
#[derive(Default)]
pub(crate) struct Wishes {
    pub breakpoints: BTreeSet<VirtAddr>,
    /// The hooks of breakpoints. They follow what is wanted when the CPU next runs: a debugger
    /// takes breakpoints away at each stop and sets the same ones before it goes on.
    pub installed: BTreeMap<VirtAddr, UcHookId>,
    /// Whether the counter is told of each block.
    pub records_blocks: bool,
    pub step: Step,
    pub here: Option<Here>,
}

/// Whether one instruction alone is to be executed.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) enum Step {
    #[default]
    No,
    /// By the program in this address space, when it is on the CPU.
    In(Frame),
    /// That was a system call, which the kernel is serving.
    Served(Frame),
}

impl Step {
    pub fn without(self, root: Frame) -> Step {
        match self {
            Step::In(space) | Step::Served(space) if space == root => Step::No,
            other => other,
        }
    }
}

/// Where the CPU last stopped for a debugger.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Here {
    pub eip: VirtAddr,
    pub root: Frame,
    /// The block that goes on from there.
    pub block: Option<Block>,
}
