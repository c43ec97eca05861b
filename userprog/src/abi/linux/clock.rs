//! time, gettimeofday, clock_gettime and its relatives, nanosleep, times, getrusage.
//!
//! # Invariants
//! Time is guest work, whatever the host's clock says: a unit of work is 10 ns, and all clocks begin at the same
//! moment of 2001.

use machine::work::Work;

use super::call::{Call, Done, Reply};
use super::encode::Encoder;
use super::signals::Due;
use super::stack::CLOCK_TICKS;
use crate::errno::Errno;
use crate::service::Service;

/// The time at which a machine is switched on, in seconds since 1970.
pub(super) const BOOT_TIME: u64 = 1_000_000_000;
/// How long a unit of work takes, in nanoseconds.
const NANOSECONDS_PER_WORK: u64 = 10;
const NANOSECONDS: u64 = 1_000_000_000;
/// The highest number of a clock that Linux has for all processes.
const LAST_CLOCK: u32 = 11;
/// CLOCK_REALTIME, CLOCK_REALTIME_COARSE, CLOCK_TAI.
const CLOCKS_OF_THE_DAY: [u32; 3] = [0, 5, 11];
/// TIMER_ABSTIME.
const ABSOLUTE: u32 = 1;

/// A moment or a duration.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Time {
    seconds: u64,
    nanoseconds: u32,
}

impl Time {
    pub(super) fn of_milliseconds(all: u32) -> Time {
        Time::of_nanoseconds(u64::from(all) * 1_000_000)
    }

    pub(super) fn of_seconds(seconds: u32) -> Time {
        Time {
            seconds: seconds.into(),
            nanoseconds: 0,
        }
    }

    /// Its whole seconds, and the nanoseconds beyond them.
    pub(super) fn parts(self) -> (u64, u32) {
        (self.seconds, self.nanoseconds)
    }

    /// How long this work takes.
    pub(super) fn of_work(work: Work) -> Time {
        Time::of_nanoseconds(work.0.saturating_mul(NANOSECONDS_PER_WORK))
    }

    /// That of a `struct timeval`.
    pub(super) fn of_timeval(seconds: u32, microseconds: u32) -> Result<Time, Errno> {
        let is_negative = i32::try_from(seconds).is_err();
        match u64::from(microseconds) * 1000 {
            nanoseconds if !is_negative => Time::checked(seconds.into(), nanoseconds),
            _ => Err(Errno::Invalid),
        }
    }

    /// As a `struct timeval`.
    pub(super) fn as_timeval(self) -> Vec<u8> {
        let fields = Encoder::default().u32(self.seconds as u32);
        fields.u32(self.nanoseconds / 1000).finish()
    }

    /// In whole seconds: the next ones, but 1 of whatever is less and not nothing.
    pub(super) fn in_seconds(self) -> u32 {
        let rest = u64::from(self.nanoseconds);
        let rounds_up = rest >= NANOSECONDS / 2 || (self.seconds == 0 && rest > 0);
        (self.seconds + u64::from(rounds_up)) as u32
    }

    fn of_nanoseconds(all: u64) -> Time {
        Time {
            seconds: all / NANOSECONDS,
            nanoseconds: (all % NANOSECONDS) as u32,
        }
    }

    /// As a `struct timespec` with members of 32 bits.
    fn as_32(self) -> Vec<u8> {
        let fields = Encoder::default().u32(self.seconds as u32);
        fields.u32(self.nanoseconds).finish()
    }

    /// As a `struct timespec` with members of 64 bits.
    fn as_64(self) -> Vec<u8> {
        let fields = Encoder::default().u64(self.seconds);
        fields.u64(self.nanoseconds.into()).finish()
    }

    /// The work that takes as long.
    pub(super) fn as_work(self) -> Work {
        let all = self.seconds.saturating_mul(NANOSECONDS);
        let all = all.saturating_add(self.nanoseconds.into());
        Work(all.div_ceil(NANOSECONDS_PER_WORK))
    }

    fn checked(seconds: u64, nanoseconds: u64) -> Result<Time, Errno> {
        if nanoseconds >= NANOSECONDS || i64::try_from(seconds).is_err() {
            return Err(Errno::Invalid);
        }
        let nanoseconds = nanoseconds as u32;
        Ok(Time {
            seconds,
            nanoseconds,
        })
    }
}

/// Where a program has the time that a call may take, which becomes what is left of it; 0 for nowhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TimeAt {
    /// A `struct timeval`.
    Value(u32),
    /// A `struct timespec` with members of 32 bits.
    Spec32(u32),
    /// A `struct timespec` with members of 64 bits.
    Spec64(u32),
}

