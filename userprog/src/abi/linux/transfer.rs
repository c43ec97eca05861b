//! read, write and their relatives, sendfile: data on their way.
//!
//! # Invariants
//! Data move page by page, each page charged as work. A call that has moved something before it fails returns
//! how much.

use std::rc::Rc;

use machine::addr::PAGE_SIZE;
use vm::{Access, FileRef, FileSource};

use super::call::{Call, Done, Fail, Reply};
use super::descriptors::{Object, Open, OpenFlags};
use super::files::{MAX_POSITION, file_error, position};
use super::made::read_pagemap;
use super::pipes::{ATOMIC, Transfer};
use super::signals::{Cause, Signal};
use super::user::Buffer;
use crate::errno::Errno;
use crate::service::Service;

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
    kernel.readable(call, fd)?;
    let buffers = kernel.buffers_in(call, vector, count)?;
    read_into(kernel, call, fd, &buffers, At::Position)
}

/// `ssize_t writev(int fd, const struct iovec *, int count)`
pub(super) fn writev(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [fd, vector, count] = call.arguments();
    kernel.writable(call, fd)?;
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
                kernel.break_pipe(call);
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

fn read_into(kernel: &mut Service<'_>, call: Call, fd: u32, buffers: &[Buffer], at: At) -> Reply {
    let open = kernel.readable(call, fd)?;
    let start = begin(&open, at)?;
    if matches!(open.object, Object::Directory(_)) {
        return Err(Errno::IsDirectory.into());
    }
    let mut done: u64 = 0;
    for part in buffers.iter().flat_map(|buffer| buffer.parts()) {
        if !kernel.move_page() {
            break;
        }
        // Nobody looks at the buffer at the end of a file, or before there is something in a pipe.
        match &open.object {
            Object::File(inode) if start + done >= inode.len() => break,
            Object::Reader(reader) if reader.has_bytes() => {}
            Object::Reader(reader) if reader.is_hung_up() || done > 0 => break,
            Object::Reader(_) => return wait_for(&open, call),
            _ => {}
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
    let open = kernel.writable(call, fd)?;
    if let Object::Writer(_) = open.object {
        begin(&open, at)?;
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

/// Writes into a pipe: up to a page at once or not yet, more as there is room.
fn write_to_pipe(kernel: &mut Service<'_>, call: Call, open: &Open, buffers: &[Buffer]) -> Reply {
    let Object::Writer(writer) = &open.object else {
        return Err(Errno::BadFd.into());
    };
    let total: u32 = buffers.iter().map(|buffer| buffer.bytes).sum();
    let mut moved = kernel.linux_of(call.pid()).progress.moved;
    while moved < total && kernel.move_page() {
        if writer.is_broken() {
            kernel.break_pipe(call);
            return match moved {
                0 => Err(Errno::BrokenPipe.into()),
                moved => Ok(moved.into()),
            };
        }
        let left = (total - moved) as usize;
        let count = match moved {
            0 => writer.first_part(left),
            _ => left.min(ATOMIC),
        };
        let mut bytes = [0; ATOMIC];
        let bytes = &mut bytes[..count];
        match kernel.gather(call, buffers, moved, bytes) {
            Err(Fail::Errno(_)) if moved > 0 => break,
            gathered => gathered?,
        }
        if writer.write(bytes) == Transfer::Moved(count) {
            moved += count as u32;
            continue;
        }
        if open.flags.get().contains(OpenFlags::NONBLOCK) && moved > 0 {
            break;
        }
        kernel.linux_mut(call.pid()).progress.moved = moved;
        return wait_for(open, call);
    }
    Ok(moved.into())
}

impl Service<'_> {
    /// Sends the caller what comes of writing to a pipe from which nobody reads.
    fn break_pipe(&mut self, call: Call) {
        let leader = self.processes.leader(call.pid());
        self.send_to_thread(call.pid(), Signal::PIPE, Cause::sent_by(leader));
    }

    /// What a descriptor stands for that is to be read from.
    fn readable(&self, call: Call, fd: u32) -> Result<Rc<Open>, Errno> {
        let open = self.opened(call, fd)?;
        open.is_readable().then_some(open).ok_or(Errno::BadFd)
    }

    /// What a descriptor stands for that is to be written to.
    fn writable(&self, call: Call, fd: u32) -> Result<Rc<Open>, Errno> {
        let open = self.opened(call, fd)?;
        open.is_writable().then_some(open).ok_or(Errno::BadFd)
    }

    /// Copies from buffers in the program's memory, from this byte of all of theirs on.
    fn gather(
        &mut self,
        call: Call,
        buffers: &[Buffer],
        from: u32,
        to: &mut [u8],
    ) -> Result<(), Fail> {
        let (mut skipped, mut done) = (from, 0);
        for buffer in buffers {
            let skip = buffer.bytes.min(skipped);
            skipped -= skip;
            let count = (to.len() - done).min((buffer.bytes - skip) as usize);
            let start = buffer.start.wrapping_add(skip);
            self.copy_in(call, start, &mut to[done..done + count])?;
            done += count;
        }
        Ok(())
    }
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
        Object::PageMap(pid) => Ok(read_pagemap(kernel, *pid, position, to)),
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
            if position > MAX_POSITION - u64::from(PAGE_SIZE) {
                return Err(Errno::NoSpace.into());
            }
            inode.allow_writes();
            let file = Rc::clone(inode) as FileRef;
            let written = kernel.vm.file_write(&file, position, from);
            written.map_err(|error| file_error(&error))?;
            kernel.mark_written(inode);
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
        Object::Text(_) | Object::PageMap(_) => Err(Errno::Access.into()),
    }
}

impl Object {
    /// Whether a read that has got this is over: the keyboard gives a line at a time.
    fn ends_with_a_line(&self, bytes: &[u8]) -> bool {
        matches!(self, Object::Console) && bytes.last() == Some(&b'\n')
    }
}
