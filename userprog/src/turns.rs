//! The main loop: runs a process, handles what stops it, and continues with it or with another.
//!
//! # Invariants
//!
//! A process that faults repeats its instruction before its turn ends. Between two iterations the
//! complete state of the run is in the [`Kernel`], so it can pause there and continue as if it had
//! not.

use std::collections::BTreeSet;

use cpu::exit::Exit;
use machine::work::Work;
use vm::{Moment, Resolved, SpaceId};

use crate::charges::{KERNEL_ENTRY, looking_at};
use crate::events::MachineEvent;
use crate::kernel::Kernel;
use crate::pause::{Pause, PauseFlag, Progress};
use crate::process::{ExitStatus, Pid};
use crate::report::RunEnd;
use crate::scheduler::Turn;
use crate::stuck::{Stuck, judge};
use crate::turn::{Dealt, Next, OpenTurn};

/// How a turn ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum TurnEnd {
    Yield,
    Wait,
    Sleep,
    End(ExitStatus),
    EndThread(ExitStatus),
    PowerOff,
    WorkLimit,
    Stuck(Stuck),
}

impl Kernel {
    /// Continues the run that has begun, until it ends or has to pause.
    ///
    /// # Panics
    /// If no run has begun.
    pub fn advance(&mut self) -> Progress {
        assert!(self.first.is_some(), "no run has begun");
        loop {
            let Some(mut turn) = self.turn.take().or_else(|| self.open_turn()) else {
                return self.limit_reached();
            };
            // An exit that was handled before a pause has to take effect first.
            let dealt = match turn.dealt.take() {
                Some(dealt) => dealt,
                None => {
                    self.put_on_cpu(turn.pid);
                    if let Some(broken) = self.check_before(turn.pid) {
                        return Progress::Ended(self.stand_still(broken));
                    }
                    match self.run_cpu(&mut turn) {
                        Err(pause) => {
                            self.turn = Some(turn);
                            return Progress::Paused(pause);
                        }
                        Ok(dealt) => match self.pause_after(&dealt) {
                            None => dealt,
                            Some(pause) => {
                                turn.dealt = Some(dealt);
                                self.turn = Some(turn);
                                return Progress::Paused(pause);
                            }
                        },
                    }
                }
            };
            let end = match self.follow(&mut turn, dealt) {
                None => {
                    self.turn = Some(turn);
                    continue;
                }
                Some(TurnEnd::Yield) => {
                    self.scheduler.turn_over(turn.pid, self.cpu.work());
                    let not_before = self.processes.get(turn.pid).not_before;
                    let now = self.cpu.work();
                    self.scheduler.make_ready(turn.pid, not_before, now);
                    continue;
                }
                // Unlike a wait for a disk, it may be long: others have its place.
                Some(TurnEnd::Sleep) => {
                    let now = self.cpu.work();
                    self.scheduler.leave(turn.pid, now);
                    let not_before = self.processes.get(turn.pid).not_before;
                    self.scheduler.make_ready(turn.pid, not_before, now);
                    continue;
                }
                Some(TurnEnd::Wait) => {
                    self.scheduler.leave(turn.pid, self.cpu.work());
                    continue;
                }
                Some(TurnEnd::WorkLimit) => return self.limit_reached(),
                Some(TurnEnd::Stuck(stuck)) => {
                    let end = RunEnd::Stuck(Box::new(stuck));
                    return Progress::Ended(self.stand_still(end));
                }
                Some(TurnEnd::PowerOff) => RunEnd::Halted,
                Some(TurnEnd::EndThread(status)) => {
                    self.end_thread(turn.pid, status);
                    continue;
                }
                Some(TurnEnd::End(status)) => {
                    if self.end_process(turn.pid, status) != self.first {
                        continue;
                    }
                    match status {
                        ExitStatus::Exited(status) => RunEnd::Exited(status),
                        ExitStatus::Killed | ExitStatus::Signalled(_) => RunEnd::Killed,
                    }
                }
            };
            return Progress::Ended(self.over(end));
        }
    }

    /// Makes the run pause when the machine has done `work` in all.
    ///
    /// # Examples
    ///
    /// ```
    /// use executables::asm::program;
    /// use machine::work::Work;
    /// use small::Machine;
    /// use userprog::{Pause, Progress, RunEnd};
    ///
    /// let main = program(|asm| _ = asm.repeat(10_000, |_| {}).exit(0));
    /// let done = Machine::new().file("main", &main).run_by(|kernel| {
    ///     let first = kernel.begin(b"main").expect("it is a program");
    ///     kernel.pause_at(Work(5_000));
    ///     assert_eq!(kernel.advance(), Progress::Paused(Pause::AtWork));
    ///     assert_eq!(kernel.current(), Some(first));
    ///     match kernel.advance() {
    ///         Progress::Ended(report) => report,
    ///         Progress::Paused(pause) => panic!("nobody asked: {pause:?}"),
    ///     }
    /// });
    /// assert_eq!(done.report.end, RunEnd::Exited(0));
    /// ```
    pub fn pause_at(&mut self, work: Work) {
        self.pauses.at = work;
    }

