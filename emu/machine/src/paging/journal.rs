//! The journal of what the kernel changes in page tables, for whoever listens to it.
//!
//! # Invariants
//! It has the changes of the kernel alone, not those that the MMU makes to A and D.

use super::{PageDirectory, PageTables};
use crate::addr::{Frame, Page};
use crate::pte::Pte;

/// A change of the kernel to the entry of a user page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Change {
    /// [`PageDirectory::root`] of the address space.
    pub root: Frame,
    /// The page.
    pub page: Page,
    /// The entry before.
    pub old: Pte,
    /// The entry after.
    pub new: Pte,
}

impl PageTables {
    /// Starts keeping a journal of the changes to entries of the user's half.
    pub fn keep_journal(&mut self) {
        self.journal.get_or_insert_default();
    }

    /// Returns the changes in the journal since the last call, in order.
    pub fn take_journal(&mut self) -> Vec<Change> {
        self.journal
            .as_mut()
            .map(std::mem::take)
            .unwrap_or_default()
    }

    /// Adds a change to the journal, if one is kept.
    pub(super) fn note(&mut self, directory: &PageDirectory, page: Page, old: Pte, new: Pte) {
        if let Some(journal) = self.journal.as_mut().filter(|_| old != new) {
            journal.push(Change {
                root: directory.root(),
                page,
                old,
                new,
            });
        }
    }
}
