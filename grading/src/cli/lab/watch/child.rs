//! A command whose output is read line by line, and which can be stopped.
//!
//! # Invariants
//! When [`run`] returns, the command and everything it started have ended.

use std::io::{self, BufRead, BufReader, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use host::process_group::ProcessGroup;

/// Interval at which it is checked whether the command has to stop.
const TICK: Duration = Duration::from_millis(20);
/// The time that a command has to clean up when it is stopped.
const PATIENCE: Duration = Duration::from_secs(1);

/// A line that was printed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Line {
    /// To standard output.
    Out(String),
    /// To standard error.
    Error(String),
}

/// Runs a command to its end, and passes on each line as it comes; None if it was stopped.
///
/// # Errors
/// Those of starting it.
pub(super) fn run(
    command: &mut Command,
    mut each: impl FnMut(Line),
    mut is_stopped: impl FnMut() -> bool,
) -> io::Result<Option<ExitStatus>> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut group = ProcessGroup::start(command)?;
    let (sender, lines) = mpsc::channel();
    let leader = &mut group.leader;
    read(
        leader.stdout.take().expect("it is piped"),
        Line::Out,
        sender.clone(),
    );
    read(
        leader.stderr.take().expect("it is piped"),
        Line::Error,
        sender,
    );
    loop {
        match lines.recv_timeout(TICK) {
            Ok(line) => each(line),
            Err(silence) => {
                if let Some(status) = group.leader.try_wait()? {
                    while let Ok(line) = lines.recv_timeout(TICK) {
                        each(line);
                    }
                    return Ok(Some(status));
                }
                if silence == RecvTimeoutError::Disconnected {
                    thread::sleep(TICK);
                }
            }
        }
        if is_stopped() {
            group.ask_to_end(PATIENCE);
            return Ok(None);
        }
    }
}

/// Reads the lines of a stream on a thread of its own.
fn read(stream: impl Read + Send + 'static, kind: fn(String) -> Line, sender: Sender<Line>) {
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        // A stream that cannot be read counts as ended: the exit code shows the rest.
        while stream
            .read_until(b'\n', &mut line)
            .is_ok_and(|count| count > 0)
        {
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end_matches(['\n', '\r']).to_owned();
            if sender.send(kind(text)).is_err() {
                break;
            }
            line.clear();
        }
    });
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn lines_come_with_their_stream_and_the_end_with_its_code() {
        let mut lines = Vec::new();
        let script = "echo a; sleep 0.1; echo b >&2; exit 3";
        let status = run(&mut shell(script), |line| lines.push(line), || false);
        assert_eq!(status.unwrap().unwrap().code(), Some(3));
        let expected = [Line::Out("a".to_owned()), Line::Error("b".to_owned())];
        assert_eq!(lines, expected);
    }

    #[test]
    fn one_that_is_stopped_may_clear_up_and_leaves_nobody_behind() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cleared");
        let script = format!(
            "trap 'echo >{}; exit 1' TERM; echo ready; sleep 600 & wait",
            file.display()
        );
        let begun = Instant::now();
        let is_ready = std::cell::Cell::new(false);
        let status = run(
            &mut shell(&script),
            |_| is_ready.set(true),
            || is_ready.get(),
        );
        assert!(status.unwrap().is_none());
        assert!(file.exists());
        assert!(begun.elapsed() < PATIENCE * 5);
    }

    #[test]
    fn what_a_command_leaves_with_its_streams_open_holds_nothing_up() {
        let begun = Instant::now();
        let status = run(&mut shell("sleep 600 & exit 0"), |_| {}, || false);
        assert!(status.unwrap().unwrap().success());
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
}
