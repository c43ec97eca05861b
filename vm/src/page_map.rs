//! A map from the pages of one address space to small values, shaped like a page directory.
//!
//! What always holds: looking up, setting and clearing take the same few steps however many
//! pages the map holds; a table exists exactly while it has an entry; iteration is in page order.

use std::collections::BTreeMap;
use std::ops::Range;

use emu::addr::Page;

/// Entries of a table, as many as a hardware page table has.
const ENTRIES: usize = 1024;

/// A map from [`Page`] to `T`.
pub struct PageMap<T> {
    tables: BTreeMap<u16, Box<Table<T>>>,
    len: usize,
}

struct Table<T> {
    entries: [Option<T>; ENTRIES],
    used: u16,
}

impl<T> Default for PageMap<T> {
    fn default() -> Self {
        PageMap {
            tables: BTreeMap::new(),
            len: 0,
        }
    }
}

impl<T: Copy> PageMap<T> {
    /// How many pages have a value.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no page has a value.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The value of a page.
    pub fn get(&self, page: Page) -> Option<T> {
        self.tables.get(&directory_index(page))?.entries[page.table_index()]
    }

    /// Gives a page a value; returns the one it had.
    pub fn insert(&mut self, page: Page, value: T) -> Option<T> {
        let table = self.tables.entry(directory_index(page)).or_insert_with(|| {
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

    /// Takes a page's value away.
    pub fn remove(&mut self, page: Page) -> Option<T> {
        let index = directory_index(page);
        let table = self.tables.get_mut(&index)?;
        let old = table.entries[page.table_index()].take()?;
        table.used -= 1;
        self.len -= 1;
        if table.used == 0 {
            self.tables.remove(&index);
        }
        Some(old)
    }

    /// All pages that have a value, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Page, T)> + '_ {
        self.tables.iter().flat_map(|(index, table)| {
            let first = u32::from(*index) << 10;
            table
                .entries
                .iter()
                .enumerate()
                .filter_map(move |(entry, value)| {
                    value.map(|value| (Page::new(first | entry as u32), value))
                })
        })
    }

    /// The pages of a range that have a value, in order. Takes time for the tables and entries
    /// in the range that exist, not for the range's size.
    pub fn range(&self, pages: Range<Page>) -> impl Iterator<Item = (Page, T)> + '_ {
        let first = directory_index(pages.start);
        // The end is exclusive, so its own table is only wanted if it reaches into it.
        let last = (pages.end.number().saturating_sub(1) >> 10) as u16;
        let tables = (first <= last && pages.start < pages.end)
            .then(|| self.tables.range(first..=last))
            .into_iter()
            .flatten();
        tables.flat_map(move |(index, table)| {
            let base = u32::from(*index) << 10;
            let from = pages.start.number().saturating_sub(base) as usize;
            let to = ((pages.end.number() - base) as usize).min(ENTRIES);
            (from..to).filter_map(move |entry| {
                table.entries[entry].map(|value| (Page::new(base | entry as u32), value))
            })
        })
    }
}

fn directory_index(page: Page) -> u16 {
    page.directory_index() as u16
}

#[cfg(test)]
mod tests {
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
                prop_assert_eq!(map.tables.len(), tables.len());
            }
            prop_assert_eq!(map.iter().collect::<Vec<_>>(), model.into_iter().collect::<Vec<_>>());
        }
    }
}
