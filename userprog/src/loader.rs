//! Loading: from a command line to an address space that is ready to run.
//!
//! # Invariants
//!
//! Loading reads only the headers of the executable and of its interpreter; their pages are loaded
//! lazily. A load that fails leaves nothing behind.

mod interpreter;
mod script;

use std::rc::Rc;

use machine::addr::VirtAddr;
use machine::paging::OutOfTables;
use machine::work::Work;
use thiserror::Error;
use vm::{
    Backing, Client, FileRef, FileSource, Kill, MapError, Owner, Purpose, Region, Sharing, SpaceId,
    UserPtr,
};

use self::interpreter::Interpreter;
pub use self::interpreter::InterpreterError;
use self::script::Script;
use crate::abi::Abi;
use crate::abi::linux::{self, Layout, TooLarge};
use crate::args::{CommandLine, InitialStack, TooLong};
use crate::charges::loading;
use crate::elf::{ElfError, HEADER_BYTES, Program, Wanted, read_program};
use crate::files::{Executable, FileError, Files, Inode};
use crate::plan::{PlannedContent, PlannedRegion, plan};
use crate::process::Pid;
use crate::witness::WatchedPager;

/// Scripts that can be for each other, as in Linux.
const MAX_SCRIPTS: u32 = 4;

/// Why a program was not loaded.
#[derive(Debug, Error)]
pub enum LoadError {
    /// There is no such file, or it cannot be opened.
    #[error("the executable cannot be opened: {0}")]
    Open(#[from] FileError),
    /// The file is not a program for this machine.
    #[error("not a program for this machine: {0}")]
    Elf(#[from] ElfError),
    /// The program that it needs beside it cannot be used.
    #[error(transparent)]
    Interpreter(#[from] InterpreterError),
    /// Scripts are for scripts that are for scripts.
    #[error("scripts that are for scripts, more than {MAX_SCRIPTS} of them")]
    Scripts,
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
#[derive(Debug)]
pub struct Loaded {
    /// The address space.
    pub space: SpaceId,
    /// What was added to all of its addresses.
    pub moved_by: u32,
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
    /// Where the other parts of a Linux program are.
    pub(crate) layout: Layout,
    /// The path of its file, which of a script is that of the program it is for.
    pub path: Vec<u8>,
}

/// A program that can be loaded.
#[derive(Debug)]
pub struct Checked {
    file: Rc<Inode>,
    path: Vec<u8>,
    program: Program,
    interpreter: Option<Interpreter>,
    layout: Layout,
    stack: InitialStack,
}

/// A program that is to be loaded.
#[derive(Debug)]
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
    /// Where the parts of a Linux program are.
    pub(crate) layout: Layout,
}

/// Checks that a file is a program, that its interpreter is among `files` if it has one, and that its arguments
/// fit; `charge` is told what that costs beyond a usual program.
///
/// # Errors
/// [`LoadError`]; nothing is left behind.
pub(crate) fn check(
    vm: &mut WatchedPager<'_>,
    files: &mut Files,
    request: Request<'_>,
    mut charge: impl FnMut(Work),
) -> Result<Checked, LoadError> {
    let mut at = Started {
        file: Rc::clone(&request.file),
        path: request.path.to_vec(),
        line: request.line.clone(),
    };
    let wanted = Wanted {
        abi: request.abi,
        place: request.layout.program,
    };
    let mut scripts = 0;
    let program = loop {
        match read_headers(vm, &at.file, wanted, &mut charge) {
            Ok(program) if scripts == 0 || program.abi == Abi::Linux => break program,
            Ok(_) => return Err(ElfError::Ident.into()),
            Err(error) => {
                let script = may_be_script(&error).then(|| Script::read(vm, &at.file));
                let script = script.flatten().ok_or(error)?;
                if scripts == MAX_SCRIPTS {
                    return Err(LoadError::Scripts);
                }
                scripts += 1;
                at = at.by(script, files)?;
            }
        }
    };
    let path = program.interpreter.as_deref();
    let interpreter = path.map(|path| Interpreter::find(vm, files, path, request.layout, charge));
    let interpreter = interpreter.transpose()?;
    let stack = request.stack(&program, interpreter.as_ref(), &at.line)?;
    Ok(Checked {
        file: at.file,
        path: at.path,
        program,
        interpreter,
        layout: request.layout,
        stack,
    })
}

/// Whether a file that was refused so can be text.
fn may_be_script(error: &ElfError) -> bool {
    matches!(error, ElfError::Ident | ElfError::Truncated)
}

/// What is started in the end: what was asked for, or the program that a script is for.
struct Started {
    file: Rc<Inode>,
    path: Vec<u8>,
    line: CommandLine,
}

impl Started {
    /// The program that this script is for, as it is started.
    fn by(self, script: Script, files: &mut Files) -> Result<Started, LoadError> {
        let line = script.command(&self.path, &self.line);
        let path = script.interpreter;
        match files.open_at(&path) {
            Ok(file) => Ok(Started { file, path, line }),
            Err(error) => {
                let path = String::from_utf8_lossy(&path).into_owned();
                Err(InterpreterError::OfScript { path, error }.into())
            }
        }
    }
}

/// Reads what a file is.
fn read_headers(
    vm: &mut WatchedPager<'_>,
    inode: &Rc<Inode>,
    wanted: Wanted,
    mut charge: impl FnMut(Work),
) -> Result<Program, ElfError> {
    let file = Rc::clone(inode) as FileRef;
    let mut bytes = 0;
    let program = read_program(inode.len(), wanted, |offset, to| {
        bytes += to.len() as u64;
        vm.file_read(&file, offset, to)
    });
    // Also for headers that are refused: they were read.
    charge(loading(bytes / HEADER_BYTES));
    program
}

/// Loads a program for the process `pid`, which is made at `made`.
///
/// # Errors
/// [`LoadError`]; nothing is left behind.
pub(crate) fn load(
    vm: &mut WatchedPager<'_>,
    checked: Checked,
    pid: Pid,
    made: Work,
) -> Result<Loaded, LoadError> {
    let space = vm.create_space(Owner(pid.0), made)?;
    match checked.fill(vm, space) {
        Ok(()) => Ok(Loaded {
            space,
            moved_by: checked.moved_by(),
            entry: checked.entry(),
            stack: checked.stack_pointer(),
            abi: checked.abi(),
            end: checked.end(),
            layout: checked.layout,
            path: checked.path.clone(),
            executable: checked.executable(),
        }),
        Err(error) => {
            vm.destroy_space(space);
            Err(error)
        }
    }
}

impl Request<'_> {
    fn stack(
        &self,
        program: &Program,
        interpreter: Option<&Interpreter>,
        line: &CommandLine,
    ) -> Result<InitialStack, LoadError> {
        Ok(match program.abi {
            Abi::Pintos => line.split_at_spaces().initial_stack()?,
            Abi::Linux => {
                let told = linux::Told {
                    path: self.path,
                    arguments: line.words(),
                    environment: self.environment,
                    random: self.random,
                    interpreter: interpreter.map_or(0, Interpreter::base),
                    gap: self.layout.stack_gap,
                };
                linux::initial_stack(program, told)?
            }
        })
    }
}

impl Checked {
    /// The interface that the program expects.
    #[must_use]
    pub fn abi(&self) -> Abi {
        self.program.abi
    }

    /// Where its first instruction is, or its interpreter's if it has one.
    pub fn entry(&self) -> VirtAddr {
        let interpreter = self.interpreter.as_ref();
        VirtAddr(interpreter.map_or(self.program.entry, Interpreter::entry))
    }

    /// What was added to all of its addresses; 0 if they are fixed.
    #[must_use]
    pub fn moved_by(&self) -> u32 {
        self.program.moved_by
    }

    /// The path of its file, which of a script is that of the program it is for.
    #[must_use]
    pub fn path(&self) -> &[u8] {
        &self.path
    }

    /// Where the other parts of a Linux program are.
    pub(crate) fn layout(&self) -> Layout {
        self.layout
    }

    /// Where its stack pointer starts.
    #[must_use]
    pub fn stack_pointer(&self) -> VirtAddr {
        self.stack.pointer
    }

    /// The first page boundary behind its segments.
    #[must_use]
    pub fn end(&self) -> VirtAddr {
        VirtAddr(self.program.end())
    }

    /// Its file, which nobody may change while it runs.
    #[must_use]
    pub fn executable(&self) -> Executable {
        Executable::new(Rc::clone(&self.file))
    }

    /// Puts the program into an address space that is empty.
    ///
    /// # Errors
    /// [`LoadError`]; the address space is as far as it got.
    pub(crate) fn fill(&self, vm: &mut WatchedPager<'_>, space: SpaceId) -> Result<(), LoadError> {
        vm.add_stack(space)?;
        map_segments(vm, space, &self.program, &self.file)?;
        if let Some(interpreter) = &self.interpreter {
            interpreter.map(vm, space)?;
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

fn map_segments(
    vm: &mut WatchedPager<'_>,
    space: SpaceId,
    program: &Program,
    file: &Rc<Inode>,
) -> Result<(), MapError> {
    let file = Rc::clone(file) as FileRef;
    for planned in plan(&program.segments) {
        vm.map(space, region(planned, &file))?;
    }
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
