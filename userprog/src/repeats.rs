//! Counting of faults of one instruction with nothing executed in between.

use machine::addr::Page;

/// The number of times that an instruction may fault before it is executed.
pub(crate) const MAX_REPEATS: u32 = 1_000;

/// Faults of one instruction, with nothing executed in between.
#[derive(Clone, Copy, Default, Debug)]
pub struct Repeats {
    count: u32,
    /// A page on which it faulted before, if that is not the last one.
    pub other: Option<Page>,
    last: Option<Page>,
}

impl Repeats {
    /// Counts another fault of the instruction that faulted last.
    pub fn again(&mut self, page: Page) {
        self.count += 1;
        if self.last.is_some_and(|last| last != page) {
            self.other = self.last;
        }
        self.last = Some(page);
    }

    /// Starts again with the first fault of another instruction.
    pub fn first(&mut self, page: Page) {
        *self = Repeats {
            count: 1,
            other: None,
            last: Some(page),
        };
    }

    /// Returns whether there are more than any correct kernel needs.
    pub fn are_too_many(&self) -> bool {
        self.count >= MAX_REPEATS
    }
}
