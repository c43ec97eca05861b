//! What a thread of a Linux process has beyond what every process has. What all threads of one share is in
//! [`super::group`].

use machine::work::Work;

use super::altstack::AltStack;
use super::deliver::Kept;
use super::group::Group;
use super::layout::Layout;
use super::paths::GuestPath;
use super::signals::{SignalSet, Signals};
use crate::abi::{Abi, Personality};
use crate::process::Pid;
use crate::service::Service;
use crate::spawn::Kin;

/// What a thread of a Linux process has of its own; most processes have one thread.
#[derive(Debug)]
pub(crate) struct Linux {
    /// What its process has, if it is the first thread of that.
    pub(super) role: Role,
    /// What it calls itself.
    pub(super) name: Vec<u8>,
    pub(super) waits: Waits,
    pub(super) signals: Signals,
    /// What handlers interrupted that have not returned, the innermost last.
    pub(super) kept: Vec<Kept>,
    /// Where handlers run that want to.
    pub(super) alternate: Option<AltStack>,
    /// Whether its parent waits for it to begin with another program.
    pub(super) borrows: bool,
    /// The mask that comes back when a call that has set another is over, or the handler that ended it.
    pub(super) suspended: Option<SignalSet>,
    /// How far a call has come that is made again.
    pub(super) progress: Progress,
    /// The word that becomes zero when it ends; 0 for none.
    pub(super) clears: u32,
    /// The head of its list of robust futexes; 0 for none.
    pub(super) robust: u32,
}

/// What a thread is to its process.
#[derive(Debug)]
pub(super) enum Role {
    /// The first: what all share is with it.
    Leads(Box<Group>),
    /// Another one.
    Follows,
}

/// Whether a process waits for something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Waits {
    No,
    /// Until it is woken.
    ToBeWoken,
    /// Until it is woken or its time has come, which nobody takes note of.
    OrForItsTime,
}

/// How far a call has come that waits and is made again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Progress {
    /// The bytes that it has moved.
    pub moved: u32,
    /// When it gives up.
    pub until: Option<Work>,
    /// The child that it has made.
    pub child: Option<Pid>,
    /// Whether somebody has woken it at the futex at which it waits.
    pub awoken: bool,
}

impl Linux {
    /// That of a machine's first process, whose program's pages end at `end`.
    pub(crate) fn new(program: GuestPath, end: u32, layout: Layout) -> Linux {
        let name = program.last().to_vec();
        Linux::leading(Group::new(program, end, layout), name)
    }

    fn leading(group: Group, name: Vec<u8>) -> Linux {
        Linux {
            role: Role::Leads(Box::new(group)),
            name,
            waits: Waits::No,
            signals: Signals::default(),
            kept: Vec::new(),
            alternate: None,
            borrows: false,
            suspended: None,
            progress: Progress::default(),
            clears: 0,
            robust: 0,
        }
    }

    /// That of the first thread of a copy of this thread's process.
    fn for_child(&self, group: Group) -> Linux {
        Linux {
            signals: self.signals.for_child(),
            kept: self.kept.clone(),
            alternate: self.alternate,
            ..Linux::leading(group, self.name.clone())
        }
    }

    /// That of another thread of the same process.
    fn for_thread(&self) -> Linux {
        Linux {
            role: Role::Follows,
            name: self.name.clone(),
            waits: Waits::No,
            signals: self.signals.for_child(),
            kept: Vec::new(),
            alternate: None,
            borrows: false,
            suspended: None,
            progress: Progress::default(),
            clears: 0,
            robust: 0,
        }
    }

    /// That of the process, `group`, when this thread of it begins with another program.
    pub(super) fn with_program(
        &self,
        group: &Group,
        program: GuestPath,
        end: u32,
        at: Layout,
    ) -> Linux {
        let name = program.last().to_vec();
        let group = group.with_program(program, end, at);
        Linux {
            signals: self.signals,
            ..Linux::leading(group, name)
        }
    }
}

impl Service<'_> {
    /// The state of a Linux process.
    ///
    /// # Panics
    /// If it is none.
    pub(super) fn linux_of(&self, pid: Pid) -> &Linux {
        match &self.processes.get(pid).personality {
            Personality::Linux(linux) => linux,
            Personality::Pintos => unreachable!("Linux' calls are made by its processes"),
        }
    }

    /// The state of a Linux process, to be changed.
    ///
    /// # Panics
    /// If it is none.
    pub(super) fn linux_mut(&mut self, pid: Pid) -> &mut Linux {
        match &mut self.processes.get_mut(pid).personality {
            Personality::Linux(linux) => linux,
            Personality::Pintos => unreachable!("Linux' calls are made by its processes"),
        }
    }

    /// What all threads of a Linux process share.
    ///
    /// # Panics
    /// If it is none.
    pub(super) fn group_of(&self, pid: Pid) -> &Group {
        match &self.linux_of(self.processes.leader(pid)).role {
            Role::Leads(group) => group,
            Role::Follows => unreachable!("a leader leads"),
        }
    }

    /// What all threads of a Linux process share, to be changed.
    ///
    /// # Panics
    /// If it is none.
    pub(super) fn group_mut(&mut self, pid: Pid) -> &mut Group {
        match &mut self.linux_mut(self.processes.leader(pid)).role {
            Role::Leads(group) => group,
            Role::Follows => unreachable!("a leader leads"),
        }
    }

    /// What a new process or thread has that a thread makes.
    pub(crate) fn personality_for(&self, parent: Pid, kin: Kin) -> Personality {
        if self.processes.get(parent).personality.abi() == Abi::Pintos {
            return Personality::Pintos;
        }
        let linux = self.linux_of(parent);
        Personality::Linux(Box::new(match kin {
            Kin::Thread => linux.for_thread(),
            Kin::Child(memory) => linux.for_child(self.group_of(parent).for_child(memory)),
        }))
    }
}
