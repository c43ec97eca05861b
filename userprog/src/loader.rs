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

use crate::abi::Abi;
use crate::abi::linux::{self, TooLarge};
use crate::args::{CommandLine, InitialStack, TooLong};
use crate::charges::loading;
use crate::elf::{ElfError, HEADER_BYTES, Program, read_program};
use crate::files::{Executable, FileError, Inode};
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
    /// Nor do those of a Linux program fit what it may have.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
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
    /// The interface that it expects.
    pub abi: Abi,
    /// The first page boundary behind its segments.
    pub end: VirtAddr,
}

/// A program that can be loaded.
pub struct Checked {
    file: Rc<Inode>,
    program: Program,
    abi: Abi,
    stack: InitialStack,
}

/// A program that is to be loaded.
pub struct Request<'a> {
    /// Its file.
    pub file: Rc<Inode>,
    /// The path of the file, as a Linux program is told.
    pub path: &'a [u8],
    /// Its arguments, from its name on.
    pub line: &'a CommandLine,
    /// The environment of a Linux program.
    pub environment: &'a [Vec<u8>],
    /// The interface it has, whatever its file says.
    pub abi: Option<Abi>,
    /// Random bytes for a Linux program.
    pub random: [u8; 16],
}

/// Checks that a file is a program and that its arguments fit; `charge` is told what that costs beyond a usual
/// program.
///
/// # Errors
/// [`LoadError`]; nothing is left behind.
pub fn check(
    vm: &mut Pager,
    request: Request<'_>,
    charge: impl FnOnce(Work),
) -> Result<Checked, LoadError> {
    let inode = Rc::clone(&request.file);
    let file: FileRef = Rc::clone(&inode) as FileRef;
    let mut bytes = 0;
    let program = read_program(inode.len(), |offset, to| {
        bytes += to.len() as u64;
        vm.file_read(&file, offset, to)
    });
    // Also for headers that are refused: they were read.
    charge(loading(bytes / HEADER_BYTES));
    let program = program?;
    let abi = request.abi.unwrap_or(program.abi);
    let stack = request.stack(&program, abi)?;
    Ok(Checked {
        file: inode,
        program,
        abi,
        stack,
    })
}

/// Loads a program for the process `pid`, which is made at `made`.
///
/// # Errors
/// [`LoadError`]; nothing is left behind.
pub fn load(vm: &mut Pager, checked: Checked, pid: Pid, made: Work) -> Result<Loaded, LoadError> {
    let space = vm.create_space(Owner(pid.0), made)?;
    match checked.fill(vm, space) {
        Ok(()) => Ok(Loaded {
            space,
            entry: checked.entry(),
            stack: checked.stack_pointer(),
            abi: checked.abi,
            end: checked.end(),
            executable: checked.executable(),
        }),
        Err(error) => {
            vm.destroy_space(space);
            Err(error)
        }
    }
}

impl Request<'_> {
    fn stack(&self, program: &Program, abi: Abi) -> Result<InitialStack, LoadError> {
        Ok(match abi {
            Abi::Pintos => self.line.split_at_spaces().initial_stack()?,
            Abi::Linux => {
                let arguments = self.line.words();
                linux::initial_stack(program, self.path, arguments, self.environment, self.random)?
            }
        })
    }
}

impl Checked {
    /// The interface that the program expects.
    pub fn abi(&self) -> Abi {
        self.abi
    }

    /// Where it starts.
    pub fn entry(&self) -> VirtAddr {
        VirtAddr(self.program.entry)
    }

    /// Where its stack pointer starts.
    pub fn stack_pointer(&self) -> VirtAddr {
        self.stack.pointer
    }

    /// The first page boundary behind its segments.
    pub fn end(&self) -> VirtAddr {
        VirtAddr(self.program.end())
    }

    /// Its file, which nobody may change while it runs.
    pub fn executable(&self) -> Executable {
        Executable::new(Rc::clone(&self.file))
    }

    /// Puts the program into an address space that is empty.
    ///
    /// # Errors
    /// [`LoadError`]; the address space is as far as it got.
    pub fn fill(&self, vm: &mut Pager, space: SpaceId) -> Result<(), LoadError> {
        let file = Rc::clone(&self.file) as FileRef;
        vm.add_stack(space)?;
        for planned in plan(&self.program.segments) {
            vm.map(space, region(planned, &file))?;
        }
        let stack = &self.stack;
        let client = Client {
            space,
            stack: stack.pointer,
        };
        vm.write_user(client, UserPtr(stack.pointer.0), &stack.bytes)?;
        Ok(())
    }
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
