//! fork, vfork, clone, execve, wait4, waitpid, exit, exit_group.
//!
//! # Invariants
//! A process has one thread: `clone` makes processes, and the end of a thread is that of its process. `execve`
//! that fails before the old program is gone leaves it as it was; after that the process is ended.

use machine::addr::VirtAddr;
use vm::{Client, Owner, UserPtr};

use super::call::{Call, Done, Fail, Reply};
use super::encode::Encoder;
use super::paths::GuestPath;
use super::signals::Signal;
use crate::abi::{Abi, Personality};
use crate::args::{CommandLine, ProcessName};
use crate::charges::{NEW_PROCESS, looking_at};
use crate::errno::Errno;
use crate::events::Origin;
use crate::files::EntryKind;
use crate::loader::{Checked, InterpreterError, LoadError, Request, check};
use crate::process::{ExitStatus, Pid};
use crate::repeats::Repeats;
use crate::service::Service;
use crate::spawn::SpawnError;

bitflags::bitflags! {
    /// Linux' flags for `clone`, but for the signal in the lowest byte.
    #[derive(Clone, Copy, PartialEq, Eq)]
    struct CloneFlags: u32 {
        const SHARED_MEMORY = 0x100;
        const VFORK = 0x4000;
        const PARENT_SET_TID = 0x10_0000;
        const CHILD_CLEAR_TID = 0x20_0000;
        const CHILD_SET_TID = 0x100_0000;
    }
}

/// The lowest byte of `clone`'s flags: the signal that tells of the child's end.
const SIGNAL_BITS: u32 = 0xff;
/// WNOHANG.
const NO_HANG: u32 = 1;
/// Strings that a new program can be given.
const MAX_STRINGS: usize = 8192;
/// Their bytes.
const MAX_STRING_BYTES: usize = 128 << 10;

/// `void exit(int status)`, `void exit_group(int status)`
pub(super) fn exit(_: &mut Service<'_>, call: Call) -> Reply {
    let [status] = call.arguments();
    Ok(Done::End(ExitStatus::Exited((status & 0xff) as i32)))
}

/// `pid_t fork(void)`
pub(super) fn fork(kernel: &mut Service<'_>, call: Call) -> Reply {
    Ok(copy(kernel, call)?.0.into())
}

/// `pid_t vfork(void)`: the child has a copy of the memory too, but the parent waits.
pub(super) fn vfork(kernel: &mut Service<'_>, call: Call) -> Reply {
    match kernel.linux_of(call.pid()).progress.child {
        None => {
            let child = copy(kernel, call)?;
            Ok(lend(kernel, call, child))
        }
        Some(child) => Ok(wait_for_program(kernel, child)),
    }
}

/// `long clone(unsigned long flags, void *stack, int *parent_tid, unsigned long tls, int *child_tid)`: only what
/// makes a process.
pub(super) fn clone(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [flags, stack, parent_tid, _, child_tid] = call.arguments();
    if let Some(child) = kernel.linux_of(call.pid()).progress.child {
        return Ok(wait_for_program(kernel, child));
    }
    let flags = CloneFlags::from_bits(flags & !SIGNAL_BITS).ok_or(Errno::Invalid)?;
    if flags.contains(CloneFlags::SHARED_MEMORY) && !flags.contains(CloneFlags::VFORK) {
        return Err(Errno::Invalid.into());
    }
    let child = copy(kernel, call)?;
    if stack != 0 {
        let context = &mut kernel.processes.get_mut(child).context;
        context.set_esp(VirtAddr(stack));
    }
    // As in Linux, a bad pointer is nobody's error here.
    let number = child.0.to_le_bytes();
    if flags.contains(CloneFlags::PARENT_SET_TID) {
        tolerate(kernel.copy_out(call, parent_tid, &number))?;
    }
    if flags.contains(CloneFlags::CHILD_SET_TID) {
        let client = Client {
            space: kernel.processes.get(child).space,
            stack: call.caller.stack,
        };
        let written = kernel.vm.write_user(client, UserPtr(child_tid), &number);
        tolerate(written.map_err(Fail::from))?;
    }
    match flags.contains(CloneFlags::VFORK) {
        true => Ok(lend(kernel, call, child)),
        false => Ok(child.0.into()),
    }
}

/// Has the caller wait until its new child begins with another program or ends.
fn lend(kernel: &mut Service<'_>, call: Call, child: Pid) -> Done {
    kernel.linux_mut(child).borrows = true;
    kernel.linux_mut(call.pid()).progress.child = Some(child);
    Done::Wait
}

/// What a call comes to that waits for a child's next program.
fn wait_for_program(kernel: &Service<'_>, child: Pid) -> Done {
    let borrows = kernel.processes.find(child).is_some() && kernel.linux_of(child).borrows;
    match borrows {
        true => Done::Wait,
        false => Done::Value(child.0),
    }
}

/// `int execve(const char *path, char *const argv[], char *const envp[])`
pub(super) fn execve(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [path, arguments, environment] = call.arguments();
    let path = kernel.path_in(call, path)?;
    let arguments = strings_in(kernel, call, arguments)?;
    let environment = strings_in(kernel, call, environment)?;
    let checked = check_program(kernel, call, &path, arguments, &environment)?;
    replace_program(kernel, call.pid(), path, &checked)
}

