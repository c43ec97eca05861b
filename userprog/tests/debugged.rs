//! A run under a debugger is the same run: its output, its statistics and all its events.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use cpu::debug::{DebugStop, WatchKind};
use executables::asm::*;
use machine::addr::VirtAddr;
use machine::work::Work;
use small::Machine;
use userprog::debugger::ProcessWatch;
use userprog::{Kernel, MachineEvent, MachineOptions, Pause, Pid, Progress, RunReport};
use vm::event::Detail;

/// Returns a machine with children that fault, print and take turns on few frames; `latency` is
/// that of the disks.
fn machine(latency: u64) -> Machine {
    let child = program(|asm| {
        asm.repeat(3000, |_| {}).exit(5);
    });
    let parent = program(|asm| {
        let line = asm.string("child");
        let pids = [0; 3].map(|_| asm.result_of(EXEC, &[line.into()]));
        for pid in pids {
            asm.call(WAIT, &[Arg::At(pid)]).expect(5, 1);
        }
        asm.exit(0);
    });
    let choose = |options: MachineOptions| options.frames(8).seed(3).disk_latency(Work(latency));
    let machine = Machine::new().options(choose);
    machine.file("main", &parent).file("child", &child)
}

/// A run's report, console and events.
type Whole = (RunReport, Vec<u8>, Vec<String>);

/// Runs to the end; `at_pause` may make any requests.
fn run(latency: u64, mut at_pause: impl FnMut(&mut Kernel, Option<Pause>)) -> Whole {
    let events = Rc::new(RefCell::new(Vec::new()));
    let told = Rc::clone(&events);
    let done = machine(latency).run_by(|kernel| {
        let recorder = move |work: u64, event: &MachineEvent<'_>| {
            told.borrow_mut().push(format!("{work} {event}"));
        };
        kernel.record(Detail::Entries, Box::new(recorder));
        kernel.begin(b"main").unwrap();
        at_pause(kernel, None);
        loop {
            match kernel.advance() {
                Progress::Ended(report) => return report,
                Progress::Paused(pause) => at_pause(kernel, Some(pause)),
            }
        }
    });
    let events = events.take();
    (done.report, done.console, events)
}

/// Returns the process in whose turn the run was paused, or the first.
fn current(kernel: &Kernel) -> Pid {
    kernel.current().unwrap_or(kernel.alive()[0])
}

#[test]
fn stepping_all_processes_changes_nothing() {
    for latency in [0, 300] {
        let free = run(latency, |_, _| {});
        let mut steps = 0;
        let stepped = run(latency, |kernel, pause| {
            steps += u64::from(pause == Some(Pause::Debugger(DebugStop::Step)));
            // Steps the process on the CPU; others run freely until they are examined.
            kernel.step(current(kernel));
            let soon = kernel.work() + Work(30);
            kernel.pause_at(soon);
        });
        assert!(steps > 1000, "{steps} steps");
        assert!(stepped == free, "with a latency of {latency}");
    }
}

#[test]
fn breakpoints_and_watchpoints_change_nothing() {
    for latency in [0, 300] {
        let free = run(latency, |_, _| {});
        let (mut breakpoints, mut watchpoints) = (0, 0);
        let debugged = run(latency, |kernel, pause| {
            match pause {
                None | Some(Pause::AtWork) => {}
                Some(Pause::Debugger(DebugStop::Breakpoint)) => breakpoints += 1,
                Some(Pause::Debugger(DebugStop::Watchpoint(_))) => watchpoints += 1,
                other => panic!("{other:?}"),
            }
            // At the next instructions, and at the stack of the current process.
            let pid = current(kernel);
            let registers = kernel.registers(pid);
            let near = (0..40).step_by(1 + breakpoints % 5);
            let near = near.map(|after| VirtAddr(registers.eip + after));
            kernel.set_breakpoints(BTreeSet::from_iter(near));
            kernel.set_watches(&[ProcessWatch {
                pid,
                bytes: registers.esp - 16..registers.esp,
                kind: WatchKind::Access,
            }]);
            let soon = kernel.work() + Work(100);
            kernel.pause_at(soon);
            let mut bytes = [0; 64];
            kernel.peek(pid, registers.stack(), &mut bytes);
        });
        assert!(breakpoints > 100, "{breakpoints} breakpoints");
        assert!(watchpoints >= 5, "{watchpoints} watchpoints");
        assert!(debugged == free, "with a latency of {latency}");
    }
}

#[test]
fn a_debugger_that_lets_go_anywhere_changes_nothing() {
    let free = run(0, |_, _| {});
    for stops in [1, 2, 3, 50, 51] {
        let mut left: u32 = stops;
        let debugged = run(0, |kernel, _| {
            let pid = current(kernel);
            let eip = kernel.registers(pid).eip;
            let near = (1..9).map(|after| VirtAddr(eip + after));
            kernel.set_breakpoints(match left {
                0 => BTreeSet::new(),
                _ => near.collect(),
            });
            left = left.saturating_sub(1);
        });
        assert!(debugged == free, "after {stops} stops");
    }
}

#[test]
fn a_process_is_killed_only_after_the_pause_for_it() {
    let bad = program(|asm| {
        asm.raw(&[0xf4]); // hlt
    });
    let done = Machine::new().file("bad", &bad).run_by(|kernel| {
        let pid = kernel.begin(b"bad").unwrap();
        kernel.pause_at_kills(true);
        let Progress::Paused(Pause::Killed(_)) = kernel.advance() else {
            panic!("it may not halt");
        };
        let mut byte = [0];
        let eip = kernel.registers(pid).instruction();
        assert_eq!((kernel.peek(pid, eip, &mut byte), byte), (1, [0xf4]));
        match kernel.advance() {
            Progress::Ended(report) => report,
            paused => panic!("{paused:?}"),
        }
    });
    assert_eq!(done.report.stats.processes, 1);
}
