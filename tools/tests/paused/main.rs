//! Inspectors and the history of a page, compared with the machine at each fault of a run.

mod followed;
mod inspected;
mod run;