/// `pid_t wait4(pid_t child, int *status, int options, struct rusage *)`
pub(super) fn wait4(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [child, to, options, usage] = call.arguments();
    let wanted = |pid: Pid| (child as i32) <= 0 || pid.0 == child;
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
    let word = status_word(status).to_le_bytes();
    kernel.copy_out_if_wanted(call, to, &word)?;
    kernel.copy_out_if_wanted(call, usage, &Encoder::default().zeros(72).finish())?;
    kernel.processes.wait(call.pid(), pid);
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

fn copy(kernel: &mut Service<'_>, call: Call) -> Result<Pid, Errno> {
    kernel.fork(call.pid()).map_err(|error| match error {
        SpawnError::TooMany => Errno::Again,
        _ => Errno::NoMemory,
    })
}

/// Passes over a bad pointer.
fn tolerate(result: Result<(), Fail>) -> Result<(), Fail> {
    match result {
        Err(Fail::Errno(Errno::Fault)) => Ok(()),
        result => result,
    }
}

/// The strings that an array of pointers names, which ends with a null pointer.
fn strings_in(kernel: &mut Service<'_>, call: Call, at: u32) -> Result<Vec<Vec<u8>>, Fail> {
    let mut strings = Vec::new();
    let mut bytes = 0;
    if at == 0 {
        return Ok(strings);
    }
    loop {
        let place = at
            .checked_add(4 * strings.len() as u32)
            .ok_or(Errno::Fault)?;
        let [pointer] = kernel.words_in(call, place)?;
        if pointer == 0 {
            return Ok(strings);
        }
        let string = kernel.string_in(call, pointer, MAX_STRING_BYTES);
        let string = string.map_err(|fail| match fail {
            Fail::Errno(Errno::NameTooLong) => Errno::TooBig.into(),
            fail => fail,
        })?;
        bytes += string.len() + 1;
        kernel.charge(looking_at(string.len() as u64));
        if strings.len() == MAX_STRINGS || bytes > MAX_STRING_BYTES {
            return Err(Errno::TooBig.into());
        }
        strings.push(string);
    }
}

/// Whether there is a program at a path that a process can begin with.
fn check_program(
    kernel: &mut Service<'_>,
    call: Call,
    path: &GuestPath,
    arguments: Vec<Vec<u8>>,
    environment: &[Vec<u8>],
) -> Result<Checked, Fail> {
    let path = match &path.absolute()[..] {
        super::made::PROGRAM_LINK => kernel.linux_of(call.pid()).program.clone(),
        _ => path.clone(),
    };
    let name = path.file_name()?.ok_or(Errno::Access)?;
    let entry = kernel.files.entry(&name)?;
    if entry.kind != EntryKind::File {
        return Err(Errno::Access.into());
    }
    let mut random = [0; 16];
    kernel.linux.random(&mut random);
    let request = Request {
        file: kernel.files.open_named(name)?,
        path: &path.absolute(),
        line: &CommandLine::of_words(arguments),
        environment,
        abi: kernel.linux.chosen,
        random,
        layout: kernel.linux.layout(),
    };
    let cpu = &mut *kernel.cpu;
    let checked = check(&mut kernel.vm, kernel.files, request, |work| {
        cpu.charge(work)
    });
    match checked {
        Ok(checked) if checked.abi() == Abi::Linux => Ok(checked),
        Err(LoadError::TooLarge(_)) => Err(Errno::TooBig.into()),
        Err(LoadError::Scripts) => Err(Errno::Links.into()),
        Err(LoadError::Interpreter(
            InterpreterError::Missing { error, .. } | InterpreterError::OfScript { error, .. },
        )) => Err(error.into()),
        Ok(_) | Err(_) => Err(Errno::NotExecutable.into()),
    }
}

/// Has the process on the CPU begin with a program, in the place of the one that it has.
fn replace_program(
    kernel: &mut Service<'_>,
    pid: Pid,
    path: GuestPath,
    checked: &Checked,
) -> Reply {
    kernel.charge(NEW_PROCESS);
    let made = kernel.cpu.work();
    let old = kernel.processes.get(pid).space;
    kernel.cpu.forget_space(kernel.vm.user_root(old));
    kernel.vm.destroy_space(old);
    let space = kernel.vm.create_space(Owner(pid.0), made);
    let space = space.expect("the old directory's frames are free");
    kernel.processes.get_mut(pid).space = space;
    kernel.scheduler.tell_again(pid);
    let filled = checked.fill(&mut kernel.vm, space);
    let context = kernel.new_context(checked.entry(), checked.stack_pointer(), checked.abi());
    let program = GuestPath::root().join(checked.path());
    let linux = kernel
        .linux_of(pid)
        .with_program(program, checked.end().0, checked.layout());
    let process = kernel.processes.get_mut(pid);
    process.name = ProcessName::new(&path.absolute()[1..]);
    process.executable = checked.executable();
    process.personality = Personality::Linux(Box::new(linux));
    process.faulted_at = None;
    process.repeats = Repeats::default();
    if let (Some(parent), _) = kernel.processes.relatives(pid) {
        kernel.linux.wakeups.wake(parent);
    }
    kernel.cpu.resume(&context, kernel.vm.user_root(space));
    kernel.tell_start(pid, kernel.processes.relatives(pid).0, Origin::Exec);
    match filled {
        Ok(()) => Ok(Done::AsSet),
        Err(error) => {
            log::info!("{pid}: execve after the old program is gone: {error}");
            Ok(Done::End(ExitStatus::Signalled(Signal::KILL)))
        }
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
