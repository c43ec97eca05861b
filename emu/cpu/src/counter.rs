//! Counts the basic blocks that begin: the guest's work.
//!
//! Generated code decrements the work that is left, and stops before the block for which none is
//! left. This module keeps the account between runs.
//!
//! # Invariants
//! - A block is counted once, when it begins. One whose first instruction faults is not counted,
//!   since it will begin again.
//! - A block in which a debugger has stopped is not counted again when it continues. So a program
//!   does the same work whether or not it is debugged.

use std::cell::Cell;
use std::ptr::NonNull;

use machine::addr::VirtAddr;
use machine::work::Work;

use crate::corrected::WorkAccount;

/// More blocks than any run begins.
const UNLIMITED: i64 = i64::MAX / 2;

/// Counts basic blocks.
#[derive(Default, Debug)]
pub(crate) struct Counter {
    done: Cell<u64>,
    /// Where generated code counts; set before the first run.
    account: Cell<Option<NonNull<WorkAccount>>>,
    /// The work that this run was given.
    given: Cell<i64>,
    /// The block before which this run ended because its work was done.
    refused: Cell<Option<Block>>,
    /// The block that is already counted, and with which the next run continues.
    inside: Cell<Option<Block>>,
    /// The block that was counted last in this run, or with which it continued.
    counted: Cell<Option<Block>>,
    /// The last two blocks that the emulator reached in this run, if blocks are recorded.
    seen: Cell<[Option<Block>; 2]>,
}

/// A basic block: instructions that are executed in sequence.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Block {
    pub start: VirtAddr,
    pub end: VirtAddr,
}

impl Counter {
    /// Sets the account of the generated code, which is read and written from here on.
    ///
    /// # Safety
    /// The account must stay valid as long as runs are started and finished, and must not be used
    /// by others between runs.
    pub(crate) unsafe fn set_account(&self, account: NonNull<WorkAccount>) {
        self.account.set(Some(account));
    }

    /// Returns the work done so far, without that of a current run.
    pub(crate) fn done(&self) -> Work {
        Work(self.done.get())
    }

    /// Adds work that was not done by executing blocks.
    pub(crate) fn charge(&self, work: Work) {
        self.done.set((self.done() + work).0);
    }

    /// Returns whether the run ended because its work was done.
    pub(crate) fn reached(&self) -> bool {
        self.refused.get().is_some()
    }

    /// Returns the block before which the run ended because its work was done.
    pub(crate) fn refused(&self) -> Option<Block> {
        self.refused.get()
    }

    /// Resets the work done to zero.
    pub(crate) fn reset(&self) {
        self.done.set(0);
    }

    /// Counts a block with whose instructions the next run continues.
    pub(crate) fn enter(&self, block: Block) {
        self.charge(Work(1));
        self.inside.set(Some(block));
    }

    /// Undoes [`Counter::enter`], because no instruction of the block could be executed.
    pub(crate) fn leave(&self) {
        self.done.set(self.done.get() - 1);
        self.inside.set(None);
    }

    /// Sets the block, already counted, with which the next run continues; `None` if it begins a
    /// new one.
    pub(crate) fn set_inside(&self, block: Option<Block>) {
        self.inside.set(block);
    }

    /// Makes the next run continue in the block that was counted last.
    pub(crate) fn stay_inside(&self) {
        self.inside.set(self.counted.get());
    }

    /// Makes the next run continue in the block that was counted last, at the instruction at `eip`,
    /// which faulted; unless that is the block's first one, since then the block begins again.
    pub(crate) fn stay_inside_after_fault(&self, eip: VirtAddr) {
        let [_, last] = self.seen.get();
        let begins_again = last.is_some_and(|block| block.start == eip);
        if self.inside.get().is_none() && !begins_again {
            self.stay_inside();
        }
    }

    /// Returns the block with which the next run continues.
    pub(crate) fn inside(&self) -> Option<Block> {
        self.inside.get()
    }

    /// Records that the emulator reached a block, which need not begin.
    pub(crate) fn record(&self, start: VirtAddr, bytes: u32) {
        let [_, last] = self.seen.get();
        self.seen.set([last, Some(Block::at(start, bytes))]);
    }

    /// Prepares the account for a run until `until`.
    pub(crate) fn start(&self, until: Work) {
        let given =
            i64::try_from((until - self.done()).0).map_or(UNLIMITED, |given| given.min(UNLIMITED));
        // To generated code, the rest of a block that is already counted is one more block.
        let given = given + i64::from(self.inside.get().is_some());
        self.given.set(given);
        self.seen.set([None; 2]);
        self.with_account(|account| {
            account.left = given;
            account.refused_length = 0;
        });
    }

    /// Settles the account after a run, and determines the block in which it ended.
    pub(crate) fn finish(&self) {
        let (left, refused) = self.with_account(|account| {
            let refused = Block::at(VirtAddr(account.refused_start), account.refused_length);
            (
                account.left,
                (account.refused_length > 0).then_some(refused),
            )
        });
        self.refused.set(refused);
        let begun = (self.given.get() - left) as u64;
        let [before, last] = self.seen.get();
        // A refused block was reached but did not begin, so the one before it was counted last.
        let last = if refused.is_some() { before } else { last };
        match self.inside.get() {
            // One of them was the rest of `inside`, which was counted before this run.
            Some(inside) if begun > 0 => {
                self.inside.set(None);
                self.done.set(self.done.get() + begun - 1);
                self.counted
                    .set(if begun == 1 { Some(inside) } else { last });
            }
            // Not even the rest began: its first instruction faulted, and `inside` stays as it is.
            Some(inside) => self.counted.set(Some(inside)),
            None => {
                self.done.set(self.done.get() + begun);
                self.counted.set(last);
            }
        }
    }

    fn with_account<R>(&self, look: impl FnOnce(&mut WorkAccount) -> R) -> R {
        let mut account = self.account.get().expect("the engine's account is known");
        // SAFETY: the account is valid and used by nobody else between runs, as whoever set it vouches
        // for.
        look(unsafe { account.as_mut() })
    }
}

impl Block {
    fn at(start: VirtAddr, bytes: u32) -> Block {
        let end = VirtAddr(start.0.wrapping_add(bytes));
        Block { start, end }
    }
}
