//! Dynamic programs of Debian's for the i386 do under this kernel what they do under Linux: their interpreter and
//! their libraries are in the guest's `--root`, a folder of packages.
//!
//! The packages are fetched once, into the checkout's `target`, by `apt-get` with lists of its own; nothing is
//! installed. Where that cannot be done, or where the host runs no i386 programs, the tests say so and are
//! skipped, unless `VMLAB_REQUIRE_DYNAMIC` is set.

mod package;
mod side_by_side;

use std::path::Path;
use std::process::Command;

use side_by_side::{FRAMES, differences, guest};
use small::side_by_side::Case;

/// Compares what each program does; the root's dynamic linker starts it under Linux.
fn same(cases: &[Case]) {
    same_as(cases, package::native, FRAMES);
}

/// Compares what each program does with what a command of the host's does.
fn same_as(cases: &[Case], native: fn(&Path, &str) -> Command, frames: &[u32]) {
    let Some(root) = package::root() else {
        return;
    };
    let different: Vec<String> = cases
        .iter()
        .flat_map(|case| differences(case, root, native(root, &case.words()[0]), frames))
        .collect();
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// Lines in no order, always the same.
fn text(lines: u32) -> Vec<u8> {
    const WORDS: [&str; 5] = ["page", "frame", "fault", "swap", "clock"];
    let number = |line: u32| line.wrapping_mul(2_654_435_761) % 100_003;
    let word = |line: u32| WORDS[number(line) as usize % WORDS.len()];
    let line = |line: u32| format!("{} {} {line}\n", number(line), word(line));
    (1..=lines).map(line).collect::<String>().into_bytes()
}

fn case(words: &str) -> Case {
    Case::new(words.split(' ')).file("text", &text(300))
}

#[test]
fn programs_with_one_library() {
    same(&[
        case("hello"),
        case("hello --greeting=hi"),
        case("hello --no-such-option"),
        case("gzip -c text"),
        case("gzip text"),
        case("gzip -d").input(b"no archive"),
        Case::new([
            "mawk",
            "{ s += $1; n[$2]++ } END { print s, n[\"swap\"], sin(1) }",
        ])
        .input(&text(300)),
        Case::new(["dash", "-c", "exit 7"]),
    ]);
}

#[test]
fn programs_with_several_libraries() {
    same(&[
        Case::new(["bc", "-q"]).input(b"2^200\nscale=30\n7/3\nsqrt(2)\n"),
        Case::new(["bc", "-lq"]).input(b"4*a(1)\n"),
        Case::new(["sed", "-n", "s/swap/SWAP/p", "text"]).file("text", &text(300)),
        case("grep -c -P f(ault|rame) text"),
        case("sort -n -T . text"),
        case("factor 123456789012345678901234567890"),
        case("ls text"),
        case("ls -s none"),
        case("cp -a text copy"),
        case("sha256sum text"),
        case("expr 6 * 7"),
        case("diff text none"),
        case("cmp text text"),
    ]);
}

/// Programs that share their work among threads: what comes of it does not depend on who does what.
#[test]
fn programs_with_several_threads() {
    let case = |words: &str| Case::new(words.split(' ')).file("text", &text(2500));
    same(&[case("pigz -p 3 -b 32 -1 -n -c text")]);
    // A thread of this one works on more than a few pages at once.
    let compress = case("xz -0 -T2 --block-size=16KiB -c text");
    same_as(&[compress], package::native, &[300, 4096]);
}

/// The shell and its programs, with pipes, forks and execve of programs that need their interpreter.
#[test]
fn shells_start_dynamic_programs() {
    let Some(root) = package::root() else {
        return;
    };
    let script = "sort text | uniq -c | head -n 3; ls /usr/bin/hello; \
                  x=$(expr 6 '*' 7); echo $x; for i in 1 2 3; do echo $i; done | tr 123 abc; \
                  gzip -c text | gzip -d | cmp - text && echo same";
    let expected = "      1 1 b\n      2 2 a\n/usr/bin/hello\n42\na\nb\nc\nsame\n";
    for frames in [16, 64, 4096] {
        let case = Case::new(["dash", "-c", script]).file("text", b"2 a\n1 b\n2 a\n");
        let done = guest(&case, root, frames, None);
        assert_eq!((done.status(), done.text()), (0, expected.to_owned()));
    }
}

#[test]
fn static_programs_that_move_themselves() {
    let directly: fn(&Path, &str) -> Command =
        |root, name| Command::new(package::program(root, name));
    same_as(&[Case::new(["ldconfig", "--version"])], directly, FRAMES);
    let Some(root) = package::root() else {
        return;
    };
    // The dynamic linker itself is one.
    let words = ["dash", "-c", "/lib/ld-linux.so.2 /usr/bin/hello"];
    let done = guest(&Case::new(words), root, 64, None);
    assert_eq!(done.text(), "Hello, world!\n");
}

/// A script is run by the program that its first line names, from a shell or as the first program.
#[test]
fn scripts_are_run_by_the_program_that_they_name() {
    let Some(root) = package::root() else {
        return;
    };
    let script = b"#!/bin/dash -e\necho $0 $# $1\nfalse\necho not here\n";
    let run = |words: &[&str], frames| {
        let case = Case::new(words.iter().copied()).file("script", script);
        let done = guest(&case.file("deep", b"#!/script\n"), root, frames, None);
        (done.status(), done.text())
    };
    for frames in [16, 300] {
        let started = run(&["dash", "-c", "/script 'a b'; echo $?"], frames);
        assert_eq!(started, (0, "/script 1 a b\n1\n".to_owned()));
        let nested = run(&["dash", "-c", "/deep x"], frames);
        assert_eq!(nested, (1, "/script 2 /deep\n".to_owned()));
    }
}

/// Links of the packages are followed and seen as what they are; others cannot be made.
#[test]
fn links_of_the_packages_are_links() {
    let Some(root) = package::root() else {
        return;
    };
    let script = "readlink /lib/ld-linux.so.2; test -L /lib/ld-linux.so.2 && echo link; \
                  test -L /bin/ls || echo none; ln -s a b 2>/dev/null || echo refused";
    let done = guest(&Case::new(["dash", "-c", script]), root, 64, None);
    let target = std::fs::read_link(root.join("lib/ld-linux.so.2")).unwrap();
    let expected = format!("{}\nlink\nnone\nrefused\n", target.display());
    assert_eq!((done.status(), done.text()), (0, expected));
}

/// Programs that use alarms, stacks for handlers and `/proc/self/pagemap`.
#[test]
fn programs_see_time_pass_and_their_own_pages() {
    let Some(root) = package::root() else {
        return;
    };
    let run = |script: &str| {
        let done = guest(&Case::new(["dash", "-c", script]), root, 64, None);
        (done.status(), done.text())
    };
    assert_eq!(
        run("timeout --foreground 1 sleep 5; echo $?"),
        (0, "124\n".to_owned())
    );
    assert_eq!(
        run("timeout --foreground 5 sleep 1; echo $?"),
        (0, "0\n".to_owned())
    );
    // The first page of a position-independent program is in a frame while it runs.
    let entry = "dd if=/proc/self/pagemap bs=8 skip=353621 count=1 2>/dev/null | od -An -tx1";
    let (status, text) = run(entry);
    assert_eq!(status, 0);
    let flags = text.split_whitespace().next_back();
    assert!(flags.is_some_and(|flags| flags.starts_with('a')), "{text}");
}

/// A program's parts are in the same places each time, unless a seed says otherwise.
#[test]
fn the_layout_follows_from_the_seed() {
    let Some(root) = package::root() else {
        return;
    };
    let maps = |aslr: Option<u64>| {
        let case = Case::new(["cat", "/proc/self/maps"]);
        guest(&case, root, 64, aslr).text()
    };
    let first = maps(None);
    assert_eq!(first, maps(None));
    let line = |text: &str, name: &str| {
        let found = text.lines().find(|line| line.ends_with(name));
        found.unwrap_or_else(|| panic!("{name} in {text}"))[..8].to_owned()
    };
    assert_eq!(line(&first, " /cat"), "56555000");
    let parts = [" /cat", "/ld-linux.so.2", "[heap]"];
    let places = |aslr| parts.map(|part| line(&maps(aslr), part));
    assert_eq!(places(Some(3)), places(Some(3)));
    let (some, others) = (places(Some(3)), places(Some(4)));
    for (some, other) in some.iter().zip(&others) {
        assert_ne!(some, other);
    }
    for seed in 0..10 {
        let done = guest(&Case::new(["hello"]), root, 16, Some(seed));
        assert_eq!(done.text(), "Hello, world!\n", "seed {seed}");
    }
}

/// The same run twice is the same to the unit of work, wherever its parts are.
#[test]
fn runs_are_the_same_each_time() {
    let Some(root) = package::root() else {
        return;
    };
    for aslr in [None, Some(9)] {
        let run = || {
            let case = Case::new(["sort", "-n", "-T", ".", "text"]).file("text", &text(300));
            let done = guest(&case, root, 16, aslr);
            (done.report.stats, done.console)
        };
        assert!(run() == run());
    }
}
