//! When the kernel has itself checked, where that was chosen.
//!
//! # Invariants
//! What is checked has happened wholly: a service is over, or the CPU is about to go on.

use machine::work::Work;
use vm::{Moment, Owner};

use crate::kernel::Kernel;
use crate::process::Pid;
use crate::report::RunEnd;

impl Kernel {
    /// Checks what a service has done.
    pub(crate) fn check_service(&mut self) {
        let Some(checks) = &self.checks else { return };
        // The last changes of entries are told when something is asked of the virtual memory.
        let now = Moment {
            work: Work(self.vm.now()),
            eip: self.cpu.eip(),
        };
        self.vm.serve(now, |_| ()).for_nobody();
        checks.served(&self.vm);
    }

    /// How the run ends if a rule was broken before the CPU goes on with a process.
    pub(crate) fn check_before(&mut self, running: Pid) -> Option<RunEnd> {
        self.checks.as_ref()?.goes_on(Owner(running.0));
        self.broken()
    }

    /// How a run ended: by a rule that was broken, or else so.
    pub(crate) fn checked(&self, end: RunEnd) -> RunEnd {
        self.broken().unwrap_or(end)
    }

    fn broken(&self) -> Option<RunEnd> {
        let breach = self.checks.as_ref()?.breach()?;
        Some(RunEnd::Broken(Box::new(breach)))
    }
}
