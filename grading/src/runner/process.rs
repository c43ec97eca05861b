//! One process that runs a test: its input, its output, and its end.
//!
//! # Invariants
//!
//! Whatever the process does, it is gone shortly after its limit, and so is everything that it has
//! started. However much it prints, at most [`MOST_OUTPUT`] is kept, and it never blocks.

use std::io::{self, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::verdict::{ProcessEnd, Run};
use host::process_group::ProcessGroup;
use protocol::record::Record;
use protocol::stats::Printed;

/// The time that the output of a killed process may stay open.
const LAST_WORDS: Duration = Duration::from_secs(5);
/// The most bytes of a guest's console that are kept. No test prints a tenth of that.
const MOST_OUTPUT: usize = 4 << 20;

/// The time limits of a process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// The wall-clock time after which it is killed.
    pub watchdog: Duration,
    /// The CPU time after which it ends itself.
    pub of_itself: Duration,
}

/// Gives a process its input and waits for its end, or kills it when its time is up.
pub(super) fn watch(mut process: ProcessGroup, input: &str, limits: Limits) -> Run {
    let (child, limit) = (&mut process.leader, limits.watchdog);
    let console = collect(child.stdout.take().expect("it is piped"));
    let messages = collect(child.stderr.take().expect("it is piped"));
    let mut keyboard = child.stdin.take().expect("it is piped");
    let input = input.to_owned();
    // A guest need not read its input, and may end before.
    thread::spawn(move || keyboard.write_all(input.as_bytes()));

    // A process that has closed standard error is ending: it has it open until then.
    let deadline = Instant::now() + limit;
    let (messages, end) = match messages.recv_timeout(limit) {
        Ok(messages) => {
            let end = wait(&mut process, deadline);
            (messages, end.unwrap_or(ProcessEnd::Watchdog(limit)))
        }
        Err(RecvTimeoutError::Timeout) => {
            process.end();
            (last_words(&messages), ProcessEnd::Watchdog(limit))
        }
        Err(RecvTimeoutError::Disconnected) => unreachable!("a collector always sends"),
    };
    // A process that it started and left behind would keep its output open.
    process.end();
    let console = last_words(&console);
    let problems = [("console", console.problem), ("messages", messages.problem)];
    let problem = problems.into_iter().find_map(|(what, problem)| {
        Some(format!(
            "the {what} of the run cannot be read: {}",
            problem?
        ))
    });
    let mut messages = String::from_utf8_lossy(&messages.bytes).into_owned();
    let end = match (end, problem) {
        // The exit code says nothing about lost output.
        (ProcessEnd::Exited(_), Some(problem)) => ProcessEnd::Lost(problem),
        (end, Some(problem)) => {
            messages += &format!("vmlab: {problem}\n");
            end
        }
        (end, None) => end,
    };
    Run {
        end,
        too_long: console.too_long,
        console: console.bytes,
        time_limit: limits.of_itself,
        stats: Printed::in_messages(&messages),
        messages,
        record: Ok(Record::default()),
    }
}

/// Waits for a process that is about to end; `None` if it did not by then, and was killed.
fn wait(process: &mut ProcessGroup, deadline: Instant) -> Option<ProcessEnd> {
    loop {
        match process.leader.try_wait() {
            Ok(Some(status)) => {
                return Some(match (status.code(), status.signal()) {
                    (Some(code), _) => ProcessEnd::Exited(code),
                    (None, Some(signal)) => ProcessEnd::Signal(signal),
                    (None, None) => ProcessEnd::Lost(format!("the run ended with {status}")),
                });
            }
            Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_millis(1)),
            Ok(None) => {
                process.end();
                return None;
            }
            Err(error) => {
                process.end();
                let why = format!("how the run ended cannot be known: {error}");
                return Some(ProcessEnd::Lost(why));
            }
        }
    }
}

/// Collects the output of a stream that is about to end.
fn last_words(stream: &Receiver<Collected>) -> Collected {
    stream
        .recv_timeout(LAST_WORDS)
        .unwrap_or_else(|_| Collected {
            problem: Some(format!(
                "something still has it open {} s after the end",
                LAST_WORDS.as_secs()
            )),
            ..Collected::default()
        })
}

/// The output of a stream.
#[derive(Default)]
struct Collected {
    bytes: Vec<u8>,
    too_long: bool,
    /// Why that is not all of it.
    problem: Option<String>,
}

/// Reads a stream to its end on a thread of its own; keeps [`MOST_OUTPUT`] bytes and drops the
/// rest, so that the writer never blocks.
fn collect(mut stream: impl Read + Send + 'static) -> Receiver<Collected> {
    let (send, receive) = mpsc::sync_channel(1);
    thread::spawn(move || {
        let mut collected = Collected::default();
        let mut buffer = [0; 1 << 14];
        loop {
            match stream.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(0) => break,
                Err(error) => {
                    collected.problem = Some(error.to_string());
                    break;
                }
                Ok(count) => {
                    let room = MOST_OUTPUT - collected.bytes.len();
                    collected.bytes.extend(&buffer[..count.min(room)]);
                    collected.too_long |= count > room;
                }
            }
        }
        // Nobody waits for the streams of an abandoned process.
        let _ = send.send(collected);
    });
    receive
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    fn shell(script: &str, input: &str, limit: Duration) -> Run {
        let mut command = Command::new("sh");
        command
            .args(["-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let limits = Limits {
            watchdog: limit,
            of_itself: limit,
        };
        watch(ProcessGroup::start(&mut command).unwrap(), input, limits)
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
    fn what_it_leaves_running_is_ended_and_holds_nothing_up() {
        let start = Instant::now();
        let run = shell("echo started; sleep 600 2>/dev/null & exit 0", "", MINUTE);
        assert_eq!(run.end, ProcessEnd::Exited(0));
        assert_eq!(run.console, b"started\n");
        assert!(start.elapsed() < LAST_WORDS);
    }

    #[test]
    fn a_stream_that_breaks_off_says_why() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("on purpose"))
            }
        }
        let collected = collect((&b"text"[..]).chain(Broken)).recv().unwrap();
        assert_eq!(collected.bytes, b"text");
        assert_eq!(collected.problem.as_deref(), Some("on purpose"));
    }

    #[test]
    fn a_signal_is_told_by_its_number() {
        assert_eq!(shell("kill -9 $$", "", MINUTE).end, ProcessEnd::Signal(9));
    }
}
