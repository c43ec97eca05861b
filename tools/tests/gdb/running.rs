//! Breakpoints, watchpoints and steps, forwards and backwards; stopping, and what stops by itself.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use testkit::command;

use crate::{Machine, VMLAB, gdb_is_missing, in_order, session};

#[test]
fn gdb_stops_in_main_and_knows_its_source_line() {
    if gdb_is_missing() {
        return;
    }
    let args = ["page-linear", "--frames", "64", "--stats=json"];
    let commands = ["break main", "c", "bt", "info threads", "detach"];
    let session = session(&args, &commands);
    session.shows(&[
        "Breakpoint 1, main () at images/programs/vm/page-linear.c:16",
        "#0  main () at images/programs/vm/page-linear.c:16",
        "Thread 1.1 (page-linear)",
    ]);
    session.is_like(&args);
}

#[test]
fn watchpoints_steps_and_looking_leave_the_run_as_it_is() {
    if gdb_is_missing() {
        return;
    }
    let args = ["page-linear", "--frames", "64", "--stats=json"];
    let session = session(
        &args,
        &[
            "break page-linear.c:22",
            "c",
            "watch data[70000]",
            "c",
            "bt 1",
            "x/xb &data[70000]",
            "stepi 100",
            "p (int)sizeof data",
            "x/64xb data",
            "c",
            "bt 1",
            "detach",
        ],
    );
    session.shows(&[
        "Breakpoint 1, test_body () at images/programs/vm/page-linear.c:22",
        "Hardware watchpoint 2: data[70000]",
        "Old value = 90 'Z'",
        "New value = -91 '\\245'",
        "#0  test_body ()",
        "0xa5",
        "= 2097152",
        "Old value = -91",
        "#0  random_xor",
    ]);
    session.is_like(&args);
}

#[test]
fn a_breakpoint_in_a_page_that_is_not_loaded_stops_each_time_it_is() {
    if gdb_is_missing() {
        return;
    }
    let args = "page-linear --frames 8 --policy fifo --stats=json";
    let args: Vec<&str> = args.split(' ').collect();
    let commands = [
        "break random_xor",
        "c",
        "monitor policy",
        "c",
        "eval \"monitor why 0x%x\", &random_xor",
        "info breakpoints",
        "detach",
    ];
    let session = session(&args, &commands);
    session.shows(&[
        "Breakpoint 1, random_xor",
        "Breakpoint 1, random_xor",
        "breakpoint already hit 2 times",
    ]);
    // In between, the page lost its frame and came back.
    let (_, page) = session.monitor.split_once("fifo\n").unwrap();
    let lines = page
        .lines()
        .skip_while(|line| !line.contains(": file-read "));
    let lines: Vec<&str> = lines.collect();
    in_order(&[" evict frame=", ": file-read "], &lines.join("\n"));
    session.is_like(&args);
}

#[test]
fn going_back_leads_to_where_the_program_was() {
    if gdb_is_missing() {
        return;
    }
    let args = ["page-linear", "--frames", "64", "--stats=json"];
    let session = session(
        &args,
        &[
            "break page-linear.c:22",
            "c",
            "p $here = $pc",
            "reverse-stepi",
            "p $pc == $here",
            "stepi",
            "p $pc == $here",
            "delete",
            "break random_xor",
            "c",
            "c",
            "watch data[70000]",
            "reverse-continue",
            "p data[70000]",
            "delete",
            "reverse-continue",
            "bt 1",
            "detach",
        ],
    );
    session.shows(&[
        "Breakpoint 1, test_body",
        "$2 = 0",
        "$3 = 1",
        "Breakpoint 2, random_xor",
        "Breakpoint 2, random_xor",
        "Hardware watchpoint 3: data[70000]",
        "= -91", // before the first call changed it
        "No more reverse-execution history",
        "#0  _start",
    ]);
    session.is_like(&args);
}

#[test]
fn a_program_that_is_killed_stops_before_it_is_gone() {
    if gdb_is_missing() {
        return;
    }
    let session = session(&["bad-read"], &["c", "bt", "monitor why", "x/i $pc", "c"]);
    session.shows(&[
        "received signal SIGSEGV",
        "#0  test_body () at images/programs/userprog/bad-read.c:7",
        "Program terminated",
    ]);
    session.answers(&["killed: page fault at 0x00000000, error code 4"]);
    assert_eq!(session.vmlab.status.code(), Some(1));
}

#[test]
fn ctrl_c_stops_a_program_that_runs_and_its_memory_can_be_set() {
    if gdb_is_missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("loop.c");
    let text = "#include <syscall.h>\n\
                volatile int go_on = 1; volatile double half = 0.5;\n\
                int main(void) { double x = half; create(\"begun\", 0);\n\
                while (go_on) x = x * 0.5 + 1;\n\
                return x > 3; }\n";
    std::fs::write(&source, text).unwrap();
    let files = folder.path().join("files");
    let machine = Machine::start(&[source.to_str().unwrap(), "--fs", files.to_str().unwrap()]);
    let mut gdb = machine
        .gdb()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut to_gdb = gdb.stdin.take().unwrap();
    let mut from_gdb = gdb.stdout.take().unwrap();
    writeln!(to_gdb, "target remote :{}\ncontinue", machine.port).unwrap();
    // The program makes a file when it runs.
    let deadline = Instant::now() + Duration::from_secs(60);
    while !files.join("begun").exists() {
        assert!(Instant::now() < deadline, "it does not run");
        thread::sleep(Duration::from_millis(10));
    }
    let pid = gdb.id().to_string();
    let sent = Command::new("kill").args(["-INT", &pid]).status();
    assert!(sent.unwrap().success());
    for command in [
        "p go_on",
        "set var go_on = 0",
        "p half",
        "info float",
        "continue",
        "quit",
    ] {
        writeln!(to_gdb, "{command}").unwrap();
    }
    drop(to_gdb);
    let mut stdout = Vec::new();
    from_gdb.read_to_end(&mut stdout).unwrap();
    let mut said = gdb.wait_with_output().unwrap();
    said.stdout = stdout;
    let session = machine.end(&said);
    session.shows(&["SIGINT", "= 1", "= 0.5", "Control Word", "exited normally"]);
    assert_eq!(session.vmlab.status.code(), Some(0));
}

#[test]
fn an_address_that_is_none_is_refused() {
    let output = command(VMLAB)
        .args(["run", "page-linear", "--gdb=nowhere:1"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("write PORT, :PORT"), "{said}");
}
