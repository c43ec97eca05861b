//! The launcher `vmlab`: in a checkout that cannot be written to, and what it has cargo build.

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

/// In place of cargo: records what it is called with, and "builds" the two programs that are run here.
const CARGO: &str = r#"#!/bin/sh
if [ "$1" = --version ]; then echo "cargo 1.99.0"; exit; fi
echo "$*" >>calls
mkdir -p target/release
for program in vmlab corrected-unicorn; do
    printf '#!/bin/sh\n' >target/release/$program
    chmod +x target/release/$program
done
"#;

/// What cargo is called with by the launcher, in a fresh checkout.
fn builds_of(args: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        mode(&path, 0o755);
    };
    file("vmlab", &fs::read(root().join("vmlab")).unwrap());
    file("bin/cargo", CARGO.as_bytes());
    file("Cargo.toml", b"rust-version = \"1.88\"\n");
    file("class/here", b"");
    let path = format!(
        "{}/bin:{}",
        folder.path().display(),
        std::env::var("PATH").unwrap()
    );
    let output = Command::new(folder.path().join("vmlab"))
        .args(args)
        .env("PATH", path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let calls = fs::read_to_string(folder.path().join("calls")).unwrap();
    calls.lines().map(str::to_owned).collect()
}

/// With other packages cargo chooses other features of what all depend on, and compiles it again.
#[test]
fn what_all_programs_depend_on_is_compiled_once_whichever_command_comes_first() {
    for args in [
        &["grade"][..],
        &["run", "hello"],
        &["lab"],
        &["lab", "watch"],
        &["class", "grade"],
        &["man", "pages"],
    ] {
        let builds = builds_of(args);
        assert_eq!(builds.len(), 2, "{builds:?}");
        assert!(builds[0].ends_with("--bin corrected-unicorn"), "{builds:?}");
        for build in builds {
            assert!(
                build.contains("--package grading --package driver"),
                "{args:?}: {build}"
            );
        }
    }
}

/// Only so can it show why the kernel does not compile.
#[test]
fn to_watch_the_kernel_needs_no_kernel_that_compiles() {
    let builds = builds_of(&["lab", "watch", "4"]);
    assert!(builds[1].contains("--bin vmlab"), "{builds:?}");
    let builds = builds_of(&["lab", "grade", "4"]);
    assert!(!builds[1].contains("--bin"), "{builds:?}");
}
