//! `vmlab lab watch` in a real terminal, in a small tree whose launcher and cargo are scripts.

mod support;

use std::fs;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::process::Child;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use pty_process::Size;
use pty_process::blocking::{Command, Pty};
use support::vmlab_in;
use tempfile::TempDir;
use testkit::ended;

/// The time after which a test gives up waiting.
const PATIENCE: Duration = Duration::from_secs(60);

const COURSE: &str = r#"[lab]
title = "A small lab"

[[milestone]]
number = 1
title = "Arguments"
chapter = "lab/1.md"
hours = 2
points = 100
tests = ["userprog/args-none", "userprog/args-many"]

[[milestone.task]]
id = "1.1"
title = "pass them"
file = "vm/src/lib.rs"
function = "pass"
hints = ["Think.", "Look at the stack."]

[leave-out]
files = []
"#;

const UNWRITTEN: &str = "pub fn pass() {\n    crate::lab::not_yet(\"1.1: pass them\")\n}\n";

/// A launcher: does not build if `vm/src/lib.rs` has `syntax error`, and hangs for `slow`;
/// otherwise args-many fails unless `fixed` exists. The report is like that of `vmlab grade`.
const LAUNCHER: &str = r#"#!/bin/sh
cd "$(dirname "$0")"
case $1 in run) echo "under gdb: $*"; exit 0 ;; esac
if grep -q 'syntax error' vm/src/lib.rs; then
    printf 'warning: unused\nerror: expected one of `;`\n' >&2
    exit 2
fi
if grep -q slow vm/src/lib.rs; then
    echo $$ >target/slow
    exec sleep 600
fi
echo 'PASS userprog/args-none 0.10 s' >&2
verdict='{"is": "passed"}'
if ! grep -q fixed vm/src/lib.rs; then
    echo 'FAIL userprog/args-many 0.10 s' >&2
    verdict='{"is": "not-written", "why": "1.1, pass them (vm/src/lib.rs:2)"}'
else
    echo 'PASS userprog/args-many 0.10 s' >&2
fi
test() {
    cat <<END
{"number": $1, "suite": "userprog", "title": "Programs", "name": "$2", "shows": "It works.",
"points": 1, "share": "extra", "tags": [], "verdict": $3, "notes": [], "deaths": [],
"events": ["12 fault n=1 pid=1"], "repeat": "./vmlab run --frames=16 $2", "seconds": 0.1}
END
}
{
    echo '{"version": 1, "all_tests": 2, "tests": ['
    test 1 args-none '{"is": "passed"}'
    echo ,
    test 2 args-many "$verdict"
    echo ']}'
} >target/lab/watch.json
"#;

const CARGO: &str = "#!/bin/sh\necho 'running 1 test'\necho 'test lists::tests::a ... ok'\n";

/// Makes a hand-out with milestone 1 left to do.
fn handout() -> TempDir {
    let folder = testkit::folder(&[
        ("lab/lab.toml", COURSE),
        ("lab/handout.toml", "milestones = [1]\n"),
        ("vm/src/lib.rs", UNWRITTEN),
        ("userprog/src/lib.rs", ""),
    ]);
    for (path, text) in [("vmlab", LAUNCHER), ("target/bin/cargo", CARGO)] {
        testkit::write_script(&folder.path().join(path), text);
    }
    folder
}

/// Runs the command, then prints its exit code and the state of the terminal.
const SESSION: &str = "sh -c 'echo $$ >target/pid; exec \"$0\" lab watch 1' \"$0\"; \
                       echo \"ended with $?\"; stty -a";

/// A terminal in which the command runs.
struct Terminal {
    child: Child,
    pty: Arc<Pty>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    bytes: Vec<u8>,
}

impl Terminal {
    fn start(folder: &Path, colours: bool) -> Terminal {
        let (pty, pts) = pty_process::blocking::open().unwrap();
        pty.resize(Size::new(24, 80)).unwrap();
        let path = std::env::var("PATH").unwrap();
        let mut command = Command::new("sh")
            .args(["-c", SESSION, env!("CARGO_BIN_EXE_vmlab")])
            .current_dir(folder)
            .env_remove("RUST_LOG")
            .env_remove("NO_COLOR")
            .env("TERM", "xterm-256color")
            .env(
                "PATH",
                format!("{}:{path}", folder.join("target/bin").display()),
            );
        if !colours {
            command = command.env("NO_COLOR", "1");
        }
        let child = command.spawn(pts).unwrap();
        let pty = Arc::new(pty);
        let (sender, output) = mpsc::channel();
        let reader = Arc::clone(&pty);
        thread::spawn(move || read(&reader, &sender));
        Terminal {
            child,
            pty,
            output,
            screen: vt100::Parser::new(size(24), size(80), 0),
            bytes: Vec::new(),
        }
    }

    fn resize(&mut self, rows: u16, columns: u16) {
        self.screen.set_size(size(rows), size(columns));
        self.pty.resize(Size::new(rows, columns)).unwrap();
    }

    /// Waits until the screen shows all of these.
    #[track_caller]
    fn shows(&mut self, these: &[&str]) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let text = self.screen.screen().contents();
            if these.iter().all(|part| text.contains(part)) {
                return text;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => {
                    self.screen.process(&bytes);
                    self.bytes.extend(bytes);
                }
                Err(why) => panic!("{why}: {these:?} are not in\n{text}"),
            }
        }
    }

    fn press(&mut self, keys: &str) {
        (&*self.pty).write_all(keys.as_bytes()).unwrap();
    }

    /// Waits for the command to end with this code; the terminal must be restored.
    #[track_caller]
    fn ends_with(&mut self, code: u8) {
        self.shows(&[&format!("ended with {code}"), " icanon", " echo "]);
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor());
        self.child.wait().unwrap();
    }

    fn has_colours(&self) -> bool {
        self.bytes.windows(7).any(|bytes| bytes == b"\x1b[38;5;")
    }
}

