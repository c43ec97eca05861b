//! The wall of names around a student's crate: what its text must not contain.
//!
//! A kernel is compiled with `-F unsafe_code` and with the crates bitflags, log, machine, smallvec, thiserror
//! and std at hand. Of these, std alone has doors to the host, and machine one. The rules here look at the
//! tokens of each changed file, before anything of it is compiled, and leave it no name to open a door with.
//! They do not replace the walls of crate `driver`: they let a mistake be reported by file and line.
//!
//! # Why tokens are enough
//! A macro can recombine tokens, but it cannot make a name: each name that is used is written out
//! somewhere. So a forbidden name ([`names`]) is refused wherever it is. A path such as `std::fs` consists
//! of two harmless names and could be put together by a macro, so `std` is refused where a macro of the
//! student's own would get it ([`macros`]), and judged with what follows everywhere else ([`paths`]).
//!
//! # Invariants
//! - A file that equals the hand-out's file at the same path is not checked.
//! - In all other Rust files every token is checked, except items under exactly `#[cfg(test)]`, which are
//!   not compiled when a submission is graded ([`test_items`]).
//! - A file whose tokens may not be those that rustc sees is itself a breach ([`tokens`]).
//! - Breaches come sorted by file and line, each once.
//!
//! # What stays possible
//! `HashMap` and `HashSet` iterate in an order that is random in each run, and addresses differ between
//! machines. Neither reaches the host, and a kernel may use them, but its results must not show them.

mod attributes;
mod look;
mod macros;
mod names;
mod paths;
mod test_items;
#[cfg(test)]
mod tests;
pub(crate) mod tokens;

use std::fmt;

use crate::sources::Sources;

/// Something forbidden in a file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Breach {
    /// The file's path in the tree.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What was found and why it is refused, as a sentence without its full stop.
    pub what: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// Returns everything forbidden in the Rust files of `sources`, sorted by file and line. Files that are
/// the same in `pristine`, the hand-out, are not checked.
#[must_use]
pub fn breaches(sources: &Sources, pristine: &Sources) -> Vec<Breach> {
    let mut found = Vec::new();
    for (file, text) in sources {
        if is_rust(file) && pristine.get(file) != Some(text) {
            found.extend(in_file(file, text));
        }
    }
    found
}

/// Returns whether rustc could take a file for a module, also on file systems without case.
pub(crate) fn is_rust(file: &str) -> bool {
    file.rsplit_once('.')
        .is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("rs"))
}

fn in_file(file: &str, text: &[u8]) -> Vec<Breach> {
    let mut found = match tokens::tokens(text) {
        Ok(tokens) => look::look(&tokens),
        Err(unreadable) => vec![(unreadable.line, unreadable.why.to_string())],
    };
    found.sort();
    found.dedup();
    found
        .into_iter()
        .map(|(line, what)| Breach {
            file: file.to_string(),
            line,
            what,
        })
        .collect()
}
