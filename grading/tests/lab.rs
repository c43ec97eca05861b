//! `vmlab lab` in a small hand-out, and the cases that `vmlab handout` refuses.

mod support;

use std::fs;
use std::path::Path;

use support::vmlab_in;
use tempfile::TempDir;
use testkit::{assert_ended, ended};

const COURSE: &str = r#"[lab]
title = "A small lab"

[[given]]
title = "programs"
points = 40
tests = ["userprog/wait-*"]

[[milestone]]
number = 1
title = "Arguments"
chapter = "lab/1.md"
hours = 2
points = 60
reading = ["a book", "another"]
tests = ["userprog/args-*"]

[[milestone.task]]
id = "1.1"
title = "pass them"
file = "vm/src/lib.rs"
function = "Stack::pass"
hints = ["Think.", "Look at the stack."]

[[milestone]]
number = 2
title = "More"
chapter = "lab/2.md"
hours = 1
points = 0

[[milestone.task]]
id = "2.1"
title = "do more"
file = "vm/src/lib.rs"
function = "more"

[leave-out]
files = []
"#;

const UNWRITTEN: &str = "pub fn pass() {\n    crate::lab::not_yet(\"1.1: pass them\")\n}\n\
                         pub fn more() {}\npub mod lab {\n    pub fn not_yet(_: &str) {}\n}\n\
                         #[cfg(all(test, feature = \"milestone-1\"))]\n\
                         #[test]\nfn it_is_written() {\n    \
                         assert!(!include_str!(\"lib.rs\").contains(\"not_yet(\\\"1\"));\n}\n";

/// Makes a hand-out with both milestones left to do.
fn handout() -> TempDir {
    testkit::folder(&[
        ("lab/lab.toml", COURSE),
        ("lab/handout.toml", "milestones = [1, 2]\n"),
        (
            "Cargo.toml",
            "[workspace]\nresolver = \"3\"\nmembers = [\"vm\"]\n",
        ),
        (
            "Cargo.lock",
            "version = 4\n\n[[package]]\nname = \"vm\"\nversion = \"0.1.0\"\n",
        ),
        (
            "vm/Cargo.toml",
            "[package]\nname = \"vm\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
             [features]\nmilestone-1 = []\nmilestone-2 = []\n",
        ),
        ("vm/src/lib.rs", UNWRITTEN),
        ("userprog/src/lib.rs", ""),
    ])
}

fn shown(folder: &Path, args: &[&str]) -> String {
    ended(0, &vmlab_in(folder, args)).0
}

#[test]
fn what_is_next_is_shown_with_its_places() {
    let handout = handout();
    let text = shown(&handout.path().join("vm/src"), &["lab"]);
    let expected = "\
A small lab

next    1  Arguments   60 %  0 of 5 tests passed, tests of vm not passed yet
        2  More         0 %  tests of vm not passed yet

Next is milestone 1, Arguments: about 2 hours.
  chapter  lab/1.md
  reading  a book
           another

  1.1   pass them  vm/src/lib.rs:2  Stack::pass, to be written

`vmlab lab hint` helps, `vmlab lab grade 1` runs the tests of milestone 1.
";
    assert_eq!(text, expected);
}

#[test]
fn hints_come_one_after_the_other() {
    let handout = handout();
    let hint = |args: &[&str]| shown(handout.path(), &[&["lab", "hint"], args].concat());
    let first = "1.1: pass them (Stack::pass in vm/src/lib.rs)\n\nHint 1 of 2: Think.\n";
    let more = "\nOne more: vmlab lab hint 1.1 --more\n";
    assert_eq!(hint(&[]), format!("{first}{more}"));
    assert_eq!(hint(&["1.1"]), format!("{first}{more}"));
    let second = format!("{first}\nHint 2 of 2: Look at the stack.\n");
    assert_eq!(hint(&["1.1", "--more"]), second);
    assert_eq!(hint(&["1.1"]), second);
    let no_more = "\nThere are no more hints for this one.\n";
    assert_eq!(hint(&["1.1", "--more"]), format!("{second}{no_more}"));
    assert!(hint(&["2.1"]).ends_with("\nThere are no hints for this one.\n"));
    let output = vmlab_in(handout.path(), &["lab", "hint", "3.1"]);
    let refusal = "there is no task 3.1; there is no milestone 3; the last one is 2";
    assert!(ended(2, &output).1.contains(refusal));
    let output = vmlab_in(handout.path(), &["lab", "hint", "1.2"]);
    assert!(
        ended(2, &output)
            .1
            .contains("there is no task 1.2; milestone 1 has 1.1")
    );
    let output = vmlab_in(handout.path(), &["lab", "hint", "1,1"]);
    assert!(ended(2, &output).1.contains("did you mean 1.1?"));
}

