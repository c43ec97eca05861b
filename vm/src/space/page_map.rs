//! A map from the pages of one address space to small values, shaped like a page directory.
//!
//! # Invariants
//!
//! Looking up, setting and clearing take constant time however many pages the map holds. A table
//! exists exactly while it has an entry. Iteration is in page order.

use std::ops::Range;

use machine::addr::{KERNEL_PAGE, Page};

/// Entries of a table, as many as a hardware page table has.
const ENTRIES: usize = 1024;
/// Tables of the user's half.
const TABLES: usize = KERNEL_PAGE.directory_index();

/// A map from user pages to `T`.
#[derive(Debug)]
pub struct PageMap<T> {
    tables: Box<[Option<Box<Table<T>>>]>,
    len: usize,
}

#[derive(Debug)]
struct Table<T> {
    entries: [Option<T>; ENTRIES],
    used: u16,
}

impl<T> Default for PageMap<T> {
    fn default() -> Self {
        let tables = std::iter::repeat_with(|| None).take(TABLES).collect();
        PageMap { tables, len: 0 }
    }
}

impl<T: Copy> PageMap<T> {
    /// Returns the number of pages that have a value.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns whether no page has a value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the value of a page; a page of the kernel has none.
    #[must_use]
    pub fn get(&self, page: Page) -> Option<T> {
        let table = self.tables.get(page.directory_index())?.as_ref()?;
        table.entries[page.table_index()]
    }

    /// Sets the value of a page. Returns the old one.
    ///
    /// # Panics
    /// If the page belongs to the kernel.
    pub fn insert(&mut self, page: Page, value: T) -> Option<T> {
        let table = self.tables[page.directory_index()].get_or_insert_with(|| {
            Box::new(Table {
                entries: [None; ENTRIES],
                used: 0,
            })
        });
        let old = table.entries[page.table_index()].replace(value);
        if old.is_none() {
            table.used += 1;
            self.len += 1;
        }
        old
    }

    /// Removes the value of a page. Returns it.
    pub fn remove(&mut self, page: Page) -> Option<T> {
        let slot = self.tables.get_mut(page.directory_index())?;
        let table = slot.as_mut()?;
        let old = table.entries[page.table_index()].take()?;
        table.used -= 1;
        self.len -= 1;
        // Else a program could fill the host with empty tables, page by page.
        if table.used == 0 {
            *slot = None;
        }
        Some(old)
    }

    /// Returns all pages that have a value, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Page, T)> + '_ {
        self.range(Page::new(0)..KERNEL_PAGE)
    }

    /// Returns the pages in a range that have a value, in order. The cost is one step for each
    /// table slot in the range and one for each entry of a table that exists.
    pub fn range(&self, pages: Range<Page>) -> impl Iterator<Item = (Page, T)> + '_ {
        let first = pages.start.directory_index();
        let end = (pages.end.number() as usize).div_ceil(ENTRIES).min(TABLES);
        let tables = (first..end).filter_map(|index| Some((index, self.tables[index].as_ref()?)));
        tables.flat_map(move |(index, table)| {
            let base = (index as u32) << 10;
            let from = pages.start.number().saturating_sub(base) as usize;
            let to = ((pages.end.number() - base) as usize).min(ENTRIES);
            (from..to).filter_map(move |entry| {
                table.entries[entry].map(|value| (Page::new(base | entry as u32), value))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Step {
        Insert(u32, u32),
        Remove(u32),
        Range(u32, u32),
    }

    fn step() -> impl Strategy<Value = Step> {
        // Few pages, so that steps meet; on both sides of the borders between tables.
        let page = prop_oneof![0..4u32, 1020..1030u32, 4090..4100u32];
        prop_oneof![
            (page.clone(), any::<u32>()).prop_map(|(p, v)| Step::Insert(p, v)),
            page.clone().prop_map(Step::Remove),
            (page.clone(), page).prop_map(|(a, b)| Step::Range(a, b)),
        ]
    }

    proptest! {
        #[test]
        fn behaves_as_an_ordered_map(steps in prop::collection::vec(step(), 0..200)) {
            let mut map = PageMap::default();
            let mut model = BTreeMap::new();
            for step in steps {
                match step {
                    Step::Insert(p, v) => {
                        prop_assert_eq!(map.insert(Page::new(p), v), model.insert(Page::new(p), v));
                    }
                    Step::Remove(p) => {
                        prop_assert_eq!(map.remove(Page::new(p)), model.remove(&Page::new(p)));
                    }
                    Step::Range(a, b) => {
                        let (a, b) = (Page::new(a.min(b)), Page::new(a.max(b)));
                        let expected: Vec<_> = model.range(a..b).map(|(p, v)| (*p, *v)).collect();
                        prop_assert_eq!(map.range(a..b).collect::<Vec<_>>(), expected);
                    }
                }
                prop_assert_eq!(map.len(), model.len());
                let tables = model.keys().map(|p| p.directory_index()).collect::<std::collections::BTreeSet<_>>();
                prop_assert_eq!(map.tables.iter().flatten().count(), tables.len());
            }
            prop_assert_eq!(map.iter().collect::<Vec<_>>(), model.into_iter().collect::<Vec<_>>());
        }
    }
}