impl TimeAt {
    fn address(self) -> u32 {
        let (TimeAt::Value(at) | TimeAt::Spec32(at) | TimeAt::Spec64(at)) = self;
        at
    }

    fn encode(self, time: Time) -> Vec<u8> {
        match self {
            TimeAt::Value(_) => time.as_timeval(),
            TimeAt::Spec32(_) => time.as_32(),
            TimeAt::Spec64(_) => time.as_64(),
        }
    }
}

impl Service<'_> {
    /// Tells the program what is left of its time, if the call is over with this or a signal is about to end it.
    /// Whether that can be written is nobody's error, as in Linux.
    pub(super) fn leave_time(&mut self, call: Call, at: TimeAt, reply: Done) -> Done {
        if matches!(reply, Done::Nap(_)) && !self.is_interrupted(call) {
            return reply;
        }
        if let Some(until) = self.linux_of(call.pid()).progress.until {
            let left = Time::of_work(Work(until.0.saturating_sub(self.cpu.work().0)));
            let written = self.copy_out_if_wanted(call, at.address(), &at.encode(left));
            log::trace!("what is left of the time is told: {written:?}");
        }
        reply
    }

    /// Whether a handler is about to end a call that would wait.
    fn is_interrupted(&self, call: Call) -> bool {
        matches!(self.due(call.pid()), Some(Due::Handle(..)))
    }

    /// How long the machine has run.
    fn up(&self) -> Time {
        Time::of_work(self.cpu.work())
    }

    /// How long the machine has run, in whole seconds.
    pub(super) fn seconds_up(&self) -> u32 {
        self.up().seconds as u32
    }

    /// Since 1970.
    pub(super) fn time_of_day(&self) -> Time {
        let up = self.up();
        Time {
            seconds: up.seconds + BOOT_TIME,
            ..up
        }
    }

    fn clock(&self, clock: u32) -> Result<Time, Errno> {
        match clock {
            clock if CLOCKS_OF_THE_DAY.contains(&clock) => Ok(self.time_of_day()),
            0..=LAST_CLOCK => Ok(self.up()),
            _ => Err(Errno::Invalid),
        }
    }

    pub(super) fn time_in_32(&mut self, call: Call, from: u32) -> Result<Time, super::Fail> {
        let [seconds, nanoseconds] = self.words_in(call, from)?;
        let seconds = u64::from(seconds)
            | if seconds > i32::MAX as u32 {
                u64::MAX << 32
            } else {
                0
            };
        Ok(Time::checked(seconds, nanoseconds.into())?)
    }

    pub(super) fn time_in_64(&mut self, call: Call, from: u32) -> Result<Time, super::Fail> {
        let [low, high, nanoseconds, _] = self.words_in(call, from)?;
        let seconds = u64::from(low) | u64::from(high) << 32;
        Ok(Time::checked(seconds, nanoseconds.into())?)
    }

    /// Has a process sleep. If a signal ends that, it is told what is left.
    fn sleep(&mut self, call: Call, time: Time, left: TimeAt) -> Reply {
        let until = self.until(call, time);
        match until <= self.cpu.work() {
            true => Ok(Done::ZERO),
            false => Ok(self.leave_time(call, left, Done::Nap(until))),
        }
    }

    /// When a wait ends that began with this call, or with the first of those that it repeats.
    pub(super) fn until(&mut self, call: Call, time: Time) -> Work {
        let now = self.cpu.work();
        let progress = &mut self.linux_mut(call.pid()).progress;
        let until = Work(now.0.saturating_add(time.as_work().0));
        *progress.until.get_or_insert(until)
    }

    fn sleep_by(&mut self, call: Call, clock: u32, flags: u32, time: Time, left: TimeAt) -> Reply {
        let (time, left) = match flags & ABSOLUTE {
            0 => (self.clock(clock).map(|_| time)?, left),
            _ => (self.left_until(clock, time)?, TimeAt::Spec32(0)),
        };
        self.sleep(call, time, left)
    }

    /// How long it is until a clock shows a time; none if that has passed.
    pub(super) fn left_until(&self, clock: u32, time: Time) -> Result<Time, Errno> {
        let now = self.clock(clock)?;
        let nanoseconds = |time: Time| {
            i128::from(time.seconds) * i128::from(NANOSECONDS) + i128::from(time.nanoseconds)
        };
        let left = nanoseconds(time) - nanoseconds(now);
        Ok(Time::of_nanoseconds(left.clamp(0, u64::MAX.into()) as u64))
    }
}

