//! The course that is taught with this tree, and the hand-out that students get.
//!
//! `lab/lab.toml` has the milestones, the tasks of each and the points of its tests
//! ([`course`]). Marks in the sources say where the solutions are ([`mark`]):
//!
//! ```text
//!     pub fn evict(&mut self, frame: Frame) -> FreeFrame {
//!         // lab 4.3: get a page out of its frame
//!         ...                      // the solution; a hand-out calls `lab::not_yet` instead
//!         // lab end
//!     }
//!
//!     fn slots_left(&self) -> u32 {
//!         // lab 4.4: count the slots that are left
//!         ...
//!         // lab given
//!         // | // Until 4.4: there is always room.
//!         // | u32::MAX             // what a hand-out has instead
//!         // lab end
//!     }
//!
//!     // lab 4 only
//!     fn helper() {}               // a hand-out has nothing instead
//!     // lab end
//!
//!     // lab 4 tests
//!     #[cfg(test)]                 // a hand-out has the feature `milestone-4` here as well
//!     mod tests;
//!
//!     /// Gets a page out of its frame.
//!     ///
//!     // lab 4 example
//!     /// ```                      // a hand-out runs what begins here with that feature only
//! ```
//!
//! # Invariants
//! - A hand-out is a function of the files that git tracks and of the milestones that are left to do:
//!   no clock, no setting of the user and no order of a folder affects it or its commit.
//! - Code between marks of a milestone that is left to do is in no file of the hand-out.
//!   If marks and `lab.toml` disagree, no hand-out is made.
//!
//! # Where to read
//! [`source`] reads the tree, [`regions`] the marks of a file, [`handout`] puts everything together:
//! [`open`] does for courses that leave the design to students;
//! [`transform`] makes the sources, [`manifest`] and [`lock`] what cargo reads, [`rubric`] the weights.
//! [`write`](mod@write) makes a folder and a commit of it, [`update`] one more commit. [`solution`] finds lines that were not to be
//! told. [`variant`] changes the task itself. In the hand-out, [`place`] finds where a task is, [`hints`] and [`progress`] remember.

pub mod course;
pub mod git;
pub mod handout;
pub mod hints;
pub mod ids;
pub mod lock;
pub mod manifest;
pub mod mark;
pub mod open;
pub mod place;
pub mod progress;
pub mod regions;
pub mod rubric;
pub mod solution;
pub mod source;
#[cfg(test)]
mod toy;
pub mod transform;
pub mod tree;
pub mod update;
pub mod variant;
pub mod write;
