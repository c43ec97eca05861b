//! What is in the tables, for inspectors and tests.

use super::{KERNEL_FIRST, PageDirectory, PageTables, SELF_ENTRY, slot};
use crate::addr::{Frame, PAGE_SIZE, Page};
use crate::pte::Pte;

impl PageTables {
    /// The frames of the user's page tables that a directory has, with the directory entry each
    /// stands in; for inspectors and tests.
    pub fn user_tables(&self, directory: &PageDirectory) -> Vec<(usize, Frame)> {
        (0..KERNEL_FIRST)
            .map(|index| (index, self.load(slot(directory.root(), index))))
            .filter(|(_, entry)| entry.is_present())
            .map(|(index, entry)| (index, entry.frame()))
            .collect()
    }

    /// An entry of the directory with both halves, by its number, 0 to 1023.
    ///
    /// # Panics
    /// If there is no such entry.
    pub fn directory_entry(&self, directory: &PageDirectory, index: usize) -> Pte {
        assert!(index <= SELF_ENTRY, "directory entry {index}");
        self.load(slot(directory.root(), index))
    }

    /// An entry of the directory that ring 3 runs on.
    ///
    /// # Panics
    /// If there is no such entry.
    pub fn user_directory_entry(&self, directory: &PageDirectory, index: usize) -> Pte {
        assert!(index <= SELF_ENTRY, "directory entry {index}");
        self.load(slot(directory.user_root(), index))
    }

    /// The pages of the user's half that are present, with their entries, in order.
    pub fn user_entries(&self, directory: &PageDirectory) -> Vec<(Page, Pte)> {
        let tables = self.user_tables(directory).into_iter();
        tables
            .flat_map(|(index, table)| self.entries(index, table))
            .collect()
    }

    /// The pages that are present behind a directory's entry, with their entries in the page table that
    /// it names, in order.
    pub fn entries(&self, index: usize, table: Frame) -> Vec<(Page, Pte)> {
        let mut bytes = [0; PAGE_SIZE as usize];
        self.memory.read(table.start(), &mut bytes);
        let words = bytes.chunks_exact(4).enumerate();
        let entries = words.map(|(number, word)| {
            let word = u32::from_le_bytes(word.try_into().expect("4 bytes"));
            let page = Page::new((index as u32) << 10 | number as u32);
            (page, Pte::from_bits(word))
        });
        entries.filter(|(_, entry)| entry.is_present()).collect()
    }
}
