//! What cannot be meant is refused before anything is compiled, and is no submission's fault.

use testkit::{ended, root, run_in};

const CLASS: &str = "grading/examples/class";

#[track_caller]
fn refused(words: &[&str], message: &str) {
    let output = run_in(&root(), env!("CARGO_BIN_EXE_vmlab-class"), words);
    let (_, said) = ended(2, &output);
    assert!(said.contains(message), "{said}");
}

#[test]
fn tests_that_there_are_not_are_refused_with_what_may_be_meant() {
    let folder = tempfile::tempdir().unwrap();
    let results = folder.path().join("results");
    let class = ["class", "grade", CLASS, "-o", results.to_str().unwrap()];
    let grade = |more: &[&str], message: &str| refused(&[&class, more].concat(), message);
    grade(&["--test", "page-liner"], "did you mean page-linear?");
    grade(&["--only", "no-such"], "no test is called 'no-such'");
    grade(&["--only", "[x"], "'[x': ");
    grade(&["--suite", "vmm"], "did you mean vm?");
    assert!(!results.exists());
    let submission = format!("{CLASS}/ada.zip");
    let words = ["submit", "grade", &submission, "--only", "vm/page-liner"];
    refused(&words, "did you mean vm/page-linear?");
}

#[test]
fn a_submission_that_is_not_there_is_refused() {
    refused(
        &["submit", "grade", "no-such.zip"],
        "no-such.zip: No such file",
    );
}
