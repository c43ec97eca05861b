//! Pauses: a run that is paused now and then is the same run.

use executables::asm::*;
use machine::work::Work;
use small::Machine;
use userprog::{Kernel, MachineEvent, MachineOptions, Pause, Progress, RunEnd, RunReport};
use vm::event::{Detail, Outcome};
use vm::{Event, Kill};

/// Returns a machine with two children that fault, print and take turns on few frames.
fn machine() -> Machine {
    let child = program(|asm| {
        asm.repeat(30_000, |_| {}).exit(5);
    });
    let parent = program(|asm| {
        let line = asm.string("child");
        let pids = [0; 2].map(|_| asm.result_of(EXEC, &[line.into()]));
        for pid in pids {
            asm.call(WAIT, &[Arg::At(pid)]).expect(5, 1);
        }
        asm.exit(0);
    });
    let choose = |options: MachineOptions| options.frames(8).seed(3);
    let machine = Machine::new().options(choose);
    machine.file("main", &parent).file("child", &child)
}

/// Continues to the end. Also returns the number of pauses.
fn to_the_end(kernel: &mut Kernel, mut at_pause: impl FnMut(&mut Kernel, Pause)) -> RunReport {
    loop {
        match kernel.advance() {
            Progress::Ended(report) => return report,
            Progress::Paused(pause) => at_pause(kernel, pause),
        }
    }
}

#[test]
fn a_run_with_many_pauses_is_the_same_run() {
    let whole = machine().run("main");
    for step in [1, 7, 1000] {
        let mut pauses = 0;
        let paused = machine().run_by(|kernel| {
            kernel.begin(b"main").unwrap();
            kernel.pause_at(Work(step));
            to_the_end(kernel, |kernel, pause| {
                assert_eq!(pause, Pause::AtWork);
                pauses += 1;
                let next = kernel.stats().work + step;
                kernel.pause_at(Work(next));
            })
        });
        assert_eq!(paused.console, whole.console, "every {step}");
        assert_eq!(paused.report, whole.report, "every {step}");
        assert!(pauses > 20_000 / step, "{pauses} pauses every {step}");
    }
}

#[test]
fn a_process_that_is_killed_is_still_there_while_its_pause_lasts() {
    let bad = program(|asm| {
        asm.raw(&[0xa1, 0, 0, 0, 0]); // mov 0, %eax
    });
    let mut seen = 0;
    let done = Machine::new().file("bad", &bad).run_by(|kernel| {
        let flag = kernel.pause_flag();
        let recorder = move |_, event: &MachineEvent<'_>| {
            let MachineEvent::Memory(Event::Fault(fault)) = event else {
                return;
            };
            if matches!(fault.outcome, Outcome::Killed(Kill::BadAccess(_))) {
                flag.raise();
            }
        };
        kernel.record(Detail::Faults, Box::new(recorder));
        let first = kernel.begin(b"bad").unwrap();
        to_the_end(kernel, |kernel, pause| {
            assert_eq!((pause, kernel.current()), (Pause::Asked, Some(first)));
            assert!(kernel.vm().usage().frames_in_use > 0);
            seen += 1;
        })
    });
    assert_eq!((seen, done.report.end), (1, RunEnd::Killed));
}

#[test]
fn power_can_be_cut_in_a_pause() {
    let done = machine().run_by(|kernel| {
        kernel.begin(b"main").unwrap();
        kernel.pause_at(Work(5000));
        assert_eq!(kernel.advance(), Progress::Paused(Pause::AtWork));
        kernel.cut_power()
    });
    assert_eq!(done.report.end, RunEnd::Halted);
}
