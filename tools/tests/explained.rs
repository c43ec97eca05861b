//! Why a program was not loaded, and why it died, as `vmlab run` tells it.

mod support;

use std::path::Path;
use std::process::{Command, Output};

use support::vmlab_in;
use testkit::ended;

fn run(folder: &Path, program: &str) -> Output {
    vmlab_in(folder, &["run", program])
}

/// The program is not loaded, and standard error says what it is.
#[track_caller]
fn not_loaded(content: &[u8], name: &str, what: &str) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), content).unwrap();
    let (out, messages) = ended(1, &run(folder.path(), &format!("./{name}")));
    let on_console = format!("load: {name}: error loading executable\n{name}: exit(-1)\n");
    assert_eq!(out, on_console);
    assert!(
        messages.starts_with(&format!("vmlab: {name} was not loaded: ")),
        "{messages}"
    );
    assert!(messages.contains(what), "{messages}");
}

/// `--root tree /bin/tool` names the host's own.
#[test]
fn a_program_of_the_host_that_is_below_the_root_too_is_told_how_that_is_named() {
    let folder = tempfile::tempdir().unwrap();
    testkit::write(&folder.path().join("tool"), "");
    testkit::write(&folder.path().join("tree/usr/bin/tool"), "another");
    let told = "the one of `--root` is tree/usr/bin/tool";
    for (program, is_told) in [("./tool", true), ("tree/usr/bin/tool", false)] {
        let with_root = &["run", "--root", "tree", program];
        let (_, messages) = ended(1, &vmlab_in(folder.path(), with_root));
        assert_eq!(messages.contains(told), is_told, "{messages}");
    }
    let (_, messages) = ended(1, &vmlab_in(folder.path(), &["run", "./tool"]));
    assert!(!messages.contains("--root"), "{messages}");
}

#[test]
fn a_wrong_executable_is_told_what_it_is() {
    not_loaded(b"", "empty", "it is an empty file");
    not_loaded(b"#!/bin/sh\n", "script", "it is a script");
    not_loaded(
        b"section .text\nglobal _start\n",
        "prog.asm",
        "nasm -f elf32",
    );
    not_loaded(
        b"Some text that is no program at all.\n",
        "text",
        "it is text",
    );
}

/// What the host's own compiler makes of a source, with these flags.
fn compiled(flags: &[&str]) -> Option<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("a.c");
    std::fs::write(
        &source,
        "int main(void) { return 0; }\nvoid _start(void) {}\n",
    )
    .unwrap();
    let output = folder.path().join("a");
    let mut command = Command::new("cc");
    command
        .args(flags)
        .args(["-nostdlib", "-w", "-o"])
        .arg(&output)
        .arg(&source);
    let is_made = command.output().is_ok_and(|output| output.status.success());
    is_made.then(|| std::fs::read(&output).unwrap())
}

#[test]
fn what_a_compiler_makes_of_a_source_in_another_way_is_told_what_it_is() {
    for (flags, what) in [
        (&["-c"][..], "64-bit"),
        (&["-static"], "64-bit"),
        (&["-m32", "-c"], "it is an object file"),
        (&["-m32", "-static-pie", "-fPIE"], "(PIE)"),
        (&["-m32", "-shared", "-fPIC"], "(PIE) or a shared library"),
        (
            &[
                "-m32",
                "-no-pie",
                "-Wl,-dynamic-linker=/lib/ld.so",
                "-Wl,-E",
                "-Wl,--no-as-needed",
                "-lgcc_s",
            ],
            "dynamically",
        ),
    ] {
        match compiled(flags) {
            Some(content) => not_loaded(&content, "a", what),
            None => eprintln!("skipped: cc takes no {flags:?}"),
        }
    }
}

#[test]
fn a_program_that_is_not_there_says_so_once() {
    let folder = tempfile::tempdir().unwrap();
    let (out, messages) = ended(2, &run(folder.path(), "page-liner"));
    assert_eq!(out, "");
    assert!(messages.contains("did you mean page-linear?"), "{messages}");
}

#[test]
fn a_child_that_cannot_be_loaded_says_why_without_a_log_being_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let source = "#include <syscall.h>\nint main(void) { return exec(\"text\") == -1 ? 0 : 1; }\n";
    std::fs::write(folder.path().join("parent.c"), source).unwrap();
    std::fs::write(folder.path().join("text"), "text").unwrap();
    let output = vmlab_in(folder.path(), &["run", "--put", "text", "./parent.c"]);
    let (_, messages) = ended(0, &output);
    assert!(
        messages.contains("\"text\" does not start: not a program"),
        "{messages}"
    );
}

#[test]
fn a_program_that_is_killed_shows_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let (_, messages) = ended(1, &run(folder.path(), "bad-write"));
    assert!(
        messages.starts_with("vmlab: bad-write died at images/programs/"),
        "{messages}"
    );
    assert!(messages.contains("bad-write.c:"), "{messages}");
    assert!(
        messages.contains("page fault writing 0x00000000"),
        "{messages}"
    );
    assert!(
        messages.contains("the page of the null pointer"),
        "{messages}"
    );
}

#[test]
fn an_unknown_system_call_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let source =
        "int main(void)\n{\n    __asm__ volatile(\"pushl $4321; int $0x30\");\n    return 0;\n}\n";
    std::fs::write(folder.path().join("call.c"), source).unwrap();
    let (_, messages) = ended(1, &run(folder.path(), "call.c"));
    let expected = "vmlab: call was killed by the kernel: there is no system call 4321\n";
    assert_eq!(messages, expected);
}

#[test]
fn however_many_die_standard_error_is_not_flooded() {
    let folder = tempfile::tempdir().unwrap();
    let source = "#include <syscall.h>\n#include <vm.h>\n\
        int main(void)\n{\n    for (int n = 0; n < 40; n++) {\n        pid_t child = fork();\n\
        \x20       if (child == 0)\n            *(volatile int *)0 = n;\n        wait(child);\n    }\n    return 0;\n}\n";
    std::fs::write(folder.path().join("many.c"), source).unwrap();
    let (_, messages) = ended(0, &run(folder.path(), "many.c"));
    assert_eq!(messages.matches(" died at ").count(), 16, "{messages}");
    assert!(
        messages.ends_with("why others die is not told\n"),
        "{messages}"
    );
}
