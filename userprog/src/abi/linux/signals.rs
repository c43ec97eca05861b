//! What signals a process and each of its threads have coming, and what is to be done about them.
//!
//! # Invariants
//! A signal that would be ignored is pending only where it was blocked when it came; SIGKILL and SIGSTOP are neither blocked nor handled.

use std::fmt;

use bitflags::bitflags;

use crate::process::{ExitStatus, Pid};

/// A signal, from 1 to [`Signal::COUNT`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Signal(u8);

const NAMES: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
    "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];

impl Signal {
    /// How many there are.
    pub const COUNT: usize = 64;
    /// SIGILL: no instruction.
    pub const ILLEGAL: Signal = Signal(4);
    /// SIGTRAP: a breakpoint or a single step.
    pub const TRAP: Signal = Signal(5);
    /// SIGBUS: past the end of a mapped file.
    pub const BUS: Signal = Signal(7);
    /// SIGFPE: arithmetic.
    pub const ARITHMETIC: Signal = Signal(8);
    /// SIGKILL: the end.
    pub const KILL: Signal = Signal(9);
    /// SIGSEGV: no right to the access.
    pub const SEGMENT: Signal = Signal(11);
    /// SIGPIPE: nobody reads from the pipe.
    pub const PIPE: Signal = Signal(13);
    /// SIGALRM: the time that was set has passed.
    pub const ALARM: Signal = Signal(14);
    /// SIGCHLD: a child has ended.
    pub const CHILD: Signal = Signal(17);
    const STOP: Signal = Signal(19);

    /// The signal of this number.
    #[must_use]
    pub fn new(number: u32) -> Option<Signal> {
        let number = u8::try_from(number).ok()?;
        (1..=Signal::COUNT as u8)
            .contains(&number)
            .then_some(Signal(number))
    }

    /// Its number.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0.into()
    }

    /// Whether nothing happens if the process has not said what is to.
    fn is_ignored_by_default(self) -> bool {
        // SIGCHLD, SIGCONT, SIGURG, SIGWINCH. Nobody stops here: SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU.
        matches!(self.0, 17..=23 | 28)
    }

    fn index(self) -> usize {
        usize::from(self.0) - 1
    }

    fn bit(self) -> u64 {
        1 << self.index()
    }
}

/// `SIGSEGV`, or `signal 40` where there is no name.
impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMES.get(self.index()) {
            Some(name) => write!(f, "SIG{name}"),
            None => write!(f, "signal {}", self.0),
        }
    }
}

/// A set of signals, as programs have it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct SignalSet(pub u64);

impl SignalSet {
    pub(super) fn contains(self, signal: Signal) -> bool {
        self.0 & signal.bit() != 0
    }

    pub(super) fn with(self, signal: Signal) -> SignalSet {
        SignalSet(self.0 | signal.bit())
    }

    pub(super) fn union(self, other: SignalSet) -> SignalSet {
        SignalSet(self.0 | other.0)
    }

    pub(super) fn without(self, other: SignalSet) -> SignalSet {
        SignalSet(self.0 & !other.0)
    }

    /// Without those that cannot be blocked.
    pub(super) fn blockable(self) -> SignalSet {
        let never = SignalSet::default().with(Signal::KILL).with(Signal::STOP);
        self.without(never)
    }

    /// The one to be acted on first: that of an exception, or that of the lowest number.
    fn first(self) -> Option<Signal> {
        let chosen = match self.0 & SignalSet::OF_EXCEPTIONS {
            0 => self.0,
            exceptions => exceptions,
        };
        (chosen != 0).then(|| Signal(chosen.trailing_zeros() as u8 + 1))
    }

    /// SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGSYS.
    const OF_EXCEPTIONS: u64 = 1 << 3 | 1 << 4 | 1 << 6 | 1 << 7 | 1 << 10 | 1 << 30;
}

bitflags! {
    /// Linux' flags of an action.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub(super) struct ActionFlags: u32 {
        const NO_CHILD_STOP = 1;
        const NO_CHILD_WAIT = 2;
        const INFO = 4;
        const ON_STACK = 0x0800_0000;
        const RESTORER = 0x0400_0000;
        const RESTART = 0x1000_0000;
        const NO_DEFER = 0x4000_0000;
        const RESET = 0x8000_0000;
    }
}

/// What a process wants done about a signal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Action {
    /// The handler's address; 0 for the default, 1 to ignore it.
    pub handler: u32,
    pub flags: ActionFlags,
    pub restorer: u32,
    /// What is blocked beyond the signal itself while the handler runs.
    pub mask: SignalSet,
}

impl Action {
    const DEFAULT: u32 = 0;
    const IGNORE: u32 = 1;

    /// Whether a call that its handler interrupts is made again.
    pub(super) fn restarts(&self) -> bool {
        self.flags.contains(ActionFlags::RESTART)
    }
}

/// What has to be done about a signal now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Due {
    /// The process is to be ended.
    End(Signal),
    /// Its handler is to be called, and is told this.
    Handle(Signal, Action, Cause),
}

/// What a handler is told of where its signal comes from: `si_code`, and the fields of a `siginfo_t` behind it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Cause {
    pub code: u32,
    pub fields: [u32; 3],
}

impl Cause {
    /// SI_KERNEL.
    pub(super) const KERNEL: Cause = Cause {
        code: 0x80,
        fields: [0; 3],
    };

