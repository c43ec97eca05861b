//! Which interface a program expects of its kernel: that of Pintos or that of Linux.
//!
//! Pintos' calls are in [`crate::syscall`], Linux' in [`linux`]. Both come to the same virtual memory, the same
//! files and the same scheduler.
//!
//! # Invariants
//! An executable has one interface, found from its headers alone unless the user has said which.

pub(crate) mod linux;

pub use linux::Signal;

use linux::Linux;

/// The interface between a program and its kernel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Abi {
    /// `int $0x30` with the number and the arguments on the stack.
    Pintos,
    /// That of Linux for the i386: `int $0x80` with number and arguments in registers.
    Linux,
}

/// What a process has because of its interface.
#[derive(Debug)]
pub(crate) enum Personality {
    /// Nothing beyond what every process has.
    Pintos,
    /// The state that Linux' calls are about.
    Linux(Box<Linux>),
}

impl Personality {
    /// The interface.
    pub(crate) fn abi(&self) -> Abi {
        match self {
            Personality::Pintos => Abi::Pintos,
            Personality::Linux(_) => Abi::Linux,
        }
    }
}
