//! What the bundled tests notice: the kernel's breaks ([`class::breaks`]), each tried on its own.
//!
//! `trial` runs the bundled tests with one break, `code_test` a test of the code, and `note` writes
//! what came of all of them.

pub mod code_test;
pub mod note;
pub mod trial;

use class::breaks::{Break, BreaksError};
use testkit::root;

/// All breaks.
///
/// # Errors
/// Which of them is wrong, and how.
pub fn bundled() -> Result<Vec<Break>, BreaksError> {
    class::breaks::read(&root())
}
