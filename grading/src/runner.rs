//! Runs tests, each in a process of its own, several at a time.
//!
//! What always holds: results come in the order of the tests, whichever ends first; a test that
//! crashes, hangs or floods its output touches no other; what one needs of the host (its process,
//! its folder) is gone when its result is there.

use std::io::{self, Read, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::guest_dir::GuestDir;
use crate::program::bundled;
use crate::scratch::Scratch;
use crate::settings::Settings;
use crate::stats::says_work_limit;
use crate::suite::Test;
use crate::verdict::{ProcessEnd, Run, Verdict};

/// How long a test may take on the clock of the wall. Its work limit ends it long before; this is
/// for a kernel that hangs.
const WATCHDOG: Duration = Duration::from_secs(120);
/// How long a process that was ended may keep its output open.
const LAST_WORDS: Duration = Duration::from_secs(5);
/// How much of a guest's console is kept. No test prints a tenth of it.
const MOST_OUTPUT: usize = 4 << 20;

/// A test and the machine it runs on.
#[derive(Clone, Debug)]
pub struct Job<'a> {
    /// The test.
    pub test: &'a Test,
    /// The machine: the user's choices before the test's own.
    pub settings: Settings,
}

/// The result of a job.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Passed, or why not.
    pub verdict: Verdict,
    /// The command line that repeats it.
    pub repeat: String,
    /// How long it took.
    pub elapsed: Duration,
}

/// Runs jobs with the `vmlab` executable `program`, at most `at_once` at a time. `done` is called
/// as each one ends, with the number of its job.
///
/// # Errors
/// Those of making the folder for the guests' files.
pub fn run_all(
    program: &Path,
    jobs: &[Job<'_>],
    at_once: NonZeroUsize,
    done: &(dyn Fn(usize, &Outcome) + Sync),
) -> io::Result<Vec<Outcome>> {
    let folders = Scratch::new()?;
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(vec![None; jobs.len()]);
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(number) else { break };
            let outcome = job.run(program, folders.path().join(number.to_string()));
            done(number, &outcome);
            outcomes.lock().unwrap_or_else(PoisonError::into_inner)[number] = Some(outcome);
        }
    };
    thread::scope(|scope| {
        for _ in 0..at_once.get().min(jobs.len()) {
            scope.spawn(work);
        }
    });
    let outcomes = outcomes
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    Ok(outcomes
        .into_iter()
        .map(|outcome| outcome.expect("every job was run"))
        .collect())
}

impl Job<'_> {
    fn run(&self, program: &Path, folder: PathBuf) -> Outcome {
        let start = Instant::now();
        let run = self
            .put_files(&folder)
            .and_then(|()| self.start(program, &folder))
            .map(|child| watch(child, &self.test.input, WATCHDOG))
            .unwrap_or_else(Run::not_started);
        if let Err(error) = std::fs::remove_dir_all(&folder) {
            log::warn!("{}: {error}", folder.display());
        }
        Outcome {
            verdict: Verdict::of(self.test, &run),
            repeat: self.repeat(),
            elapsed: start.elapsed(),
        }
    }

    fn put_files(&self, folder: &Path) -> Result<(), String> {
        let dir = GuestDir::at(folder).map_err(|error| error.to_string())?;
        for name in &self.test.put {
            for file in bundled(name).ok_or_else(|| format!("no bundled file '{name}'"))? {
                dir.put(&file).map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    }

    fn start(&self, program: &Path, folder: &Path) -> Result<Child, String> {
        Command::new(program)
            .arg("run")
            .args(self.settings.to_args())
            .arg("--stats=json")
            .arg("--fs")
            .arg(folder)
            .arg("--")
            .arg(&self.test.program)
            .args(&self.test.args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot start {}: {error}", program.display()))
    }

    /// The command line that does the same by hand.
    fn repeat(&self) -> String {
        let mut words = Vec::new();
        if !self.test.input.is_empty() {
            words.push(format!("printf %s {} |", quoted(&self.test.input)));
        }
        words.push("./vmlab run".to_owned());
        words.extend(self.settings.to_args());
        words.extend(self.test.put.iter().map(|name| format!("--put={name}")));
        words.push(self.test.program.clone());
        if self.test.args.iter().any(|arg| arg.starts_with('-')) {
            words.push("--".to_owned());
        }
        words.extend(self.test.args.iter().map(|arg| quoted(arg)));
        words.join(" ")
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./,:=+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// Gives a process its input and waits for its end, or ends it when `limit` has passed.
fn watch(mut child: Child, input: &str, limit: Duration) -> Run {
    let console = collect(child.stdout.take().expect("it is piped"));
    let messages = collect(child.stderr.take().expect("it is piped"));
    let mut keyboard = child.stdin.take().expect("it is piped");
    let input = input.to_owned();
    // A guest need not read what is typed, and may end before.
    thread::spawn(move || keyboard.write_all(input.as_bytes()));

    // A process that closed its messages is at its end: it has them open until then.
    let deadline = Instant::now() + limit;
    let (messages, ended) = match messages.recv_timeout(limit) {
        Ok(messages) => (messages, wait(&mut child, deadline)),
        Err(RecvTimeoutError::Timeout) => {
            kill(&mut child);
            (messages.recv_timeout(LAST_WORDS).unwrap_or_default(), None)
        }
        Err(RecvTimeoutError::Disconnected) => unreachable!("a collector always sends"),
    };
    let console = console.recv_timeout(LAST_WORDS).unwrap_or_default();
    let messages = String::from_utf8_lossy(&messages.bytes).into_owned();
    Run {
        end: match ended {
            None => ProcessEnd::Watchdog(limit),
            Some(status) => status
                .code()
                .map_or(ProcessEnd::Crashed, ProcessEnd::Exited),
        },
        too_long: console.too_long,
        console: console.bytes,
        work_limit: says_work_limit(&messages),
        messages,
    }
}

/// Waits for a process that is about to end.
fn wait(child: &mut Child, deadline: Instant) -> Option<ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_millis(1)),
            Ok(None) | Err(_) => {
                kill(child);
                return None;
            }
        }
    }
}

