//! Many processes at once: turns, limits, and determinism.

use executables::asm::*;
use machine::work::Work;
use small::Machine;
use userprog::limits::{MAX_PROCESSES, MAX_UNWAITED};
use userprog::{MachineOptions, RunEnd, RunStats};

const FAILED: u32 = u32::MAX;

/// Starts `count` children, then waits for all; each takes `blocks` basic blocks.
fn crowd(count: u32, blocks: u32) -> (Vec<u8>, Vec<u8>) {
    let child = program(|asm| {
        asm.repeat(blocks, |_| {}).exit(5);
    });
    let parent = program(|asm| {
        let line = asm.string("child");
        let pids: Vec<u32> = (0..count)
            .map(|_| asm.result_of(EXEC, &[line.into()]))
            .collect();
        for pid in pids {
            asm.call(WAIT, &[Arg::At(pid)]).expect(5, 1);
        }
        asm.exit(0);
    });
    (parent, child)
}

#[test]
fn two_hundred_processes_live_at_once_on_64_frames() {
    // The first children are still alive when the parent has had enough turns to start the last.
    let (parent, child) = crowd(200, 500_000);
    for seed in [0, 1] {
        let choose = |options: MachineOptions| options.frames(64).seed(seed).max_work(Work::MAX);
        let machine = Machine::new().options(choose);
        let done = machine
            .file("main", &parent)
            .file("child", &child)
            .run("main");
        assert_eq!(done.status(), 0, "seed {seed}");
        assert_eq!(done.text().matches("child: exit(5)\n").count(), 200);
        assert!(done.report.stats.vm.peak_slots > 100);
    }
}

#[test]
fn there_is_a_limit_to_processes_and_it_is_no_trap() {
    let child = program(|asm| {
        asm.raw(&[0xeb, 0xfe]);
    });
    let parent = program(|asm| {
        let line = asm.string("child");
        asm.repeat(MAX_PROCESSES as u32 - 1, |asm| {
            asm.call(EXEC, &[line.into()]);
        });
        asm.call(EXEC, &[line.into()]).expect(FAILED, 1);
        asm.exit(0);
    });
    let machine = Machine::new().options(|options| options.max_work(Work(1_000_000_000)));
    let done = machine
        .file("main", &parent)
        .file("child", &child)
        .run("main");
    assert_eq!(done.text(), "main: exit(0)\n");
    assert_eq!(done.report.stats.processes, MAX_PROCESSES as u64);
}

#[test]
fn children_that_nobody_waits_for_are_limited_and_a_wait_makes_room() {
    let child = program(|asm| {
        asm.exit(0);
    });
    let parent = program(|asm| {
        let line = asm.string("child");
        let pid = asm.word();
        asm.repeat(MAX_UNWAITED as u32, |asm| {
            asm.call(EXEC, &[line.into()]).store(pid);
        });
        asm.call(EXEC, &[line.into()]).expect(FAILED, 1);
        asm.call(WAIT, &[Arg::At(pid)]).expect(0, 2);
        asm.call(EXEC, &[line.into()])
            .store(pid)
            .call(WAIT, &[Arg::At(pid)])
            .exit_with_eax();
    });
    let done = Machine::new()
        .file("main", &parent)
        .file("child", &child)
        .run("main");
    assert_eq!(done.status(), 0);
    assert_eq!(done.report.stats.processes, MAX_UNWAITED as u64 + 2);
}

#[test]
fn a_program_that_starts_itself_for_ever_ends_without_harm() {
    let main = program(|asm| {
        let line = asm.string("main");
        let pid = asm.result_of(EXEC, &[line.into()]);
        asm.call(WAIT, &[Arg::At(pid)]).exit_with_eax();
    });
    for frames in [8, 367] {
        let machine = Machine::new().options(|options| options.frames(frames));
        let done = machine.file("main", &main).run("main");
        assert_eq!(done.status(), -1, "{frames} frames");
    }
}

#[test]
fn the_same_run_is_the_same_each_time_and_another_seed_takes_other_turns() {
    let (parent, child) = crowd(20, 30_000);
    let run = |seed| {
        let machine = Machine::new().options(|options| options.frames(32).seed(seed));
        let done = machine
            .file("main", &parent)
            .file("child", &child)
            .run("main");
        (done.text(), done.report)
    };
    assert_eq!(run(0), run(0));
    assert_eq!(run(7), run(7));
    assert_ne!(run(0).1.stats, run(7).1.stats);
}

