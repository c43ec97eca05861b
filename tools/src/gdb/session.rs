//! One debugging session: waits for gdb, answers its requests, runs the machine when it says so.

use std::io;
use std::net::{TcpListener, TcpStream};

use cpu::debug::DebugStop;
use cpu::exception::Exception;
use cpu::exit::Exit;
use gdbstub::common::Signal;
use gdbstub::conn::ConnectionExt;
use gdbstub::stub::run_blocking::{BlockingEventLoop, Event, WaitForStopReasonError};
use gdbstub::stub::{DisconnectReason, GdbStub, MultiThreadStopReason};
use gdbstub::target::ext::base::reverse_exec::ReplayLogPosition;
use machine::work::Work;
use userprog::{Pause, Pid, Progress, RunEnd, RunReport};

use super::listen::ListenAddress;
use super::machine::{Machine, Origin};
use super::reverse::Back;
use super::stops::{Scope, Stops, gdb_watch_kind};
use super::target::{Debugger, Resume, tid};
use super::watching::{BEGUN, BreakOn};
use host::command::UsageError;

/// Work between two polls for Ctrl-C: some milliseconds.
const SLICE: Work = Work(500_000);

type StopReason = MultiThreadStopReason<u32>;
type WaitError = WaitForStopReasonError<String, io::Error>;

/// Runs a program under the debugger that connects to `address`.
///
/// # Errors
/// The machine cannot be made, or the address cannot be listened at.
pub fn run(address: ListenAddress, origin: Origin<'_>) -> Result<RunReport, UsageError> {
    let in_use = |error| format!("cannot listen for gdb at {address}: {error}");
    let listener = TcpListener::bind(address.0).map_err(in_use)?;
    let machine = match Machine::begin(origin)? {
        Ok(machine) => machine,
        Err(report) => return Ok(report),
    };
    let at = listener.local_addr()?;
    let stopped_in = machine.current().ok_or("no process has begun")?;
    let program = machine.kernel.name_of(stopped_in);
    machine.hold();
    anstream::eprintln!("vmlab: waiting for gdb; in gdb: target remote {at}");
    let (connection, _) = listener.accept()?;
    // One debugger has the machine; others are turned away.
    drop(listener);
    let debugger = Debugger {
        stops: Stops::new(Scope::Program(program.clone())),
        machine,
        stopped_in,
        resume: Resume::Continue,
        program,
        files: Default::default(),
        report: None,
    };
    debugger.serve(connection)
}

impl Debugger<'_> {
    fn serve(mut self, connection: TcpStream) -> Result<RunReport, UsageError> {
        let end = GdbStub::new(connection).run_blocking::<Loop<'_>>(&mut self);
        match end {
            Ok(DisconnectReason::Disconnect) => {
                anstream::eprintln!("vmlab: gdb has detached; the program runs on");
                self.machine.let_go();
                loop {
                    if let Progress::Ended(report) = self.machine.kernel.advance() {
                        return Ok(report);
                    }
                }
            }
            Ok(_) => {}
            Err(error) => match error.into_target_error() {
                Some(error) => return Err(error.into()),
                None => anstream::eprintln!("vmlab: the connection with gdb is lost: power off"),
            },
        }
        Ok(match self.report {
            Some(report) => report,
            None => self.machine.kernel.cut_power(),
        })
    }

    /// Resumes as gdb requested, until there is a stop to report or gdb sends something.
    fn go_on(&mut self, connection: &mut TcpStream) -> Result<Event<StopReason>, WaitError> {
        self.stops.settle();
        let reason = match self.resume.clone() {
            Resume::StepBack(pid) => self.back(|machine, _| machine.step_back(pid))?,
            Resume::ContinueBack => {
                let pid = self.stopped_in;
                self.back(|machine, stops| machine.continue_back(pid, stops))?
            }
            Resume::Continue | Resume::Step(..) => match self.forward(connection) {
                Some(reason) => reason,
                None => {
                    let byte = connection.read().map_err(WaitError::Connection)?;
                    return Ok(Event::IncomingData(byte));
                }
            },
        };
        // Show what the guest has printed so far before the stop is reported.
        self.machine.hold();
        Ok(Event::TargetStopped(reason))
    }

    /// Runs until there is a stop to report; `None` if gdb has sent something.
    fn forward(&mut self, connection: &mut TcpStream) -> Option<StopReason> {
        self.stops.apply(&mut self.machine.kernel);
        let kills = self.machine.watching.break_on().contains(&BreakOn::Kill);
        self.machine.kernel.pause_at_kills(kills);
        self.arm_step();
        loop {
            let until = self.machine.kernel.work() + SLICE;
            self.machine.kernel.pause_at(until);
            match self.machine.kernel.advance() {
                Progress::Ended(report) => {
                    let reason = end(&report);
                    self.report = Some(report);
                    return Some(reason);
                }
                Progress::Paused(pause) => {
                    if let Some(reason) = self.told(pause) {
                        return Some(reason);
                    }
                }
            }
            // Reading is the way to notice a lost connection.
            if connection.peek().map_or(true, |byte| byte.is_some()) {
                return None;
            }
        }
    }

    /// Arms a single step, if gdb asked for one.
    fn arm_step(&mut self) {
        match &self.resume {
            Resume::Step(pid, _) if self.machine.kernel.is_alive(*pid) => {
                self.machine.kernel.step(*pid);
            }
            _ => self.machine.kernel.no_step(),
        }
    }

    /// Returns the stop reason that gdb gets for a pause, if it gets one.
    fn told(&mut self, pause: Pause) -> Option<StopReason> {
        let pid = self.machine.current()?;
        let kernel = &self.machine.kernel;
        let reason = match pause {
            Pause::AtWork => return None,
            Pause::Asked => {
                let signal = Signal::SIGTRAP;
                let tid = tid(pid);
                StopReason::SignalWithThread { tid, signal }
            }
            Pause::Killed(exit) => {
                self.machine.watching.set_reason(death(exit));
                let signal = signal(exit);
                let tid = tid(pid);
                StopReason::SignalWithThread { tid, signal }
            }
            Pause::Debugger(DebugStop::Step) => {
                let eip = kernel.registers(pid).eip;
                let in_range =
                    matches!(&self.resume, Resume::Step(_, range) if range.contains(&eip));
                let at_breakpoint = self.stops.is_breakpoint(kernel, pid, eip);
                if in_range && !at_breakpoint {
                    self.arm_step();
                    return None;
                }
                self.stop_reason(pid, DebugStop::Step)
            }
            Pause::Debugger(stop) if self.stops.concerns(kernel, pid, stop) => {
                self.stop_reason(pid, stop)
            }
            Pause::Debugger(_) => return None,
        };
        self.stopped_in = pid;
        Some(reason)
    }

    fn stop_reason(&self, pid: Pid, stop: DebugStop) -> StopReason {
        let tid = tid(pid);
        let watching = &self.machine.watching;
        match stop {
            DebugStop::Breakpoint => {
                watching.set_reason("a breakpoint");
                StopReason::SwBreak(tid)
            }
            DebugStop::Watchpoint(watched) => {
                watching.set_reason(format!("a watched access to {}", watched.addr));
                StopReason::Watch {
                    tid,
                    kind: gdb_watch_kind(watched.kind),
                    addr: watched.addr.0,
                }
            }
            DebugStop::Step => {
                watching.set_reason("a step");
                let signal = Signal::SIGTRAP;
                StopReason::SignalWithThread { tid, signal }
            }
        }
    }

    fn back(
        &mut self,
        go: impl FnOnce(&mut Machine<'_>, &Stops) -> Result<Back, UsageError>,
    ) -> Result<StopReason, WaitError> {
        let failed = |error: UsageError| WaitError::Target(error.to_string());
        let back = go(&mut self.machine, &self.stops).map_err(failed)?;
        let (pid, reason) = match back {
            Back::To(pid, stop) => {
                let stop = stop.unwrap_or(DebugStop::Step);
                (pid, self.stop_reason(pid, stop))
            }
            Back::Begin => {
                self.machine.watching.set_reason(BEGUN);
                let pid = self.machine.current().unwrap_or(self.stopped_in);
                let pos = ReplayLogPosition::Begin;
                let tid = Some(tid(pid));
                (pid, StopReason::ReplayLog { tid, pos })
            }
        };
        self.stopped_in = pid;
        Ok(reason)
    }
}

