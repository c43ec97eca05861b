//! read, write and their relatives, lseek, close, dup, fcntl, ioctl, ftruncate, sendfile.
//!
//! # Invariants
//! Data move page by page, each page charged as work. A call that has moved something before it fails returns
//! how much; positions stay below 2^63.

use std::io;
use std::rc::Rc;

use machine::addr::PAGE_SIZE;
use vm::{Access, FileRef, FileSource};

use super::call::{Call, Done, Fail, Reply};
use super::descriptors::{Object, Open, OpenFlags};
use super::pipes::{ATOMIC, Transfer};
use super::signals::Signal;
use super::user::Buffer;
use crate::charges::FILE_LOOKUP;
use crate::errno::Errno;
use crate::files::Inode;
use crate::service::Service;

/// The highest position in a file.
const MAX_POSITION: u64 = i64::MAX as u64;
/// The most bytes that the keyboard gives at once: a line of a terminal.
const MAX_LINE: u32 = 4096;

/// Where in its object a transfer begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// Where the last one ended, and it moves on.
    Position,
    /// Here, and the position stays.
    Offset(u64),
}

/// `ssize_t read(int fd, void *, size_t)`
pub(super) fn read(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [fd, start, bytes] = call.arguments();
    let buffers = [Buffer::new(start, bytes)];
    read_into(kernel, call, fd, &buffers, At::Position)
}

/// `ssize_t write(int fd, const void *, size_t)`
pub(super) fn write(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [fd, start, bytes] = call.arguments();
    let buffers = [Buffer::new(start, bytes)];
    write_from(kernel, call, fd, &buffers, At::Position)
}

/// `ssize_t readv(int fd, const struct iovec *, int count)`
pub(super) fn readv(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [fd, vector, count] = call.arguments();
    let buffers = kernel.buffers_in(call, vector, count)?;
    read_into(kernel, call, fd, &buffers, At::Position)
}

/// `ssize_t writev(int fd, const struct iovec *, int count)`
pub(super) fn writev(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [fd, vector, count] = call.arguments();
    let buffers = kernel.buffers_in(call, vector, count)?;
    write_from(kernel, call, fd, &buffers, At::Position)
}

/// `ssize_t pread64(int fd, void *, size_t, off64_t)`
pub(super) fn pread64(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [fd, start, bytes, low, high] = call.arguments();
    let at = At::Offset(position(low, high)?);
    read_into(kernel, call, fd, &[Buffer::new(start, bytes)], at)
}

/// `ssize_t pwrite64(int fd, const void *, size_t, off64_t)`
pub(super) fn pwrite64(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [fd, start, bytes, low, high] = call.arguments();
    let at = At::Offset(position(low, high)?);
    write_from(kernel, call, fd, &[Buffer::new(start, bytes)], at)
}

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
    kernel.linux_mut(call.pid()).files.close(fd)?;
    Ok(Done::ZERO)
}

