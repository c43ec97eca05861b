//! The level of detail of a fault log.
//!
//! # Invariants
//!
//! Each level includes the ones before it.

use std::fmt;

use clap::ValueEnum;
use serde::Deserialize;

/// The level of detail.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Faults.
    #[default]
    Faults,
    /// Evictions and the like.
    Evictions,
    /// Page-table entries.
    Entries,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value().expect("no level is hidden");
        f.write_str(value.get_name())
    }
}
