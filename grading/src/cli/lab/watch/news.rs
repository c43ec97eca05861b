//! Messages to the interface from the threads that build, test and watch files.
//!
//! # Invariants
//! News of one run of the tests come after its [`News::Begun`] and before that of the next: all of
//! them come from one thread, in order.

use std::path::PathBuf;

use super::failure::Failure;
use super::ground::Next;

/// The tests to run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Scope {
    /// Those of the milestone.
    Milestone,
    /// All bundled ones.
    All,
}

/// Something that has happened.
#[derive(Debug)]
pub(super) enum News {
    /// A source was saved.
    Saved,
    /// A run has begun, with a build.
    Begun(Scope),
    /// This is what to write next.
    Next(Next),
    /// This many more of crate `vm`'s own tests have begun.
    KernelTests(usize),
    /// One of them has ended.
    KernelTest(Ended),
    /// All of them have ended; these have failed.
    KernelTestsDone(Vec<Failed>),
    /// A bundled test has ended.
    Test(Ended),
    /// All of them have ended; these have failed, those that others need first.
    TestsDone(Vec<Failed>),
    /// The kernel does not compile; the compiler's messages.
    NotBuilt(Vec<String>),
    /// A command did not reach a verdict; its messages.
    Broken(Vec<String>),
    /// The run is over.
    Done,
    /// The report of a run was made, at this path relative to the root, or why not.
    Report(Result<PathBuf, String>),
    /// A note for the user.
    Note(String),
}

/// How a test ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Ended {
    /// Its name: SUITE/NAME, or cargo/NAME for one of crate `vm`.
    pub id: String,
    /// Whether it passed.
    pub passed: bool,
}

/// A test that failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Failed {
    /// Its name, as in [`Ended`].
    pub id: String,
    /// Why.
    pub why: Failure,
}
