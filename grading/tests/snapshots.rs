//! Snapshots that tests of a suite name.

mod support;

use std::fs;
use std::path::Path;

use support::vmlab_in;
use tempfile::TempDir;
use testkit::{FILL, assert_ended, ended};

fn folder() -> TempDir {
    testkit::folder(&[("s/fill.c", FILL)])
}

fn snapshot(folder: &Path, code: i32, args: &[&str]) -> (String, String) {
    let args = [&["snapshot", "s/fill.c", "--frames", "16"], args].concat();
    ended(code, &vmlab_in(folder, &args))
}

fn suite(folder: &Path, keys: &str) {
    let text = format!(
        "[suite]\nname = 's'\ntitle = 'S'\n[[test]]\nname = 'fill'\nshows = 'x'\npoints = 1\n\
         frames = 16\nexpect = 'fill: exit(0)'\n{keys}\n"
    );
    fs::write(folder.join("s/suite.toml"), text).unwrap();
}

#[test]
fn a_test_of_a_suite_can_name_a_snapshot() {
    let folder = folder();
    let path = folder.path();
    snapshot(path, 0, &["--level", "evictions", "-o", "s/fill.log"]);
    suite(path, "snapshot = 'fill.log'\nsnapshot-level = 'evictions'");
    assert_ended(0, &vmlab_in(path, &["grade", "--suite", "s"]));
    let other = [
        "grade",
        "--suite",
        "s",
        "--policy",
        "random",
        "--report",
        "json=r.json",
    ];
    let (board, _) = ended(1, &vmlab_in(path, &other));
    for part in [
        "the fault log differs from snapshot 'fill.log' at event ",
        "the eviction of page 0x",
        "--- expected",
    ] {
        assert!(board.contains(part), "{part}: {board}");
    }
    let report = fs::read_to_string(path.join("r.json")).unwrap();
    assert!(report.contains("\"about\": \"snapshot\""), "{report}");
}

#[test]
fn a_suite_says_how_to_record_a_snapshot_that_is_not_there() {
    let folder = folder();
    let path = folder.path();
    suite(path, "snapshot = 'fill.log'");
    let (_, messages) = ended(2, &vmlab_in(path, &["grade", "--suite", "s"]));
    assert!(
        messages.contains("vmlab snapshot PROGRAM -o FILE"),
        "{messages}"
    );
    suite(path, "snapshot-level = 'faults'");
    let (_, messages) = ended(2, &vmlab_in(path, &["grade", "--suite", "s"]));
    assert!(messages.contains("snapshot-level needs"), "{messages}");
}
