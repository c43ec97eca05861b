//! The launcher `vmlab` in a checkout that cannot be written to.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use testkit::root;

/// In place of the command: says what it was called with.
const COMMAND: &str = "#!/bin/sh\necho \"called with: $*\"\n";

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A checkout with a command that is built, in which nobody may write.
fn checkout() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let release = folder.path().join("target/release");
    fs::create_dir_all(&release).unwrap();
    fs::copy(root().join("vmlab"), folder.path().join("vmlab")).unwrap();
    fs::write(release.join("vmlab"), COMMAND).unwrap();
    for path in [
        "vmlab",
        "target/release/vmlab",
        "target/release",
        "target",
        "",
    ] {
        mode(&folder.path().join(path), 0o555);
    }
    folder
}

/// Runs the launcher as somebody to whom the rights of files apply, and with no cargo to be found.
fn launch(folder: &Path, args: &[&str]) -> Option<Output> {
    let launcher = folder.join("vmlab");
    let is_root = user_id() == "0";
    let mut command = match is_root {
        true => Command::new("setpriv"),
        false => Command::new(&launcher),
    };
    if is_root {
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
        command.arg(&launcher);
    }
    command
        .args(args)
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", "/nowhere");
    command.output().ok()
}

fn user_id() -> String {
    let id = Command::new("id").arg("-u").output().unwrap();
    String::from_utf8(id.stdout).unwrap().trim().to_owned()
}

#[test]
fn a_checkout_that_cannot_be_written_to_is_run_as_it_was_built() {
    let folder = checkout();
    let Some(output) = launch(folder.path(), &["run", "hello", "--frames", "16"]) else {
        eprintln!("skipped: there is no setpriv");
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert_eq!(
        output.stdout, b"called with: run hello --frames 16\n",
        "{said}"
    );
    mode(folder.path(), 0o755);
}
