//! Chooses the entries of a submission that are the kernel's files, by their paths alone.
//!
//! The places are tried in this order, and the first that is found counts:
//! 1. `P/vm/src`, the least deep one. With a `lib.rs` it is the whole of `vm/src`, otherwise some files of it.
//! 2. `P/src` with a `lib.rs` and files of the hand-out: the folder `vm` was packed.
//! 3. `P` with a `lib.rs` and files of the hand-out: what is in `vm/src` was packed.
//! 4. Loose files, identified by their names: see [`super::loose`].
//!
//! # Invariants
//! - Only plain `.rs` files are chosen, each for one path below `vm/src`, and no path twice.
//! - In a chosen place, there is no link and nothing else that is neither file nor folder.
//! - The choice depends on the set of entries only, not on their order in an archive.

use std::collections::{BTreeMap, BTreeSet};

use super::listing::Entry;
use super::loose;
use super::refusal::Refusal;
use crate::sources::Sources;

/// The folder of the kernel's sources in the tree.
pub(super) const PLACE: &str = "vm/src/";
/// The file whose presence means that `vm/src` is complete.
const ROOT_FILE: &str = "lib.rs";
/// This many files of the hand-out identify `vm/src` under another name.
const KNOWN_FILES: usize = 3;

/// What is used of a submission.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Choice {
    /// Whether these files replace all of `vm/src`.
    pub whole: bool,
    /// The path in the hand-out of each chosen entry, by the entry's id.
    pub files: BTreeMap<usize, String>,
    /// What was chosen, in words.
    pub notes: Vec<String>,
}

/// Chooses among entries that are sorted by path.
///
/// # Errors
/// Nothing matches, the match is ambiguous, or it is not a plain file.
pub(super) fn choose(entries: &[Entry], pristine: &Sources) -> Result<Choice, Refusal> {
    let known: BTreeSet<&str> = pristine
        .keys()
        .filter_map(|path| path.strip_prefix(PLACE))
        .collect();
    let folder = match named_folder(entries)? {
        Some(folder) => Some(folder),
        None => crate_folder(entries, &known)?,
    };
    let choice = match folder {
        Some(folder) => take_folder(entries, &folder)?,
        None => loose::choose(entries, &known)?,
    };
    check_folders(&choice, pristine)?;
    Ok(choice)
}

/// Rule 1: the least deep folder `vm/src` with `.rs` files. Of several, the only one that is whole.
fn named_folder(entries: &[Entry]) -> Result<Option<String>, Refusal> {
    let folders: BTreeSet<&str> = entries.iter().filter_map(named_folder_of).collect();
    let Some(least) = folders.iter().map(|folder| depth(folder)).min() else {
        return Ok(None);
    };
    let level: Vec<&str> = folders
        .into_iter()
        .filter(|folder| depth(folder) == least)
        .collect();
    let whole: Vec<&str> = level
        .iter()
        .copied()
        .filter(|folder| has_root_file(entries, folder))
        .collect();
    only(if whole.is_empty() { &level } else { &whole })
}

/// The part of a `.rs` file's path up to the first `vm/src`, which has at least one name below it.
fn named_folder_of(entry: &Entry) -> Option<&str> {
    if !is_source(entry) {
        return None;
    }
    if entry.path.starts_with(PLACE) {
        return Some("vm/src");
    }
    let at = entry.path.find("/vm/src/")?;
    Some(&entry.path[..at + "/vm/src".len()])
}

/// Rules 2 and 3: the least deep folder that holds the crate under another name, at best one called `src`.
fn crate_folder(entries: &[Entry], known: &BTreeSet<&str>) -> Result<Option<String>, Refusal> {
    let folders: Vec<&str> = entries
        .iter()
        .filter_map(|entry| folder_with_root_file(&entry.path))
        .filter(|folder| count_known(entries, folder, known) >= KNOWN_FILES)
        .collect();
    let called_src = |folder: &&str| *folder == "src" || folder.ends_with("/src");
    let sources: Vec<&str> = folders.iter().copied().filter(called_src).collect();
    let folders = if sources.is_empty() { folders } else { sources };
    let least = folders.iter().map(|folder| depth(folder)).min();
    let level: Vec<&str> = folders
        .into_iter()
        .filter(|folder| Some(depth(folder)) == least)
        .collect();
    only(&level)
}

