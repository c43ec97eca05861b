//! The walls around a kernel that somebody else wrote: what its process can still ask the host for.
//!
//! # Invariants
//! - A wall only ever takes away, and nothing in the process can give it back.
//! - Behind all of them there is nothing to open but the guest's files, the record and the program itself; no
//!   process, no network, nobody else's process to touch.
//! - Where the host cannot build one, that is said ([`Walls`]): it is for whoever grades to decide.

#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod files;

use std::path::Path;

use protocol::record::Walls;

/// What a process behind the walls may open.
pub struct Openings<'a> {
    /// The folder of the guest's files: they are made, read, written and removed.
    pub guest_files: &'a Path,
    /// The record: it is there, and is written.
    pub record: &'a Path,
}

/// Builds the wall around files and the network, for this thread and those that it starts from here on.
///
/// # Errors
/// A message, if the host has such walls and refuses this one.
#[cfg(target_os = "linux")]
pub fn close_files(openings: &Openings<'_>, walls: &mut Walls) -> Result<(), String> {
    walls.files = files::close(openings)?;
    Ok(())
}

/// Builds the wall around everything else that the kernel of the host does, for all threads: there are no more
/// from here on.
///
/// # Errors
/// A message, if the host has such walls and refuses this one.
#[cfg(target_os = "linux")]
pub fn close_calls(walls: &mut Walls) -> Result<(), String> {
    walls.calls = calls::close()?;
    Ok(())
}

/// There are none.
///
/// # Errors
/// None.
#[cfg(not(target_os = "linux"))]
pub fn close_files(_: &Openings<'_>, _: &mut Walls) -> Result<(), String> {
    Ok(())
}

/// There are none.
///
/// # Errors
/// None.
#[cfg(not(target_os = "linux"))]
pub fn close_calls(_: &mut Walls) -> Result<(), String> {
    Ok(())
}
