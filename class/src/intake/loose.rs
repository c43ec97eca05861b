//! Files of the hand-out that were submitted without their folders, identified by their names.
//!
//! # Invariants
//! - No file is guessed: an ambiguous name is refused, and so are two files that
//!   could be the same one.

use std::collections::{BTreeMap, BTreeSet};

use super::choose::{Choice, PLACE, is_source};
use super::listing::Entry;
use super::refusal::Refusal;

/// The number of unused files that are named in notes; more are counted.
const NAMED: usize = 10;

/// The files of the hand-out by every end of their paths, as in `evict.rs` and `pager/evict.rs`.
type Ends<'a> = BTreeMap<&'a str, Vec<&'a str>>;

/// Matches each `.rs` file with the file of the hand-out whose path has the longest common suffix.
///
/// # Errors
/// No file matches, a match is ambiguous, or a matching entry is not a plain file.
pub(super) fn choose(entries: &[Entry], known: &BTreeSet<&str>) -> Result<Choice, Refusal> {
    let ends = ends_of(known);
    let mut meant: BTreeMap<&str, &Entry> = BTreeMap::new();
    let mut unused = Vec::new();
    for entry in entries.iter().filter(|entry| is_source(entry)) {
        let Some(target) = target_of(entry, &ends)? else {
            unused.push(entry.path.as_str());
            continue;
        };
        entry.check_plain()?;
        if let Some(other) = meant.insert(target, entry) {
            return Err(two_for_one(other, entry, target));
        }
    }
    if meant.is_empty() {
        return Err(Refusal::Nothing);
    }
    Ok(Choice {
        whole: false,
        notes: notes(&meant, &unused),
        files: meant
            .into_iter()
            .map(|(target, entry)| (entry.id, format!("{PLACE}{target}")))
            .collect(),
    })
}

fn ends_of<'a>(known: &BTreeSet<&'a str>) -> Ends<'a> {
    let mut ends = Ends::new();
    for path in known {
        for end in ends_of_path(path) {
            ends.entry(end).or_default().push(path);
        }
    }
    ends
}

/// A path and what follows each `/` in it: the longest end first.
fn ends_of_path(path: &str) -> impl Iterator<Item = &str> {
    let shorter = path.match_indices('/').map(|(at, _)| &path[at + 1..]);
    std::iter::once(path).chain(shorter)
}

/// Returns the file of the hand-out that an entry matches, if any.
fn target_of<'a>(entry: &Entry, ends: &Ends<'a>) -> Result<Option<&'a str>, Refusal> {
    match ends_of_path(&entry.path).find_map(|end| ends.get(end)) {
        None => Ok(None),
        Some(targets) if targets.len() == 1 => Ok(targets.first().copied()),
        Some(targets) => Err(Refusal::Ambiguous {
            path: entry.path.clone(),
            could_be: targets
                .iter()
                .map(|target| format!("{PLACE}{target}"))
                .collect::<Vec<_>>()
                .join(", "),
        }),
    }
}

fn two_for_one(first: &Entry, second: &Entry, target: &str) -> Refusal {
    Refusal::TwoForOne {
        first: first.path.clone(),
        second: second.path.clone(),
        target: format!("{PLACE}{target}"),
    }
}

fn notes(meant: &BTreeMap<&str, &Entry>, unused: &[&str]) -> Vec<String> {
    let used = meant
        .iter()
        .map(|(target, entry)| format!("{} as {PLACE}{target}", entry.path));
    let named = unused
        .iter()
        .take(NAMED)
        .map(|path| format!("{path} is not a file of the hand-out and was not used"));
    let mut notes: Vec<String> = used.chain(named).collect();
    if unused.len() > NAMED {
        let more = unused.len() - NAMED;
        notes.push(format!("{more} more .rs files were not used"));
    }
    notes
}
