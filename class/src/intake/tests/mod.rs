//! Tests of whole submissions.

mod archives;
mod bundles;
mod folders;
mod kinds;
mod random;
