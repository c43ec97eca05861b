//! `vmlab run --fault-log`: where it goes, its two formats, its levels, and what is refused.

mod support;

use std::path::Path;

use serde_json::{Map, Value};
use support::{VMLAB, vmlab_in};
use testkit::{assert_ended, command, ended};

/// A run with faults, evictions and traffic of the swap disk.
const RUN: [&str; 4] = ["run", "page-shuffle", "--frames", "32"];

/// Returns the log of that run, written to standard error.
fn on_stderr(more: &[&str]) -> String {
    let args = [&RUN[..], &["--fault-log", "-"], more].concat();
    ended(0, &vmlab_in(Path::new("."), &args)).1
}

/// Returns the log of that run, written to a file of this name.
fn in_file(name: &str, more: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let args = [&RUN[..], &["--fault-log", name], more].concat();
    let (_, messages) = ended(0, &vmlab_in(folder.path(), &args));
    assert_eq!(messages, "");
    std::fs::read_to_string(folder.path().join(name)).unwrap()
}

/// Returns the line of text for an object, without padding.
fn line(mut object: Map<String, Value>) -> String {
    let work = object.shift_remove("work").unwrap();
    format!("{work} {}", clause("event", &object))
}

fn clause(word: &str, object: &Map<String, Value>) -> String {
    let plain = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let mut text = plain(&object[word]);
    for (key, value) in object {
        match key.as_str() {
            key if key == word => {}
            "why" => text += &format!(": {}", plain(value)),
            "then" => {
                let all = value.as_array().unwrap().iter();
                let all = all.map(|one| clause("did", one.as_object().unwrap()));
                text += &format!(": {}", all.collect::<Vec<_>>().join(", "));
            }
            key => text += &format!(" {key}={}", plain(value)),
        }
    }
    text
}

/// Returns whether each line is also in the other log, in the same order.
fn is_part(log: &str, of: &str) -> bool {
    let mut all = of.lines();
    log.lines().all(|line| all.any(|other| other == line))
}

#[test]
fn the_log_is_the_same_each_time_and_in_a_file() {
    let log = on_stderr(&[]);
    assert!(log.lines().count() > 100, "{log}");
    assert!(log.lines().all(|line| line.contains(" fault n=")), "{log}");
    assert_eq!(on_stderr(&[]), log);
    assert_eq!(in_file("log.txt", &[]), log);
}

#[test]
fn the_files_name_chooses_json_which_says_the_same_as_the_text() {
    let level = ["--fault-log-level", "entries"];
    let text = in_file("log", &level);
    let json = in_file("log.jsonl", &level);
    let lines = json.lines().map(|text| serde_json::from_str(text).unwrap());
    let lines: Vec<String> = lines.map(line).collect();
    let texts: Vec<&str> = text.lines().map(str::trim_start).collect();
    assert_eq!(lines, texts);
    let as_json = [&level[..], &["--fault-log-format", "json"]].concat();
    assert_eq!(in_file("log", &as_json), json);
    let as_text = [&level[..], &["--fault-log-format", "text"]].concat();
    assert_eq!(in_file("log.json", &as_text), text);
}

#[test]
fn each_level_has_all_lines_of_the_one_below() {
    let [faults, evictions, entries] =
        ["faults", "evictions", "entries"].map(|level| on_stderr(&["--fault-log-level", level]));
    assert_eq!(faults, on_stderr(&[]));
    assert!(is_part(&faults, &evictions) && faults.len() < evictions.len());
    assert!(is_part(&evictions, &entries) && evictions.len() < entries.len());
    assert!(evictions.contains(" evict frame=") && !evictions.contains(" pte pid="));
    assert!(entries.contains(" pte pid="));
}

#[test]
fn a_log_that_cannot_be_written_and_a_level_without_a_log_are_refused() {
    let refused = |more: &[&str]| {
        let args = [&RUN[..], more].concat();
        let (console, messages) = ended(2, &vmlab_in(Path::new("."), &args));
        assert_eq!(console, "");
        messages
    };
    let message = refused(&["--fault-log", "no-folder/log"]);
    assert!(
        message.starts_with("vmlab: cannot write the fault log to no-folder/log: "),
        "{message}"
    );
    let message = refused(&["--fault-log-level", "entries"]);
    assert!(message.contains("--fault-log <FILE>"), "{message}");
}

#[test]
fn the_log_crate_gets_the_faults_too_and_the_console_stays_as_it_is() {
    let run = |log: &str| {
        let mut vmlab = command(VMLAB);
        vmlab.args(RUN).env("RUST_LOG", log);
        ended(0, &vmlab.output().expect("vmlab starts"))
    };
    let (console, messages) = run("warn");
    assert_eq!(messages, "");
    let (logged_console, messages) = run("vm::fault=info");
    assert_eq!(logged_console, console);
    let count = |text: &str| text.matches(" fault n=").count();
    assert_eq!(count(&messages), messages.lines().count());
    assert_eq!(count(&messages), count(&on_stderr(&[])));
}

/// What is made of the event itself: a name stays a name though it looks like a number, and why a
/// process died is whole though it has commas and colons in it.
#[test]
fn json_says_what_an_event_is_and_not_what_its_line_looks_like() {
    let folder = tempfile::tempdir().unwrap();
    let source = "int main(void)\n{\n    *(volatile int *)0 = 1;\n    return 0;\n}\n";
    std::fs::write(folder.path().join("123.c"), source).unwrap();
    let args = ["run", "123.c", "--fault-log", "log.json"];
    assert_ended(1, &vmlab_in(folder.path(), &args));
    let log = std::fs::read_to_string(folder.path().join("log.json")).unwrap();
    let last: Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    assert_eq!(last["name"], "123", "{last}");
    assert_eq!(last["addr"], "0x00000000");
    assert_eq!(last["then"][0]["did"], "killed");
    assert_eq!(last["then"][0]["why"], "nothing is mapped there");
}
