//! `vmlab inspect`: what it shows at which moment, and its exit codes.

mod support;

use std::path::Path;

use support::vmlab_in;
use testkit::ended;

fn inspect(code: i32, args: &str) -> (String, String) {
    let args: Vec<&str> = ["inspect"].into_iter().chain(args.split('|')).collect();
    ended(code, &vmlab_in(Path::new("."), &args))
}

#[test]
fn the_end_of_the_program_is_the_moment_unless_told_otherwise() {
    let (out, console) = inspect(0, "hello");
    assert!(out.contains("process 1 exits with 0"), "{out}");
    assert!(out.contains("r-xp 00000000 00:00 1 "), "{out}");
    assert!(out.contains("[stack]"), "{out}");
    assert_eq!(console, "Hello from ring 3!\n");
}

#[test]
fn a_killed_process_is_still_there() {
    let (out, _) = inspect(0, "bad-write|--at|kill|--show|registers,maps|--addr|0x0");
    assert!(out.contains("process 1 is killed"), "{out}");
    assert!(out.contains("eip=0804"), "{out}");
    assert!(out.contains("region   none"), "{out}");
}

#[test]
fn a_fault_is_served_when_the_machine_stands_still() {
    let (out, _) = inspect(
        0,
        "page-linear|--frames|64|--at|fault:90|--show|frames,swap",
    );
    assert!(out.contains("fault n=90 pid=1"), "{out}");
    assert!(out.contains("64 of 64 frames in use"), "{out}");
    let displaced = out.lines().next().unwrap().split("slot=").nth(1).unwrap();
    let line = format!("\n{displaced:<5} 1:0x0");
    assert!(out.contains(&line), "{displaced}: {out}");
}

#[test]
fn an_event_is_named_by_its_text_in_the_fault_log() {
    let args = "fork-cow|--frames|16|--at|event:fault n=* pid=2 *:3|--pid|2|--show|spt";
    let (out, _) = inspect(0, args);
    assert!(out.contains("pid=2 name=fork-cow"), "{out}");
    assert!(out.contains("\nspt of process 2 (fork-cow):\n"), "{out}");
    let (out, _) = inspect(
        0,
        "fork-cow|--at|event:fault *: copy*|--show|processes,pagedir",
    );
    assert!(out.contains(": copy frame="), "{out}");
    assert!(out.contains("page directory in frame"), "{out}");
}

#[test]
fn with_kpti_the_page_directory_of_ring_3_is_shown_too() {
    let show = "hello|--show|pagedir|--page-tables";
    let (out, _) = inspect(0, &format!("{show}|shared"));
    assert!(!out.contains("ring 3"), "{out}");
    let (out, _) = inspect(0, &format!("{show}|kpti"));
    assert!(out.contains("the kernel's half: 40 tables"), "{out}");
    assert!(out.contains("page directory of ring 3 in frame"), "{out}");

    let (out, _) = inspect(0, &format!("{show}|kpti|--json"));
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    let (whole, isolated) = (&json["pagedir"], &json["pagedir"]["isolated"]);
    assert_ne!(whole["frame"], isolated["frame"]);
    let tables = |directory: &serde_json::Value| -> Vec<(u64, u64)> {
        let tables = directory["tables"].as_array().unwrap().iter();
        let number = |value: &serde_json::Value| value.as_u64().unwrap();
        tables
            .map(|table| (number(&table["index"]), number(&table["frame"])))
            .collect()
    };
    assert_eq!(tables(whole), tables(isolated));
    // One table of the kernel's half, and in that one page, which is not the program's.
    let [table] = &isolated["kernel_tables"].as_array().unwrap()[..] else {
        panic!("{isolated}");
    };
    let [entry] = &table["entries"].as_array().unwrap()[..] else {
        panic!("{table}");
    };
    assert_eq!(table["index"], 768);
    let flags = entry["flags"].as_str().unwrap();
    assert!(flags.starts_with("PW-"), "{flags}");
}

#[test]
fn work_is_a_moment_in_either_form() {
    for form in ["2100", "work:2100"] {
        let (out, _) = inspect(0, &format!("hello|--at|{form}|--show|registers"));
        assert!(out.starts_with("at: work 2100\n"), "{out}");
    }
}

#[test]
fn json_has_an_object_with_what_was_asked_for() {
    let (out, _) = inspect(
        0,
        "hello|--json|--show|maps,smaps,frames,swap,spt,pagedir|--addr|0x08048000",
    );
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["pid"], 1);
    assert_eq!(json["maps"][0]["start"], "0x08048000");
    assert_eq!(json["smaps"][0]["rss"], 4096);
    assert_eq!(json["frames"][0]["users"][0]["pid"], 1);
    assert_eq!(json["swap"]["in_use"], 0);
    assert_eq!(json["addresses"][0]["kind"], "#1:0");
    assert_eq!(json["pagedir"]["tables"][0]["index"], 32);
}

#[test]
fn a_moment_that_never_comes_is_a_failure() {
    let (out, messages) = inspect(1, "hello|--at|fault:100000");
    assert_eq!(out, "");
    assert!(messages.contains("fault:100000 did not come"), "{messages}");
    let (_, messages) = inspect(1, "hello|--at|kill");
    assert!(messages.contains("exited with 0"), "{messages}");
}

#[test]
fn nonsense_is_refused_with_the_way_out() {
    let (_, messages) = inspect(2, "hello|--at|tomorrow");
    assert!(messages.contains("event:GLOB[:N]"), "{messages}");
    let (_, messages) = inspect(2, "hello|--show|everything");
    assert!(messages.contains("pagedir"), "{messages}");
    let (_, messages) = inspect(2, "hello|--addr|here");
    assert!(messages.contains("hexadecimal"), "{messages}");
    inspect(2, "no-such-program");
}
