//! Reads a submission as data.
//!
//! A submission is a folder, a ZIP, a tar, a git bundle or one `.rs` file; its content decides which, not its
//! name. All are read in the same three steps: list the entries (`listing`), choose among their paths
//! (`choose`), read those that were chosen (`container`).
//!
//! # Invariants
//! - Nothing of a submission is executed, unpacked on disk, or opened on the host by a name of its own, except
//!   below a folder that was handed in, where no link is followed.
//! - Only `.rs` files below `vm/src` are used, text in UTF-8, within the limits of [`limits`].
//! - The same contents give the same [`Taken::files`], whatever the kind and the order they came in.
//! - Whatever the bytes are, the answer is a [`Taken`] or a [`Refusal`], never a panic.

mod bundle;
mod choose;
mod container;
mod directory;
mod folder;
mod git;
pub mod limits;
mod listing;
mod loose;
mod reading;
mod refusal;
mod single;
mod sniff;
mod tar;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod zip;

use std::collections::BTreeSet;
use std::path::Path;

pub use refusal::Refusal;

use self::bundle::Bundle;
use self::choose::choose;
use self::container::Container;
use self::folder::Folder;
use self::listing::Listing;
use self::single::Single;
use self::sniff::{Content, Opened};
use self::tar::Tar;
use self::zip::Zip;
use crate::sources::Sources;

/// The content of a submission.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Taken {
    /// Its files by their paths in the hand-out, as in `vm/src/pager/evict.rs`.
    pub files: Sources,
    /// Whether they replace all of `vm/src`. If not, they replace single files of the hand-out.
    pub whole: bool,
    /// What was used and what was not, one line each, for the student.
    pub notes: Vec<String>,
}

impl Taken {
    /// Returns the files of `vm/src` to compile.
    #[must_use]
    pub fn over(self, pristine: &Sources) -> Sources {
        if self.whole {
            return self.files;
        }
        let mut files = pristine.clone();
        files.extend(self.files);
        files
    }
}

/// Reads a submission. `pristine` are the files of the hand-out below `vm/src`, by path from the tree's root.
///
/// # Errors
/// Why it is refused, and what to do about it.
pub fn take(path: &Path, pristine: &Sources) -> Result<Taken, Refusal> {
    match sniff::open(path)? {
        Opened::Folder(root) => take_from(&mut Folder::new(path, root), pristine),
        Opened::File(bytes) => take_file(path, bytes, pristine),
    }
}

fn take_file(path: &Path, bytes: Vec<u8>, pristine: &Sources) -> Result<Taken, Refusal> {
    match sniff::content(path, &bytes)? {
        Content::Zip => take_from(&mut Zip::new(bytes)?, pristine),
        Content::Tar(packing) => take_from(&mut Tar::new(bytes, packing), pristine),
        Content::Source => take_from(&mut Single::new(path, bytes), pristine),
        Content::Bundle => {
            let mut bundle = Bundle::new(&bytes)?;
            let mut taken = take_from(&mut bundle, pristine)?;
            taken.notes.insert(0, bundle.note());
            Ok(taken)
        }
    }
}

fn take_from(container: &mut dyn Container, pristine: &Sources) -> Result<Taken, Refusal> {
    let mut listing = Listing::default();
    container.list(&mut listing)?;
    let (entries, skipped) = listing.finish();
    let choice = choose(&entries, pristine)?;
    let mut notes = choice.notes;
    notes.extend(unseen(&skipped, entries.len() - choice.files.len()));
    Ok(Taken {
        files: container::read(container, &choice.files)?,
        whole: choice.whole,
        notes,
    })
}

/// Returns a line about folders that were skipped and the number of other files that were not read.
fn unseen(skipped: &BTreeSet<String>, others: usize) -> Option<String> {
    let mut unseen: Vec<String> = skipped.iter().map(|folder| format!("{folder}/")).collect();
    match others {
        0 => {}
        1 => unseen.push("1 other file".to_owned()),
        _ => unseen.push(format!("{others} other files")),
    }
    let (last, before) = unseen.split_last()?;
    let verb = if unseen.len() == 1 && others <= 1 {
        "was"
    } else {
        "were"
    };
    if before.is_empty() {
        return Some(format!("{last} {verb} not looked at"));
    }
    Some(format!(
        "{} and {last} {verb} not looked at",
        before.join(", ")
    ))
}