/// `int close_range(unsigned first, unsigned last, unsigned flags)`
pub(super) fn close_range(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [first, last, flags] = call.arguments();
    if first > last || flags != 0 {
        return Err(Errno::Invalid.into());
    }
    kernel.linux_mut(call.pid()).files.close_range(first, last);
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
    let open = kernel.opened(call, from)?;
    if from != to {
        kernel.linux_mut(call.pid()).files.put(to, open, false)?;
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
    let open = kernel.opened(call, from)?;
    kernel.linux_mut(call.pid()).files.put(to, open, closes)?;
    Ok(to.into())
}

/// Commands of `fcntl`.
mod command {
    pub const DUPLICATE: u32 = 0;
    pub const GET_DESCRIPTOR_FLAGS: u32 = 1;
    pub const SET_DESCRIPTOR_FLAGS: u32 = 2;
    pub const GET_FLAGS: u32 = 3;
    pub const SET_FLAGS: u32 = 4;
    pub const SET_LOCK: u32 = 6;
    pub const SET_LOCK_WAIT: u32 = 7;
    pub const SET_LOCK_64: u32 = 13;
    pub const SET_LOCK_WAIT_64: u32 = 14;
    pub const DUPLICATE_CLOSE_ON_EXEC: u32 = 1030;
}

/// `int fcntl64(int fd, int command, ...)`
pub(super) fn fcntl64(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [fd, command, argument] = call.arguments();
    let open = kernel.opened(call, fd)?;
    let files = &mut kernel.linux_mut(call.pid()).files;
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
            open.flags.set(open.flags.get() - changeable | wanted);
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
    let [fd] = call.arguments();
    kernel.opened(call, fd)?;
    Err(Errno::NotTerminal.into())
}

/// `int ftruncate(int fd, unsigned long length)`
pub(super) fn ftruncate(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [fd, length] = call.arguments();
    resize_open(kernel, call, fd, length.into())
}

/// `int ftruncate64(int fd, loff_t length)`
pub(super) fn ftruncate64(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [fd, low, high] = call.arguments();
    let length = position(low, high)?;
    resize_open(kernel, call, fd, length)
}

/// `int fsync(int fd)`, `int fdatasync(int fd)`: what was written is with the host.
pub(super) fn fsync(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [fd] = call.arguments();
    kernel.opened(call, fd)?;
    Ok(Done::ZERO)
}

/// `ssize_t sendfile64(int to, int from, loff_t *offset, size_t count)`
pub(super) fn sendfile64(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [to, from, offset_at, count] = call.arguments();
    let (to, from) = (kernel.opened(call, to)?, kernel.opened(call, from)?);
    if !from.is_readable() || !to.is_writable() {
        return Err(Errno::BadFd.into());
    }
    let Object::File(_) = from.object else {
        return Err(Errno::Invalid.into());
    };
    let mut offset = match offset_at {
        0 => from.position.get(),
        at => {
            let [low, high] = kernel.words_in(call, at)?;
            position(low, high)?
        }
    };
    let mut done = 0;
    for part in Buffer::new(0, count).parts() {
        if !kernel.move_page() {
            break;
        }
        let mut bytes = [0; PAGE_SIZE as usize];
        let bytes = &mut bytes[..part.bytes as usize];
        let read = read_object(kernel, &from, offset, bytes)?;
        let written = match write_object(kernel, &to, to.position.get(), &bytes[..read]) {
            Ok(written) => written,
            Err(_) if done > 0 => break,
            Err(Fail::Errno(Errno::Again)) => return wait_for(&to, call),
            Err(Fail::Errno(Errno::BrokenPipe)) => {
                kernel.send(call.pid(), Signal::PIPE);
                return Err(Errno::BrokenPipe.into());
            }
            Err(fail) => return Err(fail),
        };
        to.position.set(to.position.get() + written as u64);
        offset += written as u64;
        done += written as u32;
        if written < part.bytes as usize {
            break;
        }
    }
    match offset_at {
        0 => from.position.set(offset),
        at => kernel.copy_out(call, at, &offset.to_le_bytes())?,
    }
    Ok(done.into())
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
    let changed = inode.set_len(length);
    let file = Rc::clone(inode) as FileRef;
    kernel.vm.file_resized(&file, old);
    changed.map_err(|error| file_error(&error))
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
    let open = kernel.opened(call, fd)?;
    let files = &mut kernel.linux_mut(call.pid()).files;
    Ok(files.add(open, lowest, closes)?.into())
}

fn seek(kernel: &Service<'_>, call: Call, fd: u32, offset: i64, whence: u32) -> Result<u64, Errno> {
    let open = kernel.opened(call, fd)?;
    let end = match &open.object {
        Object::File(inode) => inode.len(),
        Object::Text(text) => text.len() as u64,
        Object::Directory(_) | Object::Null | Object::Zero | Object::Random => 0,
        Object::Console | Object::Reader(_) | Object::Writer(_) => return Err(Errno::NoPosition),
    };
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

fn read_into(kernel: &mut Service<'_>, call: Call, fd: u32, buffers: &[Buffer], at: At) -> Reply {
    let open = kernel.opened(call, fd)?;
    if !open.is_readable() {
        return Err(Errno::BadFd.into());
    }
    let start = begin(&open, at)?;
    let mut done: u64 = 0;
    for part in buffers.iter().flat_map(|buffer| buffer.parts()) {
        if !kernel.move_page() {
            break;
        }
        // Nobody looks at the buffer at the end of a file.
        if let Object::File(inode) = &open.object
            && start + done >= inode.len()
        {
            break;
        }
        let mut bytes = [0; PAGE_SIZE as usize];
        let bytes = &mut bytes[..part.bytes as usize];
        let moved = kernel
            .check(call.caller, part.start, part.bytes, Access::Write)
            .map_err(Fail::from)
            .and_then(|_| read_object(kernel, &open, start + done, bytes))
            .and_then(|read| {
                kernel.copy_out(call, part.start, &bytes[..read])?;
                Ok(read)
            });
        match moved {
            Ok(read) => {
                done += read as u64;
                if read < bytes.len() || open.object.ends_with_a_line(&bytes[..read]) {
                    break;
                }
            }
            Err(Fail::Errno(_)) if done > 0 => break,
            Err(Fail::Errno(Errno::Again)) => return wait_for(&open, call),
            Err(fail) => return Err(fail),
        }
    }
    end(&open, at, start + done);
    Ok((done as u32).into())
}

/// A pipe has nothing to read, or no room: the process waits, unless it has said that it will not.
fn wait_for(open: &Open, call: Call) -> Reply {
    if open.flags.get().contains(OpenFlags::NONBLOCK) {
        return Err(Errno::Again.into());
    }
    open.wait(call.pid());
    Ok(Done::Wait)
}

fn write_from(kernel: &mut Service<'_>, call: Call, fd: u32, buffers: &[Buffer], at: At) -> Reply {
    let open = kernel.opened(call, fd)?;
    if !open.is_writable() {
        return Err(Errno::BadFd.into());
    }
    if let Object::Writer(_) = open.object {
        return write_to_pipe(kernel, call, &open, buffers);
    }
    let start = match &open.object {
        Object::File(inode) if open.flags.get().contains(OpenFlags::APPEND) => inode.len(),
        _ => begin(&open, at)?,
    };
    let mut done: u64 = 0;
    for part in buffers.iter().flat_map(|buffer| buffer.parts()) {
        if !kernel.move_page() {
            break;
        }
        let mut bytes = [0; PAGE_SIZE as usize];
        let bytes = &mut bytes[..part.bytes as usize];
        let moved = kernel
            .copy_in(call, part.start, bytes)
            .and_then(|()| write_object(kernel, &open, start + done, bytes));
        match moved {
            Ok(written) => {
                done += written as u64;
                if written < bytes.len() {
                    break;
                }
            }
            Err(Fail::Errno(_)) if done > 0 => break,
            Err(fail) => return Err(fail),
        }
    }
    end(&open, at, start + done);
    Ok((done as u32).into())
}

/// Writes into a pipe: what is atomic at once or not yet, more as there is room.
fn write_to_pipe(kernel: &mut Service<'_>, call: Call, open: &Open, buffers: &[Buffer]) -> Reply {
    let Object::Writer(writer) = &open.object else {
        return Err(Errno::BadFd.into());
    };
    let total: usize = buffers.iter().map(|buffer| buffer.bytes as usize).sum();
    let mut moved = kernel.linux_of(call.pid()).progress.moved;
    if moved == 0 && total <= ATOMIC && !writer.has_room(total) {
        return wait_for(open, call);
    }
    let mut skipped = moved;
    for part in buffers.iter().flat_map(|buffer| buffer.parts()) {
        let skip = part.bytes.min(skipped);
        skipped -= skip;
        let mut bytes = [0; PAGE_SIZE as usize];
        let bytes = &mut bytes[..(part.bytes - skip) as usize];
        if bytes.is_empty() {
            continue;
        }
        if !kernel.move_page() {
            break;
        }
        let result = kernel
            .copy_in(call, part.start + skip, bytes)
            .and_then(|()| write_object(kernel, open, 0, bytes));
        match result {
            Ok(written) if written == bytes.len() => moved += written as u32,
            Ok(_) | Err(Fail::Errno(Errno::Again)) => {
                moved += result.map_or(0, |written| written as u32);
                if open.flags.get().contains(OpenFlags::NONBLOCK) && moved > 0 {
                    break;
                }
                kernel.linux_mut(call.pid()).progress.moved = moved;
                return wait_for(open, call);
            }
            Err(Fail::Errno(Errno::BrokenPipe)) => {
                kernel.send(call.pid(), Signal::PIPE);
                return Err(Errno::BrokenPipe.into());
            }
            Err(Fail::Errno(_)) if moved > 0 => break,
            Err(fail) => return Err(fail),
        }
    }
    Ok(moved.into())
}

fn begin(open: &Open, at: At) -> Result<u64, Errno> {
    match (at, &open.object) {
        (At::Position, _) => Ok(open.position.get()),
        (At::Offset(_), Object::Console | Object::Reader(_) | Object::Writer(_)) => {
            Err(Errno::NoPosition)
        }
        (At::Offset(offset), _) => Ok(offset),
    }
}

fn end(open: &Open, at: At, position: u64) {
    if at == At::Position {
        open.position.set(position.min(MAX_POSITION));
    }
}

/// Reads what there is; returns how much.
fn read_object(
    kernel: &mut Service<'_>,
    open: &Open,
    position: u64,
    to: &mut [u8],
) -> Result<usize, Fail> {
    match &open.object {
        Object::Console => {
            let most = to.len().min(MAX_LINE as usize);
            Ok(kernel.console.read_line(&mut to[..most]))
        }
        Object::File(inode) => {
            let file = Rc::clone(inode) as FileRef;
            let read = kernel.vm.file_read(&file, position, to);
            Ok(read.map_err(|error| file_error(&error))?)
        }
        Object::Reader(reader) => match reader.read(to) {
            Transfer::Moved(count) => Ok(count),
            Transfer::Never => Ok(0),
            Transfer::NotYet => Err(Errno::Again.into()),
        },
        Object::Writer(_) => Err(Errno::BadFd.into()),
        Object::Directory(_) => Err(Errno::IsDirectory.into()),
        Object::Null => Ok(0),
        Object::Zero => {
            to.fill(0);
            Ok(to.len())
        }
        Object::Random => {
            kernel.linux.random(to);
            Ok(to.len())
        }
        Object::Text(text) => {
            let start = usize::try_from(position)
                .unwrap_or(usize::MAX)
                .min(text.len());
            let count = to.len().min(text.len() - start);
            to[..count].copy_from_slice(&text[start..start + count]);
            Ok(count)
        }
    }
}

/// Writes as much as fits; returns how much.
fn write_object(
    kernel: &mut Service<'_>,
    open: &Open,
    position: u64,
    from: &[u8],
) -> Result<usize, Fail> {
    match &open.object {
        Object::Console => {
            kernel.console.write(from);
            Ok(from.len())
        }
        Object::File(inode) => {
            if inode.is_executed() {
                return Err(Errno::Executed.into());
            }
            if position > MAX_POSITION - PAGE_SIZE as u64 {
                return Err(Errno::NoSpace.into());
            }
            let file = Rc::clone(inode) as FileRef;
            let written = kernel.vm.file_write(&file, position, from);
            written.map_err(|error| file_error(&error))?;
            Ok(from.len())
        }
        Object::Writer(writer) => match writer.write(from) {
            Transfer::Moved(count) => Ok(count),
            Transfer::Never => Err(Errno::BrokenPipe.into()),
            Transfer::NotYet => Err(Errno::Again.into()),
        },
        Object::Reader(_) => Err(Errno::BadFd.into()),
        Object::Null | Object::Zero | Object::Random => Ok(from.len()),
        Object::Directory(_) => Err(Errno::IsDirectory.into()),
        Object::Text(_) => Err(Errno::Access.into()),
    }
}

impl Object {
    /// Whether a read that has got this is over: the keyboard gives a line at a time.
    fn ends_with_a_line(&self, bytes: &[u8]) -> bool {
        matches!(self, Object::Console) && bytes.last() == Some(&b'\n')
    }
}

fn position(low: u32, high: u32) -> Result<u64, Errno> {
    let position = u64::from(high) << 32 | u64::from(low);
    match position {
        0..=MAX_POSITION => Ok(position),
        _ => Err(Errno::Invalid),
    }
}

fn file_error(error: &io::Error) -> Errno {
    match error.kind() {
        io::ErrorKind::StorageFull => Errno::NoSpace,
        _ => {
            log::warn!("input/output error on a file of the guest's: {error}");
            Errno::Io
        }
    }
}
