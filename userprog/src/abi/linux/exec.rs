//! execve: another program in the place of the one that a process has.
//!
//! # Invariants
//! An `execve` that fails before the old program is gone leaves it as it was; after that the process is ended. The
//! new program is run by the first thread of the process, whichever has asked for it; the others are gone.

use vm::{Owner, SpaceId};

use super::call::{Call, Done, Fail, Reply};
use super::paths::GuestPath;
use super::rights::EXECUTED;
use super::signals::Signal;
use super::threads::MemoryEnd;
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

/// Strings that a new program can be given.
const MAX_STRINGS: usize = 8192;
/// Their bytes.
const MAX_STRING_BYTES: usize = 128 << 10;

/// `int execve(const char *path, char *const argv[], char *const envp[])`
pub(super) fn execve(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [path, arguments, environment] = call.arguments();
    let path = kernel.path_in(call, path)?;
    let arguments = strings_in(kernel, call, arguments)?;
    let environment = strings_in(kernel, call, environment)?;
    let checked = check_program(kernel, call, &path, arguments, &environment)?;
    replace_program(kernel, call.pid(), path, &checked)
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
        super::made::PROGRAM_LINK => kernel.group_of(call.pid()).program.clone(),
        _ => path.clone(),
    };
    let name = path.file_name()?.ok_or(Errno::Access)?;
    let entry = kernel.files.entry(&name)?;
    if entry.kind != EntryKind::File {
        return Err(Errno::Access.into());
    }
    let given = kernel.linux.attributes.of(entry.id).rights;
    let given = given.map(|rights| rights & EXECUTED != 0);
    if given == Some(false) {
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
        // What is no program may not even be tried.
        Ok(_) | Err(_) if !given.unwrap_or(entry.executable) => Err(Errno::Access.into()),
        Ok(_) | Err(_) => Err(Errno::NotExecutable.into()),
    }
}

/// Has the process of the thread on the CPU begin with a program, in the place of the one that it has.
fn replace_program(
    kernel: &mut Service<'_>,
    thread: Pid,
    path: GuestPath,
    checked: &Checked,
) -> Reply {
    kernel.charge(NEW_PROCESS);
    let leader = kernel.processes.leader(thread);
    let space = new_space(kernel, thread)?;
    let filled = checked.fill(&mut kernel.vm, space);
    let context = kernel.new_context(checked.entry(), checked.stack_pointer(), checked.abi());
    let program = GuestPath::root().join(checked.path());
    let group = kernel.group_of(leader);
    let linux =
        kernel
            .linux_of(thread)
            .with_program(group, program, checked.end().0, checked.layout());
    let process = kernel.processes.get_mut(leader);
    process.name = ProcessName::new(&path.absolute()[1..]);
    process.moved_by = checked.moved_by();
    process.executable = checked.executable();
    process.personality = Personality::Linux(Box::new(linux));
    process.faulted_at = None;
    process.repeats = Repeats::default();
    let parent = kernel.processes.relatives(leader).0;
    if let Some(parent) = parent {
        kernel.wake_threads(parent);
    }
    kernel.tell_start(leader, parent, Origin::Exec);
    if let Err(error) = filled {
        log::info!("{leader}: execve after the old program is gone: {error}");
        return Ok(Done::End(ExitStatus::Signalled(Signal::KILL)));
    }
    if leader == thread {
        kernel.cpu.resume(&context, kernel.vm.user_root(space));
        return Ok(Done::AsSet);
    }
    let process = kernel.processes.get_mut(leader);
    process.context = context;
    process.not_before = kernel.cpu.work();
    kernel.make_ready(leader);
    Ok(Done::EndThread(ExitStatus::Exited(0)))
}

/// The address space for the new program of a thread's process; the old one is left, and all other threads but the
/// first are gone, which is nowhere in the scheduler unless it is the caller itself.
///
/// # Errors
/// ENOMEM if there is no room for another one beside that which the process shares; nothing has changed.
fn new_space(kernel: &mut Service<'_>, thread: Pid) -> Result<SpaceId, Errno> {
    let made = kernel.cpu.work();
    let leader = kernel.processes.leader(thread);
    let old = kernel.processes.get(leader).space;
    let mut users = kernel.processes.users(old);
    let is_shared = users.any(|user| kernel.processes.leader(user) != leader);
    drop(users);
    let beside = match is_shared {
        false => None,
        true => {
            let space = kernel.vm.create_space(Owner(leader.0), made);
            Some(space.map_err(|_| Errno::NoMemory)?)
        }
    };
    let ended = ExitStatus::Signalled(Signal::KILL);
    for other in kernel.processes.threads(leader).split_off(1) {
        match other == thread {
            true => kernel.let_go_of_memory(thread, MemoryEnd::OfProcess),
            false => kernel.remove_thread(other, ended),
        }
    }
    kernel.let_go_of_memory(leader, MemoryEnd::OfProcess);
    if leader != thread {
        kernel.scheduler.expel(leader, made);
        kernel.linux.futexes.forget(leader);
    }
    let space = beside.unwrap_or_else(|| {
        kernel.destroy_space(old);
        let space = kernel.vm.create_space(Owner(leader.0), made);
        space.expect("the old directory's frames are free")
    });
    for user in [leader, thread] {
        kernel.processes.get_mut(user).space = space;
    }
    kernel.scheduler.tell_again(leader);
    Ok(space)
}
