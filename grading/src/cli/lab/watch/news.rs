//! What the threads that build, test and look at files tell the interface.
//!
//! # Invariants
//! What is told of one run of the tests comes after its [`News::Begun`] and before that of the next: all
//! of it comes from one thread, in order.

use std::path::PathBuf;

use super::failure::Failure;
use super::ground::Next;

/// Which tests are run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// Those of the milestone.
    Milestone,
    /// All bundled ones.
    All,
}

/// Something that has happened.
#[derive(Debug)]
pub enum News {
    /// A source was saved.
    Saved,
    /// A run has begun, with a build.
    Begun(Scope),
    /// This is to be written next.
    Next(Next),
    /// So many more of crate `vm`'s own tests have begun.
    KernelTests(usize),
    /// One of them has ended.
    KernelTest(Ended),
    /// All of them have ended; these have failed.
    KernelTestsDone(Vec<Failed>),
    /// A bundled test has ended.
    Test(Ended),
    /// All of them have ended; these have failed, those that others need first.
    TestsDone(Vec<Failed>),
    /// The kernel does not compile; what the compiler said.
    NotBuilt(Vec<String>),
    /// A command did not come to a verdict; what it said.
    Broken(Vec<String>),
    /// The run is over.
    Done,
    /// The report of a run was made, at this path from the root, or why not.
    Report(Result<PathBuf, String>),
    /// Something to be told to the user.
    Note(String),
}

/// How a test ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ended {
    /// Its name: SUITE/NAME, or cargo/NAME for one of crate `vm`.
    pub id: String,
    /// Whether it passed.
    pub passed: bool,
}

/// A test that failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failed {
    /// Its name, as in [`Ended`].
    pub id: String,
    /// Why.
    pub why: Failure,
}