/// Ends a process of ours. One that has ended already is as good.
fn kill(child: &mut Child) {
    if let Err(error) = child.kill().and_then(|()| child.wait()) {
        log::warn!("process {}: {error}", child.id());
    }
}

impl Run {
    fn not_started(why: String) -> Run {
        Run {
            end: ProcessEnd::NotStarted(why),
            console: Vec::new(),
            too_long: false,
            messages: String::new(),
            work_limit: false,
        }
    }
}

/// What a stream gave.
#[derive(Default)]
struct Collected {
    bytes: Vec<u8>,
    too_long: bool,
}

/// Reads a stream to its end, beside all else; keeps [`MOST_OUTPUT`] bytes and drops the rest, so
/// that whoever writes is never held up.
fn collect(mut stream: impl Read + Send + 'static) -> Receiver<Collected> {
    let (send, receive) = mpsc::sync_channel(1);
    thread::spawn(move || {
        let mut collected = Collected::default();
        let mut buffer = [0; 1 << 14];
        loop {
            match stream.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => break,
                Ok(count) => {
                    let room = MOST_OUTPUT - collected.bytes.len();
                    collected.bytes.extend(&buffer[..count.min(room)]);
                    collected.too_long |= count > room;
                }
            }
        }
        // Nobody waits for a stream of a process that was given up.
        let _ = send.send(collected);
    });
    receive
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str, input: &str, limit: Duration) -> Run {
        let child = Command::new("sh")
            .args(["-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        watch(child, input, limit)
    }

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn console_messages_input_and_exit_code_are_kept() {
        let run = shell("cat; echo message >&2; exit 1", "typed", MINUTE);
        assert_eq!(
            (run.console.as_slice(), run.messages.as_str()),
            (&b"typed"[..], "message\n")
        );
        assert_eq!(run.end, ProcessEnd::Exited(1));
    }

    #[test]
    fn input_that_nobody_reads_holds_nothing_up() {
        let run = shell("exit 0", &"x".repeat(1 << 20), MINUTE);
        assert_eq!(run.end, ProcessEnd::Exited(0));
    }

    #[test]
    fn a_flood_of_output_is_cut() {
        let run = shell("head -c 8000000 /dev/zero", "", MINUTE);
        assert!(run.too_long);
        assert_eq!(run.console.len(), MOST_OUTPUT);
    }

    #[test]
    fn a_process_that_hangs_is_ended_by_the_watchdog() {
        let limit = Duration::from_millis(200);
        let run = shell("echo started; exec sleep 600", "", limit);
        assert_eq!(run.end, ProcessEnd::Watchdog(limit));
        assert_eq!(run.console, b"started\n");
    }

    #[test]
    fn a_signal_is_a_crash() {
        assert_eq!(shell("kill -9 $$", "", MINUTE).end, ProcessEnd::Crashed);
    }

    #[test]
    fn words_are_quoted_as_a_shell_needs() {
        assert_eq!(quoted("a-b.c"), "a-b.c");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
