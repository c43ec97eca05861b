//! Reference strings that are shortened while they are recorded: many millions of accesses become
//! thousands of references.
//!
//! # Invariants
//!
//! With the number of frames for which the string is made, or more, OPT and LRU have the same
//! number of faults as with the full string.

use machine::mmu::Access;
use smallvec::SmallVec;

use crate::study::reference_string::{PageNumber, Reference};

/// A string that is being written.
#[derive(Debug)]
pub(crate) struct Shortened {
    fewest_frames: usize,
    references: Vec<Reference>,
    recent: Recent,
}

impl Shortened {
    /// Creates an empty string that is to be exact for `fewest_frames` frames or more.
    pub(super) fn new(fewest_frames: usize) -> Shortened {
        Shortened {
            fewest_frames,
            references: Vec::new(),
            recent: Recent::new(fewest_frames),
        }
    }

    /// Adds a reference to a page.
    pub(super) fn push(&mut self, page: PageNumber) {
        if !self.recent.use_again(page) {
            self.write_recent();
            self.recent.insert(page);
            self.write(page);
        }
    }

    /// Returns the number of references written; recent ones may be missing.
    pub(super) fn len(&self) -> usize {
        self.references.len()
    }

    /// Takes the string.
    pub(super) fn take(&mut self) -> Vec<Reference> {
        self.write_recent();
        self.recent = Recent::new(self.fewest_frames);
        std::mem::take(&mut self.references)
    }

    fn write_recent(&mut self) {
        for page in self.recent.take_unwritten() {
            self.write(page);
        }
    }

    fn write(&mut self, page: PageNumber) {
        let one = Reference::new(page, Access::Read);
        if self.references.last() != Some(&one) {
            self.references.push(one);
            shorten(&mut self.references, self.fewest_frames);
        }
    }
}

/// The most recently used pages, as many as the fewest frames.
///
/// While no other page is used, only the last use of each counts: under LRU because all of them are
/// in frames and only their order can change; under OPT by the argument of [`shorten`]. So uses are
/// written to the string in their order when another page is used.
#[derive(Debug)]
struct Recent {
    most: usize,
    /// The most recently used first.
    pages: SmallVec<[PageNumber; 8]>,
    /// The number of them, from the first on, that were used since they were last written.
    unwritten: usize,
}

impl Recent {
    fn new(most: usize) -> Recent {
        Recent {
            most,
            pages: SmallVec::new(),
            unwritten: 0,
        }
    }

    /// Records a use if the page is one of them. Returns whether it is.
    fn use_again(&mut self, page: PageNumber) -> bool {
        let Some(at) = self.pages.iter().position(|one| *one == page) else {
            return false;
        };
        self.pages[..=at].rotate_right(1);
        self.unwritten += usize::from(at >= self.unwritten);
        true
    }

    /// Takes the uses that are not written yet, in their order.
    fn take_unwritten(&mut self) -> SmallVec<[PageNumber; 8]> {
        let unwritten = std::mem::take(&mut self.unwritten);
        self.pages[..unwritten].iter().rev().copied().collect()
    }

    /// Adds a page; the caller writes its use.
    fn insert(&mut self, page: PageNumber) {
        self.pages.truncate(self.most - 1);
        self.pages.insert(0, page);
    }
}

/// Drops a reference near the end of the string that the last reference makes irrelevant.
///
/// Let a page be used at three positions, the third of them the last. If at most `frames` different
/// pages are used from the first to the third, the page stays in its frame all the time, under LRU
/// and under OPT, whether it is used at the second position or not. (With OPT there is always
/// another page to evict that is not used in between.) So for the counts with `frames` frames or
/// more, the second can be dropped.
fn shorten(references: &mut Vec<Reference>, frames: usize) {
    let Some((last, before)) = references.split_last() else {
        return;
    };
    let mut others: SmallVec<[PageNumber; 8]> = SmallVec::new();
    let mut second = None;
    for (at, one) in before.iter().enumerate().rev() {
        if one.page() == last.page() {
            match second {
                None => second = Some(at),
                Some(second) => {
                    references.remove(second);
                    if references[second - 1] == references[second] {
                        references.remove(second);
                    }
                    return;
                }
            }
        } else if !others.contains(&one.page()) {
            others.push(one.page());
            if others.len() >= frames {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::study::optimum::{lru, opt};
    use crate::study::reference_string::ReferenceString;

    fn whole(pages: &[PageNumber]) -> ReferenceString {
        ReferenceString::of_loads(pages.iter().map(|page| u64::from(*page)))
    }

    fn shortened(pages: &[PageNumber], frames: usize) -> ReferenceString {
        let mut string = Shortened::new(frames);
        pages.iter().for_each(|page| string.push(*page));
        let pages: Vec<_> = string.take().iter().map(|one| one.page()).collect();
        whole(&pages)
    }

    /// Generates strings with locality: few pages for some time, then few others.
    fn pages() -> impl Strategy<Value = Vec<PageNumber>> {
        let phase = (0..12u32, 1..5u32, 0..30usize).prop_flat_map(|(from, count, length)| {
            prop::collection::vec(from..from + count, length)
        });
        prop::collection::vec(phase, 0..10).prop_map(|phases| phases.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn shortening_changes_neither_count_from_its_number_of_frames_on(
            fewest in 1..6usize, more in 0..6usize, pages in pages()
        ) {
            let (whole, short) = (whole(&pages), shortened(&pages, fewest));
            prop_assert_eq!(opt(fewest + more, &short), opt(fewest + more, &whole));
            prop_assert_eq!(lru(fewest + more, &short), lru(fewest + more, &whole));
        }
    }

    #[test]
    fn a_loop_over_few_pages_stays_short() {
        let pages: Vec<_> = [1, 2, 1, 3].repeat(1000);
        assert!(shortened(&pages, 4).references().len() < 8);
    }
}
