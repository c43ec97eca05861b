//! The commands that run a program, as users call them: what they print where, and their exit
//! codes.

mod support;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use support::{VMLAB, vmlab_in};
use testkit::{command, ended};

fn vmlab(args: &[&str]) -> Output {
    vmlab_in(Path::new("."), args)
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

/// The command fails with code 2, prints nothing on standard output, and its message has `what`.
#[track_caller]
fn refused(args: &[&str], what: &str) {
    let (out, messages) = ended(2, &vmlab(args));
    assert_eq!(out, "", "{args:?}");
    assert!(messages.contains(what), "{args:?}: {messages}");
}

/// Returns the JSON object on the last line of standard error.
fn statistics(output: &Output) -> serde_json::Map<String, serde_json::Value> {
    serde_json::from_str(stderr(output).lines().last().unwrap()).unwrap()
}

#[test]
fn help_has_an_example_and_the_exit_codes_of_each_subcommand() {
    let commands = [
        "run", "inspect", "why", "snapshot", "policies", "report", "trace", "bench",
    ];
    for command in commands {
        let output = vmlab(&[command, "--help"]);
        assert_eq!(output.status.code(), Some(0));
        assert!(stdout(&output).contains("Example"), "{command}");
        assert!(
            stdout(&output).contains(&format!("vmlab {command}")),
            "{command}"
        );
        assert!(stdout(&output).contains("Exit codes:"), "{command}");
    }
    assert_eq!(vmlab(&["--help"]).status.code(), Some(0));
    assert_eq!(vmlab(&["--version"]).status.code(), Some(0));
}

#[test]
fn what_cannot_be_meant_is_refused() {
    refused(&["run"], "PROGRAM");
    refused(&["run", "--frames", "7", "hello"], "8");
    refused(&["run", "hello", "--frames", "0"], "8");
    refused(&["run", "--frames", "many", "hello"], "many");
    refused(&["run", "--frames", "4MB", "hello"], "4M or 1G");
    refused(&["run", "--frames", "10K", "hello"], "8K or 12K is");
    refused(&["run", "--swap-slots", "17G", "hello"], "16G");
    refused(&["run", "--policy", "colck", "hello"], "clock");
    refused(&["inspect", "hello", "--show", "mpas"], "maps");
    refused(&["inspect", "hello", "--at", "kil:1"], "did you mean kill?");
    refused(&["why", "page-linear", "dta"], "did you mean data?");
    refused(&["policies", "hello", "--frames", "1K"], "; 4K is");
    refused(&["run", "--fames", "64", "hello"], "--fames");
    refused(&["run", "--alias", "both", "hello"], "sync");
    refused(&["run", "--page-tables", "none", "hello"], "kpti");
    refused(&["run", "--policy", "best", "hello"], "ws-clock");
    refused(&["run", "--slot-allocator", "best", "hello"], "clustered");
    refused(&["run", "--stats=xml", "hello"], "json");
}

#[test]
fn what_is_not_there_or_cannot_be_used_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let long = folder.path().join("a-name-that-is-too-long");
    std::fs::write(&long, "x").unwrap();
    let no_folder = folder.path().join("no/folder");

    refused(&["run", "no-such-program"], "vmlab list");
    refused(&["run", "./hello"], "cannot read ./hello");
    refused(&["run", long.to_str().unwrap()], "1 to 14");
    refused(&["run", "--put", "no-such-file", "hello"], "no-such-file");
    refused(
        &["run", "--put", long.to_str().unwrap(), "hello"],
        "1 to 14",
    );
    refused(&["run", "--put", "hello", "hello"], "replace the program");
    refused(&["run", "--get", "a/b", "hello"], "a/b");
    refused(
        &["run", "--fs", no_folder.to_str().unwrap(), "hello"],
        "no/folder",
    );
    refused(
        &["run", "--swap-file", long.to_str().unwrap(), "hello"],
        "size",
    );
}

