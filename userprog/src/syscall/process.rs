//! exit, exec, wait, fork.

use vm::Kill;

use super::{Answer, Caller};
use crate::charges::KERNEL_ENTRY;
use crate::errno::Errno;
use crate::process::{ExitStatus, Pid, Wait};
use crate::service::Service;
use crate::spawn::SpawnError;

impl Service<'_> {
    /// Serves `void exit(int status)`
    pub(super) fn sys_exit(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [status] = self.arguments(caller)?;
        Ok(Answer::End(ExitStatus::Exited(status as i32)))
    }

    /// Serves `pid_t exec(const char *command_line)`: the child's pid, or -1 if it could not be
    /// loaded. Returns only when that is known.
    pub(super) fn sys_exec(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [line] = self.arguments(caller)?;
        let Some(line) = self.string(caller, line)? else {
            return Ok(Answer::FAILED);
        };
        let child = self.spawn(Some(caller.pid), &line);
        Ok(child.map_or(Answer::FAILED, |child| Answer::Value(child.0)))
    }

    /// Serves `pid_t fork(void)`: the child's pid, and 0 in the child; pages are shared
    /// copy-on-write.
    pub(super) fn sys_fork(&mut self, caller: Caller) -> Result<Answer, Kill> {
        Ok(match self.fork(caller.pid) {
            Ok(child) => Answer::Value(child.0),
            Err(SpawnError::TooMany) => Errno::Again.into(),
            Err(_) => Errno::NoMemory.into(),
        })
    }

    /// Serves `void yield(void)`: the entry into the kernel is not charged.
    pub(super) fn sys_yield(&mut self) -> Result<Answer, Kill> {
        self.charge(KERNEL_ENTRY);
        Ok(Answer::Yield)
    }

    /// Serves `int wait(pid_t child)`: the child's status; -1 if it was killed, is not a child, or
    /// was waited for before.
    pub(super) fn sys_wait(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [child] = self.arguments(caller)?;
        Ok(match self.processes.wait(caller.pid, Pid(child)) {
            Wait::NoChild => Answer::FAILED,
            Wait::Ended(status) => Answer::Value(status.code() as u32),
            Wait::Alive => Answer::Wait,
        })
    }
}
