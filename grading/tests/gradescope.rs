//! The Gradescope upload, run in a folder that is laid out like Gradescope's.
//!
//! What grades there is a substitute for the project's launcher, which shows what it was asked. `.ci/class` has the
//! real one grade.
#![cfg(unix)]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use lab::git;
use serde_json::Value;
use support::vmlab_in;
use tempfile::TempDir;
use testkit::{assert_ended, ended, root};

/// Writes its arguments into the results. A submission with a file `bug` in it is more than it can bear.
const LAUNCHER: &str = r#"#!/bin/sh
for last; do :; done
case "$1 $2" in
    'submit grade')
        if [ -e "$3/bug" ]; then printf 'vmlab: "it\\s"\ta bug\n' >&2; exit 3; fi
        printf '{"score": 50, "output": "%s"}' "$*" >"${last#gradescope=}"
        exit 1 ;;
    *) printf '%s' "$*" >asked ;;
esac
"#;

/// A tree, and beside it Gradescope's folder.
struct Gradescope {
    folder: TempDir,
}

impl Gradescope {
    fn new() -> Gradescope {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("project");
        for name in ["project/class", "project/target", "autograder/submission"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        fs::write(project.join("vmlab"), LAUNCHER).unwrap();
        fs::set_permissions(project.join("vmlab"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(project.join("class/Cargo.toml"), "").unwrap();
        fs::write(project.join(".gitignore"), "target\n").unwrap();
        fs::write(project.join("target/built"), "").unwrap();
        std::os::unix::fs::symlink("Cargo.toml", project.join("class/link")).unwrap();
        for words in [["init", "--quiet"], ["add", "--all"]] {
            git::make(&project, &words).unwrap();
        }
        Gradescope { folder }
    }

    fn project(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// Makes the upload.
    fn with(self, options: &[&str]) -> Gradescope {
        let words = [&["gradescope", "../autograder/source"], options].concat();
        assert_ended(0, &vmlab_in(&self.project(), &words));
        self
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join("autograder").join(name)
    }

    fn run(&self, script: &str) {
        let output = Command::new(self.at("source").join(script))
            .env("VMLAB_AUTOGRADER", self.folder.path().join("autograder"))
            .current_dir("/")
            .output();
        assert_ended(0, &output.unwrap());
    }

    fn results(&self) -> Value {
        let text = fs::read_to_string(self.at("results/results.json")).unwrap();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}

/// The refusal of a command.
fn refused(folder: &Path, words: &[&str]) -> String {
    ended(2, &vmlab_in(folder, words)).1
}

#[test]
fn a_submission_is_graded_as_those_of_a_class_are() {
    let gradescope = Gradescope::new().with(&["--", "--hidden", "grading/hidden suite"]);
    gradescope.run("setup.sh");
    let asked = fs::read_to_string(gradescope.at("source/project/asked")).unwrap();
    assert_eq!(asked, "--yes submit check vm/src");
    gradescope.run("run_autograder");
    let results = gradescope.results();
    assert_eq!(results["score"], 50);
    let asked = results["output"].as_str().unwrap();
    let submission = gradescope.at("submission");
    let words = format!(
        "submit grade {} --hidden grading/hidden suite",
        submission.display()
    );
    assert!(asked.starts_with(&words), "{asked}");
}

#[test]
fn what_is_to_be_done_next_can_be_copied_whatever_the_folder_is_called() {
    let project = Gradescope::new();
    let output = vmlab_in(&project.project(), &["gradescope", "../an upload"]);
    let (said, _) = testkit::ended(0, &output);
    assert!(said.contains("cd '../an upload' && zip"), "{said}");
}

#[test]
fn the_upload_has_what_git_knows_and_the_students_hand_out() {
    let gradescope = Gradescope::new();
    let handout = gradescope.folder.path().join("handout");
    fs::create_dir_all(handout.join("lab")).unwrap();
    fs::copy(root().join("lab/lab.toml"), handout.join("lab/lab.toml")).unwrap();
    fs::write(handout.join("lab/handout.toml"), "milestones = [4]\n").unwrap();
    fs::write(handout.join("notes"), "").unwrap();
    let gradescope = gradescope.with(&["--handout", "../handout"]);
    let exists = |name: &str| gradescope.at("source").join(name).exists();
    assert!(exists("project/.git") && !exists("project/target"));
    assert!(gradescope.at("source/project/class/link").is_symlink());
    assert!(exists("handout/lab/handout.toml") && exists("handout/lab/lab.toml"));
    assert!(!exists("handout/notes"));
    gradescope.run("run_autograder");
    let results = gradescope.results();
    let asked = results["output"].as_str().unwrap();
    assert!(asked.contains("--handout=../handout"), "{asked}");
}

#[test]
fn what_is_our_fault_has_a_result_that_says_so() {
    let gradescope = Gradescope::new().with(&[]);
    fs::write(gradescope.at("submission/bug"), "").unwrap();
    gradescope.run("run_autograder");
    let results = gradescope.results();
    assert_eq!(results["score"], 0);
    let output = results["output"].as_str().unwrap();
    assert!(output.contains("not the submission's fault"), "{output}");
    assert!(output.contains("vmlab: \"it\\s\"\ta bug"), "{output}");
}

#[test]
fn only_a_whole_tree_is_packed_and_nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let message = refused(folder.path(), &["gradescope", "upload"]);
    assert!(message.contains("--project"), "{message}");
    let gradescope = Gradescope::new().with(&[]);
    let project = gradescope.project();
    let again = refused(&project, &["gradescope", "../autograder/source"]);
    assert!(again.contains("not an empty folder"), "{again}");
    let inside = refused(&project, &["gradescope", "upload"]);
    assert!(inside.contains("inside the tree"), "{inside}");
    let message = refused(&project, &["gradescope", "../new", "--handout", "."]);
    assert!(
        message.contains("--handout .: this folder is not in a hand-out"),
        "{message}"
    );
    fs::remove_dir_all(project.join("class")).unwrap();
    git::make(&project, &["add", "--all"]).unwrap();
    let message = refused(&project, &["gradescope", "../new"]);
    assert!(message.contains("made of"), "{message}");
}
