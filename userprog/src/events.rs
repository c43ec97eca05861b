//! The events of a machine, for recording: those of its virtual memory, and those of its processes.
//!
//! # Invariants
//!
//! As in the events of the virtual memory, nothing in them differs between hosts. The start of a
//! process comes before all its other events except those of building its address space, and its
//! end comes before the address space is torn down.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use cpu::exception::Exception;
use machine::addr::VirtAddr;
use machine::work::Work;
use vm::Event;

use crate::args::ProcessName;
use crate::process::{ExitStatus, Pid};

/// Something that happened in a machine.
#[derive(Clone, Copy, Debug)]
pub enum MachineEvent<'a> {
    /// In its virtual memory.
    Memory(&'a Event),
    /// There is a new process or thread; its pid is its address space's owner, unless it shares that.
    Started {
        /// The process.
        pid: Pid,
        /// The process that started it; `None` for the first.
        parent: Option<Pid>,
        /// Its name, which is also that of its executable in the guest's files.
        name: &'a ProcessName,
        /// What was added to all addresses of its program; 0 of one of fixed addresses.
        moved_by: u32,
        /// How it was created.
        origin: Origin,
    },
    /// The CPU was switched to another process.
    Running {
        /// The process.
        pid: Pid,
    },
    /// A process made a system call.
    Called {
        /// The process.
        pid: Pid,
        /// Which one.
        call: Call,
    },
    /// A process died of an exception other than a page fault.
    Died {
        /// The process.
        pid: Pid,
        /// The exception.
        exception: Exception,
        /// EIP: at the instruction for a fault, after it for a trap.
        eip: VirtAddr,
    },
    /// A process ends.
    Ended {
        /// The process.
        pid: Pid,
        /// How it ended.
        status: ExitStatus,
    },
}

/// What a process asked the kernel for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Call {
    /// The number that it gave.
    pub number: u32,
    /// The call's name, as in the user library; `None` if there is no such call.
    pub name: Option<&'static str>,
}

/// The name, or the number that is none.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            Some(name) => f.write_str(name),
            None => self.number.fmt(f),
        }
    }
}

/// How a process was created.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// Its program was loaded.
    Exec,
    /// It is a copy of its parent.
    Fork,
    /// It has the memory of its parent: a thread of that, or a child that shares it for a while.
    Clone,
}

/// Receives each event with the guest work at which it happened.
pub type Recorder = Box<dyn FnMut(u64, &MachineEvent<'_>)>;

/// A recorder shared by the kernel and its virtual memory, each of which reports its own events.
#[derive(Clone)]
pub(crate) struct SharedRecorder(Rc<RefCell<Recorder>>);

impl std::fmt::Debug for SharedRecorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SharedRecorder").finish_non_exhaustive()
    }
}

impl SharedRecorder {
    pub(crate) fn new(recorder: Recorder) -> SharedRecorder {
        SharedRecorder(Rc::new(RefCell::new(recorder)))
    }

    /// Reports an event at its time in guest work.
    pub(crate) fn tell(&self, work: Work, event: &MachineEvent<'_>) {
        self.0.borrow_mut()(work.0, event);
    }
}

impl fmt::Display for MachineEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MachineEvent::Memory(event) => event.fmt(f),
            MachineEvent::Started {
                pid,
                parent,
                name,
                origin,
                ..
            } => {
                let name = name.as_bytes().escape_ascii();
                write!(f, "start pid={pid} name={name}")?;
                if let Some(parent) = parent {
                    write!(f, " parent={parent}")?;
                }
                f.write_str(match origin {
                    Origin::Exec => " by=exec",
                    Origin::Fork => " by=fork",
                    Origin::Clone => " by=clone",
                })
            }
            MachineEvent::Running { pid } => write!(f, "run pid={pid}"),
            MachineEvent::Called { pid, call } => {
                write!(f, "call pid={pid} name={call}")
            }
            MachineEvent::Died {
                pid,
                exception,
                eip,
            } => write!(
                f,
                "die pid={pid} exception={:#04x} eip={eip}",
                exception.vector()
            ),
            MachineEvent::Ended { pid, status } => {
                write!(f, "end pid={pid} status={}", status.code())
            }
        }
    }
}
