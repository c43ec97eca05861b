//! The moments at which the kernel checks the virtual memory, if that is switched on.
//!
//! # Invariants
//! A check sees completed changes only: a service has ended, or the CPU is about to continue.

use machine::work::Work;
use vm::Moment;

use crate::kernel::Kernel;
use crate::process::Pid;
use crate::report::RunEnd;

impl Kernel {
    /// Checks what a service has done.
    pub(crate) fn check_service(&mut self) {
        let Some(checks) = &self.checks else { return };
        // Beginning a request makes the virtual memory report the last changes of entries.
        let now = Moment {
            work: Work(self.vm.now()),
            eip: self.cpu.eip(),
        };
        self.vm.serve(now, |_| ()).for_nobody();
        checks.served(&self.vm);
    }

    /// Returns how the run ends if a rule was broken before the CPU continues with a process.
    pub(crate) fn check_before(&mut self, running: Pid) -> Option<RunEnd> {
        let space = self.processes.get(running).space;
        self.checks.as_ref()?.goes_on(self.vm.owner(space));
        self.broken()
    }

    /// Returns how a run ended: by a broken rule, or otherwise by `end`.
    pub(crate) fn checked(&self, end: RunEnd) -> RunEnd {
        self.broken().unwrap_or(end)
    }

    fn broken(&self) -> Option<RunEnd> {
        let breach = self.checks.as_ref()?.breach()?;
        Some(RunEnd::Broken(Box::new(breach)))
    }
}
