//! futex, futex_time64: waiting until a word in memory is said to have changed.
//!
//! # Invariants
//! Between the look at the word and the wait nobody runs, so no wake is lost. A wait that is made again, because its
//! thread was woken by something else, keeps its place among those that wait. Futexes whose owner the kernel knows
//! (`FUTEX_LOCK_PI`) are ENOSYS.

use machine::addr::{PAGE_SIZE, VirtAddr};
use vm::{Backing, Sharing, SpaceId, User};

use super::call::{Call, Done, Reply};
use super::clock::Time;
use super::futexes::{Bits, Key};
use crate::charges::looking_at;
use crate::errno::Errno;
use crate::service::Service;

/// What is to be done, without its flags.
const WAIT: u32 = 0;
const WAKE: u32 = 1;
const REQUEUE: u32 = 3;
const CMP_REQUEUE: u32 = 4;
const WAIT_BITSET: u32 = 9;
const WAKE_BITSET: u32 = 10;
/// Nobody in another address space is meant.
const PRIVATE: u32 = 0x80;
/// A time that is passed is one of the day.
const REALTIME: u32 = 0x100;
/// CLOCK_REALTIME and CLOCK_MONOTONIC.
const CLOCK_OF_DAY: u32 = 0;
const CLOCK_OF_MACHINE: u32 = 1;

/// How a call passes a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Members {
    Of32Bits,
    Of64Bits,
}

/// `int futex(int *, int operation, int value, const struct timespec *, int *other, int third)` with members of 32
/// bits
pub(super) fn futex(kernel: &mut Service<'_>, call: Call) -> Reply {
    operate(kernel, call, Members::Of32Bits)
}

/// `int futex_time64(...)`: the same with members of 64 bits.
pub(super) fn futex_time64(kernel: &mut Service<'_>, call: Call) -> Reply {
    operate(kernel, call, Members::Of64Bits)
}

fn operate(kernel: &mut Service<'_>, call: Call, members: Members) -> Reply {
    let [at, operation, value, more, other, third] = call.arguments;
    let command = operation & !(PRIVATE | REALTIME);
    if operation & REALTIME != 0 && command != WAIT_BITSET {
        return Err(Errno::NoSuchCall.into());
    }
    let place = FutexPlace {
        at,
        is_private: operation & PRIVATE != 0,
    };
    let other = FutexPlace { at: other, ..place };
    match command {
        WAIT => {
            let time = time_in(kernel, call, members, more)?;
            wait(kernel, call, place, value, time, Bits::ANY)
        }
        WAIT_BITSET => {
            let clock = match operation & REALTIME {
                0 => CLOCK_OF_MACHINE,
                _ => CLOCK_OF_DAY,
            };
            let time = time_in(kernel, call, members, more)?;
            let left = time.map(|time| kernel.left_until(clock, time));
            wait(kernel, call, place, value, left.transpose()?, Bits(third))
        }
        WAKE => wake(kernel, call, place, value, Bits::ANY),
        WAKE_BITSET => wake(kernel, call, place, value, Bits(third)),
        REQUEUE => requeue(kernel, call, [place, other], [value, more]),
        CMP_REQUEUE => {
            place.key(kernel, call)?;
            let [now] = kernel.words_in(call, at)?;
            match now == third {
                true => requeue(kernel, call, [place, other], [value, more]),
                false => Err(Errno::Again.into()),
            }
        }
        _ => Err(Errno::NoSuchCall.into()),
    }
}

/// A futex, as a call names it.
#[derive(Clone, Copy)]
struct FutexPlace {
    at: u32,
    is_private: bool,
}

impl FutexPlace {
    /// EINVAL if it is no word, EFAULT if it cannot be shared.
    fn key(self, kernel: &Service<'_>, call: Call) -> Result<Key, Errno> {
        if !self.at.is_multiple_of(4) {
            return Err(Errno::Invalid);
        }
        let space = call.caller.space;
        match self.is_private {
            true => Ok(Key::InSpace(space, self.at)),
            false => kernel.shared_key(space, self.at).ok_or(Errno::Fault),
        }
    }
}

