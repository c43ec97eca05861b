//! A panic of the kernel that was run, as it is told.
//!
//! # Invariants
//!
//! Where it was and what led there are lines of the kernel's own sources.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What the panic of a part that is not written yet begins with.
pub const NOT_WRITTEN: &str = "not written yet: ";
/// What the panic of a search begins with that was stopped because it found no end.
pub const ENDLESS_SEARCH: &str = "endless search: ";
/// What the panic begins with of a kernel that broke a rule and found no end after that.
pub const RULE_BROKEN: &str = "the kernel broke the rule that ";
/// Where the virtual memory is asked about its invariants: one of these is below the panic.
const CHECKING: [&str; 2] = ["(userprog/src/check", "(vm/src/residency/check.rs"];

/// A panic of the kernel.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KernelPanic {
    /// What it said.
    pub message: String,
    /// `FILE:LINE`, in `vm` or `userprog` if it is known.
    pub place: String,
    /// Where that was called from, `FUNCTION (FILE:LINE)`, the innermost first.
    pub frames: Vec<String>,
}

/// What kind of panic it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind<'a> {
    /// A part is not written yet: `M.N, TITLE (FILE:LINE)`.
    NotWritten(&'a str),
    /// A search was stopped that found no end: what it did.
    EndlessSearch(&'a str),
    /// A rule was broken, and there was no end after that: which, and what is wrong.
    Rule(&'a str),
    /// The virtual memory's own check found an invariant broken.
    Invariant,
    /// Any other.
    Panic,
}

impl KernelPanic {
    /// What kind of panic it is.
    pub fn kind(&self) -> Kind<'_> {
        let after = |start| self.message.strip_prefix(start);
        if let Some(task) = after(NOT_WRITTEN) {
            Kind::NotWritten(task)
        } else if let Some(search) = after(ENDLESS_SEARCH) {
            Kind::EndlessSearch(search)
        } else if let Some(rule) = after(RULE_BROKEN) {
            Kind::Rule(rule)
        } else if self.is_in_checking() {
            Kind::Invariant
        } else {
            Kind::Panic
        }
    }

    fn is_in_checking(&self) -> bool {
        let checks = |frame: &String| CHECKING.iter().any(|place| frame.contains(place));
        self.frames.iter().any(checks)
    }
}

impl fmt::Display for KernelPanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            Kind::NotWritten(task) => write!(f, "not written yet: {task}"),
            Kind::EndlessSearch(search) => write!(f, "{search} (at {})", self.place),
            Kind::Rule(_) => f.write_str(&self.message),
            Kind::Invariant => write!(
                f,
                "an invariant of the virtual memory does not hold, as {} finds: {}",
                self.place, self.message
            ),
            Kind::Panic => write!(f, "the kernel panicked at {}: {}", self.place, self.message),
        }
    }
}
