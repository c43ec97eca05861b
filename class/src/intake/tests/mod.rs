//! Tests of whole submissions.

mod archives;
mod bundles;
mod choosing;
mod folders;
mod kinds;
mod random;
