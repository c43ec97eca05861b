//! What students hand in: taken as data, compiled behind walls, graded, for one or for a class.
//!
//! # Invariants
//! - A submission is data until its machine runs, and that runs behind the walls of crate `driver`: nothing
//!   of it is executed before, and no path that it names is opened.
//! - Same submissions, same hand-out, same options: the same bytes in every result.

pub mod intake;
pub mod rules;
pub mod similar;
pub mod sources;
