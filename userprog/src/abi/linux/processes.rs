//! exit, exit_group.
//!
//! # Invariants
//! A process has one thread: the end of the one is the end of the other.

use super::call::{Call, Done, Reply};
use crate::process::ExitStatus;
use crate::service::Service;

/// `void exit(int status)`, `void exit_group(int status)`
pub(super) fn exit(_: &mut Service<'_>, call: Call) -> Reply {
    let [status] = call.arguments();
    Ok(Done::End(ExitStatus::Exited((status & 0xff) as i32)))
}
