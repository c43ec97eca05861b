//! fork, vfork, wait4, waitpid, exit_group.
//!
//! # Invariants
//! Parents and children are processes: any thread of a parent may wait for a child that another one has made.

use super::call::{Call, Done, Reply};
use super::encode::Encoder;
use super::groups::Meant;
use super::signals::Signal;
use crate::errno::Errno;
use crate::process::{ExitStatus, Pid};
use crate::service::Service;
use crate::spawn::{Kin, Memory, SpawnError};

/// WNOHANG.
const NO_HANG: u32 = 1;
/// WNOHANG, WUNTRACED, WCONTINUED, __WNOTHREAD, __WALL, __WCLONE.
const WAIT_OPTIONS: u32 = 0xe000_000b;

/// `void exit_group(int status)`
pub(super) fn exit_group(_: &mut Service<'_>, call: Call) -> Reply {
    Ok(Done::End(exit_status(call)))
}

/// The status in the call of one that ends.
pub(super) fn exit_status(call: Call) -> ExitStatus {
    let [status] = call.arguments();
    ExitStatus::Exited((status & 0xff) as i32)
}

/// `pid_t fork(void)`
pub(super) fn fork(kernel: &mut Service<'_>, call: Call) -> Reply {
    let child = new_process(kernel, call, Kin::Child(Memory::Copied))?;
    kernel.make_ready(child);
    Ok(child.0.into())
}

/// `pid_t vfork(void)`: the child has the parent's memory, and the parent waits.
pub(super) fn vfork(kernel: &mut Service<'_>, call: Call) -> Reply {
    match kernel.linux_of(call.pid()).progress.child {
        None => {
            let child = new_process(kernel, call, Kin::Child(Memory::Shared))?;
            kernel.make_ready(child);
            Ok(lend(kernel, call, child))
        }
        Some(child) => Ok(wait_for_program(kernel, child)),
    }
}

/// A new process or thread, which is not ready yet.
pub(super) fn new_process(kernel: &mut Service<'_>, call: Call, kin: Kin) -> Result<Pid, Errno> {
    kernel
        .clone_of(call.pid(), kin)
        .map_err(|error| match error {
            SpawnError::TooMany => Errno::Again,
            _ => Errno::NoMemory,
        })
}

/// Has the caller wait until its new child begins with another program or ends.
pub(super) fn lend(kernel: &mut Service<'_>, call: Call, child: Pid) -> Done {
    kernel.linux_mut(child).borrows = true;
    kernel.linux_mut(call.pid()).progress.child = Some(child);
    Done::Wait
}

/// What a call comes to that waits for a child's next program.
pub(super) fn wait_for_program(kernel: &Service<'_>, child: Pid) -> Done {
    let borrows = kernel.processes.find(child).is_some() && kernel.linux_of(child).borrows;
    match borrows {
        true => Done::Wait,
        false => Done::Value(child.0),
    }
}

/// `pid_t wait4(pid_t child, int *status, int options, struct rusage *)`
pub(super) fn wait4(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [child, to, options, usage] = call.arguments();
    if options & !WAIT_OPTIONS != 0 {
        return Err(Errno::Invalid.into());
    }
    if child == i32::MIN as u32 {
        return Err(Errno::NoProcess.into());
    }
    let meant = Meant::by(kernel, call, child);
    let wanted = |pid: Pid| meant.includes(kernel, pid);
    let mut children = kernel.processes.children(call.pid());
    let mut any = false;
    let ended = children.find_map(|(pid, status)| {
        let counts = wanted(pid);
        any |= counts;
        status.filter(|_| counts).map(|status| (pid, status))
    });
    drop(children);
    let Some((pid, status)) = ended else {
        return match any {
            false => Err(Errno::NoChild.into()),
            true if options & NO_HANG != 0 => Ok(Done::ZERO),
            true => Ok(Done::Wait),
        };
    };
    // The child is gone even if its status has nowhere to go, as in Linux.
    kernel.processes.wait(call.pid(), pid);
    let word = status_word(status).to_le_bytes();
    kernel.copy_out_if_wanted(call, to, &word)?;
    kernel.copy_out_if_wanted(call, usage, &Encoder::default().zeros(72).finish())?;
    Ok(pid.0.into())
}

/// `pid_t waitpid(pid_t child, int *status, int options)`
pub(super) fn waitpid(kernel: &mut Service<'_>, call: Call) -> Reply {
    let mut arguments = call.arguments;
    arguments[3] = 0;
    wait4(kernel, Call { arguments, ..call })
}

/// How a child ended, as `wait4` says it.
fn status_word(status: ExitStatus) -> u32 {
    match status {
        ExitStatus::Exited(status) => (status as u32 & 0xff) << 8,
        ExitStatus::Signalled(signal) => signal.number(),
        ExitStatus::Killed => Signal::KILL.number(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_how_a_child_ended() {
        assert_eq!(status_word(ExitStatus::Exited(3)), 0x300);
        assert_eq!(status_word(ExitStatus::Signalled(Signal::PIPE)), 13);
        assert_eq!(status_word(ExitStatus::Killed), 9);
    }
}
