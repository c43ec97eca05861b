//! The machine as gdb sees it: the requests it supports, and how it is resumed.

use std::ops::Range;

use gdbstub::common::{Signal, Tid};
use gdbstub::target::Target;
use gdbstub::target::ext::base::BaseOps;
use gdbstub::target::ext::base::multithread::{
    MultiThreadRangeStepping, MultiThreadRangeSteppingOps, MultiThreadResume,
    MultiThreadSchedulerLocking, MultiThreadSchedulerLockingOps, MultiThreadSingleStep,
    MultiThreadSingleStepOps,
};
use gdbstub::target::ext::base::reverse_exec::{
    ReverseCont, ReverseContOps, ReverseStep, ReverseStepOps,
};
use gdbstub::target::ext::breakpoints::BreakpointsOps;
use gdbstub::target::ext::exec_file::ExecFileOps;
use gdbstub::target::ext::host_io::HostIoOps;
use gdbstub::target::ext::monitor_cmd::MonitorCmdOps;
use gdbstub::target::ext::section_offsets::SectionOffsetsOps;
use gdbstub::target::ext::target_description_xml_override::TargetDescriptionXmlOverrideOps;
use gdbstub_arch::x86::X86_SSE;
use userprog::{Pid, RunReport};

use super::files::OpenFiles;
use super::machine::Machine;
use super::stops::Stops;

/// A machine under a debugger.
pub(super) struct Debugger<'a> {
    pub machine: Machine<'a>,
    pub stops: Stops,
    /// The process of the last reported stop.
    pub stopped_in: Pid,
    /// How to resume.
    pub resume: Resume,
    /// The program whose symbols gdb has loaded.
    pub program: String,
    pub files: OpenFiles,
    /// The report of the run, once it is over.
    pub report: Option<RunReport>,
}

/// How to resume.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Resume {
    Continue,
    /// Step this process by one instruction, or until it leaves this range.
    Step(Pid, Range<u32>),
    StepBack(Pid),
    ContinueBack,
}

/// Returns gdb's number of a process.
pub(super) fn tid(pid: Pid) -> Tid {
    Tid::new(pid.0 as usize).expect("no process has the number 0")
}

impl Debugger<'_> {
    /// Returns the process with a number of gdb's, if it is alive.
    pub(super) fn process(&self, tid: Tid) -> Option<Pid> {
        let pid = Pid(u32::try_from(tid.get()).ok()?);
        self.machine.kernel.is_alive(pid).then_some(pid)
    }
}

impl Target for Debugger<'_> {
    type Arch = X86_SSE;
    type Error = String;

    fn base_ops(&mut self) -> BaseOps<'_, X86_SSE, String> {
        BaseOps::MultiThread(self)
    }

    fn support_breakpoints(&mut self) -> Option<BreakpointsOps<'_, Self>> {
        Some(self)
    }

    fn support_exec_file(&mut self) -> Option<ExecFileOps<'_, Self>> {
        Some(self)
    }

    fn support_host_io(&mut self) -> Option<HostIoOps<'_, Self>> {
        Some(self)
    }

    fn support_monitor_cmd(&mut self) -> Option<MonitorCmdOps<'_, Self>> {
        Some(self)
    }

    fn support_section_offsets(&mut self) -> Option<SectionOffsetsOps<'_, Self>> {
        Some(self)
    }

    fn support_target_description_xml_override(
        &mut self,
    ) -> Option<TargetDescriptionXmlOverrideOps<'_, Self>> {
        Some(self)
    }
}

// Signals that gdb passes when it resumes are ignored: the guest has no signals.
impl MultiThreadResume for Debugger<'_> {
    fn resume(&mut self) -> Result<(), String> {
        Ok(())
    }

    fn clear_resume_actions(&mut self) -> Result<(), String> {
        self.resume = Resume::Continue;
        Ok(())
    }

    fn set_resume_action_continue(&mut self, _: Tid, _: Option<Signal>) -> Result<(), String> {
        Ok(())
    }

    fn support_single_step(&mut self) -> Option<MultiThreadSingleStepOps<'_, Self>> {
        Some(self)
    }

    fn support_range_step(&mut self) -> Option<MultiThreadRangeSteppingOps<'_, Self>> {
        Some(self)
    }

    fn support_scheduler_locking(&mut self) -> Option<MultiThreadSchedulerLockingOps<'_, Self>> {
        Some(self)
    }

    fn support_reverse_step(&mut self) -> Option<ReverseStepOps<'_, Tid, Self>> {
        self.machine.can_restart().then_some(self as _)
    }

    fn support_reverse_cont(&mut self) -> Option<ReverseContOps<'_, Tid, Self>> {
        self.machine.can_restart().then_some(self as _)
    }
}

impl MultiThreadSingleStep for Debugger<'_> {
    fn set_resume_action_step(&mut self, tid: Tid, _: Option<Signal>) -> Result<(), String> {
        self.set_resume_action_range_step(tid, 0, 0)
    }
}

impl MultiThreadRangeStepping for Debugger<'_> {
    fn set_resume_action_range_step(
        &mut self,
        tid: Tid,
        start: u32,
        end: u32,
    ) -> Result<(), String> {
        if let Some(pid) = self.process(tid) {
            self.resume = Resume::Step(pid, start..end);
        }
        Ok(())
    }
}

// The guest's kernel schedules: other processes may have their turn before this one continues.
impl MultiThreadSchedulerLocking for Debugger<'_> {
    fn set_resume_action_scheduler_lock(&mut self) -> Result<(), String> {
        Ok(())
    }
}

impl ReverseStep<Tid> for Debugger<'_> {
    fn reverse_step(&mut self, tid: Tid) -> Result<(), String> {
        let pid = self.process(tid).unwrap_or(self.stopped_in);
        self.resume = Resume::StepBack(pid);
        Ok(())
    }
}

impl ReverseCont<Tid> for Debugger<'_> {
    fn reverse_cont(&mut self) -> Result<(), String> {
        self.resume = Resume::ContinueBack;
        Ok(())
    }
}
