//! Workloads: real programs with input that a seed makes, under every replacement policy.
//!
//! # Invariants
//!
//! A workload is data, `images/workloads/NAME.toml`. Its program comes from packages that are known by their sums, its
//! input from [`input`] by seed, and its output is compared with the one that Linux' own run of it has. So all that
//! is measured is the same on every host, to the byte.
//!
//! # Where to read
//! [`description`] is what is in the file, [`measured`] runs it; [`document`] and [`chart`] show the results.

pub mod chart;
pub mod description;
pub mod document;
pub mod input;
pub mod measured;

pub use description::Workload;
pub use measured::Measured;