    /// Sets whether the run pauses when a process is killed, before it is removed.
    pub fn pause_at_kills(&mut self, pause: bool) {
        self.pauses.at_kills = pause;
    }

    /// Returns the flag that requests a pause of this machine.
    #[must_use]
    pub fn pause_flag(&self) -> PauseFlag {
        self.pauses.flag.clone()
    }

    /// Returns the process in whose turn the run was paused; `None` between two turns.
    #[must_use]
    pub fn current(&self) -> Option<Pid> {
        self.turn.as_ref().map(|turn| turn.pid)
    }

    fn limit_reached(&mut self) -> Progress {
        if let Some(reached) = self.limit_that_is_reached() {
            log::warn!("{reached}: power off");
        }
        Progress::Ended(self.over(RunEnd::WorkLimit))
    }

    fn open_turn(&mut self) -> Option<OpenTurn> {
        let Turn { pid, slice } = self.next_turn()?;
        self.tell_residents();
        let end = self.cpu.work() + slice;
        Some(OpenTurn {
            pid,
            end,
            until: end.min(self.limit.work),
            went_on_at: None,
            dealt: None,
        })
    }

    /// Returns the next turn. Lets time pass while all processes sleep; `None` if the work limit is
    /// reached.
    fn next_turn(&mut self) -> Option<Turn> {
        loop {
            self.ring_alarms();
            let now = self.cpu.work();
            if let Some(turn) = self.scheduler.next_turn(now) {
                return Some(turn);
            }
            // A process that waits for a child has one that is alive, and so has that if it waits. Only
            // Linux programs can wait for each other in a circle, at pipes: then nothing happens any more.
            let times = [self.scheduler.next_wake(), self.linux.alarms.next()];
            let wake = times.into_iter().flatten().min().unwrap_or_else(|| {
                log::warn!("all processes wait for each other: nothing will happen any more");
                self.limit.work
            });
            self.idle_until(wake);
            if self.work_is_done() {
                return None;
            }
        }
    }

    /// Has alarms ring whose time has come; only Linux programs have any.
    fn ring_alarms(&mut self) {
        while let Some(time) = self.linux.alarms.next()
            && time <= self.cpu.work()
        {
            let moment = self.moment_at(self.cpu.eip());
            let rung = self.serve(moment, |kernel| kernel.ring_alarms());
            // Nobody asks for a page here.
            rung.for_nobody();
        }
    }

    /// Lets time pass in which no process runs.
    fn idle_until(&mut self, time: Work) {
        let idle = time.min(self.limit.work) - self.cpu.work();
        self.idle += idle;
        self.cpu.charge(idle);
    }

    /// Reports to the virtual memory which processes are resident, and so keep a minimum of frames.
    /// One is if any of those is that share its memory; of one that has ended nothing is known.
    fn tell_residents(&mut self) {
        let changes = self.scheduler.take_changes();
        let mut spaces: BTreeSet<SpaceId> = BTreeSet::new();
        for (pid, _) in &changes {
            match self.processes.find(*pid) {
                Some(process) => _ = spaces.insert(process.space),
                None => spaces.extend(self.vm.all_spaces()),
            }
        }
        for space in spaces {
            let mut users = self.processes.users(space);
            let is_resident = users.any(|user| self.scheduler.is_resident(user));
            self.vm.set_resident(space, is_resident);
        }
    }

    /// Switches the CPU to a process, unless it is there already.
    fn put_on_cpu(&mut self, pid: Pid) {
        if self.on_cpu == Some(pid) {
            return;
        }
        if let Some(before) = self.on_cpu.replace(pid) {
            self.cpu.save(&mut self.processes.get_mut(before).context);
        }
        let process = self.processes.get(pid);
        self.cpu
            .resume(&process.context, self.vm.user_root(process.space));
        self.context_switches += 1;
        self.tell(&MachineEvent::Running { pid });
    }

