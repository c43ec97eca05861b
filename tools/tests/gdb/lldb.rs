//! LLDB, which learns the registers from the machine's description, and is given the program's file.

use std::process::{Command, Stdio};

use crate::linux::program;
use crate::{Machine, in_order, is_missing};

/// If set, LLDB is required.
const REQUIRE: &str = "VMLAB_REQUIRE_LLDB";

#[test]
fn lldb_stops_steps_and_looks_where_pages_are_swapped_out() {
    if is_missing("lldb", REQUIRE) {
        return;
    }
    let Some((_folder, path)) = program() else {
        return;
    };
    let args = [&path, "--frames", "16", "--stats=json"];
    let machine = Machine::start(&args);
    let commands = [
        &format!("gdb-remote 127.0.0.1:{}", machine.port),
        "breakpoint set --name look",
        "continue",
        "frame variable page",
        "expression -- memory[19 * 4096]",
        "memory read --size 1 --count 1 --format d `memory`",
        "thread step-inst",
        "register read --format decimal eax esp",
        "finish",
        "register read xmm7 mxcsr st0",
        "breakpoint delete --force",
        "continue",
    ];
    let mut lldb = Command::new("lldb");
    lldb.args(["--no-lldbinit", "--batch", "--file", &path]);
    for command in commands {
        lldb.args(["--one-line", command]);
    }
    let output = lldb.stdin(Stdio::null()).output().expect("lldb starts");
    let session = machine.end(&output);
    in_order(
        &[
            "stop reason = breakpoint 1.1",
            "look(page=0) at swapped.c:",
            "(int) page = 0",
            "= 'w'",
            "100",
            "stop reason = instruction step into",
            "eax = ",
            "Return value: (int) $",
            "= 100",
            "mxcsr = 0x00001f80",
            "exited with status = 9",
        ],
        &session.gdb,
    );
    session.is_like(&args);
}