    /// SI_USER: a process has sent it to a process.
    pub(super) fn sent_by(pid: Pid) -> Cause {
        Cause {
            code: 0,
            fields: [pid.0, 0, 0],
        }
    }

    /// SI_TKILL: a process has sent it to a thread.
    pub(super) fn sent_to_thread_by(pid: Pid) -> Cause {
        Cause {
            code: -6i32 as u32,
            ..Cause::sent_by(pid)
        }
    }

    /// CLD_EXITED or CLD_KILLED: a child has ended.
    pub(super) fn end_of(child: Pid, status: ExitStatus) -> Cause {
        let (code, status) = match status {
            ExitStatus::Exited(status) => (1, status as u32),
            ExitStatus::Signalled(signal) => (2, signal.number()),
            ExitStatus::Killed => (2, Signal::KILL.number()),
        };
        Cause {
            code,
            fields: [child.0, 0, status],
        }
    }

    /// What happened at an address.
    pub(super) fn at(code: u32, addr: u32) -> Cause {
        Cause {
            code,
            fields: [addr, 0, 0],
        }
    }
}

/// Signals that have come, and why. The second one of a kind is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Pending {
    set: SignalSet,
    causes: [Cause; Signal::COUNT],
}

impl Default for Pending {
    fn default() -> Pending {
        Pending {
            set: SignalSet::default(),
            causes: [Cause::default(); Signal::COUNT],
        }
    }
}

impl Pending {
    pub(super) fn add(&mut self, signal: Signal, cause: Cause) {
        if !self.set.contains(signal) {
            self.set = self.set.with(signal);
            self.causes[signal.index()] = cause;
        }
    }

    pub(super) fn remove(&mut self, signal: Signal) {
        self.set = self.set.without(SignalSet::default().with(signal));
    }

    /// Takes the first that is not in `mask`.
    fn take(&mut self, mask: SignalSet) -> Option<(Signal, Cause)> {
        let signal = self.set.without(mask).first()?;
        self.remove(signal);
        Some((signal, self.causes[signal.index()]))
    }
}

/// The signals of a thread.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Signals {
    pub mask: SignalSet,
    /// Those that have come for this thread alone.
    pub pending: Pending,
}

/// What a process wants done about signals, and those that have come for any of its threads.
#[derive(Clone, Debug)]
pub(super) struct Dispositions {
    actions: [Action; Signal::COUNT],
    pub pending: Pending,
}

impl Default for Dispositions {
    fn default() -> Dispositions {
        Dispositions {
            actions: [Action::default(); Signal::COUNT],
            pending: Pending::default(),
        }
    }
}

impl Signals {
    /// Takes the first signal about which the thread has to do something: its own come before its process'. What
    /// is ignored and was pending because it was blocked goes.
    pub(super) fn take_due(&mut self, process: &mut Dispositions) -> Option<Due> {
        loop {
            let own = self.pending.take(self.mask);
            let (signal, cause) = own.or_else(|| process.pending.take(self.mask))?;
            let action = process.action(signal);
            if process.ignores(signal) {
                continue;
            }
            return Some(match action.handler {
                Action::DEFAULT => Due::End(signal),
                _ => Due::Handle(signal, action, cause),
            });
        }
    }

    /// What is to be done next, which stays to be done.
    pub(super) fn due(mut self, process: &Dispositions) -> Option<Due> {
        match self.coming(process).without(self.mask) {
            SignalSet(0) => None,
            _ => self.take_due(&mut process.clone()),
        }
    }

    /// Those that have come, for it or for any thread.
    pub(super) fn coming(self, process: &Dispositions) -> SignalSet {
        self.pending.set.union(process.pending.set)
    }

    /// What a child or another thread starts with: nothing is pending.
    pub(super) fn for_child(self) -> Signals {
        Signals {
            pending: Pending::default(),
            ..self
        }
    }
}

impl Dispositions {
    pub(super) fn action(&self, signal: Signal) -> Action {
        self.actions[signal.index()]
    }

    /// Says what is to be done; `false` if it is not the process' to say. Of what is to be ignored from now on
    /// nothing may be pending, which is up to the caller for each thread.
    pub(super) fn set_action(&mut self, signal: Signal, action: Action) -> bool {
        if signal == Signal::KILL || signal == Signal::STOP {
            return false;
        }
        self.actions[signal.index()] = action;
        if self.ignores(signal) {
            self.pending.remove(signal);
        }
        true
    }

    /// What a new program starts with: handlers are gone, what was ignored still is.
    pub(super) fn for_new_program(&self) -> Dispositions {
        let kept = |action: &Action| match action.handler {
            Action::IGNORE => *action,
            _ => Action::default(),
        };
        Dispositions {
            actions: std::array::from_fn(|index| kept(&self.actions[index])),
            pending: self.pending,
        }
    }

    /// What a child starts with: nothing is pending.
    pub(super) fn for_child(&self) -> Dispositions {
        Dispositions {
            pending: Pending::default(),
            ..self.clone()
        }
    }

    /// Whether the ends of children are not told: nobody waits for them.
    pub(super) fn forgets_children(&self) -> bool {
        let action = self.action(Signal::CHILD);
        action.handler == Action::IGNORE || action.flags.contains(ActionFlags::NO_CHILD_WAIT)
    }

    /// Whether nothing is done about a signal.
    pub(super) fn ignores(&self, signal: Signal) -> bool {
        match self.action(signal).handler {
            Action::DEFAULT => signal.is_ignored_by_default(),
            Action::IGNORE => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