    /// Runs the process on the CPU, whose turn it is, until it stops, and handles the exit.
    ///
    /// # Errors
    /// The reason for a pause; there was no exit to handle.
    fn run_cpu(&mut self, turn: &mut OpenTurn) -> Result<Dealt, Pause> {
        let before = *turn.went_on_at.get_or_insert(self.cpu.work());
        let exit = self.cpu.run(turn.until.min(self.pauses.at));
        let work = self.cpu.work();
        if let Exit::Debug(stop) = exit {
            return Err(Pause::Debugger(stop));
        }
        if exit == Exit::Tick && work >= self.pauses.at && work < turn.until {
            self.pauses.at = Work::MAX;
            return Err(Pause::AtWork);
        }
        turn.went_on_at = None;
        self.cpu.enter_kernel();
        self.system_calls += u64::from(exit == Exit::Syscall);
        self.faults += u64::from(matches!(exit, Exit::PageFault(_)));
        let eip = self.cpu.eip();
        let process = self.processes.get_mut(turn.pid);
        // Without a new block, a fault at the same EIP is of the same instruction, and the pages
        // that it has asked for stay in hand (`vm::Pager::resolve_again`).
        let got_on = work > before || process.faulted_at != Some(eip);
        if got_on {
            process.faulted_at = None;
        }
        let pid = turn.pid;
        // Before it is handled, so that a panic or a hang in there has a cause to show.
        self.note_entry(pid, &exit);
        let served = self.serve(Moment { work, eip }, |kernel| kernel.deal_with(pid, exit));
        Ok(Dealt {
            exit,
            next: served.result,
            resolved: served.resolved,
            got_on,
        })
    }

    /// Returns the reason to pause after an exit was handled, if there is one.
    fn pause_after(&mut self, dealt: &Dealt) -> Option<Pause> {
        let asked = self.pauses.flag.take();
        let killed = matches!(
            dealt.next,
            Next::End(ExitStatus::Killed | ExitStatus::Signalled(_))
        );
        if self.pauses.at_kills && killed {
            return Some(Pause::Killed(dealt.exit));
        }
        asked.then_some(Pause::Asked)
    }

    /// Acts on an exit that was handled. Returns how the turn ended, if it did.
    fn follow(&mut self, turn: &mut OpenTurn, dealt: Dealt) -> Option<TurnEnd> {
        let sleeps = self.wait_for_disk(turn.pid, &dealt);
        if dealt.next != Next::Yield {
            self.cpu.charge(KERNEL_ENTRY);
        }
        self.cpu.charge(looking_at(self.vm.take_walked()));
        match dealt.next {
            Next::Wait => return Some(TurnEnd::Wait),
            Next::End(status) => return Some(TurnEnd::End(status)),
            Next::EndThread(status) => return Some(TurnEnd::EndThread(status)),
            Next::PowerOff => return Some(TurnEnd::PowerOff),
            Next::Retry(fault) => {
                let process = self.processes.get(turn.pid);
                let waits = dealt.resolved != Resolved::GoOn;
                let stuck = judge(&self.vm, process.space, fault, waits, &process.repeats);
                if let Some(stuck) = stuck {
                    return Some(TurnEnd::Stuck(stuck));
                }
            }
            Next::Resume | Next::Yield | Next::Sleep => {}
        }
        let now = self.cpu.work();
        if self.work_is_done() {
            return Some(TurnEnd::WorkLimit);
        }
        match dealt.next {
            _ if sleeps => Some(TurnEnd::Yield),
            Next::Sleep => Some(TurnEnd::Sleep),
            // If the turn ended before the instruction is repeated, its page might be evicted by
            // the next turn, and so on for ever.
            Next::Retry(_) => {
                turn.until = turn.until.max(now + Work(1));
                None
            }
            Next::Resume if now < turn.end => None,
            _ => Some(TurnEnd::Yield),
        }
    }

    /// Makes a process wait for a disk, if it has to. Returns whether it sleeps, so that others
    /// run.
    ///
    /// If it has slept for its page before and could not use it, because others have evicted it, it
    /// keeps the CPU while it waits. Otherwise processes that share too few frames would evict each
    /// other's pages for ever, and none would make progress.
    fn wait_for_disk(&mut self, pid: Pid, dealt: &Dealt) -> bool {
        let process = self.processes.get_mut(pid);
        let slept_in_vain = process.slept && !dealt.got_on;
        process.slept = slept_in_vain || dealt.resolved != Resolved::GoOn;
        match dealt.resolved {
            Resolved::GoOn => false,
            Resolved::Sleep { until } if slept_in_vain => {
                self.idle_until(until);
                false
            }
            Resolved::Sleep { until } => {
                process.not_before = until;
                true
            }
        }
    }
}
