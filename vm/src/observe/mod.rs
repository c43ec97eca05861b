//! Observation: events and their text, counters, and the views of inspectors.
//!
//! # Invariants
//!
//! Nothing here changes anything, and no module that is observed depends on it.

pub mod event;
pub mod pagemap;
pub mod stats;
pub mod text;
pub mod view;
