//! poll and ppoll: which of several files can be read or written.
//!
//! # Invariants
//! Everything but a pipe is always ready.

use machine::work::Work;

use super::call::{Call, Done, Fail, Reply};
use super::clock::{Time, TimeAt};
use super::descriptors::{Object, Open};
use super::sigcalls::wait_with_mask;
use crate::errno::Errno;
use crate::limits::MAX_OPEN_FILES;
use crate::service::Service;

bitflags::bitflags! {
    /// Linux' events of `poll`.
    #[derive(Clone, Copy, PartialEq, Eq)]
    pub(super) struct Events: u16 {
        const IN = 1;
        const OUT = 4;
        const ERROR = 8;
        const HANG_UP = 0x10;
        const INVALID = 0x20;
        const IN_NORMAL = 0x40;
        const OUT_NORMAL = 0x100;
        /// There is something to read.
        const CAN_READ = Self::IN.bits() | Self::IN_NORMAL.bits();
        /// There is room to write.
        const CAN_WRITE = Self::OUT.bits() | Self::OUT_NORMAL.bits();
    }
}

/// Bytes of a `struct pollfd`.
const ENTRY: u32 = 8;

/// How long to wait if nothing is ready.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    None,
    Until(Work),
    Forever,
}

impl Open {
    /// What can be done with it now.
    pub(super) fn events(&self) -> Events {
        match &self.object {
            Object::Reader(reader) => {
                let mut events = Events::empty();
                events.set(Events::CAN_READ, reader.has_bytes());
                events.set(Events::HANG_UP, reader.is_hung_up());
                events
            }
            Object::Writer(writer) => {
                let mut events = Events::empty();
                events.set(Events::CAN_WRITE, writer.has_room());
                events.set(Events::ERROR, writer.is_broken());
                events
            }
            _ => Events::CAN_READ | Events::CAN_WRITE,
        }
    }
}

/// `int poll(struct pollfd *, unsigned count, int milliseconds)`
pub(super) fn poll(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [entries, count, milliseconds] = call.arguments();
    let patience = match milliseconds as i32 {
        0 => Patience::None,
        time @ 1.. => Patience::Until(kernel.until(call, Time::of_milliseconds(time as u32))),
        _ => Patience::Forever,
    };
    poll_for(kernel, call, entries, count, patience)
}

/// `int ppoll(struct pollfd *, unsigned count, const struct timespec *, const sigset_t *, size_t)` with members
/// of 32 bits.
pub(super) fn ppoll(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [entries, count, time, mask, size] = call.arguments();
    let patience = match time {
        0 => Patience::Forever,
        at => {
            let time = kernel.time_in_32(call, at)?;
            Patience::Until(kernel.until(call, time))
        }
    };
    wait_with_mask(kernel, call, mask, size)?;
    let reply = poll_for(kernel, call, entries, count, patience)?;
    Ok(kernel.leave_time(call, TimeAt::Spec32(time), reply))
}

/// `int ppoll_time64(...)`: the same with members of 64 bits.
pub(super) fn ppoll_time64(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [entries, count, time, mask, size] = call.arguments();
    let patience = match time {
        0 => Patience::Forever,
        at => {
            let time = kernel.time_in_64(call, at)?;
            Patience::Until(kernel.until(call, time))
        }
    };
    wait_with_mask(kernel, call, mask, size)?;
    let reply = poll_for(kernel, call, entries, count, patience)?;
    Ok(kernel.leave_time(call, TimeAt::Spec64(time), reply))
}

fn poll_for(
    kernel: &mut Service<'_>,
    call: Call,
    entries: u32,
    count: u32,
    patience: Patience,
) -> Reply {
    if count as usize > MAX_OPEN_FILES {
        return Err(Errno::Invalid.into());
    }
    let mut ready = 0;
    for index in 0..count {
        let at = entry_at(entries, index)?;
        let [fd, wanted] = kernel.words_in(call, at)?;
        let wanted = Events::from_bits_truncate(wanted as u16);
        let always = Events::ERROR | Events::HANG_UP;
        let found = match kernel.opened(call, fd) {
            _ if (fd as i32) < 0 => Events::empty(),
            Ok(open) => open.events() & (wanted | always),
            Err(_) => Events::INVALID,
        };
        ready += u32::from(!found.is_empty());
        kernel.copy_out(call, at + 6, &found.bits().to_le_bytes())?;
    }
    match patience {
        _ if ready > 0 => Ok(ready.into()),
        Patience::None => Ok(Done::ZERO),
        Patience::Until(time) if time <= kernel.cpu.work() => Ok(Done::ZERO),
        Patience::Until(_) | Patience::Forever => {
            for index in 0..count {
                let [fd] = kernel.words_in(call, entry_at(entries, index)?)?;
                if let Ok(open) = kernel.opened(call, fd) {
                    open.wait(call.pid());
                }
            }
            Ok(match patience {
                Patience::Until(time) => Done::Nap(time),
                _ => Done::Wait,
            })
        }
    }
}

fn entry_at(entries: u32, index: u32) -> Result<u32, Fail> {
    let at = entries.checked_add(ENTRY * index);
    // The last field of the entry has an address too.
    let at = at.filter(|at| at.checked_add(ENTRY).is_some());
    Ok(at.ok_or(Errno::Fault)?)
}
