//! Counts the basic blocks that begin: the guest's work.
//!
//! What always holds:
//! - A block is counted when it begins, and only then; at `until` the emulator is stopped before
//!   the block.
//! - A block that a debugger has stopped in is not counted again when it goes on: so a program
//!   does the same work whether or not it is debugged.

use std::cell::Cell;

use crate::addr::VirtAddr;
use crate::work::Work;

/// Counts basic blocks.
#[derive(Default)]
pub struct Counter {
    done: Cell<u64>,
    until: Cell<u64>,
    reached: Cell<bool>,
    /// The block that began last in this run; an empty one if none did.
    block: Cell<Block>,
    /// The block that was not to begin any more in this run.
    refused: Cell<Option<Block>>,
    /// The block that is counted already, and that the next run goes on with.
    inside: Cell<Option<Block>>,
    /// The work done before this run.
    before: Cell<u64>,
    /// The block that this run went on with, while no other has begun.
    resumed: Cell<Option<Block>>,
}

/// A basic block: instructions that run one after the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Block {
    pub start: VirtAddr,
    pub end: VirtAddr,
}

impl Counter {
    /// The work done so far.
    pub fn done(&self) -> Work {
        Work(self.done.get())
    }

    /// Counts work that was not done by running blocks.
    pub fn charge(&self, work: Work) {
        self.done.set((self.done() + work).0);
    }

    /// The block that the emulator began last in this run.
    pub fn block(&self) -> Option<Block> {
        Some(self.block.get()).filter(|block| !block.is_empty())
    }

    /// Whether the run ended because its work was done.
    pub fn reached(&self) -> bool {
        self.reached.get()
    }

    /// The block before which the run ended because its work was done.
    pub fn refused(&self) -> Option<Block> {
        self.refused.get()
    }

    /// Takes back the last block if not one instruction of it was executed: it will begin again.
    pub fn forget_block_at(&self, instruction: VirtAddr) {
        if self
            .counted()
            .is_some_and(|block| block.start == instruction)
        {
            self.done.set(self.done.get() - 1);
        }
    }

    /// Forgets all work done.
    pub fn reset(&self) {
        self.done.set(0);
    }

    /// Counts a block whose instructions the next run goes on with.
    pub fn enter(&self, block: Block) {
        self.charge(Work(1));
        self.inside.set(Some(block));
    }

    /// The next run goes on with this block, which is counted already; or it begins a new one.
    pub fn set_inside(&self, block: Option<Block>) {
        self.inside.set(block);
    }

    /// The next run goes on in the block that was counted last.
    pub fn stay_inside(&self) {
        self.inside.set(self.counted());
    }

    /// The emulator was stopped for something that happened when `work` was done: a block that has
    /// begun since was not executed.
    pub fn go_back_to(&self, work: Work) {
        self.done.set(self.done().min(work).0);
    }

    /// The next run goes on in the block that was counted last, if `eip` lies in it.
    pub fn stay_inside_at(&self, eip: VirtAddr) {
        let within = |block: Block| block.start < eip && eip < block.end;
        if self.block().is_some_and(within) {
            self.stay_inside();
        }
    }

    /// The block that the next run goes on with.
    pub fn inside(&self) -> Option<Block> {
        self.inside.get()
    }

    /// The block that was counted last: a part of it is what the emulator began if a run went on
    /// inside it.
    fn counted(&self) -> Option<Block> {
        self.resumed.get().or(self.block())
    }

    /// A run is about to go on until `until`.
    pub fn start(&self, until: Work) {
        let done = self.done.get();
        self.before.set(done);
        self.until.set(until.0);
        self.reached.set(false);
        self.block.set(Block::default());
        self.resumed.set(None);
        if self.inside.get().is_some() {
            // It will be counted again, and may begin in any case.
            self.done.set(done - 1);
            self.until.set(until.0.max(done));
        }
    }

    /// The run is over: what has become of the block that it was to go on with.
    pub fn settle(&self) {
        let Some(inside) = self.inside.get() else {
            return;
        };
        if self.block.get().is_empty() {
            self.done.set(self.before.get());
            return;
        }
        self.inside.set(None);
        if self.done.get() == self.before.get() {
            self.resumed.set(Some(inside));
        }
    }

    /// A block begins; whether it may. If not, [`Counter::refuse`] is to follow.
    #[inline]
    pub fn begin(&self, start: VirtAddr, bytes: u32) -> bool {
        let done = self.done.get();
        let may = done < self.until.get();
        if may {
            self.done.set(done + 1);
            self.block.set(Block::at(start, bytes));
        }
        may
    }

    /// A block may not begin.
    pub fn refuse(&self, start: VirtAddr, bytes: u32) {
        self.reached.set(true);
        self.refused.set(Some(Block::at(start, bytes)));
    }
}

impl Block {
    #[inline]
    fn at(start: VirtAddr, bytes: u32) -> Block {
        let end = VirtAddr(start.0.wrapping_add(bytes));
        Block { start, end }
    }

    fn is_empty(self) -> bool {
        self.start == self.end
    }
}
