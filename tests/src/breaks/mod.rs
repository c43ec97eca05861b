//! What the bundled tests notice: the kernel's breaks ([`class::breaks`]), each tried on its own.
//!
//! `trial` runs the bundled tests with one break, `code_test` a test of the code, and `note` writes
//! what came of all of them.

pub mod code_test;
pub mod note;
pub mod trial;

use std::path::{Path, PathBuf};

use class::breaks::Break;

/// The root of the workspace.
pub fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().expect("a member of the workspace").to_owned()
}

/// All breaks.
///
/// # Errors
/// Which of them is wrong, and how.
pub fn bundled() -> Result<Vec<Break>, String> {
    class::breaks::read(&root())
}