fn size(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).unwrap()
}

fn read(mut pty: &Pty, sender: &Sender<Vec<u8>>) {
    let mut buffer = [0; 4096];
    // The output ends when nothing has the terminal open any more.
    while let Ok(count) = pty.read(&mut buffer) {
        if count == 0 || sender.send(buffer[..count].to_vec()).is_err() {
            break;
        }
    }
}

fn save(folder: &TempDir, text: &str) {
    fs::write(folder.path().join("vm/src/lib.rs"), text).unwrap();
}

/// Returns the number in a file, once the file exists.
fn number_in(folder: &TempDir, file: &str) -> Pid {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let text = fs::read_to_string(folder.path().join(file)).unwrap_or_default();
        if let Ok(number) = text.trim().parse() {
            return Pid::from_raw(number);
        }
        assert!(Instant::now() < deadline, "{file} does not come");
        thread::sleep(Duration::from_millis(10));
    }
}

#[track_caller]
fn is_gone(process: Pid) {
    assert_eq!(kill(process, None), Err(Errno::ESRCH));
}

#[test]
fn each_save_is_built_and_tested_and_keys_do_what_they_say() {
    let folder = handout();
    let mut terminal = Terminal::start(folder.path(), true);
    terminal.shows(&[
        "Milestone 1: Arguments  FAILED",
        "tests: 1 ok, 1 FAIL of 2;  crate vm: 1 ok, 0 FAIL of 1",
        "> FAIL     userprog/args-many: not written yet: 1.1, pass them",
        "  ok       userprog/args-none",
        ">    2     crate::lab::not_yet",
        "12 fault n=1 pid=1",
        "1.1: pass them\nvm/src/lib.rs:2  pass",
    ]);
    terminal.press("h");
    terminal.shows(&["Hint 1 of 2: Think.", "One more: h again"]);
    terminal.press("h");
    terminal.shows(&["Hint 2 of 2: Look at the stack."]);
    terminal.press("?");
    terminal.shows(&["build and run all tests"]);
    terminal.press("g");
    terminal.shows(&[
        "gdb -x docs/gdbinit",
        "under gdb: run --gdb --frames=16 args-many",
        "any key",
    ]);
    terminal.press("x");
    terminal.shows(&["Milestone 1: Arguments", "build and run all tests"]);
    terminal.resize(14, 60);
    terminal.shows(&["Milestone 1: Arguments  FAILED", "j k failure"]);
    terminal.resize(24, 80);
    save(&folder, "syntax error");
    let text = terminal.shows(&["DOES NOT COMPILE", "error: expected one of `;`", "FAIL ..."]);
    assert!(!text.contains("warning"), "{text}");
    save(&folder, "fixed");
    terminal.shows(&[
        "ALL PASSED",
        "tests: 2 ok, 0 FAIL of 2",
        "the milestone is done",
    ]);
    assert!(terminal.has_colours());
    terminal.press("q");
    terminal.ends_with(0);
    let passed = fs::read_to_string(folder.path().join("target/lab/passed")).unwrap();
    assert_eq!(passed, "cargo/milestone-1\n");
    let hints = fs::read_to_string(folder.path().join("target/lab/hints.toml")).unwrap();
    assert_eq!(hints, "\"1.1\" = 2\n");
}

#[test]
fn a_save_ends_what_runs_of_the_one_before_and_a_signal_ends_all() {
    let folder = handout();
    save(&folder, "slow");
    let mut terminal = Terminal::start(folder.path(), false);
    let first = number_in(&folder, "target/slow");
    terminal.shows(&["building..."]);
    save(&folder, "fixed");
    terminal.shows(&["ALL PASSED"]);
    is_gone(first);
    assert!(!terminal.has_colours());
    fs::remove_file(folder.path().join("target/slow")).unwrap();
    save(&folder, "slow");
    let second = number_in(&folder, "target/slow");
    kill(number_in(&folder, "target/pid"), Signal::SIGTERM).unwrap();
    terminal.ends_with(128 + 15);
    is_gone(second);
}

#[test]
fn ctrl_c_ends_it_while_a_build_runs() {
    let folder = handout();
    save(&folder, "slow");
    let mut terminal = Terminal::start(folder.path(), true);
    let build = number_in(&folder, "target/slow");
    terminal.shows(&["building..."]);
    terminal.press("\x03");
    terminal.ends_with(0);
    is_gone(build);
}

#[test]
fn without_a_terminal_or_a_milestone_it_says_what_to_do() {
    let folder = handout();
    let refusal = |args: &[&str]| {
        ended(
            2,
            &vmlab_in(folder.path(), &[&["lab", "watch"], args].concat()),
        )
        .1
    };
    for args in [&[][..], &["1"]] {
        let message = refusal(args);
        assert!(
            message.contains("`vmlab lab grade 1` runs the tests once"),
            "{message}"
        );
    }
    assert!(refusal(&["2"]).contains("there is no milestone 2"));
    fs::remove_file(folder.path().join("lab/handout.toml")).unwrap();
    assert!(refusal(&[]).contains("name a milestone, as in `vmlab lab watch 4`"));
    assert!(refusal(&["1"]).contains("needs a terminal"));
    fs::remove_file(folder.path().join("vmlab")).unwrap();
    assert!(refusal(&["1"]).contains("has no launcher"));
}