/// Returns the end of the first process as a stop reason of gdb's.
fn end(report: &RunReport) -> StopReason {
    match report.end {
        RunEnd::Exited(status) => StopReason::Exited(status as u8),
        RunEnd::Halted => StopReason::Exited(0),
        RunEnd::WorkLimit => StopReason::Terminated(Signal::SIGXCPU),
        _ => StopReason::Terminated(Signal::SIGKILL),
    }
}

/// Describes why a process is killed.
fn death(exit: Exit) -> String {
    match exit {
        Exit::PageFault(fault) => {
            let code = fault.code.bits();
            format!("killed: page fault at {}, error code {code}", fault.addr)
        }
        Exit::Exception { exception, .. } => format!("killed: {}", exception.name()),
        Exit::Syscall => "killed: by the kernel, in a system call".to_owned(),
        Exit::Tick | Exit::Debug(_) => "killed".to_owned(),
    }
}

/// Returns the signal that a Unix would send for what the process did.
fn signal(exit: Exit) -> Signal {
    match exit {
        Exit::PageFault(_) | Exit::Syscall => Signal::SIGSEGV,
        Exit::Exception { exception, .. } => match exception {
            Exception::DivideError | Exception::FpuError | Exception::SimdError => Signal::SIGFPE,
            Exception::InvalidOpcode => Signal::SIGILL,
            Exception::Breakpoint | Exception::Debug => Signal::SIGTRAP,
            _ => Signal::SIGSEGV,
        },
        Exit::Tick | Exit::Debug(_) => Signal::SIGKILL,
    }
}

/// The loop of crate `gdbstub`.
struct Loop<'a>(std::marker::PhantomData<&'a ()>);

impl<'a> BlockingEventLoop for Loop<'a> {
    type Target = Debugger<'a>;
    type Connection = TcpStream;
    type StopReason = StopReason;

    fn wait_for_stop_reason(
        target: &mut Debugger<'a>,
        connection: &mut TcpStream,
    ) -> Result<Event<StopReason>, WaitError> {
        target.go_on(connection)
    }

    fn on_interrupt(target: &mut Debugger<'a>) -> Result<Option<StopReason>, String> {
        let pid = target.machine.current().ok_or("no process is alive")?;
        target.stopped_in = pid;
        target.machine.watching.set_reason("Ctrl-C");
        target.machine.hold();
        let signal = Signal::SIGINT;
        Ok(Some(StopReason::SignalWithThread {
            tid: tid(pid),
            signal,
        }))
    }
}