#[test]
fn processes_that_only_make_system_calls_do_not_keep_others_from_running() {
    let endless = program(|asm| {
        let start = asm.here();
        asm.call(TELL, &[2.into()]);
        asm.raw(&[0xb8])
            .raw(&start.to_le_bytes())
            .raw(&[0xff, 0xe0]);
    });
    let parent = program(|asm| {
        let line = asm.string("endless");
        asm.call(EXEC, &[line.into()]);
        asm.repeat(50_000, |_| {}).exit(0);
    });
    for seed in 0..5 {
        let machine = Machine::new().options(|options| options.seed(seed));
        let done = machine
            .file("main", &parent)
            .file("endless", &endless)
            .run("main");
        assert_eq!(done.text(), "main: exit(0)\n", "seed {seed}");
    }
}

/// Starts `count` children and waits for them: for all at the end, or for each immediately. A child
/// stores to more pages than there are frames, twice.
fn thrashing(count: u32, at_once: bool) -> (Vec<u8>, Vec<u8>) {
    let child = program(|asm| {
        for page in (0..2).flat_map(|_| 0..12) {
            asm.store(DATA + 0x1000 * page);
        }
        asm.exit(5);
    });
    let parent = program(|asm| {
        let line = asm.string("child");
        let mut pids = Vec::new();
        for _ in 0..count {
            let pid = asm.result_of(EXEC, &[line.into()]);
            if at_once {
                pids.push(pid);
            } else {
                asm.call(WAIT, &[Arg::At(pid)]).expect(5, 1);
            }
        }
        for pid in pids {
            asm.call(WAIT, &[Arg::At(pid)]).expect(5, 2);
        }
        asm.exit(0);
    });
    (parent, child)
}

fn with_latency(latency: u64, at_once: bool) -> (String, RunStats) {
    let (parent, child) = thrashing(4, at_once);
    let choose = |options: MachineOptions| options.frames(16).disk_latency(Work(latency));
    let machine = Machine::new().options(choose);
    let done = machine
        .file("main", &parent)
        .file("child", &child)
        .run("main");
    (done.text(), done.report.stats)
}

#[test]
fn output_is_the_same_however_long_disks_take() {
    let (fast, stats) = with_latency(0, true);
    assert!(stats.vm.swap_reads > 0);
    assert_eq!(stats.idle, 0);
    for latency in [1, 100, 20_000] {
        let (text, stats) = with_latency(latency, true);
        assert_eq!(text, fast, "latency {latency}");
        assert!(
            stats.idle > 0 || latency == 1,
            "latency {latency}: {stats:?}"
        );
    }
}

#[test]
fn while_one_process_waits_for_a_disk_others_run() {
    // A child that computes and one that waits for its pages take less time together than in
    // sequence, since the disk and the CPU work in parallel.
    let run = |at_once: bool| {
        let computes = program(|asm| {
            asm.repeat(700_000, |_| {}).exit(5);
        });
        let child = program(|asm| {
            for page in (0..3).flat_map(|_| 0..16) {
                asm.store(DATA + 0x1000 * page);
            }
            asm.exit(5);
        });
        let parent = program(|asm| {
            let (computes, child) = (asm.string("computes"), asm.string("child"));
            let first = asm.result_of(EXEC, &[child.into()]);
            if !at_once {
                asm.call(WAIT, &[Arg::At(first)]).expect(5, 1);
            }
            let second = asm.result_of(EXEC, &[computes.into()]);
            asm.call(WAIT, &[Arg::At(second)]).expect(5, 2);
            if at_once {
                asm.call(WAIT, &[Arg::At(first)]).expect(5, 3);
            }
            asm.exit(0);
        });
        // Room for two residents: the parent waits.
        let choose = |options: MachineOptions| options.frames(16).disk_latency(Work(10_000));
        let done = Machine::new()
            .options(choose)
            .file("main", &parent)
            .file("child", &child)
            .file("computes", &computes)
            .run("main");
        assert_eq!(done.status(), 0);
        done.report.stats
    };
    let (together, in_turn) = (run(true), run(false));
    assert!(
        together.work < in_turn.work * 4 / 5,
        "{together:?} {in_turn:?}"
    );
    assert!(together.idle < in_turn.idle);
}

#[test]
fn time_that_passes_while_all_sleep_counts_for_the_limit() {
    let (parent, child) = thrashing(1, true);
    let done = Machine::new()
        .options(|options| options.frames(8).disk_latency(Work(u64::MAX / 1000)))
        .file("main", &parent)
        .file("child", &child)
        .run("main");
    assert_eq!(done.report.end, RunEnd::WorkLimit);
    assert_eq!(done.report.stats.work, 20_000_000);
}
