//! The breaks of the kernel that show what each test catches are still breaks of this kernel, and
//! the note that says so names every test.

use std::collections::BTreeSet;

use testkit::root;
use tests::breaks::{bundled, note};
use tests::bundled_tests;

#[test]
fn each_break_has_its_name_and_its_place() {
    let breaks = bundled().unwrap();
    assert!(breaks.iter().all(|one| one.find != one.replace));
}

#[test]
fn the_note_names_a_break_for_every_test() {
    let breaks: BTreeSet<String> = bundled().unwrap().into_iter().map(|one| one.name).collect();
    let text = std::fs::read_to_string(root().join(note::PATH)).unwrap();
    let named = note::named(&text);
    for (suite, test) in bundled_tests() {
        let id = format!("{suite}/{}", test.name);
        let one = named.get(&id);
        assert!(
            one.is_some_and(|one| breaks.contains(one)),
            "{id} catches {one:?}: run `cargo run --release -p tests --bin try-breaks -- --write`"
        );
    }
}

#[test]
fn ten_breaks_of_different_parts_are_shown_in_full() {
    let shown: Vec<_> = bundled()
        .unwrap()
        .into_iter()
        .filter(|one| one.shown)
        .collect();
    let parts: BTreeSet<_> = shown.iter().map(|one| &one.part).collect();
    assert_eq!((shown.len(), parts.len()), (10, 10));
}
