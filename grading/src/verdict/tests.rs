//! Each way to pass and to fail.

use super::*;
use crate::suite::Suite;

fn test(line: &str) -> Test {
    let text = format!(
        "[suite]\nname = 's'\ntitle = 'S'\n[[test]]\nname = 'hello'\nshows = 'x'\npoints = 1\n\
         {line}\nexpect = '''\n(hello) a\n(hello) b\nhello: exit(0)\n'''\n"
    );
    Suite::parse("s.toml", &text).unwrap().tests.remove(0)
}

fn run(console: &str) -> Run {
    Run {
        end: ProcessEnd::Exited(0),
        console: console.as_bytes().to_vec(),
        too_long: false,
        time_limit: Duration::from_secs(15),
        messages: String::new(),
        stats: Printed::in_messages("{\"end\":\"exited\",\"swap_writes\":7}"),
        record: Ok(Record::default()),
    }
}

const GOOD: &str = "(hello) a\n(hello) b\nhello: exit(0)\n";

fn verdict(line: &str, run: &Run) -> Verdict {
    Verdict::of(&test(line), run, |_| Ok(None))
}

/// Returns the only complaint about a run, in words.
fn complaint(verdict: &Verdict) -> String {
    let Verdict::Failed(complaints) = verdict else {
        panic!("{verdict:?}");
    };
    assert_eq!(complaints.len(), 1, "{complaints:?}");
    complaints[0].summary()
}

#[test]
fn the_expected_lines_pass_whatever_the_exit_code_of_the_guest() {
    let mut run = run(GOOD);
    assert_eq!(verdict("", &run), Verdict::Passed);
    run.end = ProcessEnd::Exited(1);
    assert_eq!(verdict("", &run), Verdict::Passed);
}

#[test]
fn fault_lines_do_not_count() {
    let run = run(
        "(hello) a\nPage fault at 0x0: not present error reading page in user context.\n\
         (hello) b\nhello: dying due to interrupt 0x0e (#PF Page-Fault Exception).\n\
         hello: exit(0)\n",
    );
    assert_eq!(verdict("", &run), Verdict::Passed);
}

#[test]
fn order_counts_unless_the_test_leaves_it_open() {
    let run = run("(hello) b\n(hello) a\nhello: exit(0)\n");
    assert!(complaint(&verdict("", &run)).starts_with("the console differs"));
    assert_eq!(verdict("order = 'any'", &run), Verdict::Passed);
}

#[test]
fn without_order_each_line_still_comes_as_often_as_expected() {
    let run = run("(hello) a\n(hello) a\n(hello) b\nhello: exit(0)\n");
    assert!(!verdict("order = 'any'", &run).passed());
}

#[test]
fn exit_codes_can_be_left_open() {
    let run = run("(hello) a\n(hello) b\nhello: exit(-1)\n");
    assert!(!verdict("", &run).passed());
    assert_eq!(verdict("exits = 'any'", &run), Verdict::Passed);
}

#[test]
fn missing_and_additional_lines_fail() {
    for console in [
        "(hello) a\nhello: exit(0)\n",
        "",
        "(hello) a\n(hello) b\nhello: exit(0)\nx",
    ] {
        assert!(!verdict("", &run(console)).passed());
    }
}

#[test]
fn files_are_compared_after_the_run() {
    let test = |line: &str| test(&format!("files = [{{ name = 'out', {line} }}]"));
    let judge = |test: &Test, file: Option<&[u8]>| {
        Verdict::of(test, &run(GOOD), |_| Ok(file.map(<[u8]>::to_vec)))
    };
    let text = test("content = \"a\\nb\\n\"");
    assert_eq!(judge(&text, Some(b"a\nb\n")), Verdict::Passed);
    assert_eq!(complaint(&judge(&text, None)), "file 'out' is not there");
    let different = judge(&text, Some(b"a\nc\n"));
    assert_eq!(
        complaint(&different),
        "file 'out' differs from what is expected"
    );
    assert_eq!(
        different.complaints()[0].comparison().unwrap().actual,
        "a\nc\n"
    );
    let binary = complaint(&judge(&text, Some(b"a\0b\n")));
    assert!(
        binary.ends_with("at byte 1: expected 0x0a, but it is 0x00"),
        "{binary}"
    );
    let short = complaint(&judge(&test("content = \"a\\u0000b\""), Some(b"a")));
    assert!(short.contains("has 1 bytes, not 3"), "{short}");

    let absent = test("absent = true");
    assert_eq!(judge(&absent, None), Verdict::Passed);
    assert_eq!(
        complaint(&judge(&absent, Some(b""))),
        "file 'out' should not be there"
    );
}

#[test]
fn statistics_are_compared_after_the_run() {
    assert_eq!(
        verdict("stats = ['swap_writes <= 7']", &run(GOOD)),
        Verdict::Passed
    );
    let verdict = verdict("stats = ['swap_writes == 0']", &run(GOOD));
    assert_eq!(
        complaint(&verdict),
        "expected swap_writes == 0, but it is 7"
    );
}

