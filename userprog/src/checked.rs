//! When the kernel has itself checked, where that was chosen.
//!
//! # Invariants
//! What is checked has happened wholly: a service is over, or the CPU is about to go on.

use machine::work::Work;
use vm::{Moment, Owner};

use crate::check::Breach;
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

    /// The rule that was broken before the CPU goes on with a process, if one was.
    pub(crate) fn check_before(&mut self, running: Pid) -> Option<Breach> {
        let checks = self.checks.as_ref()?;
        checks.goes_on(Owner(running.0));
        checks.breach()
    }

    /// How a run ended, now that all is taken away: what is left behind breaks a rule too.
    pub(crate) fn checked(&self, end: RunEnd) -> RunEnd {
        match self.checks.as_ref().and_then(|checks| checks.breach()) {
            Some(breach) => RunEnd::Broken(Box::new(breach)),
            None => end,
        }
    }
}
