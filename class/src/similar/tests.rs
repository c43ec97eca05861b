use std::fs;

use proptest::prelude::*;

use super::*;

/// A file of this tree.
fn file(path: &str) -> String {
    fs::read_to_string(testkit::root().join(path)).unwrap()
}

fn sources(files: &[(&str, &str)]) -> Sources {
    files
        .iter()
        .map(|(path, text)| (path.to_string(), text.as_bytes().to_vec()))
        .collect()
}

fn print_of(text: &str) -> Fingerprint {
    fingerprint(&sources(&[("x.rs", text)]))
}

#[test]
fn renamed_reformatted_and_reordered_files_are_the_same() {
    let swap = file("vm/src/residency/swap.rs");
    let fault = file("vm/src/pager/fault.rs");
    let before = fingerprint(&sources(&[("a.rs", &swap), ("b.rs", &fault)]));

    let swap: String = swap
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| line.trim_start().to_string() + " // Mine.\n")
        .collect();
    let swap = swap.replace("slot", "fach").replace("Device", "Platte");
    let after = fingerprint(&sources(&[("z.rs", &swap), ("c.rs", &fault)]));
    assert!(before.len() > LEAST);
    assert_eq!(before, after);
}

#[test]
fn a_copy_among_other_text_is_found_and_other_solutions_are_not() {
    let taken = file("vm/src/residency/swap.rs");
    let prints = [
        print_of(&file("vm/src/pager/evict.rs")),
        print_of(&taken),
        print_of(&file("vm/src/space/regions.rs")),
        print_of(&(file("vm/src/study/optimum.rs") + &taken.replace("self.slots", "self.places"))),
    ];
    let found = pairs(&prints, 40);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].first, found[0].second), (1, 3));
    assert!(found[0].share >= 95, "{found:?}");
}

#[test]
fn what_everybody_was_given_does_not_count() {
    let given = file("vm/src/residency/swap.rs");
    let written = |own: &str| {
        let at = given.find("impl ").unwrap();
        format!("{}{own}{}", &given[..at], &given[at..])
    };
    let own = file("vm/src/pager/evict.rs");
    let others = file("vm/src/space/regions.rs");
    let hand_out = every_gram(&sources(&[("x.rs", &given)]));
    let alone = |own: &str| print_of(&written(own)).without(&hand_out);

    assert!(print_of(&given).without(&hand_out).is_empty());
    let share = |prints: &[Fingerprint]| pairs(prints, 0).first().map_or(0, |pair| pair.share);
    let with_given = share(&[print_of(&written(&own)), print_of(&written(&others))]);
    let without = share(&[alone(&own), alone(&others)]);
    assert!(with_given > 40 && without < 10, "{with_given} {without}");
}

#[test]
fn pairs_come_highest_first_then_by_index_with_the_share_of_the_smaller() {
    let print = |range: std::ops::Range<u64>| Fingerprint(range.collect());
    let prints = [
        print(0..100),
        print(0..40),
        print(80..120),
        print(500..500 + LEAST as u64 - 1),
        print(0..50),
        print(500..600),
    ];
    let shares = |at_least| -> Vec<_> {
        let found = pairs(&prints, at_least);
        found
            .iter()
            .map(|pair| (pair.first, pair.second, pair.share))
            .collect()
    };
    assert_eq!(
        shares(50),
        [(0, 1, 100), (0, 4, 100), (1, 4, 100), (0, 2, 50)]
    );
    assert_eq!(shares(51).len(), 3);
    assert_eq!(pairs(&[], 0), []);
}

#[test]
fn a_file_that_is_short_or_unreadable_or_no_rust_says_nothing() {
    assert!(print_of("fn f() {}").is_empty());
    assert!(print_of(&"fn f() { (".repeat(100)).is_empty());
    let text = file("vm/src/residency/swap.rs");
    assert!(fingerprint(&sources(&[("README.md", &text)])).is_empty());
}

#[test]
fn the_fingerprint_is_the_same_in_every_version() {
    assert_eq!(symbols::hash("a"), 0xaf63_dc4c_8601_ec8c);
}

/// Symbols that are no brackets and no names, so that their number is the number of words.
fn words(
    length: impl Into<prop::collection::SizeRange>,
) -> impl Strategy<Value = Vec<&'static str>> {
    let word = prop::sample::select(vec![
        "if", "else", "x", "1", "+", ";", "let", "=", "\"a\"", "'c'",
    ]);
    prop::collection::vec(word, length)
}

proptest! {
    #[test]
    fn a_match_that_is_long_enough_is_always_found(
        same in words(SURELY_FOUND..80),
        around in [words(0..60), words(0..60), words(0..60), words(0..60)],
    ) {
        let [before, after, other_before, other_after] = around;
        let one = print_of(&[before, same.clone(), after].concat().join(" "));
        let other = print_of(&[other_before, same, other_after].concat().join(" "));
        prop_assert!(one.0.intersection(&other.0).next().is_some());
    }

    #[test]
    fn what_is_kept_is_among_all_grams(text in words(0..200)) {
        let sources = sources(&[("x.rs", &text.join(" "))]);
        let kept = fingerprint(&sources);
        let all = every_gram(&sources);
        prop_assert_eq!(kept.is_empty(), text.len() < GRAM);
        prop_assert!(kept.without(&all).is_empty());
    }
}
