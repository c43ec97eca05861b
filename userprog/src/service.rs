//! Services: the kernel while it handles an exit of the CPU, or creates or ends a process.
//!
//! # Invariants
//! - The virtual memory can only be changed during a service, for which
//!   [`Vm::serve`](vm::Vm::serve) lends it out at a given moment. The result says whether the
//!   process has to sleep.
//! - A service does not schedule: which process runs next, and when, is decided after it (`turns`).

use cpu::Cpu;
use machine::addr::VirtAddr;
use machine::work::Work;
use vm::{Moment, Served, SpaceId};

use crate::abi::Abi;
use crate::abi::linux::{LinuxShared, MemoryEnd};
use crate::check::Checks;
use crate::console::Console;
use crate::events::{MachineEvent, SharedRecorder};
use crate::files::Files;
use crate::kernel::Kernel;
use crate::messages;
use crate::process::{ExitStatus, Pid, ProcessTable};
use crate::scheduler::Scheduler;
use crate::witness::WatchedPager;

/// The parts of the kernel that serve a process.
pub(crate) struct Service<'k> {
    pub vm: WatchedPager<'k>,
    pub cpu: &'k mut Cpu,
    pub files: &'k mut Files,
    pub console: &'k mut Console,
    pub processes: &'k mut ProcessTable,
    pub scheduler: &'k mut Scheduler,
    pub linux: &'k mut LinuxShared,
    /// CR2: the address of the last page fault.
    pub last_fault: &'k mut u32,
    /// Whose fault that was.
    pub last_faulter: &'k mut Option<Pid>,
    pub checks: Option<&'k Checks>,
    recorder: Option<&'k SharedRecorder>,
    limit: Work,
}

impl Kernel {
    /// Runs `task` as a service at a moment.
    pub(crate) fn serve<R>(
        &mut self,
        moment: Moment,
        task: impl FnOnce(&mut Service<'_>) -> R,
    ) -> Served<R> {
        let served = self.vm.serve(moment, |vm| {
            task(&mut Service {
                vm: WatchedPager::new(vm, self.witness.as_ref()),
                cpu: &mut self.cpu,
                files: &mut self.files,
                console: &mut self.console,
                processes: &mut self.processes,
                scheduler: &mut self.scheduler,
                linux: &mut self.linux,
                last_fault: &mut self.last_fault,
                last_faulter: &mut self.last_faulter,
                checks: self.checks.as_ref(),
                recorder: self.recorder.as_ref(),
                limit: self.limit.work,
            })
        });
        self.check_service();
        served
    }

    /// Returns the moment for events of an instruction: now, or when the process that was served
    /// last wakes, if that is later.
    pub(crate) fn moment_at(&self, eip: VirtAddr) -> Moment {
        let work = self.cpu.work().max(Work(self.vm.now()));
        Moment { work, eip }
    }
}

impl Service<'_> {
    /// Charges work that the kernel does for a program.
    pub(crate) fn charge(&mut self, work: Work) {
        self.cpu.charge(work);
    }

    /// Returns whether the work limit is reached.
    pub(crate) fn work_is_done(&self) -> bool {
        self.cpu.work() >= self.limit
    }

    /// Puts a process into the scheduler's queue.
    pub(crate) fn make_ready(&mut self, pid: Pid) {
        let not_before = self.processes.get(pid).not_before;
        let now = self.cpu.work();
        self.scheduler.make_ready(pid, not_before, now);
    }

    /// Removes a process with all its threads, and wakes the parent if it waits for it.
    pub(crate) fn end_process(&mut self, leader: Pid, status: ExitStatus) {
        for thread in self.processes.threads(leader).split_off(1) {
            self.remove_thread(thread, status);
        }
        self.let_go_of_memory(leader, MemoryEnd::OfProcess);
        let ended = self.processes.end(leader, status);
        if ended.process.personality.abi() == Abi::Pintos {
            self.console
                .write(&messages::exit(&ended.process.name, status));
        }
        self.tell_with_memory(&MachineEvent::Ended {
            pid: leader,
            status,
        });
        self.scheduler.expel(leader, self.cpu.work());
        if let Some(parent) = ended.parent {
            self.child_has_ended(parent, leader, status);
        }
        self.leave_space(ended.process.space);
        if let Some(parent) = ended.waiter {
            self.processes
                .get_mut(parent)
                .context
                .set_eax(status.code() as u32);
            self.make_ready(parent);
        }
        self.linux.forget(leader);
        // Pipes that it had open lose an end.
        drop(ended.process);
        self.wake_waiters();
    }

    /// Removes a thread beyond the first of a process whose leader stays.
    pub(crate) fn remove_thread(&mut self, thread: Pid, status: ExitStatus) {
        self.let_go_of_memory(thread, MemoryEnd::OfProcess);
        self.processes.end_thread(thread);
        self.tell_with_memory(&MachineEvent::Ended {
            pid: thread,
            status,
        });
        self.scheduler.expel(thread, self.cpu.work());
        self.linux.forget(thread);
    }

    /// Gives up an address space that one process fewer has.
    pub(crate) fn leave_space(&mut self, space: SpaceId) {
        if self.processes.users(space).next().is_none() {
            self.destroy_space(space);
        }
    }

    /// Destroys an address space that no process has any more.
    pub(crate) fn destroy_space(&mut self, space: SpaceId) {
        let owner = self.vm.owner(space);
        self.cpu.forget_space(self.vm.user_root(space));
        self.vm.destroy_space(space);
        if let Some(checks) = self.checks {
            checks.destroyed(owner);
        }
    }

    /// Reports an event of the process on the CPU.
    pub(crate) fn tell(&self, event: &MachineEvent<'_>) {
        self.tell_at(self.cpu.work(), event);
    }

    /// Reports an event that belongs to events of the virtual memory, at the time there.
    pub(crate) fn tell_with_memory(&self, event: &MachineEvent<'_>) {
        self.tell_at(Work(self.vm.now()), event);
    }

    fn tell_at(&self, work: Work, event: &MachineEvent<'_>) {
        if let Some(recorder) = self.recorder {
            recorder.tell(work, event);
        }
    }
}