fn folder_with_root_file(path: &str) -> Option<&str> {
    let folder = path.strip_suffix(ROOT_FILE)?;
    if folder.is_empty() {
        return Some(folder);
    }
    folder.strip_suffix('/')
}

fn count_known(entries: &[Entry], folder: &str, known: &BTreeSet<&str>) -> usize {
    below(entries, folder)
        .filter(|(inside, _)| known.contains(inside))
        .count()
}

/// The only one of these folders.
fn only(folders: &[&str]) -> Result<Option<String>, Refusal> {
    match folders {
        [] => Ok(None),
        [folder] => Ok(Some((*folder).to_owned())),
        [first, second, ..] => Err(Refusal::TwoHandOuts {
            first: in_words(first),
            second: in_words(second),
        }),
    }
}

/// Takes all sources below a folder as those of `vm/src`.
fn take_folder(entries: &[Entry], folder: &str) -> Result<Choice, Refusal> {
    let mut files = BTreeMap::new();
    for (inside, entry) in below(entries, folder) {
        entry.check_plain()?;
        if is_source(entry) {
            files.insert(entry.id, format!("{PLACE}{inside}"));
        }
    }
    let whole = has_root_file(entries, folder);
    Ok(Choice {
        whole,
        notes: vec![note(folder, whole, files.len())],
        files,
    })
}

fn note(folder: &str, whole: bool, count: usize) -> String {
    let files = if count == 1 { "file" } else { "files" };
    let place = match folder.strip_suffix("vm/src") {
        Some("") => "vm/src".to_owned(),
        Some(parent) => format!("vm/src of {parent}"),
        None => format!("{}, taken as vm/src", in_words(folder)),
    };
    if whole {
        format!("{place} ({count} {files})")
    } else {
        format!("{place} ({count} {files}, put over those of the hand-out: it has no lib.rs)")
    }
}

/// A path cannot be a file and a folder, neither in the submission nor together with the hand-out's files.
fn check_folders(choice: &Choice, pristine: &Sources) -> Result<(), Refusal> {
    let taken: BTreeSet<&str> = choice.files.values().map(String::as_str).collect();
    let stays = |path: &str| !choice.whole && pristine.contains_key(path);
    let all = pristine.keys().filter(|path| stays(path));
    for path in all.map(String::as_str).chain(taken.iter().copied()) {
        let mut folders = path.match_indices('/').map(|(at, _)| &path[..at]);
        if let Some(both) = folders.find(|folder| taken.contains(folder) || stays(folder)) {
            return Err(Refusal::FileAndFolder {
                path: both.to_owned(),
            });
        }
    }
    Ok(())
}

/// The entries below a folder, with their paths from there. Sorted paths below one folder are neighbours.
fn below<'a>(
    entries: &'a [Entry],
    folder: &str,
) -> impl Iterator<Item = (&'a str, &'a Entry)> + use<'a> {
    let prefix = match folder {
        "" => String::new(),
        folder => format!("{folder}/"),
    };
    let start = entries.partition_point(|entry| entry.path < prefix);
    entries[start..]
        .iter()
        .map_while(move |entry| Some((entry.path.strip_prefix(&prefix)?, entry)))
}

fn has_root_file(entries: &[Entry], folder: &str) -> bool {
    below(entries, folder).any(|(inside, _)| inside == ROOT_FILE)
}

fn depth(folder: &str) -> usize {
    folder.split('/').filter(|name| !name.is_empty()).count()
}

fn in_words(folder: &str) -> String {
    match folder {
        "" => "its root".to_owned(),
        folder => format!("{folder}/"),
    }
}

/// Returns whether the name is that of a Rust source, whatever the content.
pub(super) fn is_source(entry: &Entry) -> bool {
    entry.path.ends_with(".rs")
}