/// The time that a call passes, if it does.
fn time_in(
    kernel: &mut Service<'_>,
    call: Call,
    members: Members,
    at: u32,
) -> Result<Option<Time>, super::Fail> {
    match (at, members) {
        (0, _) => Ok(None),
        (at, Members::Of32Bits) => kernel.time_in_32(call, at).map(Some),
        (at, Members::Of64Bits) => kernel.time_in_64(call, at).map(Some),
    }
}

fn wait(
    kernel: &mut Service<'_>,
    call: Call,
    place: FutexPlace,
    value: u32,
    time: Option<Time>,
    bits: Bits,
) -> Reply {
    let pid = call.pid();
    if bits == Bits(0) {
        return Err(Errno::Invalid.into());
    }
    if kernel.linux_of(pid).progress.awoken {
        return Ok(Done::ZERO);
    }
    if !kernel.linux.futexes.has(pid) {
        let key = place.key(kernel, call)?;
        let [now] = kernel.words_in(call, place.at)?;
        if now != value {
            return Err(Errno::Again.into());
        }
        kernel.linux.futexes.wait(key, pid, bits);
    }
    let Some(time) = time else {
        return Ok(Done::Wait);
    };
    let until = kernel.until(call, time);
    if until > kernel.cpu.work() {
        return Ok(Done::Nap(until));
    }
    kernel.linux.futexes.forget(pid);
    Err(Errno::TimedOut.into())
}

fn wake(kernel: &mut Service<'_>, call: Call, place: FutexPlace, most: u32, bits: Bits) -> Reply {
    if bits == Bits(0) {
        return Err(Errno::Invalid.into());
    }
    let key = place.key(kernel, call)?;
    Ok(kernel.wake_waiting(key, at_least_one(most), bits).into())
}

fn requeue(kernel: &mut Service<'_>, call: Call, places: [FutexPlace; 2], most: [u32; 2]) -> Reply {
    let [to_wake, to_move] = most;
    let counts = [to_wake, to_move].map(|count| i32::try_from(count).is_ok());
    if counts != [true; 2] {
        return Err(Errno::Invalid.into());
    }
    let from = places[0].key(kernel, call)?;
    let to = places[1].key(kernel, call)?;
    let woken = kernel.wake_waiting(from, to_wake as usize, Bits::ANY);
    let moved = kernel.linux.futexes.requeue(from, to, to_move as usize);
    kernel.charge(looking_at(moved as u64));
    Ok((woken + moved as u32).into())
}

/// Linux wakes one before it looks at how many it may.
fn at_least_one(most: u32) -> usize {
    i32::try_from(most).unwrap_or(0).max(1) as usize
}

impl Service<'_> {
    /// What a futex at an address is to other address spaces; `None` if nothing is there.
    fn shared_key(&self, space: SpaceId, at: u32) -> Option<Key> {
        let page = VirtAddr(at).page();
        let region = self.vm.region(User { space, page })?;
        Some(match (&region.backing, region.sharing) {
            (Backing::File { file, first }, Sharing::Shared) => {
                let number = first + (page.number() - region.start.number());
                let offset = u64::from(number) * u64::from(PAGE_SIZE);
                Key::InFile(file.id(), offset + u64::from(VirtAddr(at).offset()))
            }
            _ => Key::InSpace(space, at),
        })
    }

    /// Wakes those that wait at an address, `most` of them.
    pub(super) fn wake_at(&mut self, space: SpaceId, at: u32, most: usize) {
        if let Some(key) = self.shared_key(space, at) {
            self.wake_waiting(key, most, Bits::ANY);
        }
    }

    fn wake_waiting(&mut self, key: Key, most: usize, bits: Bits) -> u32 {
        let woken = self.linux.futexes.take(key, most, bits);
        for pid in &woken {
            self.linux_mut(*pid).progress.awoken = true;
            self.linux.wakeups.wake(*pid);
        }
        woken.len() as u32
    }
}
