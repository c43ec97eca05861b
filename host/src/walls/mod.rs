//! The walls around an untrusted kernel, which limit what its process can ask the host for.
//!
//! # Invariants
//! - A wall only removes rights, and nothing in the process can regain them.
//! - Behind all walls nothing can be opened but the guest's files, the record and the program itself;
//!   no process can be started or reached, and no network.
//! - If the host cannot build a wall, that is reported ([`Walls`]), and the grader decides.

#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod files;

use std::path::Path;

use protocol::record::Walls;

/// What a process behind the walls may open.
#[derive(Debug)]
pub struct Openings<'a> {
    /// The folder of the guest's files, which are created, read, written and removed.
    pub guest_files: &'a Path,
    /// The folder with the programs and libraries of real systems (`--root`), which is read.
    pub root: Option<&'a Path>,
    /// The record, which exists and is written.
    pub record: &'a Path,
}

/// Builds the wall around files and the network, for this thread and those it starts from now on.
///
/// # Errors
/// A message, if the host has such walls but refuses this one.
#[cfg(target_os = "linux")]
pub fn close_files(openings: &Openings<'_>, walls: &mut Walls) -> Result<(), String> {
    walls.files = files::close(openings)?;
    Ok(())
}

/// Builds the wall around the host's other system calls, for all threads. No thread can be started
/// from now on.
///
/// # Errors
/// A message, if the host has such walls but refuses this one.
#[cfg(target_os = "linux")]
pub fn close_calls(walls: &mut Walls) -> Result<(), String> {
    walls.calls = calls::close()?;
    Ok(())
}

/// Does nothing: this host has no such walls.
///
/// # Errors
/// None.
#[cfg(not(target_os = "linux"))]
pub fn close_files(_: &Openings<'_>, _: &mut Walls) -> Result<(), String> {
    Ok(())
}

/// Does nothing: this host has no such walls.
///
/// # Errors
/// None.
#[cfg(not(target_os = "linux"))]
pub fn close_calls(_: &mut Walls) -> Result<(), String> {
    Ok(())
}
