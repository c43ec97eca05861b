//! `vmlab snapshot` and the snapshots that tests of a suite name.

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

#[test]
fn what_is_recorded_is_the_same_the_next_time() {
    let folder = folder();
    let (out, _) = snapshot(folder.path(), 0, &[]);
    assert!(out.starts_with("snapshots/fill.log: "), "{out}");
    let text = fs::read_to_string(folder.path().join("snapshots/fill.log")).unwrap();
    let first = text.lines().next();
    assert_eq!(
        first,
        Some("# vmlab snapshot --frames=16 --level=faults s/fill.c")
    );
    assert!(text.contains(" at=fill.c:6:main "), "{text}");
    let (out, _) = snapshot(folder.path(), 0, &["--check"]);
    assert!(out.contains("the same"), "{out}");
}

#[test]
fn the_folder_from_which_it_was_compiled_does_not_matter() {
    let folder = folder();
    snapshot(folder.path(), 0, &["-o", "fill.log"]);
    let args = [
        "snapshot",
        "fill.c",
        "--frames",
        "16",
        "-o",
        "../fill.log",
        "--check",
    ];
    assert_ended(0, &vmlab_in(&folder.path().join("s"), &args));
}

#[test]
fn the_first_event_that_differs_is_explained() {
    let folder = folder();
    snapshot(folder.path(), 0, &[]);
    let (out, _) = snapshot(folder.path(), 1, &["--check", "--policy", "random"]);
    assert!(
        out.starts_with(
            "the options differ: recorded without them, compared with --policy=random\n"
        ),
        "{out}"
    );
    for part in [
        "snapshots/fill.log: the log differs from event ",
        "another victim: page 0x",
        "lost its frame for it, not page 0x",
        "\n-",
        "\n+",
        "recorded by: vmlab snapshot --frames=16 --level=faults s/fill.c",
        "compared by: vmlab snapshot --frames=16 --policy=random",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    assert!(out.lines().count() < 25, "{out}");
}

#[test]
fn nothing_recorded_and_nowhere_to_write_are_matters_of_usage() {
    let folder = folder();
    let (_, messages) = snapshot(folder.path(), 2, &["--check"]);
    assert!(
        messages.contains("without --check it is recorded"),
        "{messages}"
    );
    let (_, messages) = snapshot(folder.path(), 2, &["-o", "s/fill.c/x.log"]);
    assert!(messages.contains("cannot write the snapshot"), "{messages}");
}

#[test]
fn an_argument_may_have_more_than_one_line() {
    let folder = folder();
    snapshot(folder.path(), 0, &["1\n2 free frame=3"]);
    snapshot(folder.path(), 0, &["1\n2 free frame=3", "--check"]);
}

#[test]
fn what_is_no_snapshot_is_not_compared_with() {
    let folder = folder();
    for other in ["s/fill.c", "/bin/sh"] {
        let (_, messages) = snapshot(folder.path(), 2, &["--check", "-o", other]);
        assert!(messages.contains("not a snapshot of vmlab"), "{messages}");
    }
    for (output, part) in [("-", "name one"), ("a/b.log", "cannot write")] {
        let (_, messages) = snapshot(folder.path(), 2, &["-o", output]);
        assert!(messages.contains(part), "{messages}");
    }
    assert!(!folder.path().join("a").exists());
}
