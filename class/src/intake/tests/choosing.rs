//! Which files are chosen, by their paths.

use std::collections::BTreeMap;

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;

use super::super::Refusal;
use super::super::choose::{Choice, choose};
use super::super::listing::Kind;
use super::super::testing::{entries, pristine};

fn chosen(paths: &[&str]) -> Result<Choice, Refusal> {
    choose(&entries(paths), &pristine())
}

/// What is chosen: paths in the submission by path in the hand-out below `vm/src`.
fn pairs<'a>(paths: &[&'a str], choice: &Choice) -> BTreeMap<String, &'a str> {
    let files = choice.files.iter();
    files
        .map(|(&id, target)| (target.replacen("vm/src/", "", 1), paths[id]))
        .collect()
}

#[test]
fn the_least_deep_vm_src_is_the_one() {
    let paths = [
        "a/vm/src/lib.rs",
        "a/lab/open/vm/src/lib.rs",
        "a/vm/src/vm/src/x.rs",
    ];
    let choice = chosen(&paths).expect("one is less deep");
    assert!(choice.whole);
    let pairs = pairs(&paths, &choice);
    assert_eq!(pairs["lib.rs"], paths[0]);
    assert_eq!(pairs["vm/src/x.rs"], paths[2]);
    assert_eq!(pairs.len(), 2);
}

#[test]
fn two_whole_hand_outs_beside_each_other_are_refused() {
    let refusal = chosen(&["a/vm/src/lib.rs", "b/vm/src/lib.rs"]);
    assert!(
        matches!(refusal, Err(Refusal::TwoHandOuts { first, second })
        if first == "a/vm/src/" && second == "b/vm/src/")
    );
}

#[test]
fn of_two_beside_each_other_the_whole_one_counts() {
    let choice = chosen(&["a/vm/src/options.rs", "b/vm/src/lib.rs"]).expect("b is whole");
    assert_eq!(choice.notes, ["vm/src of b/ (1 file)"]);
    let refusal = chosen(&["a/vm/src/options.rs", "b/vm/src/options.rs"]);
    assert!(matches!(refusal, Err(Refusal::TwoHandOuts { .. })));
}

#[test]
fn without_lib_rs_the_files_are_put_over_the_hand_out() {
    let choice = chosen(&["vm/src/mine.rs", "vm/src/options.rs"]).expect("they are below vm/src");
    assert!(!choice.whole);
    assert_eq!(
        choice.notes,
        ["vm/src (2 files, put over those of the hand-out: it has no lib.rs)"]
    );
}

#[test]
fn the_folder_vm_under_another_name_is_known_by_its_files() {
    let paths = [
        "work/src/lib.rs",
        "work/src/options.rs",
        "work/src/pager/evict.rs",
        "work/src/mine/new.rs",
        "work/tests/x.rs",
    ];
    let choice = chosen(&paths).expect("three files are known");
    assert!(choice.whole);
    assert_eq!(choice.files.len(), 4);
    assert_eq!(choice.notes, ["work/src/, taken as vm/src (4 files)"]);
}

#[test]
fn the_contents_of_src_are_known_by_their_files() {
    for prefix in ["", "mine/"] {
        let paths = ["lib.rs", "options.rs", "slots/mod.rs", "new.rs"];
        let paths = paths.map(|path| format!("{prefix}{path}"));
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let choice = chosen(&paths).expect("three files are known");
        assert!(choice.whole);
        assert_eq!(choice.files.len(), 4);
    }
}

#[test]
fn another_crate_is_not_taken_for_the_kernel() {
    let refusal = chosen(&["other/src/main.rs", "other/src/paging.rs"]);
    assert!(matches!(refusal, Err(Refusal::Nothing)));
}

