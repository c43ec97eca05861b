//! The moments at which the kernel checks the virtual memory, if that is switched on.
//!
//! # Invariants
//! A check sees completed changes only: a service has ended, or the CPU is about to continue.

use machine::work::Work;
use vm::Moment;

use crate::check::Checks;
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
        if let Some(checks) = &self.checks {
            checks.goes_on(self.vm.owner(space));
        }
        if let Some(witness) = &self.witness {
            witness.goes_on(space, self.cpu.work().0);
        }
        self.broken()
    }

    /// Returns how a run ended: by a broken rule, or otherwise by `end`.
    pub(crate) fn checked(&self, end: RunEnd) -> RunEnd {
        self.broken().unwrap_or(end)
    }

    fn broken(&self) -> Option<RunEnd> {
        let by_rules = self.checks.as_ref().and_then(Checks::breach);
        let breach = by_rules.or_else(|| self.witness.as_ref()?.breach())?;
        Some(RunEnd::Broken(Box::new(breach)))
    }
}
