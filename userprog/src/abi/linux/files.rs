//! lseek, close, dup, fcntl, ioctl, truncate, ftruncate, fsync: what is done with descriptors beyond moving data.
//!
//! # Invariants
//! Positions stay below 2^63.

use std::io;
use std::rc::Rc;

use vm::{FileRef, FileSource};

use super::call::{Call, Done, Reply};
use super::descriptors::{Object, OpenFlags};
use super::made;
use crate::charges::FILE_LOOKUP;
use crate::errno::Errno;
use crate::files::{EntryKind, Inode};
use crate::service::Service;

/// The highest position in a file.
pub(super) const MAX_POSITION: u64 = i64::MAX as u64;
/// Flags of `close_range`. Nobody shares descriptors with another process.
const UNSHARE: u32 = 2;
const CLOSE_ON_EXEC: u32 = 4;
/// FALLOC_FL_KEEP_SIZE.
const KEEP_SIZE: u32 = 1;
/// SEEK_DATA and SEEK_HOLE.
const DATA: u32 = 3;
const HOLE: u32 = 4;
/// FIONREAD.
const BYTES_TO_READ: u32 = 0x541b;

/// `off_t lseek(int fd, off_t, int whence)`
pub(super) fn lseek(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [fd, offset, whence] = call.arguments();
    let position = seek(kernel, call, fd, i64::from(offset as i32), whence)?;
    let position = i32::try_from(position).map_err(|_| Errno::Invalid)?;
    Ok((position as u32).into())
}

/// `int _llseek(int fd, unsigned long high, unsigned long low, loff_t *result, int whence)`
pub(super) fn llseek(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [fd, high, low, to, whence] = call.arguments();
    let offset = (u64::from(high) << 32 | u64::from(low)) as i64;
    let position = seek(kernel, call, fd, offset, whence)?;
    kernel.copy_out(call, to, &position.to_le_bytes())?;
    Ok(Done::ZERO)
}

/// `int close(int fd)`
pub(super) fn close(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [fd] = call.arguments();
    kernel.group_mut(call.pid()).files.close(fd)?;
    Ok(Done::ZERO)
}

/// `int close_range(unsigned first, unsigned last, unsigned flags)`
pub(super) fn close_range(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [first, last, flags] = call.arguments();
    if first > last || flags & !(UNSHARE | CLOSE_ON_EXEC) != 0 {
        return Err(Errno::Invalid.into());
    }
    let files = &mut kernel.group_mut(call.pid()).files;
    match flags & CLOSE_ON_EXEC {
        0 => files.close_range(first, last),
        _ => files.close_range_on_exec(first, last),
    }
    Ok(Done::ZERO)
}

/// `int dup(int fd)`
pub(super) fn dup(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [fd] = call.arguments();
    duplicate(kernel, call, fd, 0, false)
}

/// `int dup2(int from, int to)`
pub(super) fn dup2(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [from, to] = call.arguments();
    let open = kernel.opened_in_any_way(call, from)?;
    if from != to {
        kernel.group_mut(call.pid()).files.put(to, open, false)?;
    }
    Ok(to.into())
}

/// `int dup3(int from, int to, int flags)`
pub(super) fn dup3(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [from, to, flags] = call.arguments();
    let flags = OpenFlags::from_bits(flags)
        .filter(|flags| OpenFlags::CLOSE_ON_EXEC.contains(*flags) && from != to);
    let closes = flags
        .ok_or(Errno::Invalid)?
        .contains(OpenFlags::CLOSE_ON_EXEC);
    let open = kernel.opened_in_any_way(call, from)?;
    kernel.group_mut(call.pid()).files.put(to, open, closes)?;
    Ok(to.into())
}

/// Commands of `fcntl`.
mod command {
    pub(super) const DUPLICATE: u32 = 0;
    pub(super) const GET_DESCRIPTOR_FLAGS: u32 = 1;
    pub(super) const SET_DESCRIPTOR_FLAGS: u32 = 2;
    pub(super) const GET_FLAGS: u32 = 3;
    pub(super) const SET_FLAGS: u32 = 4;
    pub(super) const SET_LOCK: u32 = 6;
    pub(super) const SET_LOCK_WAIT: u32 = 7;
    pub(super) const SET_LOCK_64: u32 = 13;
    pub(super) const SET_LOCK_WAIT_64: u32 = 14;
    pub(super) const DUPLICATE_CLOSE_ON_EXEC: u32 = 1030;
    /// Those that a descriptor has that stands for a path.
    pub(super) const OF_PATHS: [u32; 5] = [
        DUPLICATE,
        DUPLICATE_CLOSE_ON_EXEC,
        GET_DESCRIPTOR_FLAGS,
        SET_DESCRIPTOR_FLAGS,
        GET_FLAGS,
    ];
}

