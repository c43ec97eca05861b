//! `vmlab judge-tests` as a command. Its kernel takes minutes to build, so nothing is judged here:
//! `tests/breaks.rs` looks after the breaks.

use std::process::Output;

use testkit::{ended, root, run_in};

fn judge_tests(words: &[&str]) -> Output {
    let vmlab = env!("CARGO_BIN_EXE_vmlab-class");
    run_in(&root(), vmlab, &[&["judge-tests"], words].concat())
}

fn listed(words: &[&str]) -> String {
    ended(0, &judge_tests(&[&["--list"], words].concat())).0
}

#[test]
fn hidden_breaks_are_listed_for_instructors_alone() {
    let public = listed(&[]);
    let all = listed(&["--instructor"]);
    let count = |text: &str| text.lines().filter(|line| line.starts_with("  ")).count();
    let last = public.lines().last().unwrap();
    let hidden = count(&all) - count(&public);
    assert!(hidden > 0);
    assert_eq!(
        last,
        format!("{} breaks, {hidden} more are hidden", count(&public))
    );
    assert!(count(&all) >= 200, "{}", count(&all));
}

#[test]
fn breaks_are_listed_by_milestones_and_what_is_given_comes_last() {
    let text = listed(&[]);
    let heads: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with(' ') && !line.is_empty())
        .collect();
    assert_eq!(heads.len(), 12, "{heads:?}");
    assert!(
        heads[0].starts_with("1 ") && heads[9].starts_with("10 "),
        "{heads:?}"
    );
    assert_eq!(heads[10], "What is given");
}

#[test]
fn nonsense_is_refused_before_anything_is_built() {
    let refused = |words: &[&str], message: &str| {
        let (_, said) = ended(2, &judge_tests(words));
        assert!(said.contains(message), "{said}");
    };
    refused(&[], "SUITE");
    refused(&["no-such-suite"], "there is no bundled suite");
    refused(
        &["vm", "--only", "no-such-break"],
        "no break matches --only",
    );
    refused(&["vm", "sharing", "vm"], "two suites are called 'vm'");
    refused(&["--list", "vm"], "cannot be used with");
    refused(&["vm", "--time", "0"], "invalid value '0'");
}
