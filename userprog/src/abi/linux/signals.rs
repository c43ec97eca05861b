//! What signals a process and each of its threads have coming, and what is to be done about them.
//!
//! # Invariants
//! A signal that would be ignored is never pending; SIGKILL and SIGSTOP are neither blocked nor handled.

use std::fmt;

use bitflags::bitflags;

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

    fn first(self) -> Option<Signal> {
        (self.0 != 0).then(|| Signal(self.0.trailing_zeros() as u8 + 1))
    }
}

bitflags! {
    /// Linux' flags of an action.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub(super) struct ActionFlags: u32 {
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
    /// Its handler is to be called.
    Handle(Signal, Action),
}

/// The signals of a thread.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Signals {
    pub mask: SignalSet,
    /// Those that have come for this thread alone.
    pub pending: SignalSet,
}

/// What a process wants done about signals, and those that have come for any of its threads.
#[derive(Clone, Debug)]
pub(super) struct Dispositions {
    actions: [Action; Signal::COUNT],
    pub pending: SignalSet,
}

impl Default for Dispositions {
    fn default() -> Dispositions {
        Dispositions {
            actions: [Action::default(); Signal::COUNT],
            pending: SignalSet::default(),
        }
    }
}

impl Signals {
    /// Takes the first signal about which the thread has to do something, its own or its process'.
    pub(super) fn take_due(&mut self, process: &mut Dispositions) -> Option<Due> {
        let signal = self.coming(process).without(self.mask).first()?;
        let taken = SignalSet::default().with(signal);
        match self.pending.contains(signal) {
            true => self.pending = self.pending.without(taken),
            false => process.pending = process.pending.without(taken),
        }
        let action = process.action(signal);
        Some(match action.handler {
            Action::DEFAULT => Due::End(signal),
            _ => Due::Handle(signal, action),
        })
    }

    /// What is to be done next, which stays to be done.
    pub(super) fn due(mut self, process: &Dispositions) -> Option<Due> {
        self.take_due(&mut process.clone())
    }

    /// Those that have come, for it or for any thread.
    pub(super) fn coming(self, process: &Dispositions) -> SignalSet {
        self.pending.union(process.pending)
    }

    /// What a child or another thread starts with: nothing is pending.
    pub(super) fn for_child(self) -> Signals {
        Signals {
            pending: SignalSet::default(),
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
            self.pending = self.pending.without(SignalSet::default().with(signal));
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
            pending: SignalSet::default(),
            ..self.clone()
        }
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
mod tests {
    use super::*;

    fn handled() -> Action {
        Action {
            handler: 0x0804_8000,
            ..Action::default()
        }
    }

    fn of(signal: Signal) -> SignalSet {
        SignalSet::default().with(signal)
    }

    #[test]
    fn what_is_ignored_goes_and_what_is_blocked_comes_later() {
        let (mut thread, mut process) = (Signals::default(), Dispositions::default());
        assert!(process.ignores(Signal::CHILD));
        assert!(process.set_action(Signal::CHILD, handled()));
        assert!(!process.ignores(Signal::CHILD));
        process.pending = of(Signal::CHILD);
        thread.mask = of(Signal::CHILD);
        assert_eq!(thread.take_due(&mut process), None);
        thread.mask = SignalSet::default();
        let due = Some(Due::Handle(Signal::CHILD, handled()));
        assert_eq!(thread.due(&process), due);
        assert_eq!(thread.take_due(&mut process), due);
        assert_eq!(thread.take_due(&mut process), None);
        process.pending = of(Signal::CHILD);
        assert!(process.set_action(Signal::CHILD, Action::default()));
        assert_eq!(process.pending, SignalSet::default());
    }

    #[test]
    fn a_threads_own_signal_is_no_other_threads() {
        let mut process = Dispositions::default();
        let [mut first, mut second] = [Signals::default(); 2];
        second.pending = of(Signal::ALARM);
        assert_eq!(first.take_due(&mut process), None);
        process.pending = of(Signal::ALARM);
        let end = Some(Due::End(Signal::ALARM));
        assert_eq!(second.take_due(&mut process), end);
        assert_eq!(first.take_due(&mut process), end);
        assert_eq!(second.take_due(&mut process), None);
    }

    #[test]
    fn kill_is_nobodys_to_handle() {
        let mut process = Dispositions::default();
        assert!(!process.set_action(Signal::KILL, handled()));
        assert!(SignalSet(u64::MAX).blockable().contains(Signal::SEGMENT));
        assert!(!SignalSet(u64::MAX).blockable().contains(Signal::KILL));
        process.pending = of(Signal::KILL);
        let due = Signals::default().take_due(&mut process);
        assert_eq!(due, Some(Due::End(Signal::KILL)));
    }

    #[test]
    fn signals_have_their_names() {
        assert_eq!(Signal::SEGMENT.to_string(), "SIGSEGV");
        assert_eq!(Signal::PIPE.to_string(), "SIGPIPE");
        assert_eq!(Signal::new(31).unwrap().to_string(), "SIGSYS");
        assert_eq!(Signal::new(40).unwrap().to_string(), "signal 40");
        assert_eq!((Signal::new(0), Signal::new(65)), (None, None));
    }

    #[test]
    fn a_new_program_ignores_what_was_ignored_and_handles_nothing() {
        let mut signals = Dispositions::default();
        signals.set_action(
            Signal::PIPE,
            Action {
                handler: 1,
                ..Action::default()
            },
        );
        signals.set_action(Signal::CHILD, handled());
        let new = signals.for_new_program();
        assert_eq!(new.action(Signal::CHILD), Action::default());
        assert_eq!(new.action(Signal::PIPE).handler, 1);
    }
}
