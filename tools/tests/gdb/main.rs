//! `vmlab run --gdb` under a real gdb, and a real LLDB, in batch mode.
//!
//! Programs of this system, and one for Linux. Without gdb these tests say so and are skipped, unless VMLAB_REQUIRE_GDB
//! is set: then they fail. For LLDB it is VMLAB_REQUIRE_LLDB.

mod linux;
mod lldb;
mod monitor;
mod running;

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStderr, Command, Output, Stdio};

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

fn gdb_is_missing() -> bool {
    is_missing("gdb", REQUIRE)
}

/// Returns whether a debugger is missing that this variable requires, and prints a note if so.
fn is_missing(debugger: &str, required: &str) -> bool {
    let found = Command::new(debugger).arg("--version").output();
    if found.is_ok_and(|output| output.status.success()) {
        return false;
    }
    assert!(
        std::env::var_os(required).is_none(),
        "{required} is set, and there is no {debugger} in PATH"
    );
    // Not by a macro, whose output is hidden for a test that passes.
    let why =
        format!("skipped: there is no {debugger} in PATH; {required}=1 would make this a failure");
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
