//! The corners of Linux' calls, errors included: a C program for each family of calls, whose output, status and
//! files are those that it has on the host, with few frames and with many.
//!
//! A line of output is a call and what it returned (`c/`). Without a compiler for the i386, or on a host that runs
//! no i386 programs, the tests are skipped, unless `VMLAB_REQUIRE_CORNERS` is set.
//!
//! # Invariants
//! What a program prints follows from Linux' interface alone: no address, no time, no number of a process, and
//! nothing that depends on the file system or on who has the host.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use executables::compiled::Sources;
use small::Machine;
use small::side_by_side::{Case, Outcome};
use userprog::Checking;

const PROGRAMS: Sources = Sources {
    folder: "userprog/tests/corners/c",
    with: None,
    required: "VMLAB_REQUIRE_CORNERS",
};
/// With no more frames than one instruction may need, under pressure, and with room for all.
const FRAMES: [u32; 4] = [8, 16, 64, 4096];
/// The program among the files.
const PROGRAM: &str = "main";

/// What the program does on the host; `None`, with a line about it, if that runs no i386 programs.
fn native(case: &Case, program: &[u8]) -> Option<Outcome> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(PROGRAM);
    fs::write(&path, program).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    // Whatever it leaves, it leaves where nobody looks.
    let apart = tempfile::tempdir().unwrap();
    let tried = Command::new(&path)
        .arg("no test")
        .current_dir(&apart)
        .output();
    if tried.is_err() {
        assert!(
            std::env::var_os(PROGRAMS.required).is_none(),
            "no i386 programs here"
        );
        eprintln!("skipped: this host runs no i386 programs");
        return None;
    }
    let mut command = Command::new(path);
    Some(case.native(
        command.args(&case.words()[1..]),
        "/",
        folder.path(),
        &[PROGRAM],
    ))
}

/// The program does here, with any number of frames, what it does on the host, and breaks no rule of the virtual
/// memory.
#[track_caller]
fn same(name: &str) {
    let Some(program) = PROGRAMS.program(name) else {
        return;
    };
    let case = Case::new([PROGRAM]).file("file", b"0123456789abcdefghij");
    let Some(native) = native(&case, &program) else {
        return;
    };
    for frames in FRAMES {
        let machine = Machine::new().options(|options| options.frames(frames));
        let machine = machine.file(PROGRAM, &program);
        let guest = Outcome::of(case.guest(machine, case.words()), &[PROGRAM]);
        if let Some(what) = native.difference_of(&guest) {
            panic!("{name} with {frames} frames: {what}");
        }
    }
    let machine = Machine::new().options(|options| options.frames(24).checking(Checking::Rules));
    let machine = machine.file(PROGRAM, &program);
    let checked = Outcome::of(case.guest(machine, case.words()), &[PROGRAM]);
    assert_eq!(native.difference_of(&checked), None, "{name}, checked");
}

#[test]
fn files_are_opened_read_and_written() {
    same("files");
}

#[test]
fn names_lead_where_linux_has_them_lead() {
    same("names");
}

#[test]
fn rights_are_given_masked_changed_and_lost() {
    same("rights");
}

#[test]
fn times_are_those_of_the_last_change_or_what_a_program_says() {
    same("times");
}

#[test]
fn what_is_asked_of_the_scheduler_is_kept() {
    same("scheduling");
}

#[test]
fn memory_is_mapped_and_protected() {
    same("memory");
}

#[test]
fn faults_become_signals() {
    same("faults");
}

#[test]
fn processes_end_and_are_waited_for() {
    same("processes");
}

#[test]
fn pipes_fill_break_and_are_polled() {
    same("pipes");
}

#[test]
fn signals_are_blocked_nested_and_waited_for() {
    same("signals");
}

#[test]
fn a_program_is_told_who_it_is_and_what_time_it_is() {
    same("identity");
}
