//! The console of `vmlab run` on the host: what a program has printed is out, whatever ends the
//! command.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;
use testkit::command;

/// The program of the tools.
const VMLAB: &str = env!("CARGO_BIN_EXE_vmlab-tools");

/// Prints a line and half a line, and then goes on for minutes without a word.
const SILENT: &str = "#include <stdio.h>\n\
    int main(void)\n{\n    printf(\"a line\\nhalf\");\n    for (;;)\n        continue;\n}\n";

/// Prints lines as long as anybody lets it.
const TALKS: &str = "#include <stdio.h>\n\
    int main(void)\n{\n    for (int n = 0;; n++)\n        printf(\"line %d\\n\", n);\n}\n";

fn source(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("loop.c");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

fn run(source: &Path, stdout: impl Into<Stdio>) -> Child {
    command(VMLAB)
        .arg("run")
        .arg(source)
        .stdout(stdout)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn signal(child: &Child, name: &str) {
    let kill = Command::new("kill")
        .args(["-s", name, &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
}

#[test]
fn what_was_printed_is_out_when_the_command_is_killed() {
    for (name, code, killed_by) in [
        ("KILL", None, Some(9)),
        ("TERM", Some(130), None),
        ("INT", Some(130), None),
    ] {
        let (folder, source) = source(SILENT);
        let output = folder.path().join("output");
        let mut child = run(&source, File::create(&output).unwrap());
        let is_out = || std::fs::read(&output).unwrap() == b"a line\nhalf";
        while !is_out() {
            assert!(child.try_wait().unwrap().is_none(), "it ended");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        signal(&child, name);
        let status = child.wait().unwrap();
        assert_eq!(
            (status.code(), status.signal()),
            (code, killed_by),
            "{name}"
        );
        assert!(is_out());
    }
}

#[test]
fn a_run_whose_output_nobody_reads_any_more_stops() {
    let (_folder, source) = source(TALKS);
    let mut child = run(&source, Stdio::piped());
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "line 0");
    drop(lines);
    let Output { status, stderr, .. } = child.wait_with_output().unwrap();
    assert_eq!((status.code(), stderr.as_slice()), (Some(1), &b""[..]));
}

/// What else was asked for of such a run is there.
#[test]
fn a_run_that_stops_so_still_counts_what_it_took() {
    let (folder, source) = source(TALKS);
    let log = folder.path().join("log");
    let mut vmlab = command(VMLAB);
    vmlab
        .args(["run", "--stats=json", "--fault-log"])
        .arg(&log)
        .arg(&source);
    let child = vmlab.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let messages = String::from_utf8(output.stderr).unwrap();
    assert!(messages.contains("\"end\":\"halted\""), "{messages}");
    assert!(
        std::fs::read_to_string(&log)
            .unwrap()
            .contains(" fault n=1 ")
    );
}

/// A picture is made of the whole run, whoever reads its console.
#[test]
fn a_report_is_made_though_nobody_reads_the_console() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    let mut vmlab = command(VMLAB);
    vmlab
        .args(["report", "page-linear", "--frames", "64", "-o"])
        .arg(&page);
    let mut child = vmlab
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(page.exists());
}
