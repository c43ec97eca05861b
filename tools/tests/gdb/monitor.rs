//! Several processes, events at which a run stops, and the answers of `monitor`.

use crate::{gdb_is_missing, session};

#[test]
fn processes_are_threads_and_breakpoints_those_of_one_program() {
    if gdb_is_missing() {
        return;
    }
    let args = ["page-parallel", "--frames", "48", "--stats=json"];
    let session = session(
        &args,
        &[
            "source docs/gdbinit",
            "loadusersymbols child-linear",
            "break main",
            "c",
            "info threads",
            "btpagefault",
            "monitor frames",
            "monitor swap",
            "monitor break-on evict",
            "delete",
            "c",
            "vmlog",
            "monitor break-on none",
            "detach",
        ],
    );
    session.shows(&[
        "Breakpoint 1, main (argc=2",
        "at images/programs/vm/child-linear.c",
        "(page-parallel)",
        "(child-linear)  main (argc=2",
        "SIGTRAP",
    ]);
    session.answers(&[
        "breakpoints stop processes of child-linear",
        "stopped for: a breakpoint",
        "frames in use",
        "slots in use",
        "stops at: evict",
        "evict frame=",
    ]);
    session.is_like(&args);
}

#[test]
fn a_run_stops_at_each_fault_and_back_at_its_beginning_for_none() {
    if gdb_is_missing() {
        return;
    }
    let args = ["page-linear", "--frames", "64", "--stats=json"];
    let session = session(
        &args,
        &[
            "monitor break-on fault",
            "c",
            "monitor why",
            "c",
            "monitor why",
            "reverse-continue",
            "monitor why",
            "monitor break-on none",
            "detach",
        ],
    );
    session.shows(&["SIGTRAP", "SIGTRAP", "No more reverse-execution history"]);
    session.answers(&[
        "stops at: fault",
        "fault n=2 ",
        "fault n=3 ",
        "stopped for: the run has begun",
        "stops at no event",
    ]);
    session.is_like(&args);
}

#[test]
fn why_tells_of_one_page_of_one_process() {
    if gdb_is_missing() {
        return;
    }
    let session = session(
        &["page-parallel", "--frames", "48"],
        &[
            "source docs/gdbinit",
            "loadusersymbols child-linear",
            "break main",
            "c",
            "monitor why 0x08048000",
            "kill",
        ],
    );
    let is_event = |line: &&str| line.contains(" fault n=") || line.contains(" evict ");
    let lines: Vec<&str> = session.monitor.lines().filter(is_event).collect();
    assert!(!lines.is_empty(), "{}", session.monitor);
    for line in lines {
        assert!(
            line.contains(" pid=2 ") && line.contains("addr=0x08048"),
            "{line}"
        );
    }
}

#[test]
fn monitor_shows_the_virtual_memory_and_says_what_it_does_not_understand() {
    if gdb_is_missing() {
        return;
    }
    let session = session(
        &["page-linear", "--frames", "64"],
        &[
            "break main",
            "c",
            "monitor pagedir",
            "monitor maps",
            "monitor spt",
            "monitor policy",
            "monitor stats",
            "monitor why 0x0804a0e0",
            "monitor fly",
            "kill",
        ],
    );
    session.answers(&[
        "page directory in frame",
        "08048000 P-U",
        "[bss]",
        "[stack]",
        "08048000 code  #1:0",
        "clock",
        "faults ",
        "never touched",
        "there is no such command: fly",
        "monitor help",
    ]);
    assert_eq!(session.vmlab.status.code(), Some(1));
}
