//! `vmlab grade` when Ctrl-C or a signal asks it to end.

mod support;

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use support::{VMLAB, programs, vmlab_in};
use testkit::{command, ended};

/// Far less than what the tests take that had not ended.
const AT_ONCE: Duration = Duration::from_secs(10);

fn grade(folder: &Path) -> Child {
    programs::machine();
    command(VMLAB)
        .args([
            "grade",
            "--verbose",
            "--report",
            "junit=junit.xml",
            "--report",
            "json=results.json",
        ])
        .args(["--report", "human"])
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Interrupts a run after so many tests, by a signal; returns the board that it printed, unless it was killed.
fn interrupted(folder: &Path, tests: usize, signal: &str) -> String {
    let mut child = grade(folder);
    let mut messages = BufReader::new(child.stderr.take().unwrap());
    for _ in 0..tests {
        let mut line = String::new();
        messages.read_line(&mut line).unwrap();
        assert!(line.starts_with("PASS "), "{line}");
    }
    let kill = Command::new("kill")
        .args(["-s", signal, &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    if signal == "KILL" {
        child.wait().unwrap();
        return String::new();
    }
    let start = Instant::now();
    let mut rest = String::new();
    messages.read_to_string(&mut rest).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(start.elapsed() < AT_ONCE, "{:?}", start.elapsed());
    assert!(!rest.contains("FAIL "), "{rest}");
    assert_eq!(output.status.code(), Some(130), "{rest}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_score_so_far_is_printed_and_nothing_counts_as_a_failure() {
    for (tests, signal) in [(1, "INT"), (4, "TERM"), (12, "INT"), (2, "HUP")] {
        let folder = tempfile::tempdir().unwrap();
        let board = interrupted(folder.path(), tests, signal);
        assert!(board.contains("TOTAL TESTING SCORE"), "{board}");
        assert!(
            board.contains(" were run before the interruption."),
            "{board}"
        );
        assert!(!board.contains("could not be run"), "{board}");
        assert!(
            !folder.path().join(".vmlab/failed").exists(),
            "{tests} {signal}"
        );
        let json = std::fs::read_to_string(folder.path().join("results.json")).unwrap();
        assert!(json.contains("\"interrupted\""), "{json}");
    }
}

#[test]
fn a_run_that_is_killed_leaves_a_report_of_what_has_ended() {
    let folder = tempfile::tempdir().unwrap();
    interrupted(folder.path(), 6, "KILL");
    let json = std::fs::read_to_string(folder.path().join("results.json")).unwrap();
    let results: serde_json::Value = serde_json::from_str(&json).unwrap();
    let tests = results["tests"].as_array().unwrap();
    let passed = tests
        .iter()
        .filter(|test| test["verdict"]["is"] == "passed");
    assert!((6..tests.len()).contains(&passed.count()), "{json}");
}

#[test]
fn what_failed_before_stays_so() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".vmlab")).unwrap();
    let failed = folder.path().join(".vmlab/failed");
    std::fs::write(&failed, "vm/page-shuffle\n").unwrap();
    interrupted(folder.path(), 3, "INT");
    assert_eq!(
        std::fs::read_to_string(&failed).unwrap(),
        "vm/page-shuffle\n"
    );
    let (board, _) = ended(0, &vmlab_in(folder.path(), &["grade", "--failed"]));
    assert!(board.contains("All 1 tests passed."), "{board}");
}
