//! The interpreter of a dynamic program: the dynamic linker, which is loaded beside it, started in its place, and
//! maps the libraries.
//!
//! # Invariants
//! An interpreter has no interpreter. It is read as a program for Linux, whatever its own file says.

use std::rc::Rc;

use machine::work::Work;
use thiserror::Error;
use vm::{MapError, SpaceId};

use super::{map_segments, read_headers};
use crate::abi::Abi;
use crate::abi::linux::Layout;
use crate::elf::{ElfError, Program, Wanted};
use crate::files::{FileError, Files, Inode};
use crate::witness::WatchedPager;

/// Why a program's interpreter was not loaded.
#[derive(Debug, Error)]
pub enum InterpreterError {
    /// There is none of its path.
    #[error(
        "a dynamic program, whose interpreter {path} the guest does not have ({error}); `--root DIR` \
         names a folder that has it and the libraries, put together from packages for the i386"
    )]
    Missing {
        /// Its path in the guest.
        path: String,
        /// What came of opening it.
        error: FileError,
    },
    /// There is no program of the path that a script names.
    #[error(
        "a script for {path}, which the guest does not have ({error}); `--root DIR` names a folder that \
         has it"
    )]
    OfScript {
        /// Its path in the guest.
        path: String,
        /// What came of opening it.
        error: FileError,
    },
    /// It is no program, or none that can stand by itself.
    #[error("its interpreter {path} is not a program for this machine: {error}")]
    Elf {
        /// Its path in the guest.
        path: String,
        /// What is wrong with it.
        error: ElfError,
    },
    /// It asks for an interpreter itself.
    #[error("its interpreter {path} needs an interpreter; it has to be the dynamic linker itself")]
    Nested {
        /// Its path in the guest.
        path: String,
    },
}

/// A program's interpreter, which can be loaded.
#[derive(Debug)]
pub(super) struct Interpreter {
    file: Rc<Inode>,
    program: Program,
}

impl Interpreter {
    /// Finds the interpreter of this path; `charge` is told what reading it costs.
    pub(super) fn find(
        vm: &mut WatchedPager<'_>,
        files: &mut Files,
        path: &[u8],
        layout: Layout,
        charge: impl FnMut(Work),
    ) -> Result<Interpreter, InterpreterError> {
        let shown = || String::from_utf8_lossy(path).into_owned();
        let file = files.open_at(path).map_err(|error| {
            let path = shown();
            InterpreterError::Missing { path, error }
        })?;
        let wanted = Wanted {
            abi: Some(Abi::Linux),
            place: layout.interpreter(),
        };
        let program = read_headers(vm, &file, wanted, charge).map_err(|error| {
            let path = shown();
            InterpreterError::Elf { path, error }
        })?;
        match program.interpreter {
            None => Ok(Interpreter { file, program }),
            Some(_) => Err(InterpreterError::Nested { path: shown() }),
        }
    }

    /// Where it is started.
    pub(super) fn entry(&self) -> u32 {
        self.program.entry
    }

    /// What was added to its addresses.
    pub(super) fn base(&self) -> u32 {
        self.program.moved_by
    }

    /// Puts it into an address space, beside its program.
    pub(super) fn map(&self, vm: &mut WatchedPager<'_>, space: SpaceId) -> Result<(), MapError> {
        map_segments(vm, space, &self.program, &self.file)
    }
}
