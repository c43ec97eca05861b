//! The rights that programs give their files: when they make them, and with `chmod`.
//!
//! # Invariants
//! - What was not made or changed in this run has the rights of the host, by which it can be executed or not.
//! - They are what programs see. The kernel reads and writes files as the host lets it, and root, who all are, may do
//!   the same; only executing takes a right.

use super::attributes::Whose;
use super::call::{Call, Done, Reply};
use crate::errno::Errno;
use crate::files::FileName;
use crate::service::Service;

/// The bits that a program can choose: rights of owner, group and others, set-user-ID, set-group-ID, sticky.
const BITS: u32 = 0o7777;
/// Those of a new directory.
const DIRECTORY_BITS: u32 = 0o1777;
/// Executing, by anyone.
pub(super) const EXECUTED: u32 = 0o111;

impl Service<'_> {
    /// Gives a file that a process has just made the rights that it has asked for, as its umask leaves them, and its
    /// times.
    pub(super) fn give_rights(
        &mut self,
        call: Call,
        name: &FileName,
        asked: u32,
    ) -> Result<(), Errno> {
        let file = self.files.entry(name)?.id;
        let left = asked & BITS & !self.group_of(call.pid()).umask;
        self.linux.attributes.of_mut(file).rights = Some(left);
        self.mark_made(file, name)
    }

    /// The same for a directory.
    pub(super) fn give_directory_rights(
        &mut self,
        call: Call,
        name: &FileName,
        asked: u32,
    ) -> Result<(), Errno> {
        self.give_rights(call, name, asked & DIRECTORY_BITS)
    }
}

/// `int chmod(const char *, mode_t)`
pub(super) fn chmod(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [path, rights] = call.arguments();
    let path = kernel.path_in(call, path)?;
    let whose = kernel.whose(&path)?;
    Ok(change(kernel, whose, rights))
}

/// `int fchmodat(int directory, const char *, mode_t)`
pub(super) fn fchmodat(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [from, path, rights] = call.arguments();
    let path = kernel.path_at_in(call, from, path)?;
    let whose = kernel.whose(&path)?;
    Ok(change(kernel, whose, rights))
}

/// `int fchmod(int fd, mode_t)`
pub(super) fn fchmod(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [fd, rights] = call.arguments();
    let open = kernel.opened(call, fd)?;
    let whose = kernel.whose_open(&open)?;
    Ok(change(kernel, whose, rights))
}

fn change(kernel: &mut Service<'_>, whose: Whose, rights: u32) -> Done {
    let now = kernel.stamp();
    if let Some(attribute) = kernel.linux.attributes.of_whose_mut(whose) {
        attribute.rights = Some(rights & BITS);
        attribute.times_mut().changed = now;
    }
    Done::ZERO
}
