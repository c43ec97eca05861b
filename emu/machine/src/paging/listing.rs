//! Listings of the tables, for inspectors and tests.

use super::{KERNEL_FIRST, PageDirectory, PageTables, SELF_ENTRY, slot};
use crate::addr::{Frame, PAGE_SIZE, Page};
use crate::pte::Pte;

impl PageTables {
    /// Returns the frames of the page tables in the user's half of a directory, each with the index
    /// of its directory entry.
    #[must_use]
    pub fn user_tables(&self, directory: &PageDirectory) -> Vec<(usize, Frame)> {
        (0..KERNEL_FIRST)
            .map(|index| (index, self.load(slot(directory.root(), index))))
            .filter(|(_, entry)| entry.is_present())
            .map(|(index, entry)| (index, entry.frame()))
            .collect()
    }

    /// Returns an entry of the directory with both halves, by its index, 0 to 1023.
    ///
    /// # Panics
    /// If the index is higher.
    #[must_use]
    pub fn directory_entry(&self, directory: &PageDirectory, index: usize) -> Pte {
        assert!(index <= SELF_ENTRY, "directory entry {index}");
        self.load(slot(directory.root(), index))
    }

    /// Returns an entry of the directory on which ring 3 runs.
    ///
    /// # Panics
    /// If the index is above 1023.
    #[must_use]
    pub fn user_directory_entry(&self, directory: &PageDirectory, index: usize) -> Pte {
        assert!(index <= SELF_ENTRY, "directory entry {index}");
        self.load(slot(directory.user_root(), index))
    }

    /// Returns the present pages of the user's half, with their entries, in order.
    #[must_use]
    pub fn user_entries(&self, directory: &PageDirectory) -> Vec<(Page, Pte)> {
        let tables = self.user_tables(directory).into_iter();
        tables
            .flat_map(|(index, table)| self.entries(index, table))
            .collect()
    }

    /// Returns the present pages of a page table, with their entries, in order. `index` is that of
    /// its directory entry.
    #[must_use]
    pub fn entries(&self, index: usize, table: Frame) -> Vec<(Page, Pte)> {
        let mut bytes = [0; PAGE_SIZE as usize];
        self.memory.read(table.start(), &mut bytes);
        let (words, _) = bytes.as_chunks::<4>();
        let entries = words.iter().enumerate().map(|(number, word)| {
            let word = u32::from_le_bytes(*word);
            let page = Page::new((index as u32) << 10 | number as u32);
            (page, Pte::from_bits(word))
        });
        entries.filter(|(_, entry)| entry.is_present()).collect()
    }
}
