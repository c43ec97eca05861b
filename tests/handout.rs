//! Hand-outs of this tree: their marks and `lab.toml` agree, they are the same every time, no line of a
//! solution is in them, and cargo has nothing to change in them.
//!
//! Only their crate `vm` is compiled here; `try-handout` builds and grades them.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use lab::course::Course;
use lab::handout::{self, Handout};
use lab::ids::{Milestone, Unsolved};
use lab::solution::{self, Search};
use lab::source::{Source, SourceError};
use lab::tree::Files;
use lab::{git, place, write};
use testkit::root;
use tests::bundled_tests;
use tests::handouts::check;

static SOURCE: LazyLock<Source> =
    LazyLock::new(|| Source::read(&root()).unwrap_or_else(|error| panic!("{error}")));

fn course() -> &'static Course {
    &SOURCE.course
}

fn milestones() -> impl Iterator<Item = Milestone> {
    course().milestones.iter().map(|stage| stage.number)
}

/// The milestones from one on, and the hand-out with these left to do.
fn from(first: Milestone) -> (Unsolved, Files) {
    let unsolved = course().from(first).unwrap();
    let files = handout::files(&SOURCE, &unsolved).unwrap();
    (unsolved, files)
}

/// Lines of `file: line` for each solution line that a text has.
fn told(lines: &BTreeSet<String>, file: &str, text: &[u8]) -> Vec<String> {
    let found = Search::of(lines).found(&String::from_utf8_lossy(text));
    found.iter().map(|line| format!("{file}: {line}")).collect()
}

#[test]
fn marks_and_tasks_agree() {
    assert_eq!(course().milestones.len(), 10);
    assert!(SOURCE.marked().len() > 10);
}

#[test]
fn each_task_that_is_left_is_found_where_it_is_to_be_written_and_no_other() {
    for first in milestones() {
        let (unsolved, files) = from(first);
        let folder = tempfile::tempdir().unwrap();
        for (path, file) in &files {
            write::write_file(&folder.path().join(path), file).unwrap();
        }
        let found = BTreeSet::from_iter(place::unwritten(folder.path()).unwrap().into_keys());
        let stages = course().milestones.iter();
        let left = stages.filter(|stage| unsolved.has(stage.number));
        let tasks = left.flat_map(|stage| stage.tasks.iter().map(|task| task.id));
        assert_eq!(found, BTreeSet::from_iter(tasks), "from milestone {first}");
    }
}

#[test]
fn no_hand_out_has_a_line_of_a_solution() {
    for first in milestones() {
        let (unsolved, files) = from(first);
        let lines = solution::lines(&SOURCE, &unsolved);
        assert!(
            !lines.is_empty(),
            "milestone {first} has no line that could be told"
        );
        let quoted = files
            .iter()
            .flat_map(|(path, file)| told(&lines, path, &file.bytes));
        let quoted: Vec<String> = quoted.collect();
        assert_eq!(quoted, <[String; 0]>::default(), "from milestone {first}");
    }
}

#[test]
fn no_hand_out_has_a_mark() {
    for (path, file) in from(Milestone::FIRST).1 {
        if lab::regions::may_have_marks(&path) {
            let text = file.text().unwrap();
            let marks = text
                .lines()
                .filter(|line| line.trim().starts_with("// lab "));
            assert_eq!(Vec::from_iter(marks), <[&str; 0]>::default(), "{path}");
        }
    }
}

#[test]
fn two_hand_outs_are_the_same_commit_and_its_history_tells_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (unsolved, files) = from(Milestone::FIRST);
    let folders = ["one", "two"].map(|name| folder.path().join(name));
    let commits = folders
        .each_ref()
        .map(|folder| write::write(folder, &files, "The lab").unwrap());
    assert_eq!(commits[0], commits[1]);
    let log = git::ask(&folders[0], &["log", "--patch", "--text", "--all"]).unwrap();
    let lines = solution::lines(&SOURCE, &unsolved);
    assert_eq!(told(&lines, "history", &log), <[String; 0]>::default());
    let count = git::ask(&folders[0], &["rev-list", "--all", "--count"]).unwrap();
    assert_eq!(count, b"1\n");
    assert_eq!(
        Handout::around(&folders[1].join("vm/src"))
            .unwrap()
            .milestones,
        unsolved
    );
    assert!(matches!(
        Source::read(&folders[0]),
        Err(SourceError::HandOut)
    ));
    cargo_accepts(&folders[0]);
}

/// With `--locked` cargo refuses a lock file that it would change.
fn cargo_accepts(folder: &Path) {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .current_dir(folder)
        .output()
        .unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{message}");
}

/// Crate `vm` with the tests that a hand-out begins with, in all of them and with each milestone alone.
#[test]
fn what_is_left_of_the_virtual_memory_compiles_without_a_warning() {
    let alone = milestones().map(|one| course().range(one, one).unwrap());
    let choices = milestones().map(|first| from(first).0).chain(alone);
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hand-outs");
    for unsolved in choices {
        let files = handout::files(&SOURCE, &unsolved).unwrap();
        let checked = check("vm", &files, &target);
        assert_eq!(checked, Ok(()), "left to do: {:?}", unsolved.0);
    }
}

#[test]
fn a_hand_out_is_refused_where_something_is_or_inside_the_tree() {
    let full = root().join("vm");
    let inside = root().join("target/handout-of-the-test");
    for folder in [full, inside] {
        assert!(
            write::check(&folder, &root()).is_err(),
            "{}",
            folder.display()
        );
    }
}

#[test]
fn each_milestone_that_counts_has_tests_that_count() {
    let tests = bundled_tests();
    let names: Vec<String> = tests
        .iter()
        .map(|(suite, test)| format!("{suite}/{}", test.name))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for set in course().sets() {
        for glob in set.tests {
            let has_test = names.iter().any(|name| glob.matches(name));
            assert!(has_test, "{}: no test is {}", set.title, glob.text());
        }
    }
    let owned = course().owned(&names);
    for stage in course().milestones.iter().filter(|stage| stage.points > 0) {
        assert!(
            owned.contains_key(&stage.number),
            "milestone {} has no test",
            stage.number
        );
    }
}

#[test]
fn the_tree_itself_weighs_as_courses_do() {
    use grading::rubric::{Rubric, Share};
    let rubric = Rubric::bundled().unwrap();
    let weight = |suite, test| match rubric.share(suite, test) {
        Share::Weighted { weight, .. } => Some(weight),
        Share::Extra => None,
    };
    assert_eq!(weight("vm", "page-linear"), Some(50));
    assert_eq!(weight("vm", "pt-grow-bad"), Some(15));
    assert_eq!(weight("userprog", "args-none"), Some(10));
    assert_eq!(weight("userprog", "exec-bad-ptr"), Some(5));
    assert_eq!(weight("filesys", "sm-create"), Some(20));
    assert_eq!(weight("hostile", "priv-all"), None);
    assert_eq!(weight("mine", "page-linear"), None);
}
