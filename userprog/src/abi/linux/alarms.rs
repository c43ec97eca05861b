//! alarm, setitimer, getitimer: SIGALRM when a time has passed, which is guest work.
//!
//! # Invariants
//! A process has at most one alarm, which ends with it. An alarm that repeats does so after at least
//! [`LEAST_PERIOD`], and ringing is charged, so that time passes whoever asks for how many.

use std::collections::BTreeMap;

use machine::work::Work;

use super::call::{Call, Done, Fail, Reply};
use super::clock::Time;
use super::encode::Encoder;
use super::signals::{Cause, Signal};
use crate::charges::KERNEL_ENTRY;
use crate::errno::Errno;
use crate::process::Pid;
use crate::service::Service;

/// The least work between two times that an alarm rings: 10 microseconds.
const LEAST_PERIOD: Work = Work(1000);
/// ITIMER_REAL.
const REAL: u32 = 0;

/// When a process gets SIGALRM.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Alarm {
    at: Work,
    /// And after how much work once more.
    every: Option<Work>,
}

/// The alarms of all processes, by their first threads.
#[derive(Default, Debug)]
pub(crate) struct Alarms(BTreeMap<Pid, Alarm>);

impl Alarms {
    /// When the next one rings.
    pub(crate) fn next(&self) -> Option<Work> {
        self.0.values().map(|alarm| alarm.at).min()
    }

    /// Forgets that of a process.
    pub(crate) fn forget(&mut self, pid: Pid) {
        self.0.remove(&pid);
    }

    /// The processes whose alarms ring by now, in the order of their numbers; those that repeat are set anew.
    fn take_due(&mut self, now: Work) -> Vec<Pid> {
        let due = self.0.iter().filter(|(_, alarm)| alarm.at <= now);
        let due: Vec<(Pid, Alarm)> = due.map(|(pid, alarm)| (*pid, *alarm)).collect();
        for (pid, alarm) in &due {
            match alarm.every {
                None => drop(self.0.remove(pid)),
                Some(every) => {
                    let periods = (now.0 - alarm.at.0) / every.0 + 1;
                    let at = Work(alarm.at.0.saturating_add(periods.saturating_mul(every.0)));
                    self.0.insert(*pid, Alarm { at, ..*alarm });
                }
            }
        }
        due.into_iter().map(|(pid, _)| pid).collect()
    }
}

impl Service<'_> {
    /// Sends SIGALRM to whom it is due.
    pub(crate) fn ring_alarms(&mut self) {
        for pid in self.linux.alarms.take_due(self.cpu.work()) {
            self.charge(KERNEL_ENTRY);
            if self.processes.find(pid).is_some() {
                self.send(pid, Signal::ALARM, Cause::KERNEL);
            }
        }
        self.wake_waiters();
    }

    /// What is left of a process' alarm, and its period.
    fn alarm_left(&self, pid: Pid) -> (Time, Time) {
        let now = self.cpu.work();
        let alarm = self.linux.alarms.0.get(&self.processes.leader(pid));
        let left = alarm.map_or(0, |alarm| alarm.at.0.saturating_sub(now.0).max(1));
        let every = alarm.and_then(|alarm| alarm.every).unwrap_or(Work::ZERO);
        (Time::of_work(Work(left)), Time::of_work(every))
    }

    fn set_alarm(&mut self, pid: Pid, time: Time, every: Time) {
        let pid = self.processes.leader(pid);
        self.linux.alarms.forget(pid);
        if time.as_work() > Work::ZERO {
            let at = Work(self.cpu.work().0.saturating_add(time.as_work().0));
            let every = Some(every.as_work()).filter(|every| *every > Work::ZERO);
            let every = every.map(|every| every.max(LEAST_PERIOD));
            self.linux.alarms.0.insert(pid, Alarm { at, every });
        }
    }
}

/// `unsigned alarm(unsigned seconds)`: the seconds that were left, rounded, but not to none.
pub(super) fn alarm(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [seconds] = call.arguments();
    let (left, _) = kernel.alarm_left(call.pid());
    kernel.set_alarm(call.pid(), Time::of_seconds(seconds), Time::default());
    Ok(left.in_seconds().into())
}

/// `int setitimer(int which, const struct itimerval *new, struct itimerval *old)`: only that of the time that
/// passes.
pub(super) fn setitimer(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [which, new, old] = call.arguments();
    let times = match new {
        0 => (Time::default(), Time::default()),
        at => times_in(kernel, call, at)?,
    };
    if which != REAL {
        return Err(Errno::Invalid.into());
    }
    let before = kernel.alarm_left(call.pid());
    kernel.set_alarm(call.pid(), times.0, times.1);
    kernel.copy_out_if_wanted(call, old, &encode(before))?;
    Ok(Done::ZERO)
}

/// `int getitimer(int which, struct itimerval *)`
pub(super) fn getitimer(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [which, to] = call.arguments();
    if which != REAL {
        return Err(Errno::Invalid.into());
    }
    let now = kernel.alarm_left(call.pid());
    kernel.copy_out(call, to, &encode(now))?;
    Ok(Done::ZERO)
}

/// A `struct itimerval`: the time, and the period before it.
fn times_in(kernel: &mut Service<'_>, call: Call, at: u32) -> Result<(Time, Time), Fail> {
    let [every, every_rest, time, time_rest] = kernel.words_in(call, at)?;
    let time = Time::of_timeval(time, time_rest)?;
    Ok((time, Time::of_timeval(every, every_rest)?))
}

fn encode((time, every): (Time, Time)) -> Vec<u8> {
    let fields = Encoder::default().bytes(&every.as_timeval());
    fields.bytes(&time.as_timeval()).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_rings_once_or_at_every_multiple_of_its_period() {
        let mut alarms = Alarms::default();
        let alarm = |at, every: Option<u64>| Alarm {
            at: Work(at),
            every: every.map(Work),
        };
        alarms.0.insert(Pid(2), alarm(500, None));
        alarms.0.insert(Pid(1), alarm(1000, Some(2000)));
        assert_eq!(alarms.next(), Some(Work(500)));
        assert_eq!(alarms.take_due(Work(499)), []);
        assert_eq!(alarms.take_due(Work(1000)), [Pid(1), Pid(2)]);
        assert_eq!(alarms.next(), Some(Work(3000)));
        assert_eq!(alarms.take_due(Work(8000)), [Pid(1)]);
        assert_eq!(alarms.next(), Some(Work(9000)));
        alarms.forget(Pid(1));
        assert_eq!(alarms.next(), None);
    }
}
