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
    process.pending.add(Signal::CHILD, Cause::KERNEL);
    thread.mask = of(Signal::CHILD);
    assert_eq!(thread.take_due(&mut process), None);
    thread.mask = SignalSet::default();
    let due = Some(Due::Handle(Signal::CHILD, handled(), Cause::KERNEL));
    assert_eq!(thread.due(&process), due);
    assert_eq!(thread.take_due(&mut process), due);
    assert_eq!(thread.take_due(&mut process), None);
    process.pending.add(Signal::CHILD, Cause::KERNEL);
    assert!(process.set_action(Signal::CHILD, Action::default()));
    assert_eq!(process.pending.set, SignalSet::default());
}

#[test]
fn a_threads_own_signal_is_no_other_threads() {
    let mut process = Dispositions::default();
    let [mut first, mut second] = [Signals::default(); 2];
    second.pending.add(Signal::ALARM, Cause::KERNEL);
    assert_eq!(first.take_due(&mut process), None);
    process.pending.add(Signal::ALARM, Cause::KERNEL);
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
    process.pending.add(Signal::KILL, Cause::KERNEL);
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