#[test]
fn a_milestone_is_done_when_its_tests_have_passed() {
    let handout = handout();
    let grade = ["lab", "grade", "1"];
    let (board, messages) = ended(1, &vmlab_in(handout.path(), &grade));
    assert!(board.contains("All 5 tests passed."), "{board}");
    assert!(
        messages.contains("test it_is_written ... FAILED"),
        "{messages}"
    );
    let half = "next    1  Arguments   60 %  5 of 5 tests passed, tests of vm not passed yet\n";
    let status = shown(handout.path(), &["lab"]);
    assert!(status.contains(half), "{status}");

    let written = UNWRITTEN.replace("crate::lab::not_yet(\"1.1: pass them\")", "");
    fs::write(handout.path().join("vm/src/lib.rs"), written).unwrap();
    assert_ended(0, &vmlab_in(handout.path(), &grade));
    let status = shown(handout.path(), &["lab"]);
    let done = "done    1  Arguments   60 %  5 of 5 tests passed, tests of vm passed\n";
    assert!(status.contains(done), "{status}");
    assert!(
        status.contains("2.1   do more  vm/src/lib.rs:4  more\n"),
        "{status}"
    );
}

#[test]
fn only_results_on_the_machines_of_the_tests_count() {
    let handout = handout();
    let one = ["grade", "--only", "userprog/args-none"];
    let status = |args: &[&str]| {
        shown(handout.path(), &[&one, args].concat());
        shown(handout.path(), &["lab"])
    };
    assert!(status(&["--frames", "500"]).contains("0 of 5 tests passed"));
    assert!(status(&["--seed", "3"]).contains("0 of 5 tests passed"));
    assert!(status(&[]).contains("1 of 5 tests passed"));
}

#[test]
fn the_table_has_each_test_once() {
    let handout = handout();
    let table = shown(handout.path(), &["lab", "table"]);
    assert!(table.contains("1: Arguments: 60 %, 5 tests\n"), "{table}");
    assert!(
        table.contains("  cargo test -p vm --features milestone-1\n"),
        "{table}"
    );
    let lines = table.lines().map(str::trim_start);
    assert_eq!(
        lines
            .filter(|line| line.starts_with("userprog/args-none "))
            .count(),
        1
    );
    assert!(table.contains("Extra points: "), "{table}");
}

#[test]
fn the_tree_with_the_solutions_and_other_folders_are_refused() {
    let handout = handout();
    let lab = |args: &[&str]| ended(2, &vmlab_in(handout.path(), args)).1;
    fs::remove_file(handout.path().join("lab/handout.toml")).unwrap();
    let whole = "this is the whole kernel, not a hand-out; make one with `vmlab handout DIR`";
    for args in [&["lab"][..], &["lab", "hint"], &["lab", "grade", "1"]] {
        assert!(lab(args).contains(whole));
    }
    shown(handout.path(), &["lab", "table"]);
    fs::remove_file(handout.path().join("lab/lab.toml")).unwrap();
    assert!(lab(&["lab"]).contains("this folder is not in a hand-out"));
}

#[test]
fn a_hand_out_is_made_of_a_checkout_with_a_lab() {
    let folder = tempfile::tempdir().unwrap();
    let refusal = |args: &[&str]| ended(2, &vmlab_in(folder.path(), args)).1;
    assert!(refusal(&["handout", "../x"]).contains("is no git checkout"));
    let status = std::process::Command::new("git")
        .args(["init", "--quiet"])
        .current_dir(folder.path())
        .status();
    assert!(status.unwrap().success());
    assert!(refusal(&["handout", "inside"]).contains("is inside the tree"));
    let full = tempfile::tempdir().unwrap();
    fs::write(full.path().join("mine"), "x").unwrap();
    let full = full.path().to_str().unwrap();
    assert!(refusal(&["handout", full]).contains("is not an empty folder"));
    let new = tempfile::tempdir().unwrap();
    let new = new.path().to_str().unwrap();
    assert!(refusal(&["handout", new]).contains("no tree with a lab"));
    assert!(refusal(&["handout", new, "--milestones", "5-4"]).contains("5 comes after 4"));
    assert!(refusal(&["handout", new, "--from", "x"]).contains("'x' is not the number"));
    assert!(
        refusal(&["handout", new, "--from", "2", "--milestones", "2"]).contains("cannot be used")
    );
}