#[test]
fn a_size_is_as_good_as_a_number() {
    let run = |frames: &str, slots: &str| {
        let output = vmlab(&[
            "run",
            "page-linear",
            "--frames",
            frames,
            "--swap-slots",
            slots,
            "--stats=json",
        ]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        statistics(&output)
    };
    assert_eq!(run("256K", "4M"), run("64", "1024"));
}

#[test]
fn standard_output_is_the_console_and_nothing_else() {
    let output = vmlab(&["run", "hello", "--stats"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).ends_with("hello: exit(0)\n"));
    assert!(stderr(&output).contains("faults"));
    let silent = vmlab(&["run", "hello"]);
    assert_eq!(stdout(&silent), stdout(&output));
    assert_eq!(stderr(&silent), "");
}

#[test]
fn statistics_as_json_are_one_flat_object_on_the_last_line() {
    let output = vmlab(&["run", "page-linear", "--frames", "64", "--stats=json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let statistics = statistics(&output);
    let numbers = [
        "faults",
        "minor_faults",
        "major_faults",
        "evictions",
        "swap_reads",
        "swap_writes",
        "file_reads",
        "write_backs",
        "context_switches",
        "kpti_flushes",
        "peak_frames",
        "peak_slots",
        "work",
    ];
    for name in numbers {
        assert!(statistics[name].is_u64(), "{name}");
    }
    assert!(statistics["swap_writes"].as_u64() > Some(400));
    assert!(statistics["peak_frames"].as_u64() <= Some(64));
    assert!(
        statistics
            .values()
            .all(|value| !value.is_object() && !value.is_array())
    );
}

#[test]
fn with_kpti_a_kernel_address_is_absent_and_entries_cost_flushes() {
    let run = |way: &str| {
        let output = vmlab(&["run", "bad-read2", "--page-tables", way, "--stats=json"]);
        let flushes = statistics(&output)["kpti_flushes"].as_u64().unwrap();
        (stdout(&output).to_owned(), flushes)
    };
    let (shared, flushes) = run("shared");
    let fault = "Page fault at 0xc0000000: rights violation error reading page in user context.";
    assert!(shared.contains(fault), "{shared}");
    assert_eq!(flushes, 0);
    let (kpti, flushes) = run("kpti");
    let fault = "Page fault at 0xc0000000: not present error reading page in user context.";
    assert!(kpti.contains(fault), "{kpti}");
    assert!(flushes > 2);
}

#[test]
fn options_are_known_before_and_after_the_program_until_two_dashes() {
    let frames = |args: &[&str]| statistics(&vmlab(args))["peak_frames"].as_u64().unwrap();
    assert!(frames(&["run", "--frames=16", "page-linear", "--stats=json"]) <= 16);
    assert!(frames(&["run", "page-linear", "--stats=json", "--frames", "16"]) <= 16);

    assert!(
        frames(&[
            "run",
            "page-linear",
            "x",
            "--stats=json",
            "-y",
            "--frames",
            "16"
        ]) <= 16
    );

    let output = vmlab(&[
        "run",
        "args-multiple",
        "-x",
        "--",
        "--unknown=1",
        "--frames",
        "y",
    ]);
    for word in ["-x", "--unknown=1", "--frames", "y"] {
        assert!(
            stdout(&output).contains(&format!("'{word}'")),
            "{}",
            stdout(&output)
        );
    }
}

#[test]
fn a_misspelt_option_after_the_program_is_refused() {
    refused(
        &["run", "page-linear", "--frame", "64"],
        "no option --frame (did you mean --frames?); if it is meant for the program, write it \
         after --: vmlab run page-linear -- --frame 64",
    );
}

#[test]
fn a_guest_that_does_not_exit_with_0_gives_1() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("not-elf"), "not an executable").unwrap();
    let output = vmlab_in(folder.path(), &["run", "not-elf"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stdout(&output).contains("load: not-elf: error loading executable"));

    let limited = vmlab(&["run", "--max-work", "100", "--stats=json", "page-linear"]);
    assert_eq!(limited.status.code(), Some(1));
    assert_eq!(statistics(&limited)["end"], "work-limit");
}

#[test]
fn files_go_in_and_out() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("in.txt"), "content").unwrap();
    let args = [
        "run",
        "--put",
        "in.txt:data",
        "--get",
        "data:out.txt",
        "hello",
    ];
    let output = vmlab_in(folder.path(), &args);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(
        std::fs::read(folder.path().join("out.txt")).unwrap(),
        b"content"
    );

    let missing = vmlab_in(folder.path(), &["run", "--get", "no-such", "hello"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(stderr(&missing).contains("no-such"));
}

#[test]
fn a_folder_of_the_users_keeps_the_guests_files() {
    let folder = tempfile::tempdir().unwrap();
    let output = vmlab_in(folder.path(), &["run", "--fs", "disk", "hello"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let program = std::fs::read(folder.path().join("disk/hello")).unwrap();
    // A program within the folder would be copied onto itself.
    let again = vmlab_in(folder.path(), &["run", "--fs", "disk", "disk/hello"]);
    assert_eq!(again.status.code(), Some(0), "{}", stderr(&again));
    assert_eq!(
        std::fs::read(folder.path().join("disk/hello")).unwrap(),
        program
    );
}

#[test]
fn swap_can_be_a_file_of_the_host() {
    let folder = tempfile::tempdir().unwrap();
    let args = [
        "run",
        "--swap-file",
        "swap",
        "--swap-slots",
        "600",
        "--frames",
        "64",
        "page-linear",
    ];
    for _ in 0..2 {
        let output = vmlab_in(folder.path(), &args);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }
    assert_eq!(
        std::fs::metadata(folder.path().join("swap")).unwrap().len(),
        600 * 4096
    );
}

#[test]
fn logs_go_to_standard_error() {
    let output = command(VMLAB)
        .args(["run", "hello"])
        .env("RUST_LOG", "trace")
        .output()
        .unwrap();
    assert_eq!(stdout(&output), stdout(&vmlab(&["run", "hello"])));
    let log = stderr(&output);
    // No time stamps, in which two runs would differ.
    assert!(log.lines().next().unwrap().starts_with('['), "{log}");
    assert!(!log.contains("Z "), "{log}");
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_error() {
    let script = format!("'{VMLAB}' run page-linear | true");
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    assert_eq!(stderr(&output), "");
}

#[cfg(unix)]
#[test]
fn output_that_cannot_be_written_is_told() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let output = command(VMLAB)
        .args(["run", "hello"])
        .stdout(full.unwrap())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let message = stderr(&output);
    assert!(message.starts_with("vmlab: cannot write to standard output: "));
    assert_eq!(message.lines().count(), 1, "{message}");
}

#[test]
fn the_slowest_disk_is_no_bug_of_ours() {
    let slowest = u64::MAX.to_string();
    let args = ["run", "page-linear", "--frames", "64", "--disk-latency"];
    let output = vmlab(&[&args[..], &[&slowest]].concat());
    assert_ne!(output.status.code(), Some(3), "{}", stderr(&output));
}

#[test]
fn a_signal_leaves_no_temporary_files_behind() {
    let folder = tempfile::tempdir().unwrap();
    // It waits for its keyboard, and nothing is typed.
    let mut child = command(VMLAB)
        .args(["run", "read-stdin"])
        .env("TMPDIR", folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // `wait` would close it, and the program might end before the signal does it.
    let _keyboard = child.stdin.take();
    let begin = child.stdout.as_mut().unwrap();
    std::io::Read::read_exact(begin, &mut [0]).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

    let kill = Command::new("kill")
        .arg(child.id().to_string())
        .status()
        .unwrap();
    assert!(kill.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_heap_keeps_what_is_in_it_under_any_memory_pressure() {
    for frames in ["8", "16", "64", "367"] {
        let output = vmlab(&["run", "heap-shuffle", "--frames", frames]);
        let (out, messages) = ended(0, &output);
        assert!(
            out.contains("(heap-shuffle) all that was given back is one piece\n"),
            "{out}"
        );
        assert_eq!(messages, "");
    }
}

#[test]
fn a_source_is_compiled_as_its_comments_say() {
    let folder = tempfile::tempdir().unwrap();
    let one = "// flags: -DWORD=\"one\"\n// also: two.c\n// layout: low\n#include <stdio.h>\n\
        const char *two(void);\nint main(void)\n{\n    printf(\"%s %s\\n\", WORD, two());\n    return 0;\n}\n";
    let two = "const char *two(void);\nconst char *two(void)\n{\n    return \"two\";\n}\n";
    std::fs::write(folder.path().join("one.c"), one).unwrap();
    std::fs::write(folder.path().join("two.c"), two).unwrap();
    let output = vmlab_in(folder.path(), &["run", "one.c"]);
    assert_eq!(ended(0, &output).0, "one two\none: exit(0)\n");
}