/// `time_t time(time_t *)`
pub(super) fn time(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [to] = call.arguments();
    let seconds = (kernel.up().seconds + BOOT_TIME) as u32;
    kernel.copy_out_if_wanted(call, to, &seconds.to_le_bytes())?;
    Ok(seconds.into())
}

/// `int gettimeofday(struct timeval *, struct timezone *)`
pub(super) fn gettimeofday(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [to, zone] = call.arguments();
    let now = kernel.clock(0)?;
    let fields = Encoder::default()
        .u32(now.seconds as u32)
        .u32(now.nanoseconds / 1000);
    kernel.copy_out_if_wanted(call, to, &fields.finish())?;
    kernel.copy_out_if_wanted(call, zone, &[0; 8])?;
    Ok(Done::ZERO)
}

/// `int clock_gettime(clockid_t, struct timespec *)`
pub(super) fn clock_gettime(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [clock, to] = call.arguments();
    let now = kernel.clock(clock)?;
    kernel.copy_out(call, to, &now.as_32())?;
    Ok(Done::ZERO)
}

/// `int clock_gettime64(clockid_t, struct timespec64 *)`
pub(super) fn clock_gettime64(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [clock, to] = call.arguments();
    let now = kernel.clock(clock)?;
    kernel.copy_out(call, to, &now.as_64())?;
    Ok(Done::ZERO)
}

/// `int clock_getres(clockid_t, struct timespec *)`
pub(super) fn clock_getres(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [clock, to] = call.arguments();
    kernel.clock(clock)?;
    let resolution = Time::of_nanoseconds(NANOSECONDS_PER_WORK);
    kernel.copy_out_if_wanted(call, to, &resolution.as_32())?;
    Ok(Done::ZERO)
}

/// `int clock_getres_time64(clockid_t, struct timespec64 *)`
pub(super) fn clock_getres_time64(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [clock, to] = call.arguments();
    kernel.clock(clock)?;
    let resolution = Time::of_nanoseconds(NANOSECONDS_PER_WORK);
    kernel.copy_out_if_wanted(call, to, &resolution.as_64())?;
    Ok(Done::ZERO)
}

/// `int nanosleep(const struct timespec *, struct timespec *left)`
pub(super) fn nanosleep(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [from, left] = call.arguments();
    let time = kernel.time_in_32(call, from)?;
    kernel.sleep(call, time, TimeAt::Spec32(left))
}

/// `int clock_nanosleep(clockid_t, int flags, const struct timespec *, struct timespec *left)`
pub(super) fn clock_nanosleep(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [clock, flags, from, left] = call.arguments();
    let time = kernel.time_in_32(call, from)?;
    kernel.sleep_by(call, clock, flags, time, TimeAt::Spec32(left))
}

/// `int clock_nanosleep_time64(clockid_t, int flags, const struct timespec64 *, struct timespec64 *left)`
pub(super) fn clock_nanosleep_time64(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [clock, flags, from, left] = call.arguments();
    let time = kernel.time_in_64(call, from)?;
    kernel.sleep_by(call, clock, flags, time, TimeAt::Spec64(left))
}

/// `clock_t times(struct tms *)`: all time is the program's own.
pub(super) fn times(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [to] = call.arguments();
    let up = kernel.up();
    let ticks =
        up.seconds as u32 * CLOCK_TICKS + up.nanoseconds / (NANOSECONDS as u32 / CLOCK_TICKS);
    let fields = Encoder::default().u32(ticks).zeros(12);
    kernel.copy_out_if_wanted(call, to, &fields.finish())?;
    Ok(ticks.into())
}

/// `int getrusage(int who, struct rusage *)`: the time, and nothing else.
pub(super) fn getrusage(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [who, to] = call.arguments();
    // RUSAGE_CHILDREN, RUSAGE_SELF, RUSAGE_THREAD.
    if !(-1..=1).contains(&(who as i32)) {
        return Err(Errno::Invalid.into());
    }
    let up = kernel.up();
    let fields = Encoder::default()
        .u32(up.seconds as u32)
        .u32(up.nanoseconds / 1000)
        .zeros(64);
    kernel.copy_out(call, to, &fields.finish())?;
    Ok(Done::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_and_time_are_the_same_thing() {
        let time = Time::of_nanoseconds(2_500_000_010);
        assert_eq!((time.seconds, time.nanoseconds), (2, 500_000_010));
        assert_eq!(time.as_work(), Work(250_000_001));
        assert_eq!(Time::checked(0, NANOSECONDS), Err(Errno::Invalid));
        assert_eq!(Time::checked(u64::MAX, 0), Err(Errno::Invalid));
    }
}
