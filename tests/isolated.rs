//! With the kernel's half isolated (KPTI) programs do the same, event for event, on any number of frames;
//! what that takes is counted.

use libtest_mimic::{Arguments, Failed, Trial};
use machine::paging::KernelHalf;
use tests::{Machine, bundled_test, check};
use userprog::RunStats;
use vm::POLICIES;

/// Of each kind of memory some: code, data, files, copies, swap, pins, many processes.
const PROGRAMS: [&str; 14] = [
    "fpu-switch",
    "exec-pressure",
    "fork-cow",
    "fork-swap",
    "fork-tree",
    "limit-maps",
    "mmap-shuffle",
    "page-parallel",
    "pageout-states",
    "pin-hold",
    "pt-grow-stk-sc",
    "share-code",
    "smc-procs",
    "write-boundary",
];
/// What a program finds at the kernel's addresses is for its console and the log to differ in.
const REACH_FOR_THE_KERNEL: [&str; 4] = ["bad-jump2", "bad-read2", "bad-write2", "priv-all"];
const FRAMES: [u32; 4] = [8, 16, 64, 1024];

fn main() {
    let mut trials = Vec::new();
    for program in PROGRAMS {
        for frames in FRAMES {
            trials.push(Trial::test(
                format!("{program}/{frames}_frames"),
                move || same(program, Machine::with_frames(frames)),
            ));
        }
    }
    for policy in POLICIES.all().iter().copied() {
        trials.push(Trial::test(format!("page-parallel/{policy}"), move || {
            let machine = Machine {
                policy,
                seed: 3,
                disk_latency: 700,
                ..Machine::with_frames(24)
            };
            same("page-parallel", machine)
        }));
    }
    for program in REACH_FOR_THE_KERNEL {
        trials.push(Trial::test(format!("{program}/verdict"), move || {
            check(&bundled_test(program), isolated(Machine::with_frames(16)))?;
            Ok(())
        }));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn isolated(machine: Machine) -> Machine {
    Machine {
        kernel_half: KernelHalf::Isolated,
        ..machine
    }
}

/// A program passes, and does the same in the same time, whether the kernel's half is shared or isolated.
fn same(program: &str, machine: Machine) -> Result<(), Failed> {
    let test = bundled_test(program);
    let shared = check(&test, machine)?;
    let alone = check(&test, isolated(machine))?;
    let lines = shared.log.lines().zip(alone.log.lines());
    if let Some((one, other)) = lines.clone().find(|(one, other)| one != other) {
        return Err(format!("shared: '{one}', isolated: '{other}'").into());
    }
    if shared.console != alone.console || shared.log.len() != alone.log.len() {
        return Err("the consoles differ, or the lengths of the logs".into());
    }
    let (of_shared, of_alone) = (shared.report.stats, alone.report.stats);
    let without_flushes = |stats| RunStats {
        kpti_flushes: 0,
        ..stats
    };
    if without_flushes(of_alone) != of_shared {
        return Err(format!("{of_shared:?} is not {of_alone:?}").into());
    }
    // Each fault of a program and each system call enters the kernel, and it comes back from all but
    // the last, which ends the run.
    let entries = of_alone.kpti_flushes / 2;
    if entries < of_alone.system_calls || of_alone.kpti_flushes % 2 != 0 {
        return Err(format!("{of_alone:?}").into());
    }
    Ok(())
}
