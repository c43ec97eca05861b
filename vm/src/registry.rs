//! Parts of a machine that are chosen by name: the replacement policy and the slot allocator. Each
//! is a file with one constant, a [`Kind`]: its name, a line about it, and a function that builds
//! it. The [`Registry`] of its sort lists those of this crate, and takes more from outside.
//!
//! # Invariants
//! Names in a registry are unique. The kinds of this crate come first, the others in the order in
//! which they were registered, so the list is the same in every run of a program.

use std::fmt;
use std::sync::{PoisonError, RwLock};

use thiserror::Error;

/// Something that is chosen by its name. `B` is the type of the function that builds it.
#[derive(Clone, Copy)]
pub struct Kind<B> {
    /// Its name on a command line, in a suite file and in tables: lowercase letters, digits and
    /// hyphens.
    pub name: &'static str,
    /// What it does, in one line for `--help`.
    pub about: &'static str,
    /// Builds one for a machine.
    pub build: B,
}

/// Two kinds are equal if they have the same name.
impl<B> PartialEq for Kind<B> {
    fn eq(&self, other: &Kind<B>) -> bool {
        self.name == other.name
    }
}

impl<B> Eq for Kind<B> {}

impl<B> fmt::Display for Kind<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl<B> fmt::Debug for Kind<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// All kinds of one sort, by their names.
#[derive(Debug)]
pub struct Registry<B: 'static> {
    /// The name of the sort in messages.
    sort: &'static str,
    own: &'static [Kind<B>],
    /// Names that have another meaning where kinds are named.
    reserved: &'static [&'static str],
    registered: RwLock<Vec<Kind<B>>>,
}

/// There is no kind of that sort with that name.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("no {sort} is called '{name}'; there are {known}")]
pub struct Unknown {
    sort: &'static str,
    name: String,
    known: String,
}

impl<B: Copy> Registry<B> {
    /// Creates the registry of a sort, with the kinds of this crate.
    pub(crate) const fn new(
        sort: &'static str,
        own: &'static [Kind<B>],
        reserved: &'static [&'static str],
    ) -> Registry<B> {
        Registry {
            sort,
            own,
            reserved,
            registered: RwLock::new(Vec::new()),
        }
    }

    /// Adds a kind from outside this crate. A program must do that before it parses its arguments,
    /// so that all of it sees the same kinds.
    ///
    /// # Panics
    /// If the name is taken, or contains anything but lowercase letters, digits and hyphens.
    ///
    /// # Examples
    ///
    /// ```
    /// use vm::slots::{SLOT_ALLOCATORS, SlotAllocatorKind};
    ///
    /// // A name of one's own for what there is; a real one has its own `build`.
    /// let first_free = SLOT_ALLOCATORS.find("first-free")?;
    /// SLOT_ALLOCATORS.register(SlotAllocatorKind { name: "bitmap", ..first_free });
    /// assert_eq!(SLOT_ALLOCATORS.find("bitmap")?.name, "bitmap");
    /// assert_eq!(SLOT_ALLOCATORS.all().last().unwrap().name, "bitmap");
    /// # Ok::<(), vm::registry::Unknown>(())
    /// ```
    pub fn register(&self, kind: Kind<B>) {
        let Kind { name, .. } = kind;
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let is_name = !name.is_empty() && name.chars().all(allowed);
        assert!(is_name, "'{name}' is no name for a {}", self.sort);
        let is_taken = self.reserved.contains(&name) || self.find(name).is_ok();
        assert!(!is_taken, "the name '{name}' is taken");
        let registered = self.registered.write();
        // Nothing panics while the list is changed, so it is consistent in a poisoned lock too.
        registered
            .unwrap_or_else(PoisonError::into_inner)
            .push(kind);
    }

    /// Returns all kinds, in the order in which they are listed.
    pub fn all(&self) -> Vec<Kind<B>> {
        let registered = self.registered.read();
        let registered = registered.unwrap_or_else(PoisonError::into_inner);
        [self.own, registered.as_slice()].concat()
    }

    /// Returns the kind with this name.
    ///
    /// # Errors
    /// [`Unknown`], which lists the known names.
    pub fn find(&self, name: &str) -> Result<Kind<B>, Unknown> {
        let all = self.all();
        let found = all.iter().find(|kind| kind.name == name).copied();
        found.ok_or_else(|| Unknown {
            sort: self.sort,
            name: name.to_owned(),
            known: all
                .iter()
                .map(|kind| kind.name)
                .collect::<Vec<_>>()
                .join(", "),
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Checks that each file of a folder with a constant of that declaration is listed under the
    /// name of the file. One that is added but not listed could not be chosen.
    pub(crate) fn files_are_listed<B>(folder: &str, constant: &str, own: &[Kind<B>]) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            if text.contains(&format!("\npub const {constant}")) {
                let name = path.file_stem().unwrap().to_str().unwrap();
                files.push(name.replace('_', "-"));
            }
        }
        files.sort();
        let mut listed: Vec<_> = own.iter().map(|kind| kind.name).collect();
        listed.sort_unstable();
        assert_eq!(listed, files);
    }

    const OWN: &[Kind<u32>] = &[kind("plain", 1), kind("fancy", 2)];

    const fn kind(name: &'static str, build: u32) -> Kind<u32> {
        Kind {
            name,
            about: "",
            build,
        }
    }

    fn registry() -> Registry<u32> {
        Registry::new("thing", OWN, &["best"])
    }

    #[test]
    fn what_is_registered_is_found_and_listed_behind_the_own_ones() {
        let registry = registry();
        registry.register(kind("new-2", 3));
        assert_eq!(registry.find("new-2").unwrap().build, 3);
        assert_eq!(registry.find("fancy").unwrap().build, 2);
        let names: Vec<_> = registry.all().iter().map(|kind| kind.name).collect();
        assert_eq!(names, ["plain", "fancy", "new-2"]);
        assert_eq!(
            registry.find("Plain").unwrap_err().to_string(),
            "no thing is called 'Plain'; there are plain, fancy, new-2"
        );
    }

    #[test]
    #[should_panic(expected = "the name 'fancy' is taken")]
    fn a_name_is_given_once() {
        registry().register(kind("fancy", 3));
    }

    #[test]
    #[should_panic(expected = "the name 'best' is taken")]
    fn a_reserved_name_is_not_given() {
        registry().register(kind("best", 3));
    }

    #[test]
    #[should_panic(expected = "'two words' is no name for a thing")]
    fn a_name_is_one_word() {
        registry().register(kind("two words", 3));
    }
}
