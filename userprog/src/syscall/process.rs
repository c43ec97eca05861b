//! exit, exec, wait.

use vm::Kill;

use super::{Answer, Caller};
use crate::kernel::Kernel;
use crate::process::{ExitStatus, Pid, Wait};

impl Kernel {
    /// `void exit(int status)`
    pub(super) fn sys_exit(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [status] = self.arguments(caller)?;
        Ok(Answer::End(ExitStatus::Exited(status as i32)))
    }

    /// `pid_t exec(const char *command_line)`: the child's number, or -1 if it does not come to
    /// life. By then its program is loaded.
    pub(super) fn sys_exec(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [line] = self.arguments(caller)?;
        let Some(line) = self.string(caller, line)? else {
            return Ok(Answer::FAILED);
        };
        let child = self.spawn(Some(caller.pid), &line);
        Ok(child.map_or(Answer::FAILED, |child| Answer::Value(child.0)))
    }

    /// `int wait(pid_t child)`: the child's status; -1 if the kernel ended it, or it is no child,
    /// or was waited for before.
    pub(super) fn sys_wait(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [child] = self.arguments(caller)?;
        Ok(match self.processes.wait(caller.pid, Pid(child)) {
            Wait::NoChild => Answer::FAILED,
            Wait::Ended(status) => Answer::Value(status.code() as u32),
            Wait::Alive => Answer::Wait,
        })
    }
}
