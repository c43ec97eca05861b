//! Wrong kernels, as far as possible without building another one: policies that panic, search
//! without end, hang, exhaust memory or leave a part unwritten. The messages of `vmlab` must help
//! their authors.
//!
//! The command under test is this program itself, with these policies registered: if [`AS_VMLAB`]
//! is set, it is `vmlab`.

mod wrong {
    pub(crate) mod attacks;
    pub(crate) mod policies;
}

use std::fs;
use std::path::Path;
use std::process::{ExitCode, Output};

use libtest_mimic::{Arguments, Trial};
use protocol::exit::Exit;
use serde_json::Value;
use wrong::attacks::{ATTACKS, FORGED, STOPPED};

/// Set for the command and the processes that it starts.
const AS_VMLAB: &str = "VMLAB_WITH_WRONG_POLICIES";

fn main() -> ExitCode {
    if std::env::var_os(AS_VMLAB).is_some() {
        wrong::policies::register();
        wrong::attacks::register();
        return as_vmlab().into();
    }
    let tests: [(&str, fn()); 9] = [
        (
            "no_attack_gets_through_the_walls",
            no_attack_gets_through_the_walls,
        ),
        (
            "every_wrong_kernel_has_its_verdict",
            every_wrong_kernel_has_its_verdict,
        ),
        (
            "a_panic_is_told_with_its_frames_and_what_led_to_it",
            a_panic_is_told_with_what_led_to_it,
        ),
        (
            "what_is_not_written_is_told_once",
            what_is_not_written_is_told_once,
        ),
        (
            "no_failure_of_a_kernel_is_to_be_reported",
            no_failure_of_a_kernel_is_to_be_reported,
        ),
        ("a_hang_leaves_its_last_words", a_hang_leaves_its_last_words),
        (
            "by_hand_a_kernel_fails_with_a_code_of_its_own",
            by_hand_a_code_of_its_own,
        ),
        (
            "verbose_tells_each_test_with_its_time",
            verbose_tells_each_test_with_its_time,
        ),
        (
            "fail_fast_says_how_many_were_run",
            fail_fast_says_how_many_were_run,
        ),
    ];
    let trials = tests.map(|(name, test)| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit_code()
}

/// Runs this program as one of the three programs of `vmlab`.
fn as_vmlab() -> Exit {
    if driver::command::is_asked() {
        driver::command::main()
    } else if std::env::args().nth(1).as_deref() == Some("grade") {
        grading::cli::main()
    } else {
        tools::cli::main()
    }
}

fn vmlab(folder: &Path, args: &[&str]) -> Output {
    testkit::command(std::env::current_exe().expect("this program"))
        .args(args)
        .env(AS_VMLAB, "1")
        .current_dir(folder)
        .output()
        .expect("it starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs this many tests that evict, under a policy. Returns the command's output and exit code.
fn grade(policy: &str, tests: usize, args: &[&str]) -> (String, String, Option<i32>) {
    let folder = tempfile::tempdir().unwrap();
    let mut suite = "[suite]\nname = 's'\ntitle = 'S'\n".to_owned();
    for number in 0..tests {
        suite += &format!(
            "[[test]]\nname = 'test-{number}'\nprogram = 'page-linear'\nframes = 32\n\
             shows = 'x'\npoints = 1\nexpect = ''\n"
        );
    }
    fs::write(folder.path().join("s.toml"), suite).unwrap();
    let policy = format!("--policy={policy}");
    let machine = std::env::current_exe().expect("this program");
    let machine = format!("--machine={}", machine.display());
    let all = [&["grade", "--suite", "s.toml", &policy, &machine], args].concat();
    let output = vmlab(folder.path(), &all);
    (
        text(&output.stdout),
        text(&output.stderr),
        output.status.code(),
    )
}

/// Replaces line numbers of sources, which move with every change, by `N`.
fn without_lines(text: &str) -> String {
    let mut parts = text.split(".rs:");
    let mut scrubbed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        scrubbed += &format!(".rs:N{rest}");
    }
    scrubbed
}

/// Returns the line of a score board with the failure.
fn verdict(board: &str) -> String {
    let line = board.lines().find(|line| line.starts_with("FAIL"));
    without_lines(line.unwrap_or_else(|| panic!("{board}")))
}

fn every_wrong_kernel_has_its_verdict() {
    let kernels = [
        "panics",
        "out-of-bounds",
        "borrows-twice",
        "not-written",
        "looks-for-ever",
        "eats-memory",
        "recurses",
        "picks-a-wrong-frame",
    ];
    let verdicts: String = kernels
        .iter()
        .map(|kernel| {
            let (board, messages, code) = grade(kernel, 1, &[]);
            assert_eq!(code, Some(1), "{board}\n{messages}");
            format!("{kernel}: {}\n", verdict(&board))
        })
        .collect();
    insta::assert_snapshot!("verdicts", verdicts);
}

fn a_panic_is_told_with_what_led_to_it() {
    let (board, ..) = grade("out-of-bounds", 1, &[]);
    let frames: Vec<&str> = board
        .lines()
        .filter_map(|line| line.strip_prefix("  in "))
        .collect();
    assert!(
        frames[0].contains("grading/tests/wrong/policies.rs:"),
        "{board}"
    );
    let is_kernel = |frame: &str| frame.contains("(vm/src/") || frame.contains("(userprog/src/");
    assert!(
        frames.len() > 2 && frames[1..].iter().all(|frame| is_kernel(frame)),
        "{board}"
    );
    for part in [
        "note: the kernel was at page fault of page-linear (process 1) at ",
        "last events of the fault log",
        " zero-fill ",
        "last lines of the console:\n    (page-linear) begin\n    (page-linear) fill\n",
    ] {
        assert!(board.contains(part), "{part}\n{board}");
    }
}

fn no_attack_gets_through_the_walls() {
    let outside = std::env::temp_dir().join(FORGED);
    for (attack, _) in ATTACKS {
        let (board, messages, code) = grade(attack, 1, &[]);
        if messages.contains("cannot build all walls") {
            eprintln!("skipped: {messages}");
            return;
        }
        let stopped = format!("the attack was {STOPPED}");
        assert!(board.contains(&stopped), "{attack}: {board}\n{messages}");
        assert_eq!(code, Some(1), "{attack}");
        assert!(!outside.exists(), "{attack}");
    }
}

fn what_is_not_written_is_told_once() {
    let (board, ..) = grade("not-written", 40, &[]);
    assert_eq!(
        board
            .matches("not written yet: 9.1, choose a victim")
            .count(),
        1,
        "{board}"
    );
    assert!(
        board.contains("FAIL 40 tests (40 points): not written yet:"),
        "{board}"
    );
    assert!(board.lines().count() < 60, "{board}");
}

fn no_failure_of_a_kernel_is_to_be_reported() {
    for kernel in ["panics", "not-written", "recurses"] {
        let (board, messages, _) = grade(kernel, 1, &[]);
        assert!(
            !board.contains("report it") && !messages.contains("report it"),
            "{board}"
        );
    }
}

fn a_hang_leaves_its_last_words() {
    let folder = tempfile::tempdir().unwrap();
    let args = [
        "run",
        "page-linear",
        "--frames=32",
        "--policy=hangs",
        "--time-limit=1",
        "--memory-limit=8000000000",
        "--fs=files",
        "--record=box",
    ];
    let output = vmlab(folder.path(), &args);
    assert_eq!(output.status.code(), Some(4), "{}", text(&output.stderr));
    assert_eq!(
        text(&output.stdout),
        "(page-linear) begin\n(page-linear) fill\n"
    );
    let record: Value =
        serde_json::from_slice(&fs::read(folder.path().join("box")).unwrap()).unwrap();
    assert_eq!(record["failure"]["is"], "hang");
    let during = record["during"].as_str().unwrap();
    assert!(
        during.starts_with("page fault of page-linear (process 1) at "),
        "{during}"
    );
    assert!(!record["events"].as_array().unwrap().is_empty());
}

fn by_hand_a_code_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    for kernel in ["panics", "not-written", "looks-for-ever"] {
        let policy = format!("--policy={kernel}");
        let output = vmlab(
            folder.path(),
            &["run", "page-linear", "--frames=32", &policy],
        );
        let messages = text(&output.stderr);
        assert_eq!(output.status.code(), Some(4), "{messages}");
        assert!(messages.starts_with("vmlab: "), "{messages}");
    }
}

fn verbose_tells_each_test_with_its_time() {
    let (_, messages, _) = grade("clock", 3, &["-v"]);
    for number in 0..3 {
        let line = messages.lines().find_map(|line| {
            line.strip_prefix(&format!("FAIL s/test-{number} "))?
                .strip_suffix(" s")
        });
        assert!(
            line.is_some_and(|time| time.parse::<f64>().is_ok()),
            "{messages}"
        );
    }
}

fn fail_fast_says_how_many_were_run() {
    let (board, ..) = grade("clock", 9, &["--fail-fast", "--jobs=1"]);
    assert!(
        board.ends_with("1 of 1 tests failed. 1 of 9 were run (--fail-fast).\n"),
        "{board}"
    );
}
