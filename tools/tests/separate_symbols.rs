//! Names of a program whose debug information is in a file of its own, below `--root`.

use std::path::Path;
use std::process::Command;

use testkit::{command, root};

const VMLAB: &str = env!("CARGO_BIN_EXE_vmlab-tools");

/// Runs a tool of the host's compiler in the workspace; false if it is missing or refuses.
fn tool(name: &str, args: &[&str]) -> bool {
    let mut command = Command::new(name);
    command.args(args).current_dir(root());
    command.output().is_ok_and(|output| output.status.success())
}

fn fault_log(arguments: &[&str]) -> String {
    let log = command(VMLAB)
        .args([
            "run",
            "--abi",
            "linux",
            "--frames",
            "16",
            "--fault-log",
            "-",
        ])
        .args(arguments)
        .output()
        .unwrap();
    String::from_utf8_lossy(&log.stdout).into_owned() + &String::from_utf8_lossy(&log.stderr)
}

#[test]
fn the_fault_log_names_lines_of_a_program_that_was_stripped() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (whole, stripped) = (path("whole"), path("stripped"));
    let made = tool(
        "cc",
        &[
            "-m32",
            "-g",
            "-O1",
            "-ffreestanding",
            "-fno-stack-protector",
            "-static-pie",
            "-fpie",
            "-nostdlib",
            "-Wl,--build-id=0x1234",
            "-Iuserprog/executables/c",
            "tools/tests/gdb/c/swapped.c",
            "userprog/executables/c/linux.c",
            "-o",
            &whole,
        ],
    );
    if !made {
        eprintln!("skipped: cc makes no program for the i386");
        return;
    }
    let debug = Path::new(&path("root")).join("usr/lib/debug/.build-id/12");
    std::fs::create_dir_all(&debug).unwrap();
    let debug = debug.join("34.debug");
    assert!(tool(
        "objcopy",
        &["--only-keep-debug", &whole, debug.to_str().unwrap()]
    ));
    assert!(tool("objcopy", &["--strip-all", &whole, &stripped]));

    let named = "swapped.c:19:test";
    let alone = fault_log(&[&stripped]);
    assert!(
        alone.contains("name=stripped") && !alone.contains(named),
        "{alone}"
    );
    let with_root = fault_log(&["--root", &path("root"), &stripped]);
    assert!(with_root.contains(named), "{with_root}");
    assert!(with_root.contains("symbol=memory"), "{with_root}");
}
