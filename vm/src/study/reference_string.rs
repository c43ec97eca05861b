//! Reference strings: which pages are used, in order.
//!
//! # Invariants
//!
//! Pages are numbered from 0 in the order of their first use, whatever their names in the source of
//! the string. Consecutive uses of the same page are one reference, which changes no fault count.

use std::collections::BTreeMap;

use machine::mmu::Access;

/// The number of a page in a reference string.
pub type PageNumber = u32;

/// The most pages of a string.
const MOST_PAGES: u32 = STORE;
/// The bit of a reference that marks a store.
const STORE: u32 = 1 << 31;

/// One use of a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reference(u32);

impl Reference {
    /// Creates a reference to a page.
    ///
    /// # Panics
    /// If the page's number has more than 31 bits.
    #[must_use]
    pub fn new(page: PageNumber, access: Access) -> Reference {
        assert!(page < MOST_PAGES, "page {page}");
        match access {
            Access::Write => Reference(page | STORE),
            Access::Read | Access::Fetch => Reference(page),
        }
    }

    /// Returns the number of the page.
    #[must_use]
    pub fn page(self) -> PageNumber {
        self.0 & !STORE
    }

    /// Returns whether it is a store; if not, it is a load or a fetch.
    #[must_use]
    pub fn is_store(self) -> bool {
        self.0 & STORE != 0
    }

    /// Returns the index of its page in a table of all pages.
    pub(crate) fn index(self) -> usize {
        self.page() as usize
    }

    /// Combines two references to the same page.
    fn and(self, other: Reference) -> Reference {
        Reference(self.0 | other.0)
    }
}

/// A reference string.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct ReferenceString {
    references: Vec<Reference>,
    /// The names of the pages in the source of the string.
    names: Vec<u64>,
}

impl ReferenceString {
    /// Creates a string of loads from pages by their names.
    pub fn of_loads(names: impl IntoIterator<Item = u64>) -> ReferenceString {
        let mut builder = Builder::default();
        for name in names {
            builder.push(name, Access::Read);
        }
        builder.finish()
    }

    /// Creates a string of references to pages that are numbered by their first use.
    pub(crate) fn new(references: Vec<Reference>, names: Vec<u64>) -> ReferenceString {
        debug_assert!(references.iter().all(|one| one.index() < names.len()));
        ReferenceString { references, names }
    }

    /// Returns the references, in order.
    #[must_use]
    pub fn references(&self) -> &[Reference] {
        &self.references
    }

    /// Returns the number of different pages.
    #[must_use]
    pub fn pages(&self) -> usize {
        self.names.len()
    }

    /// Returns the name of a page in the source of the string.
    #[must_use]
    pub fn name(&self, page: PageNumber) -> u64 {
        self.names[page as usize]
    }
}

/// Builds a reference string from names of pages.
///
/// # Examples
///
/// ```
/// use vm::Access;
/// use vm::reference_string::Builder;
///
/// let mut builder = Builder::default();
/// for (name, access) in [(70, Access::Read), (70, Access::Write), (9, Access::Fetch)] {
///     builder.push(name, access);
/// }
/// let string = builder.finish();
/// let [first, second] = string.references() else { panic!("two pages, one after the other") };
/// assert_eq!((string.name(first.page()), first.is_store()), (70, true));
/// assert_eq!((string.name(second.page()), second.is_store()), (9, false));
/// ```
#[derive(Default, Debug)]
pub struct Builder {
    string: ReferenceString,
    numbers: BTreeMap<u64, PageNumber>,
}

impl Builder {
    /// Adds a reference to the page with this name.
    pub fn push(&mut self, name: u64, access: Access) {
        let names = &mut self.string.names;
        let number = *self.numbers.entry(name).or_insert_with(|| {
            names.push(name);
            names.len() as PageNumber - 1
        });
        let new = Reference::new(number, access);
        match self.string.references.last_mut() {
            Some(last) if last.page() == number => *last = last.and(new),
            _ => self.string.references.push(new),
        }
    }

    /// Returns the length of the string so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.string.references.len()
    }

    /// Returns whether no page has been referenced yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the string.
    #[must_use]
    pub fn finish(self) -> ReferenceString {
        self.string
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_used_again_and_again_stands_there_once_and_keeps_its_store() {
        let mut builder = Builder::default();
        for (name, access) in [
            (70, Access::Read),
            (70, Access::Write),
            (70, Access::Read),
            (9, Access::Fetch),
            (70, Access::Read),
        ] {
            builder.push(name, access);
        }
        let string = builder.finish();
        let seen: Vec<_> = string
            .references()
            .iter()
            .map(|one| (string.name(one.page()), one.is_store()))
            .collect();
        assert_eq!(seen, [(70, true), (9, false), (70, false)]);
        assert_eq!(string.pages(), 2);
    }
}
