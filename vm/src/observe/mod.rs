//! What is told of what happens: events, their text, and counters; and what can be looked at.
//!
//! # Invariants
//!
//! Nothing here changes anything, and nothing below knows that it is observed.

pub mod event;
pub mod pagemap;
pub mod stats;
pub mod text;
pub mod view;
