//! Tests with a number that nobody knows before: what is expected comes from the sound kernel.

mod support;

use std::fs;
use std::path::Path;

use support::programs::machine;
use support::vmlab_in;
use testkit::ended;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/nonces");

/// Grades a suite; the score board.
fn grade(suite: &Path, code: i32, words: &[&str]) -> String {
    let scratch = tempfile::tempdir().unwrap();
    let suite = format!("--suite={}", suite.display());
    let args = [&["grade", &suite], words].concat();
    ended(code, &vmlab_in(scratch.path(), &args)).0
}

#[test]
fn the_examples_pass_with_0_and_with_any_other_number() {
    let machine = format!("--machine={}", machine().display());
    for words in [
        &[][..],
        &["--nonce=0", &machine],
        &["--nonce=20271107", &machine],
    ] {
        grade(Path::new(EXAMPLE), 0, words);
    }
}

#[test]
fn what_the_suite_expects_is_for_0_alone() {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(EXAMPLE).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    let suite = folder.path().join("suite.toml");
    let text = fs::read_to_string(&suite).unwrap();
    fs::write(&suite, text.replace("1ec869ea", "00000000")).unwrap();
    let board = grade(folder.path(), 1, &["--only=mapped"]);
    assert!(board.contains("1ec869ea"), "{board}");
    let machine = format!("--machine={}", machine().display());
    grade(folder.path(), 0, &["--only=mapped", "--nonce=1", &machine]);
}

#[test]
fn a_number_needs_a_machine_program_that_is_not_the_trusted_one() {
    grade(Path::new(EXAMPLE), 2, &["--nonce=1"]);
}
