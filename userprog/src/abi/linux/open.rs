//! open, openat, creat, chdir, access, getcwd, getdents64, readlink: what names lead to.
//!
//! # Invariants
//! A name that the kernel makes itself (`/dev/null`, `/proc/self/maps`) hides a file that is called so.

use std::cell::RefCell;

use super::call::{Call, Done, Fail, Reply};
use super::descriptors::{Object, Open, OpenFlags};
use super::encode::Encoder;
use super::files::resize;
use super::made;
use super::paths::{GuestPath, PathEnd};
use super::rights::EXECUTED;
use crate::charges::FILE_LOOKUP;
use crate::errno::Errno;
use crate::files::EntryKind;
use crate::service::Service;

/// R_OK, W_OK and X_OK.
const ACCESS_MODES: u32 = 7;
const EXECUTE: u32 = 1;
/// What is looked at of the flags of an `open` for a path alone.
const OF_PATH: OpenFlags = OpenFlags::PATH
    .union(OpenFlags::DIRECTORY)
    .union(OpenFlags::NO_FOLLOW)
    .union(OpenFlags::CLOSE_ON_EXEC);
/// A `struct linux_dirent64` up to its name.
const ENTRY_HEAD: usize = 19;

/// How a file is opened.
#[derive(Clone, Copy)]
struct How {
    flags: OpenFlags,
    /// The rights that it gets if it is made.
    rights: u32,
}

impl How {
    fn of(flags: u32, rights: u32) -> How {
        let flags = OpenFlags::from_bits_truncate(flags);
        How { flags, rights }
    }
}

/// `int open(const char *, int flags, mode_t)`
pub(super) fn open(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [path, flags, rights] = call.arguments();
    let path = kernel.name_in(call, path)?;
    open_path(kernel, call, path, How::of(flags, rights))
}

/// `int openat(int directory, const char *, int flags, mode_t)`
pub(super) fn openat(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [from, path, flags, rights] = call.arguments();
    let path = kernel.name_at_in(call, from, path)?;
    open_path(kernel, call, path, How::of(flags, rights))
}

/// `int creat(const char *, mode_t)`
pub(super) fn creat(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [path, rights] = call.arguments();
    let path = kernel.name_in(call, path)?;
    let flags = OpenFlags::CREATE | OpenFlags::WRITE_ONLY | OpenFlags::TRUNCATE;
    open_path(kernel, call, path, How { flags, rights })
}

/// `int chdir(const char *)`
pub(super) fn chdir(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [path] = call.arguments();
    let path = kernel.path_in(call, path)?;
    if let Some(name) = path.file_name()?
        && kernel.files.entry(&name)?.kind != EntryKind::Directory
    {
        return Err(Errno::NotDirectory.into());
    }
    kernel.group_mut(call.pid()).directory = path;
    Ok(Done::ZERO)
}

/// `int fchdir(int fd)`
pub(super) fn fchdir(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [fd] = call.arguments();
    let open = kernel.opened_in_any_way(call, fd)?;
    if !matches!(open.object, Object::Directory(_)) {
        return Err(Errno::NotDirectory.into());
    }
    kernel.group_mut(call.pid()).directory = open.path.clone();
    Ok(Done::ZERO)
}

/// `long getcwd(char *, unsigned long size)`: the length, with the zero at its end.
///
/// # Errors
/// ENOENT if the directory has been taken away.
pub(super) fn getcwd(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [to, size] = call.arguments();
    let directory = kernel.group_of(call.pid()).directory.clone();
    kernel.charge(FILE_LOOKUP);
    kernel.status_of(&directory)?;
    let mut path = directory.absolute();
    path.push(0);
    if path.len() > size as usize {
        return Err(Errno::Range.into());
    }
    kernel.copy_out(call, to, &path)?;
    Ok((path.len() as u32).into())
}

/// `int access(const char *, int mode)`: root may do all that the file allows at all.
pub(super) fn access(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [path, mode] = call.arguments();
    if mode & !ACCESS_MODES != 0 {
        return Err(Errno::Invalid.into());
    }
    let path = kernel.path_in(call, path)?;
    check_access(kernel, &path, mode)
}

/// `int faccessat(int directory, const char *, int mode)` and the same with flags
pub(super) fn faccessat(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [from, path, mode] = call.arguments();
    if mode & !ACCESS_MODES != 0 {
        return Err(Errno::Invalid.into());
    }
    let path = kernel.path_at_in(call, from, path)?;
    check_access(kernel, &path, mode)
}

/// `ssize_t readlink(const char *, char *, size_t)`: links are in the lower directory, and one leads to the program.
pub(super) fn readlink(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [path, to, size] = call.arguments();
    let path = kernel.path_in(call, path)?;
    give_target(kernel, call, &path, to, size)
}

/// `ssize_t readlinkat(int directory, const char *, char *, size_t)`
pub(super) fn readlinkat(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [from, path, to, size] = call.arguments();
    let path = kernel.path_at_in(call, from, path)?;
    give_target(kernel, call, &path, to, size)
}

