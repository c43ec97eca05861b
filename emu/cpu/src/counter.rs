//! Counts the basic blocks that begin: the guest's work.
//!
//! Generated code counts down what a run may still do, and stops before the block for which nothing is
//! left. This keeps the account between runs.
//!
//! # Invariants
//! - A block is counted when it begins, and only then. One whose first instruction faults is not, since
//!   it will begin again.
//! - A block that a debugger has stopped in is not counted again when it goes on: so a program does the
//!   same work whether or not it is debugged.

use std::cell::Cell;
use std::ptr::NonNull;

use machine::addr::VirtAddr;
use machine::work::Work;

use crate::corrected::WorkAccount;

/// More blocks than any run begins.
const UNLIMITED: i64 = i64::MAX / 2;

/// Counts basic blocks.
#[derive(Default)]
pub struct Counter {
    done: Cell<u64>,
    /// Where generated code counts; there from the first run on.
    account: Cell<Option<NonNull<WorkAccount>>>,
    /// What this run was given.
    given: Cell<i64>,
    /// The block before which this run ended because its work was done.
    refused: Cell<Option<Block>>,
    /// The block that is counted already, and that the next run goes on with.
    inside: Cell<Option<Block>>,
    /// The block that was counted last in this run, or that it went on with.
    counted: Cell<Option<Block>>,
    /// The last two blocks that the emulator came to in this run, if blocks are recorded.
    seen: Cell<[Option<Block>; 2]>,
}

/// A basic block: instructions that run one after the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Block {
    pub start: VirtAddr,
    pub end: VirtAddr,
}

impl Counter {
    /// Has the generated code's account read and written from here on.
    ///
    /// # Safety
    /// The account must stay valid as long as runs are started and finished, and be used by nobody else
    /// in between.
    pub unsafe fn set_account(&self, account: NonNull<WorkAccount>) {
        self.account.set(Some(account));
    }

    /// The work done so far, up to the start of the run if there is one.
    pub fn done(&self) -> Work {
        Work(self.done.get())
    }

    /// Counts work that was not done by running blocks.
    pub fn charge(&self, work: Work) {
        self.done.set((self.done() + work).0);
    }

    /// Whether the run ended because its work was done.
    pub fn reached(&self) -> bool {
        self.refused.get().is_some()
    }

    /// The block before which the run ended because its work was done.
    pub fn refused(&self) -> Option<Block> {
        self.refused.get()
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

    /// Takes back a block that was entered: none of its instructions could be executed.
    pub fn leave(&self) {
        self.done.set(self.done.get() - 1);
        self.inside.set(None);
    }

    /// The next run goes on with this block, which is counted already; or it begins a new one.
    pub fn set_inside(&self, block: Option<Block>) {
        self.inside.set(block);
    }

    /// The next run goes on in the block that was counted last.
    pub fn stay_inside(&self) {
        self.inside.set(self.counted.get());
    }

    /// The next run goes on in the block that was counted last, with an instruction, at `eip`, that
    /// faulted; unless that is the block's first one, since then it begins again.
    pub fn stay_inside_after_fault(&self, eip: VirtAddr) {
        let [_, last] = self.seen.get();
        let begins_again = last.is_some_and(|block| block.start == eip);
        if self.inside.get().is_none() && !begins_again {
            self.stay_inside();
        }
    }

    /// The block that the next run goes on with.
    pub fn inside(&self) -> Option<Block> {
        self.inside.get()
    }

    /// The emulator comes to a block, which may not be let begin.
    pub fn record(&self, start: VirtAddr, bytes: u32) {
        let [_, last] = self.seen.get();
        self.seen.set([last, Some(Block::at(start, bytes))]);
    }

    /// A run is about to go on until `until`.
    pub fn start(&self, until: Work) {
        let given =
            i64::try_from((until - self.done()).0).map_or(UNLIMITED, |given| given.min(UNLIMITED));
        // The rest of a block that is counted already comes on top.
        let given = given + i64::from(self.inside.get().is_some());
        self.given.set(given);
        self.seen.set([None; 2]);
        self.with_account(|account| {
            account.left = given;
            account.refused_length = 0;
        });
    }

    /// The run is over: what it has done, and what has become of the block that it was to go on with.
    pub fn finish(&self) {
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
        let last = if refused.is_some() { before } else { last };
        match self.inside.get() {
            Some(inside) if begun > 0 => {
                self.inside.set(None);
                self.done.set(self.done.get() + begun - 1);
                self.counted
                    .set(if begun == 1 { Some(inside) } else { last });
            }
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
