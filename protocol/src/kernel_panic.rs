//! A panic of the kernel that was run, as it is reported.
//!
//! # Invariants
//!
//! Its place and its frames are lines of the kernel's own sources.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The start of the panic message of a part that is not written yet.
pub const NOT_WRITTEN: &str = "not written yet: ";
/// The start of the panic message of a search that was stopped because it did not end.
pub const ENDLESS_SEARCH: &str = "endless search: ";
/// The start of the panic message of a kernel that broke a rule and did not end after that.
pub const RULE_BROKEN: &str = "the kernel broke the rule that ";
/// Where the invariants of the virtual memory are checked: one of these is among the frames.
const CHECKING: [&str; 2] = ["(userprog/src/check", "(vm/src/residency/check.rs"];

/// A panic of the kernel.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KernelPanic {
    /// Its message.
    pub message: String,
    /// `FILE:LINE`, in `vm` or `userprog` if it is known.
    pub place: String,
    /// The callers, `FUNCTION (FILE:LINE)`, the innermost first.
    pub frames: Vec<String>,
}

/// The kind of a panic.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind<'a> {
    /// A part is not written yet: `M.N, TITLE (FILE:LINE)`.
    NotWritten(&'a str),
    /// A search that did not end was stopped: what it did.
    EndlessSearch(&'a str),
    /// A rule was broken and the kernel did not end after that: which rule, and what is wrong.
    Rule(&'a str),
    /// The virtual memory's own check found an invariant broken.
    Invariant,
    /// Any other.
    Panic,
}

impl KernelPanic {
    /// Returns what kind of panic it is.
    #[must_use]
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
