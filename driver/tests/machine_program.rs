//! The machine program as the grader uses it: its outputs and its exit codes.

use std::path::Path;
use std::process::Output;

use glob::Pattern;
use protocol::kind::Kinds;
use protocol::level::Level;
use protocol::record::Record;
use protocol::request::Request;
use protocol::settings::Settings;
use protocol::stats::Printed;
use testkit::command;

const MACHINE: &str = env!("CARGO_BIN_EXE_vmlab-machine");

fn request(folder: &Path, program: &str) -> Request {
    Request {
        settings: Settings {
            frames: "64".parse().ok(),
            ..Settings::default()
        },
        seed: None,
        fs: folder.join("files"),
        put: Vec::new(),
        record: folder.join("record"),
        count_events: Vec::new(),
        snapshot: None,
        snapshot_level: Level::Faults,
        time_limit: 60,
        memory_limit: 8 << 30,
        check: None,
        require_sandbox: false,
        program: program.to_owned(),
        args: Vec::new(),
    }
}

fn run(request: &Request) -> Output {
    command(MACHINE)
        .arg("run")
        .args(request.to_args())
        .output()
        .expect("it starts")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("it prints text")
}

#[test]
fn the_console_is_standard_output_and_the_statistics_are_the_last_message() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&request(folder.path(), "page-linear"));
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).ends_with("page-linear: exit(0)\n"));
    let printed = Printed::in_messages(text(&output.stderr));
    assert!(printed.number("evictions") > Some(400), "{printed:?}");
    assert!(!printed.work_limit());
}

#[test]
fn the_record_has_the_last_events_and_how_many_matched() {
    let folder = tempfile::tempdir().unwrap();
    let mut request = request(folder.path(), "page-linear");
    request.count_events = ["evict *", "no such *"]
        .map(|pattern| Pattern::new(pattern).unwrap())
        .to_vec();
    let output = run(&request);
    let evictions = Printed::in_messages(text(&output.stderr)).number("evictions");
    let record = Record::read(&request.record).unwrap();
    assert_eq!(Some(record.matches[0]), evictions);
    assert_eq!(record.matches[1], 0);
    assert!(!record.events.is_empty() && record.deaths.is_empty());
    assert_eq!((record.failure, record.divergence), (None, None));
}

#[test]
fn why_a_process_died_is_in_the_record() {
    let folder = tempfile::tempdir().unwrap();
    let request = request(folder.path(), "bad-read");
    assert_eq!(run(&request).status.code(), Some(1));
    let record = Record::read(&request.record).unwrap();
    assert!(record.deaths[0].contains("bad-read"), "{record:?}");
}

#[test]
fn all_kinds_are_told() {
    let output = command(MACHINE).arg("kinds").output().unwrap();
    let kinds: Kinds = serde_json::from_slice(&output.stdout).unwrap();
    assert!(kinds.policies.contains(&"ws-clock".to_owned()));
    assert!(kinds.slot_allocators.contains(&"clustered".to_owned()));
}

#[test]
fn what_cannot_be_run_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let missing = run(&request(folder.path(), "no-such-program"));
    assert_eq!(missing.status.code(), Some(2));
    assert!(text(&missing.stderr).contains("no-such-program"));

    let mut unknown = request(folder.path(), "hello");
    unknown.settings.policy = "best".parse().ok();
    let refused = run(&unknown);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("ws-clock"));

    let half = command(MACHINE).args(["run", "hello"]).output().unwrap();
    assert_eq!(half.status.code(), Some(2));
    assert!(text(&half.stderr).contains("--record"));
}