/// `int fcntl64(int fd, int command, ...)`
pub(super) fn fcntl64(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [fd, command, argument] = call.arguments();
    let open = kernel.opened_in_any_way(call, fd)?;
    if open.is_path() && !command::OF_PATHS.contains(&command) {
        return Err(Errno::BadFd.into());
    }
    let files = &mut kernel.group_mut(call.pid()).files;
    match command {
        command::DUPLICATE => duplicate(kernel, call, fd, argument, false),
        command::DUPLICATE_CLOSE_ON_EXEC => duplicate(kernel, call, fd, argument, true),
        command::GET_DESCRIPTOR_FLAGS => Ok(u32::from(files.closes_on_exec(fd)?).into()),
        command::SET_DESCRIPTOR_FLAGS => {
            files.set_close_on_exec(fd, argument & 1 != 0)?;
            Ok(Done::ZERO)
        }
        command::GET_FLAGS => Ok(open.flags.get().bits().into()),
        command::SET_FLAGS => {
            let changeable = OpenFlags::APPEND | OpenFlags::NONBLOCK;
            let wanted = OpenFlags::from_bits_truncate(argument) & changeable;
            open.flags.set((open.flags.get() - changeable) | wanted);
            Ok(Done::ZERO)
        }
        // Locks: there is nobody who would not get them.
        command::SET_LOCK
        | command::SET_LOCK_WAIT
        | command::SET_LOCK_64
        | command::SET_LOCK_WAIT_64 => Ok(Done::ZERO),
        _ => Err(Errno::Invalid.into()),
    }
}

/// `int ioctl(int fd, unsigned long request, ...)`: nothing here is a terminal.
pub(super) fn ioctl(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [fd, request, to] = call.arguments();
    let open = kernel.opened(call, fd)?;
    let bytes = match &open.object {
        _ if request != BYTES_TO_READ => None,
        Object::Reader(reader) => Some(reader.bytes() as u32),
        Object::Writer(writer) => Some(writer.bytes() as u32),
        Object::File(inode) => Some((inode.len().wrapping_sub(open.position.get())) as u32),
        _ => None,
    };
    let bytes = bytes.ok_or(Errno::NotTerminal)?;
    kernel.copy_out(call, to, &bytes.to_le_bytes())?;
    Ok(Done::ZERO)
}

/// `int truncate(const char *, off_t length)`
pub(super) fn truncate(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [path, length] = call.arguments();
    resize_named(kernel, call, path, short_length(length)?)
}

/// `int truncate64(const char *, loff_t length)`
pub(super) fn truncate64(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [path, low, high] = call.arguments();
    resize_named(kernel, call, path, position(low, high)?)
}

/// `int ftruncate(int fd, off_t length)`
pub(super) fn ftruncate(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [fd, length] = call.arguments();
    resize_open(kernel, call, fd, short_length(length)?)
}

/// `int ftruncate64(int fd, loff_t length)`
pub(super) fn ftruncate64(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [fd, low, high] = call.arguments();
    let length = position(low, high)?;
    resize_open(kernel, call, fd, length)
}

/// `int fallocate(int fd, int mode, loff_t from, loff_t length)`: whatever a file has is there, so it is only made
/// longer.
pub(super) fn fallocate(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [fd, mode, from_low, from_high, low, high] = call.arguments();
    let open = kernel.opened(call, fd)?;
    let (from, length) = (position(from_low, from_high)?, position(low, high)?);
    if length == 0 {
        return Err(Errno::Invalid.into());
    }
    if mode & !KEEP_SIZE != 0 {
        return Err(Errno::NotSupported.into());
    }
    if !open.is_writable() {
        return Err(Errno::BadFd.into());
    }
    match &open.object {
        Object::File(inode) => {
            let end = from.checked_add(length).ok_or(Errno::NoSpace)?;
            if mode & KEEP_SIZE == 0 && end > inode.len() {
                resize(kernel, inode, end)?;
            }
            Ok(Done::ZERO)
        }
        Object::Reader(_) | Object::Writer(_) => Err(Errno::NoPosition.into()),
        _ => Err(Errno::NoDevice.into()),
    }
}