#[test]
fn loose_files_are_told_by_the_longest_end_of_their_paths() {
    let paths = ["my/pager/mod.rs", "clock.rs", "notes.rs"];
    let choice = chosen(&paths).expect("two are known");
    assert!(!choice.whole);
    let pairs = pairs(&paths, &choice);
    assert_eq!(pairs["pager/mod.rs"], paths[0]);
    assert_eq!(pairs["replacement/clock.rs"], paths[1]);
    assert_eq!(
        choice.notes,
        [
            "my/pager/mod.rs as vm/src/pager/mod.rs",
            "clock.rs as vm/src/replacement/clock.rs",
            "notes.rs is not a file of the hand-out and was not used",
        ]
    );
}

#[test]
fn loose_files_that_are_not_certain_are_refused() {
    let refusal = chosen(&["mod.rs", "evict.rs"]);
    assert!(matches!(refusal, Err(Refusal::Ambiguous { path, .. }) if path == "mod.rs"));
    let refusal = chosen(&["new/evict.rs", "old/evict.rs"]);
    assert!(matches!(refusal, Err(Refusal::TwoForOne { target, .. })
        if target == "vm/src/pager/evict.rs"));
}

#[test]
fn unused_files_beyond_ten_are_counted() {
    let names: Vec<String> = (10..25).map(|number| format!("new{number}.rs")).collect();
    let paths = names.iter().map(String::as_str).chain(["evict.rs"]);
    let choice = chosen(&paths.collect::<Vec<_>>()).expect("one is known");
    assert_eq!(choice.notes.len(), 12);
    assert_eq!(choice.notes[11], "5 more .rs files were not used");
}

/// Paths that meet the rules often.
fn paths() -> impl Strategy<Value = Vec<String>> {
    let folder = select(vec![
        "a",
        "b",
        "vm",
        "src",
        "vm/src",
        "pager",
        "replacement",
    ]);
    let name = select(vec![
        "lib.rs",
        "mod.rs",
        "evict.rs",
        "clock.rs",
        "options.rs",
        "new.rs",
        "text.md",
    ]);
    let path = (vec(folder, 0..4), name).prop_map(|(folders, name)| {
        let names: Vec<&str> = folders.into_iter().chain([name]).collect();
        names.join("/")
    });
    btree_set(path, 0..12).prop_map(|paths| paths.into_iter().collect())
}

proptest! {
    #[test]
    fn whatever_is_chosen_is_a_source_for_one_place_of_its_own(paths in paths()) {
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        if let Ok(choice) = chosen(&paths) {
            let pairs = pairs(&paths, &choice);
            prop_assert_eq!(pairs.len(), choice.files.len());
            prop_assert!(!pairs.is_empty());
            for (inside, path) in &pairs {
                prop_assert!(inside.ends_with(".rs"));
                prop_assert_eq!(inside.rsplit('/').next(), path.rsplit('/').next());
            }
            prop_assert!(!choice.whole || pairs.contains_key("lib.rs"));
        }
    }

    #[test]
    fn the_order_of_entries_does_not_matter(
        (sorted, shuffled) in paths().prop_flat_map(|paths| (Just(paths.clone()), Just(paths).prop_shuffle()))
    ) {
        let sorted: Vec<&str> = sorted.iter().map(String::as_str).collect();
        let shuffled: Vec<&str> = shuffled.iter().map(String::as_str).collect();
        match (chosen(&sorted), chosen(&shuffled)) {
            (Ok(one), Ok(other)) => {
                prop_assert_eq!(pairs(&sorted, &one), pairs(&shuffled, &other));
                prop_assert_eq!(one.notes, other.notes);
            }
            (one, other) => prop_assert_eq!(one.err().map(|e| e.to_string()), other.err().map(|e| e.to_string())),
        }
    }

    #[test]
    fn a_link_is_never_chosen(paths in paths(), at in any::<prop::sample::Index>()) {
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let mut entries = entries(&paths);
        if !entries.is_empty() {
            let at = at.index(entries.len());
            entries[at].kind = Kind::Link;
            let link = entries[at].id;
            if let Ok(choice) = choose(&entries, &pristine()) {
                prop_assert!(!choice.files.contains_key(&link));
            }
        }
    }
}
