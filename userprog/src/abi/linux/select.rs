//! select, _newselect, pselect6: which of several descriptors can be read or written, as sets of bits.
//!
//! # Invariants
//! Of a set no more is looked at than a process can have descriptors. Sets change when the call returns a number,
//! and not before; nothing is ever exceptional. The time that is passed becomes what is left of it.

use super::call::{Call, Done, Fail, Reply};
use super::clock::{Time, TimeAt};
use super::poll::{Events, Patience};
use super::sigcalls::wait_with_mask;
use crate::errno::Errno;
use crate::limits::MAX_OPEN_FILES;
use crate::service::Service;

/// Words of a set.
const WORDS: usize = MAX_OPEN_FILES.div_ceil(32);

/// A set of descriptors.
type Set = [u32; WORDS];

/// What is asked of a descriptor in each of the three sets.
const ASKED: [Events; 3] = [
    Events::CAN_READ.union(Events::HANG_UP).union(Events::ERROR),
    Events::CAN_WRITE.union(Events::ERROR),
    Events::empty(),
];

/// What a call asks for.
#[derive(Clone, Copy)]
struct Question {
    /// Descriptors below this number.
    count: usize,
    /// Where the sets are; 0 for none.
    sets: [u32; 3],
}

/// `int select(struct sel_arg_struct *)`: the arguments of `_newselect`, in memory.
pub(super) fn select(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [at] = call.arguments();
    let [count, read, write, except, time] = kernel.words_in(call, at)?;
    let arguments = [count, read, write, except, time, 0];
    newselect(kernel, Call { arguments, ..call })
}

/// `int _newselect(int count, fd_set *, fd_set *, fd_set *, struct timeval *)`
pub(super) fn newselect(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [_, _, _, _, time_at] = call.arguments();
    let time = match time_at {
        0 => None,
        at => {
            let [seconds, microseconds] = kernel.words_in(call, at)?;
            Some(Time::of_timeval(seconds, microseconds)?)
        }
    };
    let reply = select_for(kernel, call, time)?;
    Ok(kernel.leave_time(call, TimeAt::Value(time_at), reply))
}

/// `int pselect6(int count, fd_set *, fd_set *, fd_set *, const struct timespec *, void *)` with members of 32
/// bits.
pub(super) fn pselect6(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [_, _, _, _, time_at] = call.arguments();
    let time = match time_at {
        0 => None,
        at => Some(kernel.time_in_32(call, at)?),
    };
    take_mask(kernel, call)?;
    let reply = select_for(kernel, call, time)?;
    Ok(kernel.leave_time(call, TimeAt::Spec32(time_at), reply))
}

/// `int pselect6_time64(...)`: the same with members of 64 bits.
pub(super) fn pselect6_time64(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [_, _, _, _, time_at] = call.arguments();
    let time = match time_at {
        0 => None,
        at => Some(kernel.time_in_64(call, at)?),
    };
    take_mask(kernel, call)?;
    let reply = select_for(kernel, call, time)?;
    Ok(kernel.leave_time(call, TimeAt::Spec64(time_at), reply))
}

/// The last argument of `pselect6`: where a mask is, and its size.
fn take_mask(kernel: &mut Service<'_>, call: Call) -> Result<(), Fail> {
    let [.., at] = call.arguments;
    if at == 0 {
        return Ok(());
    }
    let [mask, size] = kernel.words_in(call, at)?;
    wait_with_mask(kernel, call, mask, size)
}

fn select_for(kernel: &mut Service<'_>, call: Call, time: Option<Time>) -> Reply {
    let [count, sets @ ..] = call.arguments::<4>();
    let count = usize::try_from(count as i32).map_err(|_| Errno::Invalid)?;
    let question = Question {
        count: count.min(MAX_OPEN_FILES),
        sets,
    };
    let patience = match time {
        None => Patience::Forever,
        Some(time) => Patience::Until(kernel.until(call, time)),
    };
    let wanted = question.sets_in(kernel, call)?;
    let (ready, found) = look(kernel, call, question, &wanted)?;
    match patience {
        Patience::Until(time) if ready == 0 && time > kernel.cpu.work() => {
            wait(kernel, call, question, &wanted);
            Ok(Done::Nap(time))
        }
        Patience::Forever if ready == 0 => {
            wait(kernel, call, question, &wanted);
            Ok(Done::Wait)
        }
        _ => {
            question.give(kernel, call, &found)?;
            Ok(ready.into())
        }
    }
}

/// Which of the wanted bits are so, and how many.
fn look(
    kernel: &Service<'_>,
    call: Call,
    question: Question,
    wanted: &[Set; 3],
) -> Result<(u32, [Set; 3]), Errno> {
    let mut found = [[0; WORDS]; 3];
    let mut ready = 0;
    for fd in question.asked(wanted) {
        let events = kernel.opened(call, fd)?.events();
        let (word, bit) = place(fd);
        for (set, asked) in ASKED.into_iter().enumerate() {
            if wanted[set][word] & bit != 0 && events.intersects(asked) {
                found[set][word] |= bit;
                ready += 1;
            }
        }
    }
    Ok((ready, found))
}

/// Has the process woken by what changes in any of the descriptors.
fn wait(kernel: &Service<'_>, call: Call, question: Question, wanted: &[Set; 3]) {
    for fd in question.asked(wanted) {
        if let Ok(open) = kernel.opened(call, fd) {
            open.wait(call.pid());
        }
    }
}

/// The word and the bit of a descriptor in a set.
fn place(fd: u32) -> (usize, u32) {
    (fd as usize / 32, 1 << (fd % 32))
}

impl Question {
    /// The bytes of a set that are looked at.
    fn bytes(self) -> usize {
        4 * self.count.div_ceil(32)
    }

    fn sets_in(self, kernel: &mut Service<'_>, call: Call) -> Result<[Set; 3], Fail> {
        let mut sets = [[0; WORDS]; 3];
        for (set, at) in sets.iter_mut().zip(self.sets) {
            if at != 0 {
                let mut words = [[0; 4]; WORDS];
                let bytes = &mut words.as_flattened_mut()[..self.bytes()];
                kernel.copy_in(call, at, bytes)?;
                *set = words.map(u32::from_le_bytes);
            }
        }
        Ok(sets)
    }

    /// The descriptors that are in any set.
    fn asked(self, wanted: &[Set; 3]) -> impl Iterator<Item = u32> {
        (0..self.count as u32).filter(|fd| {
            let (word, bit) = place(*fd);
            wanted.iter().any(|set| set[word] & bit != 0)
        })
    }

    fn give(self, kernel: &mut Service<'_>, call: Call, found: &[Set; 3]) -> Result<(), Fail> {
        for (set, at) in found.iter().zip(self.sets) {
            let words = set.map(u32::to_le_bytes);
            kernel.copy_out_if_wanted(call, at, &words.as_flattened()[..self.bytes()])?;
        }
        Ok(())
    }
}
