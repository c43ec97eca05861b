//! The entries of a submission, by name only, before any content is read.
//!
//! # Invariants
//! - A path here is relative, has `/` between its names, and none of them is empty, `.` or `..`.
//! - No two plain files or links have the same path.
//! - There are [`ENTRIES`] at most, and nothing from a folder of [`SKIPPED`].

use std::collections::{BTreeMap, BTreeSet};

use super::limits::{DEPTH, ENTRIES, PATH_BYTES};
use super::refusal::Refusal;

/// Folders that are skipped: output of tools, and code of others.
const SKIPPED: [&str; 4] = ["target", ".git", "node_modules", "__MACOSX"];

/// What an entry is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A plain file.
    File,
    /// A folder.
    Folder,
    /// A symbolic or a hard link.
    Link,
    /// Something that cannot be used; the words say why, as in "is a device".
    Other(&'static str),
}

/// An entry of a submission other than a folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    /// Its path from the submission's root.
    pub path: String,
    /// Its kind: never a folder.
    pub kind: Kind,
    /// Identifies it in its container, whatever its name is.
    pub id: usize,
}

impl Entry {
    /// Refuses an entry that is not a plain file but is where files of the hand-out belong.
    ///
    /// # Errors
    /// What it is instead.
    pub(super) fn check_plain(&self) -> Result<(), Refusal> {
        let path = self.path.clone();
        match self.kind {
            Kind::File | Kind::Folder => Ok(()),
            Kind::Link => Err(Refusal::Link { path }),
            Kind::Other(what) => Err(Refusal::NoFile { path, what }),
        }
    }
}

/// The entries of a submission, which its container adds one by one.
#[derive(Default)]
pub(super) struct Listing {
    entries: BTreeMap<String, Entry>,
    /// What cannot be taken, apart because the paths here may be shortened, and alike.
    others: Vec<Entry>,
    skipped: BTreeSet<String>,
    count: usize,
}

impl Listing {
    /// Adds an entry under its name in the submission. Windows' `\` counts as `/`.
    ///
    /// # Errors
    /// Too many, a path that leads out, or a second entry of this path.
    pub(super) fn add(&mut self, name: &[u8], kind: Kind, id: usize) -> Result<(), Refusal> {
        self.count += 1;
        if self.count > ENTRIES {
            return Err(Refusal::TooMany);
        }
        let text = String::from_utf8_lossy(name).replace('\\', "/");
        let names = split(&text)?;
        if let Some(folder) = skipped_folder(&names, kind) {
            self.skipped.insert(folder);
            return Ok(());
        }
        if kind == Kind::Folder || names.last().is_none_or(|name| name.starts_with("._")) {
            return Ok(());
        }
        let path = names.join("/");
        match unfit(name, &path, names.len()) {
            Some(what) => self.add_other(path, Kind::Other(what), id),
            None if matches!(kind, Kind::Other(_)) => self.add_other(path, kind, id),
            None => return self.add_once(path, kind, id),
        }
        Ok(())
    }

    fn add_other(&mut self, mut path: String, kind: Kind, id: usize) {
        while path.len() > PATH_BYTES {
            path.pop();
        }
        self.others.push(Entry { path, kind, id });
    }

    fn add_once(&mut self, path: String, kind: Kind, id: usize) -> Result<(), Refusal> {
        let entry = Entry {
            path: path.clone(),
            kind,
            id,
        };
        match self.entries.insert(path, entry) {
            Some(Entry { path, .. }) => Err(Refusal::Duplicate { path }),
            None => Ok(()),
        }
    }

    /// Returns all entries, sorted by path, and the folders that were skipped.
    pub(super) fn finish(self) -> (Vec<Entry>, BTreeSet<String>) {
        let mut entries: Vec<Entry> = self.entries.into_values().chain(self.others).collect();
        entries.sort_by(|a, b| (&a.path, a.id).cmp(&(&b.path, b.id)));
        (entries, self.skipped)
    }
}

/// Returns whether a folder of this name is skipped.
pub(super) fn is_skipped(name: &str) -> bool {
    SKIPPED.contains(&name)
}

/// Returns the names of a path, without empty ones and `.`.
fn split(text: &str) -> Result<Vec<&str>, Refusal> {
    let path = || text.escape_debug().to_string();
    if text.contains('\0') {
        return Err(Refusal::NulInPath { path: path() });
    }
    // Windows' `C:\x` leads to a drive.
    let drive =
        text.starts_with(|first: char| first.is_ascii_alphabetic()) && text[1..].starts_with(':');
    if text.starts_with('/') || drive || text.split('/').any(|name| name == "..") {
        return Err(Refusal::LeadsOut { path: path() });
    }
    let names = text.split('/');
    Ok(names
        .filter(|name| !name.is_empty() && *name != ".")
        .collect())
}

