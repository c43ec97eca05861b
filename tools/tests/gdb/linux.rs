//! A program for Linux: its calls are another interface, its memory is the same.

use executables::compiled::Sources;
use tempfile::TempDir;

use crate::{REQUIRE, gdb_is_missing, session};

const PROGRAMS: Sources = Sources {
    folder: "tools/tests/gdb/c",
    with: None,
    required: REQUIRE,
};

/// The program in a folder of its own; `None` if there is no gdb or no compiler.
fn program() -> Option<(TempDir, String)> {
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
            "p $pc == (void (*)()) $eip",
            // The first page is in no frame, and looking at it does not change that.
            "eval \"monitor why 0x%x\", memory",
            "p (int) memory[0]",
            "p (int) memory[19 * 4096]",
            "step",
            "p $edi * 0 + page",
            "stepi",
            "p $esp % 4",
            "finish",
            "delete",
            "break say",
            "c",
            "p number",
            "detach",
        ],
    );
    session.shows(&[
        "Breakpoint 1, look (page=0) at tools/tests/gdb/c/swapped.c:",
        "(swapped)",
        "#0  look (page=0)",
        "#1  ",
        "test (argc=1",
        "= 0",
        "= 1",
        "= 100",
        "= 119",
        "Value returned is",
        "Breakpoint 2, say (text=",
        "\"sum\", number=5160)",
        "= 5160",
    ]);
    session.answers(&[" evict ", "slot"]);
    session.is_like(&args);
}

#[test]
fn a_page_that_is_swapped_out_can_be_set() {
    let Some((_folder, path)) = program() else {
        return;
    };
    let args = [&path, "--frames", "16"];
    let session = session(
        &args,
        &[
            "break look",
            "c",
            "set var memory[5 * 4096] = 7",
            "delete",
            "c",
        ],
    );
    session.shows(&["Breakpoint 1, look", "exited with code 011"]);
    let console = String::from_utf8_lossy(&session.vmlab.stdout).into_owned();
    assert_eq!(console, "sum 5062\n", "{}", session.gdb);
}
