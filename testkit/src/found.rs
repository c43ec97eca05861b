//! What a test needs and a host may not have.

use std::path::{Path, PathBuf};

/// What was found for a test; `None`, with a line about it, if it cannot be had.
///
/// # Panics
/// If it cannot be had and this environment variable is set: where a test that is skipped is one that failed.
#[must_use]
pub fn or_skipped<'a>(found: &'a Result<PathBuf, String>, required: &str) -> Option<&'a Path> {
    match found {
        Ok(path) => Some(path),
        Err(why) if std::env::var_os(required).is_some() => panic!("{why}"),
        Err(why) => {
            eprintln!("skipped: {why}");
            None
        }
    }
}
