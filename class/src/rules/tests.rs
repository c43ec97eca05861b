//! Each rule with a text that breaks it and a similar one that does not, and texts that try to get around it.

mod macros;
mod names;
mod paths;
mod readable;
mod test_items;
mod tree;

use super::*;

/// What is wrong with a file of this text: `line: what`.
fn of(text: &str) -> Vec<String> {
    let sources = Sources::from([("vm/src/x.rs".to_string(), text.as_bytes().to_vec())]);
    breaches(&sources, &Sources::new())
        .into_iter()
        .map(|breach| format!("{}: {}", breach.line, breach.what))
        .collect()
}

#[track_caller]
fn fine(text: &str) {
    assert_eq!(of(text), [""; 0], "{text}");
}

/// The only breach begins with `what`.
#[track_caller]
fn refused(text: &str, what: &str) {
    let found = of(text);
    let [one] = &found[..] else {
        panic!("{text}: {found:?}")
    };
    let (_, said) = one.split_once(": ").unwrap();
    assert!(said.starts_with(what), "{text}: {said}");
}

#[test]
fn a_breach_is_shown_with_file_and_line() {
    let text = "fn f() {\n    std::fs::read(\"x\");\n}\n";
    let sources = Sources::from([("vm/src/x.rs".to_string(), text.into())]);
    let found = breaches(&sources, &Sources::new());
    assert_eq!(
        found[0].to_string(),
        "vm/src/x.rs:2: `std::fs` is not there for a kernel: what it needs is passed to it"
    );
}

#[test]
fn the_hand_outs_own_files_and_files_that_are_not_rust_are_not_looked_at() {
    let text = b"use std::fs;".to_vec();
    let own = Sources::from([("vm/src/x.rs".to_string(), text.clone())]);
    assert_eq!(breaches(&own, &own), []);

    let sources = Sources::from([
        ("vm/README.md".to_string(), text.clone()),
        ("vm/src/x.rs".to_string(), b"use std::net;".to_vec()),
        ("vm/src/y.RS".to_string(), text),
    ]);
    let files: Vec<_> = breaches(&sources, &own)
        .into_iter()
        .map(|b| b.file)
        .collect();
    assert_eq!(files, ["vm/src/x.rs", "vm/src/y.RS"]);
}

#[test]
fn breaches_are_sorted_by_line_and_said_once() {
    assert_eq!(
        of("fn f() { dbg!(1); }\nuse std::{net, fs, fs};"),
        [
            "1: `dbg` writes past the log: use the macros of crate `log`",
            "2: `std::fs` is not there for a kernel: what it needs is passed to it",
            "2: `std::net` is not there for a kernel: what it needs is passed to it",
        ]
    );
}
