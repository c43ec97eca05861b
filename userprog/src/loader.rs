//! Loading: from a command line to an address space that is ready to run.
//!
//! # Invariants
//!
//! Loading reads only the headers of the executable; its pages are loaded lazily. A load that fails
//! leaves nothing behind.

use std::rc::Rc;

use machine::addr::VirtAddr;
use machine::paging::OutOfTables;
use machine::work::Work;
use thiserror::Error;
use vm::{
    Backing, Client, FileRef, FileSource, Kill, MapError, Owner, Pager, Purpose, Region, Sharing,
    SpaceId, UserPtr,
};

use crate::args::{CommandLine, InitialStack, TooLong};
use crate::charges::loading;
use crate::elf::{ElfError, HEADER_BYTES, Program, read_program};
use crate::files::{Executable, FileError, Files};
use crate::plan::{PlannedContent, PlannedRegion, plan};
use crate::process::Pid;

/// Why a program was not loaded.
#[derive(Debug, Error)]
pub enum LoadError {
    /// There is no such file, or it cannot be opened.
    #[error("the executable cannot be opened: {0}")]
    Open(#[from] FileError),
    /// The file is not a program for this machine.
    #[error("not a program for this machine: {0}")]
    Elf(#[from] ElfError),
    /// A segment overlaps the region of the stack.
    #[error("a segment cannot be mapped: {0}")]
    Map(#[from] MapError),
    /// The arguments do not fit in the first page of the stack.
    #[error(transparent)]
    Arguments(#[from] TooLong),
    /// No page directory can be allocated.
    #[error(transparent)]
    Tables(#[from] OutOfTables),
    /// The first page of the stack cannot be brought in.
    #[error("the stack cannot be set up: {0}")]
    Stack(#[from] Kill),
}

/// A program in an address space of its own.
pub struct Loaded {
    /// The address space.
    pub space: SpaceId,
    /// The entry point.
    pub entry: VirtAddr,
    /// The initial stack pointer.
    pub stack: VirtAddr,
    /// Denies writes to the file.
    pub executable: Executable,
}

/// Loads the program that `line` names, for the process `pid`, which is created at `made`. `charge`
/// receives the cost beyond that of a usual program.
///
/// # Errors
/// [`LoadError`]; nothing is left behind.
pub fn load(
    vm: &mut Pager,
    files: &mut Files,
    line: &CommandLine,
    pid: Pid,
    made: Work,
    charge: impl FnOnce(Work),
) -> Result<Loaded, LoadError> {
    let inode = files.open(line.program())?;
    let file: FileRef = Rc::clone(&inode) as FileRef;
    let mut bytes = 0;
    let program = read_program(inode.len(), |offset, to| {
        bytes += to.len() as u64;
        vm.file_read(&file, offset, to)
    });
    // Also for headers that are refused: they were read.
    charge(loading(bytes / HEADER_BYTES));
    let program = program?;
    let stack = line.initial_stack()?;
    let space = vm.create_space(Owner(pid.0), made)?;
    match fill(vm, space, &program, &file, &stack) {
        Ok(()) => Ok(Loaded {
            space,
            entry: VirtAddr(program.entry),
            stack: stack.pointer,
            executable: Executable::new(inode),
        }),
        Err(error) => {
            vm.destroy_space(space);
            Err(error)
        }
    }
}

fn fill(
    vm: &mut Pager,
    space: SpaceId,
    program: &Program,
    file: &FileRef,
    stack: &InitialStack,
) -> Result<(), LoadError> {
    vm.add_stack(space)?;
    for planned in plan(&program.segments) {
        vm.map(space, region(planned, file))?;
    }
    let client = Client {
        space,
        stack: stack.pointer,
    };
    vm.write_user(client, UserPtr(stack.pointer.0), &stack.bytes)?;
    Ok(())
}

fn region(planned: PlannedRegion, file: &FileRef) -> Region {
    let file = Rc::clone(file);
    let writable = planned.protection.contains(vm::Protection::WRITE);
    Region {
        start: planned.start,
        end: planned.end,
        protection: planned.protection,
        sharing: Sharing::Private,
        purpose: if writable {
            Purpose::Data
        } else {
            Purpose::Code
        },
        backing: match planned.content {
            PlannedContent::Zero => Backing::Zero,
            PlannedContent::File { first } => Backing::File { file, first },
            PlannedContent::Mixed(pieces) => Backing::Mixed {
                file,
                pieces: pieces.into(),
            },
        },
    }
}
