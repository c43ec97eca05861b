//! `vmlab run --gdb` under a real gdb in batch mode.
//!
//! Without gdb these tests say so and are skipped, unless VMLAB_REQUIRE_GDB is set: then they fail.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use testkit::{command, root};

/// The program of the tools.
const VMLAB: &str = env!("CARGO_BIN_EXE_vmlab-tools");

/// If set, gdb is required.
const REQUIRE: &str = "VMLAB_REQUIRE_GDB";

/// A machine that waits for gdb.
struct Machine {
    vmlab: Child,
    messages: BufReader<ChildStderr>,
    port: String,
}

/// The output of a session.
struct Session {
    /// What gdb printed.
    gdb: String,
    /// What it printed on standard error: the answers of `monitor`.
    monitor: String,
    /// The output of vmlab.
    vmlab: Output,
}

/// Returns whether gdb is missing, and prints a note if so.
fn gdb_is_missing() -> bool {
    let found = Command::new("gdb").arg("--version").output();
    if found.is_ok_and(|output| output.status.success()) {
        return false;
    }
    assert!(
        std::env::var_os(REQUIRE).is_none(),
        "{REQUIRE} is set, and there is no gdb in PATH"
    );
    // Not by a macro, whose output is hidden for a test that passes.
    let why = format!("skipped: there is no gdb in PATH; {REQUIRE}=1 would make this a failure");
    writeln!(io::stderr(), "{why}").expect("somebody reads it");
    true
}

impl Machine {
    fn start(args: &[&str]) -> Machine {
        let mut vmlab = command(VMLAB)
            .arg("run")
            .args(args)
            .arg("--gdb=:0")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("vmlab starts");
        let mut messages = BufReader::new(vmlab.stderr.take().unwrap());
        let mut line = String::new();
        messages.read_line(&mut line).unwrap();
        let (_, port) = line
            .trim()
            .rsplit_once(':')
            .expect("it says where it listens");
        let port = port.to_owned();
        Machine {
            vmlab,
            messages,
            port,
        }
    }

    fn gdb(&self) -> Command {
        let mut gdb = Command::new("gdb");
        gdb.args(["-nx", "-q", "-iex", "set debuginfod enabled off"])
            .current_dir(root())
            .env("LC_ALL", "C");
        gdb
    }

    fn end(mut self, gdb: &Output) -> Session {
        let mut stderr = Vec::new();
        self.messages.read_to_end(&mut stderr).unwrap();
        let mut vmlab = self.vmlab.wait_with_output().unwrap();
        vmlab.stderr = stderr;
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        Session {
            gdb: text(&gdb.stdout),
            monitor: text(&gdb.stderr),
            vmlab,
        }
    }
}

#[track_caller]
fn in_order(expected: &[&str], printed: &str) {
    let mut rest = printed;
    for text in expected {
        let Some((_, behind)) = rest.split_once(text) else {
            panic!("no {text:?} in its place in:\n{printed}");
        };
        rest = behind;
    }
}

/// Runs a program under gdb with these commands.
fn session(args: &[&str], commands: &[&str]) -> Session {
    let machine = Machine::start(args);
    let mut gdb = machine.gdb();
    gdb.args(["-batch", "-ex", "set pagination off"]);
    gdb.args(["-ex", &format!("target remote 127.0.0.1:{}", machine.port)]);
    for command in commands {
        gdb.args(["-ex", command]);
    }
    let output = gdb.stdin(Stdio::null()).output().expect("gdb starts");
    machine.end(&output)
}

impl Session {
    /// gdb printed all of these, in this order.
    #[track_caller]
    fn shows(&self, expected: &[&str]) {
        in_order(expected, &self.gdb);
    }

    /// The same for the answers of `monitor`.
    #[track_caller]
    fn answers(&self, expected: &[&str]) {
        in_order(expected, &self.monitor);
    }

    /// The console and the statistics are those of a run without gdb.
    #[track_caller]
    fn is_like(&self, args: &[&str]) {
        let plain = command(VMLAB).arg("run").args(args).output().unwrap();
        let console = |output: &Output| String::from_utf8_lossy(&output.stdout).into_owned();
        let last = |output: &Output| {
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            text.lines().last().unwrap_or_default().to_owned()
        };
        assert_eq!(console(&self.vmlab), console(&plain), "{}", self.gdb);
        assert_eq!(last(&self.vmlab), last(&plain), "{}", self.gdb);
        assert_eq!(self.vmlab.status.code(), plain.status.code());
    }
}

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
