//! Programs with threads: what they do is what they do on the host, whichever thread runs when, and with hardly
//! any memory.
//!
//! They are C programs of a page or two (`c/`), with `clone` and `futex` and no C library; without a compiler for
//! the i386 the tests are skipped, unless `VMLAB_REQUIRE_THREADS` is set.

use std::fs;
use std::process::Command;

use executables::compiled::Sources;
use machine::work::Work;
use small::{Done, Machine};
use userprog::{Checking, RunEnd};

const PROGRAMS: Sources = Sources {
    folder: "userprog/tests/threads/c",
    with: Some("threads"),
    required: "VMLAB_REQUIRE_THREADS",
};

/// How often the host may try: one that is busy may be so late that a sleep is over before another thread waits. The
/// machine has one try, as nothing is ever late in it.
const TRIES: u32 = 10;

/// What a program exits with and prints on the host; `None` if that runs no i386 programs.
fn native(program: &[u8]) -> Option<(i32, String)> {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("main");
    fs::write(&path, program).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let output = Command::new(&path).output().ok()?;
    let text = String::from_utf8(output.stdout).unwrap();
    Some((output.status.code()?, text))
}

fn guest(program: &[u8], frames: u32, seed: u64) -> Done {
    Machine::new()
        .file("main", program)
        .options(|options| options.frames(frames).seed(seed))
        .run("main")
}

/// The program does this on the host, and here with any interleaving and few frames. With as many as it likes, it
/// breaks no rule of the virtual memory.
#[track_caller]
fn does(name: &str, status: i32, printed: &str) {
    let Some(program) = PROGRAMS.program(name) else {
        return;
    };
    let expected = (status, printed.to_owned());
    let mut tries = (0..TRIES).map_while(|_| native(&program));
    if let Some(first) = tries.next() {
        let is_expected = first == expected || tries.any(|done| done == expected);
        assert!(is_expected, "the host: {first:?}");
    }
    for frames in [8, 16, 64, 300] {
        for seed in 0..4 {
            let done = guest(&program, frames, seed);
            let outcome = (done.status(), done.text());
            assert_eq!(outcome, expected, "{frames} frames, seed {seed}");
        }
    }
    let checked = Machine::new()
        .file("main", &program)
        .options(|options| options.checking(Checking::Rules).frames(24))
        .run("main");
    assert_eq!((checked.status(), checked.text()), expected, "checked");
}

#[test]
fn a_lock_keeps_threads_apart() {
    does(
        "counter",
        5,
        "counted 1200\non pages 1200\non words of their own 1200\n",
    );
}

#[test]
fn threads_fault_on_the_same_pages_while_others_change_the_space() {
    does("same_page", 0, "stored 2808\nchildren 12\n");
}

#[test]
fn waits_end_as_linux_has_them_end() {
    let printed = "another value -11\nin time -110\na moment that has passed -110\nno time -22\nno bits -22\n\
                   no word -22\nnobody waits 0\nwoken by bits 2\nanother value -11\nwoken and moved 3\nmoved 2\n\
                   the last 1\ninterrupted -4\nhandled 10\n";
    does("waits", 0, printed);
}

#[test]
fn a_process_ends_with_its_last_thread_or_all_at_once() {
    let printed = "status 19712\nstatus 5376\nstatus 11\nagain, as the first thread: 1\nstatus 3072\nkilled 15\n";
    does("ends", 0, printed);
}

#[test]
fn threads_have_storage_numbers_and_masks_of_their_own() {
    does(
        "own",
        0,
        "pending here 0\nhandled 0\nhandled 0\nhandled 1\nhandled 0\n",
    );
}

#[test]
fn processes_wait_for_each_other_and_locks_lose_their_owner() {
    does(
        "between",
        0,
        "woke the child: 1\nwoke the parent: 1\nwithout an owner 1\n",
    );
}

#[test]
fn calls_wait_with_masks_of_their_own() {
    let printed = "poll -4\nhandled 10\nmask 512\nselect -4\nhandled 20\nmask 512\npoll 0\nselect 0\nmask 512\n\
                   ready 1\nready 1\nhandled 20\nwrong -22\nwrong -22\nbad -14\n";
    does("masks", 0, printed);
}

#[test]
fn children_tell_in_their_parents_memory_why_no_program_starts() {
    let printed = "why -2\nstatus 32512\na program of its own 0\nwhy 0\nstatus 1024\nwhy -2\nstatus 32256\n\
                   in the heap 8\n";
    does("spawn", 0, printed);
}

#[test]
fn threads_count_as_processes_do() {
    let Some(program) = PROGRAMS.program("limit") else {
        return;
    };
    let round = "threads 255\nthen -11\n";
    for frames in [16, 300] {
        let done = guest(&program, frames, 0);
        assert_eq!((done.status(), done.text()), (0, round.repeat(2)));
    }
}

/// Whatever threads do to each other and to what they share, nothing of them is left: at the end of each run the
/// kernel looks for it.
#[test]
fn nothing_that_threads_do_harms_the_kernel() {
    let Some(program) = PROGRAMS.program("storm") else {
        return;
    };
    for seed in 0..120 {
        let frames = [8, 16, 40, 300][seed as usize % 4];
        let checking = [Checking::Off, Checking::Bytes, Checking::Rules][seed as usize % 3];
        let done = Machine::new()
            .file("main", &program)
            .options(|options| {
                let options = options.frames(frames).seed(seed);
                options.checking(checking).max_work(Work(3_000_000))
            })
            .run("main");
        let end = &done.report.end;
        let is_wrong = matches!(
            end,
            RunEnd::Broken(_) | RunEnd::Stuck(_) | RunEnd::NotLoaded(_)
        );
        assert!(!is_wrong, "seed {seed}, {frames} frames: {end:?}");
    }
}

/// The same run twice is the same, to the unit of work.
#[test]
fn which_thread_runs_follows_from_the_seed() {
    let Some(program) = PROGRAMS.program("counter") else {
        return;
    };
    let run = |seed| {
        let done = guest(&program, 16, seed);
        (done.report.stats, done.console)
    };
    assert!(run(3) == run(3));
    assert!(run(3) != run(4));
}
