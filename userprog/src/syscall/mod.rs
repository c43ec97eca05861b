//! System calls: `int $0x30` with the number at (%esp) and the arguments above it.
//!
//! Each family of calls has a file. A pointer from a program is not trusted: the virtual memory
//! checks it, and a [`Kill`] is passed on with `?` and ends the process. A whole range is checked
//! before a call has any effect. Arguments are read as words of user memory, so they may cross a
//! page boundary or lie in bad memory. An unknown number ends the process. Numbers up to 19 are the
//! Pintos interface; those from 64 on are extensions, with Linux' names, flags and errors.
//!
//! # Examples
//!
//! ```
//! use executables::asm::*;
//! use small::Machine;
//!
//! let main = program(|asm| {
//!     let (name, text) = (asm.string("new"), asm.data(b"written"));
//!     asm.call(CREATE, &[name.into(), 8.into()]).expect(1, 10); // true, else exit(10)
//!     let fd = asm.result_of(OPEN, &[name.into()]);
//!     asm.call(WRITE, &[Arg::At(fd), text.into(), 7.into()]).exit_with_eax();
//! });
//! let done = Machine::new().file("main", &main).run("main");
//! assert_eq!(done.status(), 7);
//! assert_eq!(done.file("new"), b"written\0");
//! ```
//!
//! A number that is no call's ends the process:
//!
//! ```
//! use executables::asm::program;
//! use small::Machine;
//! use userprog::RunEnd;
//!
//! let main = program(|asm| _ = asm.call(63, &[]).exit(0));
//! let done = Machine::new().file("main", &main).run("main");
//! assert_eq!(done.report.end, RunEnd::Killed);
//! assert_eq!(done.text(), "main: exit(-1)\n");
//! ```

mod advice;
mod directories;
mod files;
pub(crate) mod memory;
mod number;
mod process;

use machine::addr::VirtAddr;
use vm::{Access, BadAccess, Client, Kill, SpaceId, UserPtr};

use crate::charges::looking_at;
use crate::events::{Call, MachineEvent};
use crate::limits::MAX_COMMAND_LINE;
use crate::process::{ExitStatus, Pid};
use crate::service::Service;
use number::Number;

/// The process that makes a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    pub pid: Pid,
    pub space: SpaceId,
    /// The stack pointer at the call.
    pub stack: VirtAddr,
}

impl Caller {
    /// The caller as the virtual memory knows it.
    pub(crate) fn client(self) -> Client {
        Client {
            space: self.space,
            stack: self.stack,
        }
    }
}

/// The outcome of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Answer {
    /// The program continues with this in EAX.
    Value(u32),
    /// The program continues with 0 in EAX in its next turn.
    Yield,
    /// The program waits; EAX is set when it is woken.
    Wait,
    /// The program ends.
    End(ExitStatus),
    /// The machine is to be powered off.
    PowerOff,
}

impl Answer {
    /// What calls give that could not do it.
    pub(crate) const FAILED: Answer = Answer::Value(u32::MAX);
    /// What calls without a result give.
    pub(crate) const DONE: Answer = Answer::Value(0);
}

impl From<bool> for Answer {
    fn from(value: bool) -> Answer {
        Answer::Value(value.into())
    }
}

impl Service<'_> {
    /// Serves the system call that `pid` has made.
    ///
    /// # Errors
    /// [`Kill`] if a pointer was bad or a page could not be brought in: the process must end.
    pub(crate) fn system_call(&mut self, pid: Pid, stack: VirtAddr) -> Result<Answer, Kill> {
        let caller = Caller {
            pid,
            space: self.processes.get(pid).space,
            stack,
        };
        let [word] = self.words(caller, UserPtr(stack.0))?;
        let named = Number::from_word(word);
        self.tell(&MachineEvent::Called {
            pid,
            call: Call {
                number: word,
                name: named.map(|(_, name)| name),
            },
        });
        let Some((number, _)) = named else {
            log::info!("{pid}: there is no system call {word}");
            return Ok(Answer::End(ExitStatus::Killed));
        };
        match number {
            Number::Halt => Ok(Answer::PowerOff),
            Number::Exit => self.sys_exit(caller),
            Number::Exec => self.sys_exec(caller),
            Number::Wait => self.sys_wait(caller),
            Number::Create => self.sys_create(caller),
            Number::Remove => self.sys_remove(caller),
            Number::Open => self.sys_open(caller),
            Number::Filesize => self.sys_filesize(caller),
            Number::Read => self.sys_read(caller),
            Number::Write => self.sys_write(caller),
            Number::Seek => self.sys_seek(caller),
            Number::Tell => self.sys_tell(caller),
            Number::Close => self.sys_close(caller),
            Number::Mmap => self.sys_mmap(caller),
            Number::Munmap => self.sys_munmap(caller),
            Number::Chdir | Number::Mkdir => self.sys_name_of_directory(caller),
            Number::Readdir => self.sys_readdir(caller),
            Number::Isdir => self.sys_isdir(caller),
            Number::Inumber => self.sys_inumber(caller),
            Number::Fork => self.sys_fork(caller),
            Number::Mmap2 => self.sys_mmap2(caller),
            Number::Munmap2 => self.sys_munmap2(caller),
            Number::Msync => self.sys_msync(caller),
            Number::Mprotect => self.sys_mprotect(caller),
            Number::Madvise => self.sys_madvise(caller),
            Number::Mincore => self.sys_mincore(caller),
            Number::PinPages => self.sys_pin_pages(caller),
            Number::UnpinPages => self.sys_unpin_pages(caller),
            Number::Pagemap => self.sys_pagemap(caller),
            Number::Physical => self.sys_physical(caller),
            Number::Getpid => Ok(Answer::Value(pid.0)),
            Number::Yield => self.sys_yield(),
            Number::Ftruncate => self.sys_ftruncate(caller),
            Number::Vmstat => self.sys_vmstat(caller),
        }
    }

    /// Reads the arguments of a call, which are above its number on the stack.
    fn arguments<const COUNT: usize>(&mut self, caller: Caller) -> Result<[u32; COUNT], Kill> {
        let first = caller
            .stack
            .checked_add(4)
            .ok_or(BadAccess::KernelAddress)?;
        self.words(caller, UserPtr(first.0))
    }

    fn words<const COUNT: usize>(
        &mut self,
        caller: Caller,
        from: UserPtr,
    ) -> Result<[u32; COUNT], Kill> {
        let mut words = [[0; 4]; COUNT];
        self.vm
            .read_user(caller.client(), from, words.as_flattened_mut())?;
        Ok(words.map(u32::from_le_bytes))
    }

    /// Reads a string argument: a command line or the name of a file. `None` if it is too long for
    /// either.
    fn string(&mut self, caller: Caller, at: u32) -> Result<Option<Vec<u8>>, Kill> {
        self.vm
            .read_user_string(caller.client(), UserPtr(at), MAX_COMMAND_LINE)
    }

    /// Checks a buffer argument as a whole.
    pub(crate) fn check(
        &mut self,
        caller: Caller,
        buffer: u32,
        bytes: u32,
        access: Access,
    ) -> Result<(), Kill> {
        let looked_at = self
            .vm
            .check_user(caller.client(), UserPtr(buffer), bytes, access)?;
        self.charge(looking_at(looked_at.into()));
        Ok(())
    }
}
