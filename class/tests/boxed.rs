//! The box around the compiler, tested with programs that try to break out.
//!
//! If the host has no Landlock or seccomp the tests are skipped with a note.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use landlock::{ABI, Access, AccessFs, CompatLevel, Compatible, Ruleset, RulesetAttr, Scope};

/// What shell commands need to run at all.
const SYSTEM: [&str; 5] = ["/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache"];

/// Runs a shell command in a box in which it may write to `folder`.
fn boxed(folder: &Path, line: &str) -> Output {
    boxed_with(&[], folder, line)
}

/// The same with more options.
fn boxed_with(options: &[&str], folder: &Path, line: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vmlab-class"));
    command
        .arg("boxed")
        .args(options)
        .arg("--write")
        .arg(folder)
        .args(["--write", "/dev/null"]);
    for path in SYSTEM {
        command.args(["--read", path]);
    }
    command
        .args(["--", "/bin/sh", "-c", line])
        .current_dir(folder);
    command.output().unwrap()
}

/// Returns whether the host supports the walls, checked without the box.
fn has_walls() -> bool {
    let landlock = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(ABI::V6))
        .and_then(|rules| rules.scope(Scope::from_all(ABI::V6)))
        .and_then(Ruleset::create);
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let has = landlock.is_ok() && status.contains("Seccomp:");
    if !has {
        eprintln!("skipped: this host has no Landlock of version 6, or no seccomp");
    }
    has
}

#[test]
fn what_is_listed_can_be_used_and_nothing_else() {
    let (inside, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let secret = outside.path().join("secret");
    fs::write(&secret, "the solution").unwrap();
    let works = boxed(inside.path(), "echo made >file && cat file");
    assert_eq!(String::from_utf8_lossy(&works.stdout), "made\n");
    if !has_walls() {
        return;
    }
    let secret = secret.display();
    for line in [
        format!("cat {secret}"),
        format!("echo x >>{secret}"),
        format!("ln {secret} here"),
        format!("ln -s {secret} here && cat here"),
        format!("ls {}", outside.path().display()),
        "cat /etc/passwd".to_owned(),
        "cat /proc/1/cmdline".to_owned(),
    ] {
        let output = boxed(inside.path(), &line);
        assert!(!output.status.success(), "{line}");
        assert!(output.stdout.is_empty(), "{line}");
    }
    assert_eq!(
        fs::read_to_string(outside.path().join("secret")).unwrap(),
        "the solution"
    );
}

#[test]
fn there_is_no_network_and_no_limit_can_be_raised() {
    if !has_walls() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let socket = "perl -e 'use Socket; socket(my $s, PF_INET, SOCK_DGRAM, 0) or die $!'";
    let mut tried = 0;
    for line in [
        socket,
        "ulimit -t 1000000",
        "unshare --user true",
        "kill -0 1",
    ] {
        // What this user cannot do at all, or has no program for, shows nothing.
        let outside = Command::new("/bin/sh").args(["-c", line]).output().unwrap();
        if !outside.status.success() {
            continue;
        }
        tried += 1;
        let output = boxed(folder.path(), line);
        assert!(!output.status.success(), "{line}");
    }
    assert!(tried > 0);
}

#[test]
fn a_program_sets_smaller_limits_only_if_it_may() {
    if !has_walls() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let lowered = |options: &[&str]| {
        let output = boxed_with(options, folder.path(), "ulimit -t 7 && ulimit -t");
        (output.status.success(), output.stdout)
    };
    assert_eq!(lowered(&["--own-limits"]), (true, b"7\n".to_vec()));
    assert!(!lowered(&[]).0);
}

#[test]
fn a_file_grows_no_further_than_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let output = boxed(folder.path(), "truncate -s 600M file");
    assert!(!output.status.success());
    let size = fs::metadata(folder.path().join("file")).map_or(0, |file| file.len());
    assert!(size <= 512 << 20, "{size}");
}

#[test]
fn the_exit_of_the_program_is_that_of_the_box() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(boxed(folder.path(), "exit 7").status.code(), Some(7));
    let mut command = Command::new(env!("CARGO_BIN_EXE_vmlab-class"));
    let output = command
        .args(["boxed", "--", "/no/such/program"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("No such file"));
}

#[test]
fn where_walls_are_required_nothing_runs_without_them() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vmlab-class"));
    command.args([
        "boxed",
        "--required",
        "--read",
        "/usr",
        "--read",
        "/lib",
        "--read",
        "/lib64",
        "--read",
        "/bin",
    ]);
    let output = command
        .args(["--", "/bin/sh", "-c", "echo ran"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        // All walls stand, or it was not started: there is no third way.
        Some(0) if has_walls() => assert_eq!(output.stdout, b"ran\n"),
        Some(2) if !has_walls() => assert!(
            said.contains("cannot build all walls") && output.stdout.is_empty(),
            "{said}"
        ),
        code => panic!("{code:?}: {said}"),
    }
}
