//! `vmlab why`: what is at an address, the history of its page, and exit codes.

mod support;

use std::path::Path;

use serde_json::Value;
use support::vmlab_in;
use testkit::ended;

fn why(code: i32, args: &str) -> (String, String) {
    let args: Vec<&str> = ["why"].into_iter().chain(args.split('|')).collect();
    ended(code, &vmlab_in(Path::new("."), &args))
}

/// Returns the steps of an answer in JSON, as kinds and texts.
fn steps(args: &str) -> Vec<(String, String)> {
    let (out, _) = why(0, &format!("{args}|--json"));
    let answer: Value = serde_json::from_str(&out).unwrap();
    let steps = answer["steps"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    steps
        .map(|step| (text(&step["kind"]), text(&step["text"])))
        .collect()
}

/// The story has steps of these kinds with these words, in order.
fn is_story(steps: &[(String, String)], story: &[(&str, &str)]) {
    let mut steps = steps.iter();
    for (kind, part) in story {
        assert!(
            steps.any(|(found, text)| found == kind && text.contains(part)),
            "{kind}: {part}; remaining steps: {steps:?}"
        );
    }
}

#[test]
fn a_page_goes_from_zeros_to_swap_and_back() {
    let steps = steps("page-linear|data+0x1000|--frames|64");
    is_story(
        &steps,
        &[
            ("region", "may be used: bss, rw- private, zeros"),
            ("entry", "has another entry"),
            ("fault", "filled with zeros: fault "),
            ("eviction", "written to slot "),
            ("fault", "comes back from slot "),
            ("eviction", "written to slot "),
        ],
    );
    let eviction = steps.iter().find(|(kind, _)| kind == "eviction").unwrap();
    let cause = "of process 1, write of 0x";
    assert!(
        eviction.1.contains(cause) && eviction.1.contains("in memset"),
        "{eviction:?}"
    );
}

#[test]
fn the_answer_says_what_the_address_is_and_where_its_page_is_now() {
    let (out, console) = why(0, "page-linear|data+0x1000|--frames|64");
    for part in [
        "in process 1 (page-linear)\nsymbol   data+0x1000\nat       work ",
        "process 1 exits with 0",
        "[bss]\n",
        "page     in ",
        "step by step",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    assert!(!out.contains("has another entry"), "{out}");
    assert!(console.contains("page-linear: exit(0)") || console.contains("(page-linear) end"));
    let (out, _) = why(0, "page-linear|data+0x1000|--frames|64|--entries");
    assert!(out.contains("has another entry"), "{out}");
}

#[test]
fn code_has_its_line_of_source() {
    let (out, _) = why(0, "hello|_start");
    assert!(out.contains("source   images/lib/start.c:"), "{out}");
    assert!(out.contains("is read from file #1 at byte 0"), "{out}");
}

#[test]
fn the_history_of_a_copy_begins_with_that_of_its_parent() {
    let args = "fork-cow|0xbffff000|--pid|2|--frames|16|--at|exit";
    let (out, _) = why(0, args);
    assert!(out.contains("in process 1: gets frame "), "{out}");
    is_story(
        &steps(args),
        &[
            ("fault", "by the kernel, which loads the program"),
            ("eviction", "loses frame"),
            (
                "sharing",
                "is that of process 1, of which this one is a copy",
            ),
            ("eviction", "loses frame"),
        ],
    );
}

#[test]
fn a_killed_process_and_its_last_fault_are_there() {
    let (out, _) = why(0, "bad-write|0x0|--at|kill");
    assert!(
        out.contains("region   none: any access is an error"),
        "{out}"
    );
    assert!(
        out.contains("is not brought in, the process is killed: nothing is mapped there: fault "),
        "{out}"
    );
}

#[test]
fn advice_and_write_back_are_put_down_to_their_system_calls() {
    let steps = steps("madv-pageout|0x10000000");
    is_story(
        &steps,
        &[("eviction", "for the system call madvise of process 1")],
    );
}

#[test]
fn a_long_history_is_cut_and_says_so() {
    let args = "page-shuffle|data|--frames|16|--at|work:12000000";
    let (out, _) = why(0, args);
    assert!(
        out.contains("steps are left out; --all shows them"),
        "{out}"
    );
    let (all, _) = why(0, &format!("{args}|--all"));
    assert!(all.lines().count() > out.lines().count());
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let (_, messages) = why(2, "hello|nothing");
    assert!(
        messages.contains("nothing in hello has the name"),
        "{messages}"
    );
    let (_, messages) = why(2, "hello|main+0xffffffff");
    assert!(messages.contains("beyond the last address"), "{messages}");
    let (_, messages) = why(2, "hello|12g");
    assert!(messages.contains("hexadecimal"), "{messages}");
    let (out, _) = why(0, "hello|804b000");
    assert!(out.starts_with("0x0804b000 in process 1"), "{out}");
    let (_, messages) = why(2, "hello|0x0|--pid|7");
    assert!(messages.contains("there was no process 7"), "{messages}");
    why(2, "hello");
}

#[test]
fn a_moment_that_never_comes_is_a_failure_with_the_history_up_to_the_end() {
    let (out, messages) = why(1, "hello|_start|--at|kill");
    assert!(out.contains("goes with its process, which ends"), "{out}");
    assert!(messages.contains("did not come"), "{messages}");
}
