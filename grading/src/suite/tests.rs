//! The content of suite files, and the errors about it.

use std::fs;

use super::*;

const HEAD: &str = "[suite]\nname = 's'\ntitle = 'S'\n";
const TEST: &str = "[[test]]\nname = 'hello'\nshows = 'x'\npoints = 2\nexpect = ''\n";

fn error(text: &str) -> String {
    Suite::parse("s.toml", text).unwrap_err().to_string()
}

/// Returns the error for one more line, the ninth of the file.
fn error_of(line: &str) -> String {
    error(&format!("{HEAD}{TEST}{line}\n"))
}

#[test]
fn a_test_has_the_defaults_that_the_format_promises() {
    let suite = Suite::parse("s.toml", &format!("{HEAD}{TEST}")).unwrap();
    let test = &suite.tests[0];
    assert_eq!((test.program.as_str(), test.order), ("hello", Order::Exact));
    assert_eq!((test.exits, test.faults), (Compare::Exact, Compare::Any));
    assert_eq!(test.settings, Settings::default());
    assert_eq!(test.points, 2);
}

#[test]
fn every_bundled_suite_can_be_read() {
    let suites = Suite::bundled().unwrap();
    let names: std::collections::BTreeSet<_> = suites.iter().map(|suite| &suite.name).collect();
    assert_eq!(names.len(), suites.len(), "two suites have one name");
}

#[test]
fn an_unknown_key_or_a_value_out_of_range_is_an_error_that_says_where() {
    for (line, what) in [
        ("fames = 64", "fames"),
        ("frames = 2", "8"),
        ("policy = 'The Best'", "lower-case letters"),
        ("slot-allocator = 'best one'", "lower-case letters"),
        ("order = 'none'", "processes"),
    ] {
        let message = error_of(line);
        assert!(message.starts_with("s.toml: "), "{message}");
        assert!(
            message.contains("line 9") && message.contains(what),
            "{message}"
        );
    }
}

#[test]
fn what_cannot_be_meant_is_an_error_that_says_where() {
    for (line, what) in [
        (
            "program = 'no-such'",
            "there is no bundled program 'no-such'",
        ),
        (
            "program = 'page-liner'",
            "there is no bundled program 'page-liner' (did you mean page-linear?)",
        ),
        (
            "put = ['no-such']",
            "there is no bundled file or program 'no-such'",
        ),
        (
            "needs = ['other']",
            "there is no test 'other' in this suite",
        ),
        (
            "needs = ['helo']",
            "there is no test 'helo' in this suite (did you mean hello?)",
        ),
        (
            "stats = ['wrok < 1']",
            "there is no number 'wrok' in the statistics (did you mean work?)",
        ),
        (
            "files = [{ name = 'a/b', content = '' }]",
            "'a/b' cannot be the name",
        ),
        ("files = [{ name = 'a' }]", "'a' needs one of: content"),
        ("log = ['a[b']", "'a[b': "),
    ] {
        let message = error_of(line);
        let start = format!("s.toml, line 9: {what}");
        assert!(message.starts_with(&start), "{message}");
    }
    let twice = error(&format!("{HEAD}{TEST}{TEST}"));
    assert_eq!(
        twice,
        "s.toml, line 10: there are two tests of the name 'hello'"
    );
}

#[test]
fn a_suite_has_tests_and_a_test_has_points_and_one_expectation() {
    assert_eq!(error(HEAD), "s.toml: there is no [[test]] in it");
    let text = format!("{HEAD}{}", TEST.replace("points = 2", "points = 0"));
    assert_eq!(
        error(&text),
        "s.toml, line 7: a test is worth at least 1 point"
    );
    let text = format!("{HEAD}{}", TEST.replace("expect = ''", ""));
    assert!(error(&text).starts_with("s.toml, line 5: a test has one of: expect"));
}

#[test]
fn a_suite_of_the_users_names_what_lies_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let test = "[[test]]\nname = 'mine'\nshows = 'x'\npoints = 1\nexpect-file = 'out.txt'\n\
        put = ['in.txt:data', 'sample.txt']\nfiles = [{ name = 'b', same-as = 'out.txt' }]\n";
    write(SUITE_FILE, &format!("{HEAD}{test}"));
    let refused = Suite::read(folder.path()).unwrap_err().to_string();
    assert!(
        refused.contains("line 5: there is no bundled program 'mine', and no such file beside"),
        "{refused}"
    );

    for (name, text) in [("mine.c", ""), ("in.txt", ""), ("out.txt", "a\n")] {
        write(name, text);
    }
    let suite = Suite::read(folder.path()).unwrap();
    let test = &suite.tests[0];
    assert_eq!(test.program, folder.path().join("mine.c").to_str().unwrap());
    let own = format!("{}:data", folder.path().join("in.txt").display());
    assert_eq!(test.put, [own, "sample.txt".to_owned()]);
    assert_eq!(test.expect, "a\n");
    assert_eq!(test.files[0].state, FileState::Content(b"a\n".to_vec()));
}

#[test]
fn a_suite_that_is_not_there_is_an_error() {
    let error = Suite::read(Path::new("no/such.toml")).unwrap_err();
    assert!(error.to_string().starts_with("cannot read no/such.toml: "));
}
