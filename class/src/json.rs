//! Results as JSON.
//!
//! # Invariants
//! What is written here is plain data, whose writing cannot fail: maps have text as keys.

use serde::Serialize;

/// Returns data in one line.
pub(crate) fn compact(data: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(data).expect("it is plain data")
}

/// Returns data in lines that people can read.
pub(crate) fn readable(data: &impl Serialize) -> String {
    serde_json::to_string_pretty(data).expect("it is plain data")
}
