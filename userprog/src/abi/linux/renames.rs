//! unlink, mkdir, rmdir, rename, link and their relatives: what changes the names in directories.
//!
//! # Invariants
//! A call that fails has changed nothing. What is open stays what it is, whatever becomes of its name.

use super::call::{Call, Done, Reply};
use super::paths::{GuestPath, PathEnd};
use crate::errno::Errno;
use crate::files::EntryKind;
use crate::service::Service;

/// AT_REMOVEDIR.
const REMOVE_DIRECTORY: u32 = 0x200;
/// RENAME_NOREPLACE.
const NO_REPLACE: u32 = 1;

/// `int unlink(const char *)`
pub(super) fn unlink(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [path] = call.arguments();
    let path = kernel.name_in(call, path)?;
    remove(kernel, &path, EntryKind::File)
}

/// `int rmdir(const char *)`
pub(super) fn rmdir(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [path] = call.arguments();
    let path = kernel.name_in(call, path)?;
    remove(kernel, &path, EntryKind::Directory)
}

/// `int unlinkat(int directory, const char *, int flags)`
pub(super) fn unlinkat(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [from, path, flags] = call.arguments();
    let kind = match flags {
        0 => EntryKind::File,
        REMOVE_DIRECTORY => EntryKind::Directory,
        _ => return Err(Errno::Invalid.into()),
    };
    let path = kernel.name_at_in(call, from, path)?;
    remove(kernel, &path, kind)
}

/// `int mkdir(const char *, mode_t)`
pub(super) fn mkdir(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [path, rights] = call.arguments();
    let path = kernel.name_in(call, path)?;
    make_directory(kernel, call, &path, rights)
}

/// `int mkdirat(int directory, const char *, mode_t)`
pub(super) fn mkdirat(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [from, path, rights] = call.arguments();
    let path = kernel.name_at_in(call, from, path)?;
    make_directory(kernel, call, &path, rights)
}

/// `int rename(const char *from, const char *to)`
pub(super) fn rename(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [from, to] = call.arguments();
    let from = kernel.name_in(call, from)?;
    let to = kernel.name_in(call, to)?;
    give_name(kernel, &from, &to, Taken::Replaced)
}

/// `int renameat(int from_directory, const char *from, int to_directory, const char *to)`
pub(super) fn renameat(kernel: &mut Service<'_>, call: Call) -> Reply {
    let mut arguments = call.arguments;
    arguments[4] = 0;
    renameat2(kernel, Call { arguments, ..call })
}

/// `int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags)`: names
/// are not exchanged, as on some file systems.
pub(super) fn renameat2(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [from_directory, from, to_directory, to, flags] = call.arguments();
    let taken = match flags {
        0 => Taken::Replaced,
        NO_REPLACE => Taken::Kept,
        _ => return Err(Errno::Invalid.into()),
    };
    let from = kernel.name_at_in(call, from_directory, from)?;
    let to = kernel.name_at_in(call, to_directory, to)?;
    give_name(kernel, &from, &to, taken)
}

/// `int link(const char *, const char *)`, `int symlink(const char *, const char *)` and their relatives: files
/// have one name each, as on file systems without links.
pub(super) fn link(_: &mut Service<'_>, _: Call) -> Reply {
    Err(Errno::Permission.into())
}

/// What becomes of what has a name that something else is to get.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taken {
    Replaced,
    /// Then nothing is renamed.
    Kept,
}

fn remove(
    kernel: &mut Service<'_>,
    (path, end): &(GuestPath, PathEnd),
    wanted: EntryKind,
) -> Reply {
    match (wanted, end) {
        (_, PathEnd::Name | PathEnd::Slash) => {}
        (EntryKind::File, _) => return Err(Errno::IsDirectory.into()),
        (EntryKind::Directory, PathEnd::Up) => return Err(Errno::NotEmpty.into()),
        (EntryKind::Directory, _) => return Err(Errno::Invalid.into()),
    }
    let name = path.file_name()?.ok_or(Errno::Busy)?;
    let entry = kernel.files.entry(&name)?;
    match (entry.kind, wanted) {
        (EntryKind::File, _) if *end == PathEnd::Slash => return Err(Errno::NotDirectory.into()),
        (EntryKind::File, EntryKind::File) => kernel.files.remove_named(&name)?,
        (EntryKind::Directory, EntryKind::Directory) => kernel.files.remove_directory(&name)?,
        (EntryKind::Directory, EntryKind::File) => return Err(Errno::IsDirectory.into()),
        (EntryKind::File, EntryKind::Directory) => return Err(Errno::NotDirectory.into()),
    }
    kernel.linux.attributes.forget(entry.id);
    kernel.mark_directory_of(&name)?;
    Ok(Done::ZERO)
}

fn make_directory(
    kernel: &mut Service<'_>,
    call: Call,
    (path, end): &(GuestPath, PathEnd),
    rights: u32,
) -> Reply {
    if !end.is_name() {
        kernel.check_directory(path)?;
        return Err(Errno::Exists.into());
    }
    let name = path.file_name()?.ok_or(Errno::Exists)?;
    kernel.files.make_directory(&name)?;
    kernel.give_directory_rights(call, &name, rights)?;
    Ok(Done::ZERO)
}

fn give_name(
    kernel: &mut Service<'_>,
    (from, from_end): &(GuestPath, PathEnd),
    (to, to_end): &(GuestPath, PathEnd),
    taken: Taken,
) -> Reply {
    if !from_end.is_name() || !to_end.is_name() {
        return Err(Errno::Busy.into());
    }
    let from = from.file_name()?.ok_or(Errno::Busy)?;
    let to = to.file_name()?.ok_or(Errno::Busy)?;
    let moved = kernel.files.entry(&from)?;
    let replaced = kernel.files.entry(&to).ok();
    if taken == Taken::Kept && replaced.is_some() {
        return Err(Errno::Exists.into());
    }
    let says_directory = [from_end, to_end].contains(&&PathEnd::Slash);
    if moved.kind == EntryKind::File && says_directory {
        return Err(Errno::NotDirectory.into());
    }
    kernel.files.rename(&from, &to)?;
    if let Some(replaced) = replaced.filter(|replaced| replaced.id != moved.id) {
        kernel.linux.attributes.forget(replaced.id);
    }
    if from != to {
        kernel.mark_changed(moved.id);
        kernel.mark_directory_of(&from)?;
        kernel.mark_directory_of(&to)?;
    }
    Ok(Done::ZERO)
}