/// `int getdents64(int fd, struct linux_dirent64 *, unsigned count)`
pub(super) fn getdents64(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [fd, to, size] = call.arguments();
    let open = kernel.opened(call, fd)?;
    let Object::Directory(names) = &open.object else {
        return Err(Errno::NotDirectory.into());
    };
    if open.position.get() == 0 {
        *names.borrow_mut() = names_in(kernel, &open.path)?;
    }
    let names = names.borrow();
    let mut index = open.position.get();
    let mut entries = Vec::new();
    for name in names.iter().skip(index as usize) {
        let length = (ENTRY_HEAD + name.len() + 1).next_multiple_of(8);
        if entries.len() + length > size as usize {
            break;
        }
        index += 1;
        kernel.charge(FILE_LOOKUP);
        // What has gone since has no entry.
        let Ok((number, file_type)) = kernel.number_and_type(call, &open.path.join(name)) else {
            continue;
        };
        let entry = Encoder::default()
            .u64(number)
            .u64(index)
            .u16(length as u16)
            // As its mode has it, 12 bits up.
            .u8((file_type >> 12) as u8)
            .bytes(name)
            .up_to(length);
        entries.extend(entry.finish());
    }
    if entries.is_empty() && (index as usize) < names.len() {
        return Err(Errno::Invalid.into());
    }
    kernel.copy_out(call, to, &entries)?;
    open.position.set(index);
    Ok((entries.len() as u32).into())
}

fn names_in(kernel: &mut Service<'_>, path: &GuestPath) -> Result<Vec<Vec<u8>>, Errno> {
    let mut names = vec![b".".to_vec(), b"..".to_vec()];
    names.extend(kernel.files.names_in(path.file_name()?.as_ref())?);
    Ok(names)
}

fn open_path(
    kernel: &mut Service<'_>,
    call: Call,
    (path, end): (GuestPath, PathEnd),
    mut how: How,
) -> Result<Done, Fail> {
    if how.flags.contains(OpenFlags::PATH) {
        how.flags &= OF_PATH;
    }
    let flags = how.flags;
    if flags.contains(OpenFlags::CREATE | OpenFlags::DIRECTORY) {
        return Err(Errno::Invalid.into());
    }
    if end != PathEnd::Name {
        match flags.contains(OpenFlags::CREATE) {
            true if end == PathEnd::Slash => return Err(Errno::IsDirectory.into()),
            _ => kernel.check_directory(&path)?,
        }
    }
    let object = match made::object(kernel, call, &path) {
        Some(object) => object,
        None => object_at(kernel, call, &path, how)?,
    };
    let is_directory = matches!(object, Object::Directory(_));
    if flags.contains(OpenFlags::DIRECTORY) && !is_directory {
        return Err(Errno::NotDirectory.into());
    }
    let changing = OpenFlags::ACCESS | OpenFlags::TRUNCATE | OpenFlags::CREATE;
    if is_directory && flags.intersects(changing) {
        return Err(Errno::IsDirectory.into());
    }
    let open = Open::new(object, path, flags);
    if let Object::File(inode) = &open.object
        && flags.intersects(OpenFlags::ACCESS | OpenFlags::TRUNCATE)
    {
        if inode.is_executed() {
            return Err(Errno::Executed.into());
        }
        if flags.contains(OpenFlags::TRUNCATE) {
            resize(kernel, inode, 0)?;
        }
    }
    let closes = flags.contains(OpenFlags::CLOSE_ON_EXEC);
    let files = &mut kernel.group_mut(call.pid()).files;
    Ok(files.add(open, 0, closes)?.into())
}

/// What a path names among the guest's files; a file is made if that is wanted.
fn object_at(
    kernel: &mut Service<'_>,
    call: Call,
    path: &GuestPath,
    How { flags, rights }: How,
) -> Result<Object, Errno> {
    let creates = flags.contains(OpenFlags::CREATE);
    let Some(name) = path.file_name()? else {
        return match creates && flags.contains(OpenFlags::EXCLUSIVE) {
            true => Err(Errno::Exists),
            false => Ok(Object::Directory(RefCell::default())),
        };
    };
    let changing = OpenFlags::WRITE_ONLY | OpenFlags::READ_WRITE | OpenFlags::TRUNCATE;
    match kernel.files.entry(&name).map_err(Errno::from) {
        Ok(_) if creates && flags.contains(OpenFlags::EXCLUSIVE) => Err(Errno::Exists),
        Ok(entry) if entry.kind == EntryKind::Directory => {
            Ok(Object::Directory(RefCell::default()))
        }
        Ok(_) if flags.intersects(changing) && kernel.files.is_lower(&name) => Err(Errno::ReadOnly),
        Ok(_) => Ok(Object::File(kernel.files.open_named(name)?)),
        Err(Errno::NoEntry) if creates => {
            kernel.files.create_named(&name, 0)?;
            kernel.give_rights(call, &name, rights)?;
            Ok(Object::File(kernel.files.open_named(name)?))
        }
        Err(errno) => Err(errno),
    }
}

fn check_access(kernel: &mut Service<'_>, path: &GuestPath, mode: u32) -> Reply {
    let status = kernel.status_of(path)?;
    match mode & EXECUTE != 0 && status.mode & EXECUTED == 0 && !status.is_directory() {
        true => Err(Errno::Access.into()),
        false => Ok(Done::ZERO),
    }
}

fn give_target(
    kernel: &mut Service<'_>,
    call: Call,
    path: &GuestPath,
    to: u32,
    size: u32,
) -> Reply {
    if size == 0 || size > i32::MAX as u32 {
        return Err(Errno::Invalid.into());
    }
    let Some(mut target) = kernel.link_at(call, path)? else {
        kernel.status_of(path)?;
        return Err(Errno::Invalid.into());
    };
    target.truncate(size as usize);
    kernel.copy_out(call, to, &target)?;
    Ok((target.len() as u32).into())
}
