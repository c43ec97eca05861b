//! A program for Linux: its calls are another interface, its memory is the same.

use std::process::Command;

use executables::compiled::Sources;
use tempfile::TempDir;
use testkit::root;

use crate::{REQUIRE, gdb_is_missing, session};

const PROGRAMS: Sources = Sources {
    folder: "tools/tests/gdb/c",
    with: None,
    required: REQUIRE,
};

/// The program in a folder of its own; `None` if there is no gdb or no compiler.
pub(crate) fn program() -> Option<(TempDir, String)> {
    if gdb_is_missing() {
        return None;
    }
    let program = PROGRAMS.program("swapped")?;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("swapped");
    std::fs::write(&path, program).unwrap();
    let path = path.to_str().unwrap().to_owned();
    Some((folder, path))
}

#[test]
fn a_program_for_linux_is_stopped_stepped_and_looked_at_where_its_pages_are_swapped_out() {
    let Some((_folder, path)) = program() else {
        return;
    };
    let args = [&path, "--frames", "16", "--stats=json"];
    let session = session(
        &args,
        &[
            "break look",
            "c",
            "info threads",
            "bt",
            "p page",
            "p (unsigned) $eip >= (unsigned) &look",
            // The first page is in no frame, and looking at it does not change that.
            "eval \"monitor why 0x%x\", memory",
            "p (int) memory[0]",
            "p (int) memory[19 * 4096]",
            "step",
            "stepi",
            "p (unsigned) $esp % 4",
            "finish",
            "p $eax",
            "delete",
            "break say",
            "c",
            "p number",
            "detach",
        ],
    );
    session.shows(&[
        "=0) at tools/tests/gdb/c/swapped.c:",
        "(swapped)",
        "#0  look (page",
        "#1  ",
        "test (argc",
        "$1 = 0",
        "$2 = 1",
        "$3 = 100",
        "$4 = 119",
        "$5 = 0",
        "Value returned is $6 = 100",
        "$7 = 100",
        "Breakpoint 2, say (text",
        "\"sum\", number",
        "=5160)",
        "= 5160",
    ]);
    session.answers(&[" evict ", "slot"]);
    session.is_like(&args);
}

/// gdb stores only where the program could without a fault: a page that is swapped out can be read, and is not
/// set before it is back.
#[test]
fn a_page_is_set_where_the_program_could_store_to_it() {
    let Some((_folder, path)) = program() else {
        return;
    };
    let args = [&path, "--frames", "16"];
    let session = session(
        &args,
        &[
            "break look",
            "c",
            "set var memory[39 * 4096] = 7",
            "set var memory[5 * 4096] = 7",
            "p (int) memory[5 * 4096]",
            "delete",
            "c",
        ],
    );
    session.shows(&["Breakpoint 1, look", "= 105", "exited with code 011"]);
    session.answers(&["Cannot access memory at address"]);
    let console = String::from_utf8_lossy(&session.vmlab.stdout).into_owned();
    assert_eq!(console, "sum 5048\n", "{}", session.gdb);
}

/// The same program as one that may be anywhere; `None` if this host's compiler makes none.
fn position_independent() -> Option<(TempDir, String)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("swapped");
    let flags = "-m32 -ffreestanding -fno-stack-protector -static-pie -fpie -nostdlib -O1 -g -Iuserprog/executables/c";
    let made = Command::new("cc")
        .args(flags.split(' '))
        .args([
            "tools/tests/gdb/c/swapped.c",
            "userprog/executables/c/linux.c",
        ])
        .arg("-o")
        .arg(&path)
        .current_dir(root())
        .output();
    if !made.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: cc does not take {flags}");
        return None;
    }
    let path = path.to_str().unwrap().to_owned();
    Some((folder, path))
}

#[test]
fn symbols_are_where_a_program_is_that_may_be_anywhere() {
    if gdb_is_missing() {
        return;
    }
    let Some((_folder, path)) = position_independent() else {
        return;
    };
    for place in [&[][..], &["--aslr", "3"]] {
        let args = [
            &[&path, "--abi", "linux", "--frames", "16", "--stats=json"],
            place,
        ]
        .concat();
        let session = session(
            &args,
            &["break look", "c", "bt", "p (int) memory[0]", "detach"],
        );
        session.shows(&[
            "Breakpoint 1, look (page",
            "#1  0x",
            "in test (argc=1",
            "$1 = 100",
        ]);
        session.is_like(&args);
    }
}
