//! `vmlab report` and `vmlab trace` as users call them.

mod support;

use std::fs;

use serde_json::Value;
use support::vmlab_in;
use testkit::{assert_ended, ended};

/// The recording in a page.
fn data(page: &str) -> Value {
    let data = page.split("id=\"data\">").nth(1).expect("a page with data");
    serde_json::from_str(data.split("</script>").next().unwrap()).unwrap()
}

#[test]
fn a_report_is_one_page_with_the_run_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let args = ["report", "page-parallel", "--frames", "48", "-o", "r.html"];
    let (out, messages) = ended(0, &vmlab_in(folder.path(), &args));
    assert!(out.contains("page-parallel: exit(0)"), "the console: {out}");
    assert_eq!(messages, "");
    let page = fs::read_to_string(folder.path().join("r.html")).unwrap();
    let data = data(&page);
    assert_eq!(data["frames"], 48);
    assert_eq!(data["left_out"], 0);
    assert_eq!(data["stats"]["peak_frames"], 48);
    assert_eq!(data["options"][0], "--frames=48");
}

#[test]
fn a_report_can_compare_policies() {
    let folder = tempfile::tempdir().unwrap();
    let args = ["report", "hello", "--policies", "8,16", "-o", "r.html"];
    assert_ended(0, &vmlab_in(folder.path(), &args));
    let page = fs::read_to_string(folder.path().join("r.html")).unwrap();
    assert!(page.contains("Page faults of hello") && page.contains("sieve"));
    let refused = ["report", "exit", "--policies", "3", "-o", "r.html"];
    assert_ended(2, &vmlab_in(folder.path(), &refused));
}

#[test]
fn the_same_run_writes_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    for (command, first, second) in [
        ("report", "a.html", "b.html"),
        ("trace", "a.json", "b.json"),
    ] {
        for file in [first, second] {
            let args = [
                command,
                "fork-swap",
                "--frames=24",
                "--disk-latency=100",
                "-o",
                file,
            ];
            assert_ended(0, &vmlab_in(folder.path(), &args));
        }
        let read = |file: &str| fs::read(folder.path().join(file)).unwrap();
        assert!(read(first) == read(second), "{command}");
    }
}

#[test]
fn a_program_that_fails_is_drawn_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let args = ["report", "bad-read", "-o", "r.html"];
    assert_ended(1, &vmlab_in(folder.path(), &args));
    let page = fs::read_to_string(folder.path().join("r.html")).unwrap();
    assert_eq!(data(&page)["end"], "killed");
}

#[test]
fn what_is_too_much_is_left_out_and_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let args = [
        "report",
        "page-linear",
        "--max-events",
        "1000",
        "-o",
        "r.html",
    ];
    let (_, messages) = ended(0, &vmlab_in(folder.path(), &args));
    assert!(messages.contains("--max-events"), "{messages}");
    let page = fs::read_to_string(folder.path().join("r.html")).unwrap();
    assert!(messages.contains("the first 1000 events"), "{messages}");
    assert!(data(&page)["left_out"].as_u64() > Some(0));
}

#[test]
fn a_trace_says_what_its_time_is() {
    let folder = tempfile::tempdir().unwrap();
    let args = ["trace", "page-parallel", "--frames", "48", "-o", "t.json"];
    assert_ended(0, &vmlab_in(folder.path(), &args));
    let trace: Value =
        serde_json::from_slice(&fs::read(folder.path().join("t.json")).unwrap()).unwrap();
    let about = trace["otherData"]["time"].as_str().unwrap();
    assert!(about.contains("guest work"), "{about}");
    assert!(trace["traceEvents"].as_array().unwrap().len() > 1000);
}

#[test]
fn what_cannot_be_written_or_found_is_refused_before_the_run() {
    let folder = tempfile::tempdir().unwrap();
    for command in ["report", "trace"] {
        let refused = |args: &[&str], what: &str| {
            let args = [&[command], args].concat();
            let (out, messages) = ended(2, &vmlab_in(folder.path(), &args));
            assert!(
                out.is_empty() && messages.contains(what),
                "{args:?}: {messages}"
            );
        };
        refused(&["exit"], "--output");
        refused(
            &["exit", "-o", "no/such/folder"],
            "cannot write no/such/folder",
        );
        refused(&["nobody", "-o", "x"], "nobody");
        assert!(!folder.path().join("x").exists());
        refused(&["exit", "-o", "x", "--max-events", "1"], "1000");
    }
}

#[test]
fn the_machine_is_chosen_as_for_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let args = "trace page-linear --frames=64 --swap-file=swap --fs=files -o t.json";
    let args: Vec<&str> = args.split(' ').collect();
    assert_ended(0, &vmlab_in(folder.path(), &args));
    assert!(folder.path().join("files/page-linear").is_file());
    let swap = fs::read(folder.path().join("swap")).unwrap();
    assert!(
        swap.iter().any(|byte| *byte != 0),
        "nothing was swapped out"
    );
}

#[test]
fn a_run_that_cannot_begin_leaves_the_file_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("no-swap"), "short").unwrap();
    fs::write(path("old.html"), "old").unwrap();
    for output in ["new.html", "old.html"] {
        let args = ["report", "hello", "--swap-file=no-swap", "-o", output];
        let (_, messages) = ended(2, &vmlab_in(folder.path(), &args));
        assert!(messages.contains("no-swap is there already"), "{messages}");
    }
    assert_eq!(fs::read(path("old.html")).unwrap(), b"old");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}
