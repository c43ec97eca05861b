//! What the kernel was doing when a run ended.
//!
//! # Invariants
//!
//! Noting it costs one copy, since that happens whenever the kernel is entered. Names and lines are
//! looked up only when they are needed.

use userprog::process::Pid;
use userprog::{Call, Cause, Entered};
use vm::Owner;
use vm::event::access_name;

use crate::names::NameBook;

/// What the kernel is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum During {
    /// The first program is being loaded.
    Start,
    /// The reason for which it was entered.
    Entered(Entered),
    /// A system call of a process.
    Called(Pid, Call),
}

impl During {
    /// Describes it for people.
    pub fn in_words(&self, names: &mut NameBook) -> String {
        match self {
            During::Start => "the start of the first program".to_owned(),
            During::Called(pid, call) => {
                format!("system call {call} of {}", who(names, Owner(pid.0)))
            }
            During::Entered(entered) => entry_in_words(entered, names),
        }
    }
}

fn entry_in_words(entered: &Entered, names: &mut NameBook) -> String {
    let owner = Owner(entered.pid.0);
    let who = who(names, owner);
    let at = match names.line(owner, entered.eip.0) {
        Some(line) => format!("{line} (eip {})", entered.eip),
        None => format!("eip {}", entered.eip),
    };
    match entered.cause {
        Cause::Fault { addr, access } => {
            let access = access_name(access);
            format!("page fault of {who} at {at}: {access} {addr}")
        }
        Cause::Call => format!("a system call of {who} at {at}, whose number was not read yet"),
        Cause::Other => format!("the end of a turn of {who} at {at}"),
    }
}

fn who(names: &NameBook, owner: Owner) -> String {
    let name = names.process(owner).unwrap_or("a program");
    format!("{name} (process {})", owner.0)
}