#[test]
fn events_of_the_fault_log_are_asked_for_or_ruled_out() {
    let line = "log = ['*swap-in*']\nlog-never = ['*killed*']";
    let matches = |wanted, unwanted| {
        let mut run = run(GOOD);
        run.record = Ok(Record {
            matches: vec![wanted, unwanted],
            ..Record::default()
        });
        verdict(line, &run)
    };
    assert_eq!(matches(3, 0), Verdict::Passed);
    assert!(complaint(&matches(0, 0)).starts_with("no event"));
    assert!(complaint(&matches(1, 2)).starts_with("2 events"));
}

#[test]
fn what_was_not_checked_does_not_pass() {
    let mut run = run(GOOD);
    run.record = Err("box: no such file".to_owned());
    for line in ["", "log-never = ['*killed*']"] {
        assert_eq!(
            verdict(line, &run),
            Verdict::SetUp("the run left no record: box: no such file".to_owned())
        );
    }
    run.end = ProcessEnd::Exited(3);
    assert!(matches!(verdict("", &run), Verdict::Bug(_)));
}

#[test]
fn a_file_that_cannot_be_read_is_not_taken_for_one_that_is_not_there() {
    let test = test("files = [{ name = 'out', absent = true }]");
    let verdict = Verdict::of(&test, &run(GOOD), |_| Err("no permission".to_owned()));
    assert_eq!(verdict, Verdict::SetUp("no permission".to_owned()));
}

#[test]
fn work_limit_watchdog_crash_and_set_up_are_told_apart() {
    let good = run(GOOD);
    let ended = |end| {
        let run = Run {
            end,
            ..good.clone()
        };
        verdict("", &run)
    };
    let limited = Run {
        stats: Printed::in_messages("{\"end\":\"work-limit\"}"),
        ..good.clone()
    };
    assert_eq!(verdict("", &limited), Verdict::WorkLimit(Vec::new()));
    let minute = Duration::from_secs(60);
    assert_eq!(ended(ProcessEnd::Watchdog(minute)), Verdict::Hang(60));
    assert!(matches!(ended(ProcessEnd::Exited(3)), Verdict::Bug(_)));
    let signalled = ended(ProcessEnd::Signal(11));
    assert_eq!(
        signalled.summary(),
        "the kernel was ended by signal 11 (SIGSEGV)"
    );
    assert!(matches!(ended(ProcessEnd::Exited(2)), Verdict::SetUp(_)));
    for end in [
        ProcessEnd::NotStarted("x".into()),
        ProcessEnd::Lost("x".into()),
    ] {
        assert!(matches!(ended(end), Verdict::SetUp(_)));
    }
}

/// Returns the verdict on a process that ended like this and left this in its record.
fn failed_by(end: ProcessEnd, failure: Failure) -> Verdict {
    let record = Record {
        failure: Some(failure),
        ..Record::default()
    };
    let run = Run {
        end,
        record: Ok(record),
        ..run(GOOD)
    };
    verdict("", &run)
}

fn panic(message: &str) -> Failure {
    Failure::Panic(KernelPanic {
        message: message.to_owned(),
        place: "vm/src/pager/evict.rs:63".to_owned(),
        frames: vec!["vm::f (vm/src/pager/evict.rs:63)".to_owned()],
    })
}

#[test]
fn a_kernel_that_fails_is_never_a_bug_to_be_reported() {
    let kernel = || ProcessEnd::Exited(Exit::Kernel.code().into());
    let failures = [
        panic("index out of bounds"),
        panic("not written yet: 3.2, choose a victim (vm/src/pager/evict.rs:63)"),
        panic("endless search: the policy clock looked at 8 frames 1000 times over"),
        Failure::Stuck("fault 412 was resolved, but its entry forbids the access".to_owned()),
        Failure::Hang,
    ];
    let summaries: Vec<String> = failures
        .into_iter()
        .map(|failure| {
            let verdict = failed_by(kernel(), failure);
            assert!(verdict.is_kernels() && !verdict.is_our_bug(), "{verdict:?}");
            verdict.summary()
        })
        .collect();
    assert_eq!(
        summaries,
        [
            "the kernel panicked at vm/src/pager/evict.rs:63: index out of bounds",
            "not written yet: 3.2, choose a victim (vm/src/pager/evict.rs:63)",
            "the kernel makes no progress: the policy clock looked at 8 frames 1000 times over (at \
             vm/src/pager/evict.rs:63)",
            "the kernel makes no progress: fault 412 was resolved, but its entry forbids the access",
            "the kernel hung, and was ended after 15 s",
        ]
    );
}

#[test]
fn a_panic_is_told_though_a_second_one_ended_the_process() {
    let verdict = failed_by(ProcessEnd::Signal(6), panic("x"));
    assert!(matches!(verdict, Verdict::KernelPanic(_)), "{verdict:?}");
}

#[test]
fn a_kernel_that_wants_too_much_memory_is_told_apart_from_other_signals() {
    let run = Run {
        end: ProcessEnd::Signal(6),
        messages: "memory allocation of 4294967296 bytes failed\n".to_owned(),
        ..run(GOOD)
    };
    assert_eq!(verdict("", &run), Verdict::Memory);
}