/// A length that is given in one word.
fn short_length(length: u32) -> Result<u64, Errno> {
    let length = i32::try_from(length).map_err(|_| Errno::Invalid)?;
    Ok(length as u64)
}

/// `int fsync(int fd)`, `int fdatasync(int fd)`: what was written is with the host.
pub(super) fn fsync(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [fd] = call.arguments();
    match kernel.opened(call, fd)?.object {
        Object::Reader(_) | Object::Writer(_) => Err(Errno::Invalid.into()),
        _ => Ok(Done::ZERO),
    }
}

/// Cuts a file off or makes it longer.
pub(super) fn resize(
    kernel: &mut Service<'_>,
    inode: &Rc<Inode>,
    length: u64,
) -> Result<(), Errno> {
    if inode.is_executed() {
        return Err(Errno::Executed);
    }
    kernel.charge(FILE_LOOKUP);
    let old = inode.len();
    inode.allow_writes();
    let changed = inode.set_len(length);
    let file = Rc::clone(inode) as FileRef;
    kernel.vm.file_resized(&file, old);
    changed.map_err(|error| file_error(&error))?;
    kernel.mark_written(inode);
    Ok(())
}

/// The same of what a path names.
fn resize_named(kernel: &mut Service<'_>, call: Call, path: u32, length: u64) -> Reply {
    let path = kernel.path_in(call, path)?;
    if made::kind(&path).is_some() {
        return Err(Errno::Invalid.into());
    }
    let name = path.file_name()?.ok_or(Errno::IsDirectory)?;
    if kernel.files.entry(&name)?.kind == EntryKind::Directory {
        return Err(Errno::IsDirectory.into());
    }
    if kernel.files.is_lower(&name) {
        return Err(Errno::ReadOnly.into());
    }
    let inode = kernel.files.open_named(name)?;
    resize(kernel, &inode, length)?;
    Ok(Done::ZERO)
}

fn resize_open(kernel: &mut Service<'_>, call: Call, fd: u32, length: u64) -> Reply {
    let open = kernel.opened(call, fd)?;
    match &open.object {
        Object::File(inode) if open.is_writable() && length <= MAX_POSITION => {
            resize(kernel, inode, length)?;
            Ok(Done::ZERO)
        }
        _ => Err(Errno::Invalid.into()),
    }
}

fn duplicate(kernel: &mut Service<'_>, call: Call, fd: u32, lowest: u32, closes: bool) -> Reply {
    let open = kernel.opened_in_any_way(call, fd)?;
    let files = &mut kernel.group_mut(call.pid()).files;
    Ok(files.add(open, lowest, closes)?.into())
}

fn seek(kernel: &Service<'_>, call: Call, fd: u32, offset: i64, whence: u32) -> Result<u64, Errno> {
    let open = kernel.opened(call, fd)?;
    let end = match &open.object {
        Object::File(inode) => inode.len(),
        Object::Text(text) => text.len() as u64,
        Object::PageMap(_) => 0,
        Object::Directory(_) | Object::Null | Object::Zero | Object::Random => 0,
        Object::Console | Object::Reader(_) | Object::Writer(_) => return Err(Errno::NoPosition),
    };
    if let (Object::File(_), DATA | HOLE) = (&open.object, whence) {
        // All of a file is data, and behind it is a hole.
        let position = u64::try_from(offset)
            .ok()
            .filter(|position| *position < end);
        let position = position.ok_or(Errno::NoSuchPlace)?;
        let found = if whence == DATA { position } else { end };
        open.position.set(found);
        return Ok(found);
    }
    let base = match whence {
        0 => 0,
        1 => open.position.get(),
        2 => end,
        _ => return Err(Errno::Invalid),
    };
    let position = base.checked_add_signed(offset);
    let position = position.filter(|position| *position <= MAX_POSITION);
    let position = position.ok_or(Errno::Invalid)?;
    open.position.set(position);
    Ok(position)
}

/// A position that is given in two words.
pub(super) fn position(low: u32, high: u32) -> Result<u64, Errno> {
    let position = u64::from(high) << 32 | u64::from(low);
    match position {
        0..=MAX_POSITION => Ok(position),
        _ => Err(Errno::Invalid),
    }
}

/// What an error of the host's is to a program.
pub(super) fn file_error(error: &io::Error) -> Errno {
    match error.kind() {
        io::ErrorKind::StorageFull => Errno::NoSpace,
        _ => {
            log::warn!("input/output error on a file of the guest's: {error}");
            Errno::Io
        }
    }
}
