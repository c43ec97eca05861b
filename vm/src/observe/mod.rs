//! Observation: events and their text, counters, and the views of inspectors.
//!
//! # Invariants
//!
//! Nothing here changes anything, and no module that is observed depends on it.

pub(crate) mod event;
pub mod pagemap;
pub(crate) mod stats;
pub(crate) mod text;
pub mod view;