/// Returns the outermost folder of a path that is skipped.
fn skipped_folder(names: &[&str], kind: Kind) -> Option<String> {
    let folders = names.len() - usize::from(kind != Kind::Folder && !names.is_empty());
    let at = names[..folders].iter().position(|name| is_skipped(name))?;
    Some(names[..=at].join("/"))
}

/// Returns why a file of this name cannot be used, if so. It only matters in the wanted places.
fn unfit(name: &[u8], path: &str, depth: usize) -> Option<&'static str> {
    if std::str::from_utf8(name).is_err() {
        Some("has a name that is not UTF-8")
    } else if path.len() > PATH_BYTES {
        Some("has a path of more than 255 bytes")
    } else if depth > DEPTH {
        Some("is more than 32 folders deep")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(names: &[&str]) -> Result<(Vec<String>, BTreeSet<String>), Refusal> {
        let mut listing = Listing::default();
        for (id, name) in names.iter().enumerate() {
            listing.add(name.as_bytes(), Kind::File, id)?;
        }
        let (entries, skipped) = listing.finish();
        let paths = entries.into_iter().map(|entry| entry.path).collect();
        Ok((paths, skipped))
    }

    #[test]
    fn spellings_of_a_path_become_one_and_are_sorted() {
        let (paths, _) = list(&["vm\\src\\b.rs", "./vm//src/a.rs"]).expect("both are paths");
        assert_eq!(paths, ["vm/src/a.rs", "vm/src/b.rs"]);
    }

    #[test]
    fn two_spellings_of_one_path_are_a_duplicate() {
        let refusal = list(&["vm\\src\\a.rs", "./vm//src/a.rs"]);
        assert!(matches!(refusal, Err(Refusal::Duplicate { path }) if path == "vm/src/a.rs"));
    }

    #[test]
    fn names_that_differ_in_case_are_two_files() {
        let (paths, _) = list(&["A.rs", "a.rs"]).expect("they are not the same");
        assert_eq!(paths.len(), 2);
    }

    #[test]
    fn paths_that_lead_out_are_refused_wherever_they_are() {
        for path in [
            "../x",
            "target/../../x",
            "/etc/passwd",
            "\\x",
            "C:\\x",
            "a/..",
        ] {
            let refusal = list(&[path]);
            assert!(matches!(refusal, Err(Refusal::LeadsOut { .. })), "{path}");
        }
        let refusal = list(&["a\0b"]);
        assert!(matches!(refusal, Err(Refusal::NulInPath { .. })));
    }

    #[test]
    fn what_tools_make_is_not_looked_at() {
        let names = [
            "vm/target/debug/a.rs",
            ".git/HEAD",
            "__MACOSX/vm/._a.rs",
            "vm/._b.rs",
            "vm/target.rs",
        ];
        let (paths, skipped) = list(&names).expect("all are paths");
        assert_eq!(paths, ["vm/target.rs"]);
        let skipped: Vec<_> = skipped.iter().map(String::as_str).collect();
        assert_eq!(skipped, [".git", "__MACOSX", "vm/target"]);
    }

    #[test]
    fn a_path_too_long_or_too_deep_is_kept_as_something_that_cannot_be_taken() {
        let mut listing = Listing::default();
        let long = format!("a/{}.rs", "x".repeat(300));
        listing.add(long.as_bytes(), Kind::File, 0).expect("listed");
        let deep = format!("{}x.rs", "d/".repeat(40));
        listing.add(deep.as_bytes(), Kind::File, 1).expect("listed");
        listing.add(b"z\xff.rs", Kind::File, 2).expect("listed");
        let (entries, _) = listing.finish();
        assert_eq!(entries.len(), 3);
        assert!(entries.iter().all(|entry| entry.check_plain().is_err()));
    }

    #[test]
    fn entries_are_limited() {
        let mut listing = Listing::default();
        for id in 0..ENTRIES {
            listing
                .add(format!("{id}").as_bytes(), Kind::File, id)
                .expect("within the limit");
        }
        let refusal = listing.add(b"target/x", Kind::File, ENTRIES);
        assert!(matches!(refusal, Err(Refusal::TooMany)));
    }
}
