//! What signals a process has coming, and what it wants done about them.
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
    pub fn new(number: u32) -> Option<Signal> {
        let number = u8::try_from(number).ok()?;
        (1..=Signal::COUNT as u8)
            .contains(&number)
            .then_some(Signal(number))
    }

    /// Its number.
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
    pub fn contains(self, signal: Signal) -> bool {
        self.0 & signal.bit() != 0
    }

    pub fn with(self, signal: Signal) -> SignalSet {
        SignalSet(self.0 | signal.bit())
    }

    pub fn union(self, other: SignalSet) -> SignalSet {
        SignalSet(self.0 | other.0)
    }

    pub fn without(self, other: SignalSet) -> SignalSet {
        SignalSet(self.0 & !other.0)
    }

    /// Without those that cannot be blocked.
    pub fn blockable(self) -> SignalSet {
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
    pub fn restarts(&self) -> bool {
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

/// The signals of a process.
#[derive(Clone, Debug)]
pub(super) struct Signals {
    actions: [Action; Signal::COUNT],
    pub mask: SignalSet,
    pending: SignalSet,
}

impl Default for Signals {
    fn default() -> Signals {
        Signals {
            actions: [Action::default(); Signal::COUNT],
            mask: SignalSet::default(),
            pending: SignalSet::default(),
        }
    }
}

impl Signals {
    pub fn action(&self, signal: Signal) -> Action {
        self.actions[signal.index()]
    }

    /// Says what is to be done; `false` if it is not the process' to say.
    pub fn set_action(&mut self, signal: Signal, action: Action) -> bool {
        if signal == Signal::KILL || signal == Signal::STOP {
            return false;
        }
        self.actions[signal.index()] = action;
        if self.is_ignored(signal) {
            self.pending = self.pending.without(SignalSet::default().with(signal));
        }
        true
    }

    /// A signal has come; whether something is to be done about it.
    pub fn raise(&mut self, signal: Signal) -> bool {
        if self.is_ignored(signal) {
            return false;
        }
        self.pending = self.pending.with(signal);
        !self.mask.contains(signal)
    }

    /// Takes the first signal about which something is to be done.
    pub fn take_due(&mut self) -> Option<Due> {
        let signal = self.pending.without(self.mask).first()?;
        self.pending = self.pending.without(SignalSet::default().with(signal));
        let action = self.action(signal);
        Some(match action.handler {
            Action::DEFAULT => Due::End(signal),
            _ => Due::Handle(signal, action),
        })
    }

    /// What is to be done next, which stays to be done.
    pub fn due(&self) -> Option<Due> {
        self.clone().take_due()
    }

    pub fn pending(&self) -> SignalSet {
        self.pending
    }

    /// What a new program starts with: handlers are gone, what was ignored still is.
    pub fn for_new_program(&self) -> Signals {
        let kept = |action: &Action| match action.handler {
            Action::IGNORE => *action,
            _ => Action::default(),
        };
        Signals {
            actions: std::array::from_fn(|index| kept(&self.actions[index])),
            ..self.clone()
        }
    }

    /// What a child starts with: nothing is pending.
    pub fn for_child(&self) -> Signals {
        Signals {
            pending: SignalSet::default(),
            ..self.clone()
        }
    }

    fn is_ignored(&self, signal: Signal) -> bool {
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

    #[test]
    fn what_is_ignored_never_comes_and_what_is_blocked_comes_later() {
        let mut signals = Signals::default();
        assert!(!signals.raise(Signal::CHILD));
        assert!(signals.set_action(Signal::CHILD, handled()));
        signals.mask = SignalSet::default().with(Signal::CHILD);
        assert!(!signals.raise(Signal::CHILD));
        assert_eq!(signals.take_due(), None);
        signals.mask = SignalSet::default();
        assert_eq!(signals.due(), Some(Due::Handle(Signal::CHILD, handled())));
        assert_eq!(
            signals.take_due(),
            Some(Due::Handle(Signal::CHILD, handled()))
        );
        assert_eq!(signals.take_due(), None);
    }

    #[test]
    fn kill_is_nobodys_to_handle() {
        let mut signals = Signals::default();
        assert!(!signals.set_action(Signal::KILL, handled()));
        assert!(SignalSet(u64::MAX).blockable().contains(Signal::SEGMENT));
        assert!(!SignalSet(u64::MAX).blockable().contains(Signal::KILL));
        signals.raise(Signal::KILL);
        assert_eq!(signals.take_due(), Some(Due::End(Signal::KILL)));
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
        let mut signals = Signals::default();
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
