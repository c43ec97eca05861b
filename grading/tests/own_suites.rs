//! Suites of students: made, run, failed, repeated, split over machines and merged again.

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::vmlab_in;
use tempfile::TempDir;
use testkit::{assert_ended, ended};

/// Makes a folder with a suite `s` of these tests and programs.
fn suite(tests: &str, programs: &[(&str, &str)]) -> TempDir {
    let text = format!("[suite]\nname = 's'\ntitle = 'S'\n{tests}");
    let folder = testkit::folder(&[("s/suite.toml", &text)]);
    for (name, source) in programs {
        testkit::write(&folder.path().join("s").join(name), source);
    }
    folder
}

fn grade(folder: &Path, code: i32, more: &[&str]) -> String {
    let args = [&["grade", "--suite", "s"], more].concat();
    ended(code, &vmlab_in(folder, &args)).0
}

/// Two tests of which the second fails.
const TWO: &str = "[[test]]\nname = 'good'\nprogram = 'hello'\nshows = 'x'\npoints = 1\n\
    exits = 'any'\nexpect = 'Hello from ring 3!'\ntags = ['quick']\n\
    [[test]]\nname = 'bad'\nprogram = 'hello'\nshows = 'x'\npoints = 3\nneeds = ['good']\n\
    expect = 'something else'\n";

#[test]
fn a_new_test_passes_and_fails_when_its_expectation_changes() {
    let folder = tempfile::tempdir().unwrap();
    assert_ended(0, &vmlab_in(folder.path(), &["new-test", "demo"]));
    let (board, _) = ended(0, &vmlab_in(folder.path(), &["grade", "--suite", "demo"]));
    assert!(board.contains("All 2 tests passed."), "{board}");

    let expected = folder.path().join("demo/demo.txt");
    let text = fs::read_to_string(&expected).unwrap();
    fs::write(&expected, text.replace("64 pages", "65 pages")).unwrap();
    let (board, _) = ended(1, &vmlab_in(folder.path(), &["grade", "--suite", "demo"]));
    assert!(board.contains("-(demo) 65 pages hold"), "{board}");
    assert!(board.contains("+(demo) 64 pages hold"), "{board}");
    assert!(board.contains("again: ./vmlab run --frames=16"), "{board}");
    assert!(board.contains("swap-in slot="), "{board}");
}

#[test]
fn a_source_can_be_run_by_hand_and_its_errors_are_the_compilers() {
    let folder = suite(TWO, &[("wrong.c", "int main(void) { return x; }\n")]);
    let output = vmlab_in(folder.path(), &["run", "s/wrong.c"]);
    let (_, messages) = ended(2, &output);
    assert!(
        messages.contains("s/wrong.c cannot be compiled"),
        "{messages}"
    );
}

#[test]
fn a_death_is_explained_with_its_line_and_what_lies_there() {
    let tests = "[[test]]\nname = 'null'\nshows = 'x'\npoints = 1\nexpect = ''\n\
        [[test]]\nname = 'pointer'\nshows = 'x'\npoints = 1\nexpect = ''\n";
    let null = "#include <test.h>\nTEST\n{\n    *(volatile int *)8 = 1;\n}\n";
    let pointer = "#include <test.h>\nTEST\n{\n    write(1, (void *)0xc0000000, 1);\n}\n";
    let folder = suite(tests, &[("null.c", null), ("pointer.c", pointer)]);
    let board = grade(folder.path(), 1, &[]);
    for part in [
        "null died at s/null.c:4, in test_body",
        "page fault writing 0x00000008: nothing is mapped there",
        "the page of the null pointer",
        "access=write by=user error=6 page=unmapped: killed: nothing is mapped there",
        "pointer was killed by the kernel, in a system call that would read from 0xc0000000: kernel address",
        "there: kernel memory, which no program may touch",
        "refused pid=1 addr=0xc0000000 access=read page=unmapped: kernel address",
    ] {
        assert!(board.contains(part), "{part}:\n{board}");
    }
}

#[test]
fn tests_are_chosen_by_tag_by_name_and_by_having_failed() {
    let folder = suite(TWO, &[]);
    let nothing_failed = vmlab_in(folder.path(), &["grade", "--suite", "s", "--failed"]);
    assert!(ended(2, &nothing_failed).1.contains("--failed"));
    assert!(grade(folder.path(), 0, &["--tag", "quick"]).contains("All 1 tests"));
    assert!(grade(folder.path(), 0, &["--only", "s/g*"]).contains("All 1 tests"));
    grade(folder.path(), 1, &[]);
    let board = grade(folder.path(), 1, &["--failed"]);
    assert!(
        board.contains("1 of 1 tests failed.") && board.contains("FAIL s/bad"),
        "{board}"
    );
}

#[test]
fn after_a_failure_nothing_more_is_run_if_so_asked() {
    let tests = TWO
        .replace("something else", "")
        .replace("'Hello from ring 3!'", "'no'");
    let folder = suite(&tests, &[]);
    let board = grade(folder.path(), 1, &["--fail-fast", "--jobs", "1"]);
    assert!(
        board.ends_with("1 of 1 tests failed. 1 of 2 were run (--fail-fast).\n"),
        "{board}"
    );
}

#[test]
fn every_seed_must_give_the_same_verdict_or_is_named() {
    // What the program prints depends on where its time slice ends.
    let tests = "[[test]]\nname = 'hello'\nshows = 'x'\npoints = 1\nexits = 'any'\n\
        expect = 'Hello from ring 3!'\n";
    let folder = suite(tests, &[]);
    let board = grade(folder.path(), 0, &["--seed", "1..3", "--repeat", "2"]);
    assert!(board.contains("All 1 tests passed."), "{board}");

    let racing = "#include <test.h>\nint main(int argc, char *argv[])\n{\n    (void)argv;\n\
        if (argc > 1) { for (volatile int i = 0; i < 1000000; i++) {} \
        int fd = open(\"data\"); write(fd, \"child \", 6); exit(0); }\n\
        create(\"data\", 6);\n    pid_t child = exec(\"race x\");\n\
        for (volatile int i = 0; i < 1000000; i++) {}\n\
        int fd = open(\"data\"); write(fd, \"parent\", 6);\n    wait(child);\n\
        char last[7] = { 0 };\n    seek(fd, 0); read(fd, last, 6); msg(\"%s\", last);\n}\n";
    let tests = "[[test]]\nname = 'race'\nshows = 'x'\npoints = 1\nexits = 'any'\n\
        order = 'any'\nexpect = '(race) parent'\n";
    let folder = suite(tests, &[("race.c", racing)]);
    let output = vmlab_in(folder.path(), &["grade", "--suite", "s", "--seed", "1..12"]);
    let board = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{board}");
    assert!(
        board.contains("note: the result depends on the seed: this one with seed"),
        "{board}"
    );
}

#[test]
fn shards_are_merged_to_the_same_report() {
    let folder = suite(TWO, &[]);
    let path = folder.path();
    grade(path, 0, &["--shard", "1/2", "--report", "json=1.json"]);
    grade(path, 1, &["--shard", "2/2", "--report", "json=2.json"]);
    let (merged, _) = ended(
        1,
        &vmlab_in(path, &["merge", "2.json", "1.json", "--report", "tap"]),
    );
    let whole = grade(path, 1, &["--report", "tap"]);
    assert_eq!(merged, whole);
    let (_, missing) = ended(2, &vmlab_in(path, &["merge", "1.json"]));
    assert!(missing.contains("1 of 2 tests are in none"), "{missing}");
}

#[test]
fn several_reports_are_written_at_once_beside_the_board() {
    let folder = suite(TWO, &[]);
    let reports = [
        "gradescope=R.json",
        "junit=J.xml",
        "tap=T.tap",
        "json=S.json",
        "classroom=C.txt",
    ];
    let args: Vec<&str> = reports
        .iter()
        .flat_map(|report| ["--report", *report])
        .collect();
    let board = grade(folder.path(), 1, &args);
    assert!(board.contains("TOTAL TESTING SCORE: 25.0%"), "{board}");
    for (file, start) in [
        ("R.json", "{\n  \"score\": 25.0,"),
        ("J.xml", "<?xml"),
        (
            "T.tap",
            "TAP version 14\n1..2\nok 1 - s/good\nnot ok 2 - s/bad\n",
        ),
        ("S.json", "{\n  \"version\": 1,"),
        ("C.txt", "eyJ2ZXJzaW9uIjox"),
    ] {
        let text = fs::read_to_string(folder.path().join(file)).unwrap();
        assert!(text.starts_with(start), "{file}: {text}");
    }
}

#[test]
fn a_log_without_a_terminal_is_told_how_far_it_is() {
    let test = |number| {
        format!(
            "[[test]]\nname = 't{number}'\nprogram = 'hello'\nshows = 'x'\npoints = 1\n\
             exits = 'any'\nexpect = 'Hello from ring 3!'\n"
        )
    };
    let folder = suite(&(0..51).map(test).collect::<String>(), &[]);
    let args = ["grade", "--suite", "s"];
    let (board, messages) = ended(0, &vmlab_in(folder.path(), &args));
    assert!(board.contains("All 51 tests passed."), "{board}");
    assert_eq!(messages, "vmlab: 50 of 51 tests have ended, 0 not passed\n");
}

/// What other programs read reports with. Without it this is left out, with a note, unless VMLAB_REQUIRE_XMLLINT is set.
fn xmllint_accepts(report: &Path) {
    match Command::new("xmllint").arg("--noout").arg(report).output() {
        Ok(said) => assert!(
            said.status.success(),
            "{}",
            String::from_utf8_lossy(&said.stderr)
        ),
        Err(error) => {
            let required = std::env::var_os("VMLAB_REQUIRE_XMLLINT").is_some();
            assert!(!required, "xmllint: {error}");
            eprintln!("left out: no xmllint ({error})");
        }
    }
}

/// The case that was a report which no parser took, and all bytes that there are.
#[test]
fn reports_can_be_read_whatever_a_program_prints() {
    let fffe = include_str!("../../tools/tests/cases/junit-fffe.c");
    let all = "#include <test.h>\nint main(void)\n{\n    unsigned char byte[256];\n    for (int n = 0; n < 256; n++)\n\
        \x20       byte[n] = n;\n    write(1, byte, 256);\n    return 1;\n}\n";
    let tests = "[[test]]\nname = 'fffe'\nshows = 'x'\npoints = 1\nexpect = ''\n\
        [[test]]\nname = 'all'\nshows = 'x'\npoints = 1\nexpect = ''\n";
    let folder = suite(tests, &[("fffe.c", fffe), ("all.c", all)]);
    let reports = [
        "--report",
        "junit=j.xml",
        "--report",
        "tap=t.tap",
        "--report",
        "json=r.json",
    ];
    grade(folder.path(), 1, &reports);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let xml = read("j.xml");
    let document =
        roxmltree::Document::parse(&xml).unwrap_or_else(|error| panic!("{error}: {xml}"));
    let failures = document
        .descendants()
        .filter(|node| node.has_tag_name("failure"));
    let told: Vec<_> = failures.filter_map(|node| node.text()).collect();
    assert_eq!(told.len(), 2);
    assert!(told[0].contains("+a\\u{ffff}b"), "{}", told[0]);
    xmllint_accepts(&folder.path().join("j.xml"));
    let tap = read("t.tap");
    for part in tap.split("\n  ---\n").skip(1) {
        let (yaml, _) = part.split_once("\n  ...\n").unwrap();
        let documents = yaml_rust2::YamlLoader::load_from_str(yaml);
        let documents = documents.unwrap_or_else(|error| panic!("{error}: {yaml}"));
        assert!(documents[0]["details"].as_str().is_some(), "{yaml}");
    }
    serde_json::from_str::<serde_json::Value>(&read("r.json")).unwrap();
}

/// A program for Linux: makes a directory and a file in it, moves that out, removes the directory, and copies a file
/// of the root to the console.
const FILES_OF_LINUX: &str = r#"
static long call(long number, long first, long second, long third)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first), "c"(second), "d"(third) : "memory");
    return result;
}

static long file, size;
static char note[64];

int main(void)
{
    long failed = call(39, (long)"made", 0755, 0);            // mkdir
    file = call(5, (long)"made/file", 0102, 0644);            // open to write, O_CREAT
    failed |= call(4, file, (long)"text", 4) - 4;             // write
    failed |= call(38, (long)"made/file", (long)"moved", 0);  // rename
    failed |= call(40, (long)"made", 0, 0);                   // rmdir
    failed |= call(33, (long)"moved", 4, 0);                  // access
    file = call(5, (long)"/etc/note", 0, 0);
    size = call(3, file, (long)note, sizeof note);
    call(4, 1, (long)note, size);
    call(4, 1, (long)(failed ? "refused\n" : "all done\n"), failed ? 8 : 9);
    call(1, 0, 0, 0);
    return 0;
}
"#;

#[test]
fn a_graded_program_for_linux_has_directories_of_its_own_and_reads_the_files_of_the_root() {
    let tests = "[[test]]\nname = 'files'\nshows = 'x'\npoints = 1\nabi = 'linux'\n\
        expect = \"\"\"\nfrom the root\nall done\n\"\"\"\n";
    let folder = suite(tests, &[("files.c", FILES_OF_LINUX)]);
    testkit::write(&folder.path().join("tree/etc/note"), "from the root\n");
    let board = grade(folder.path(), 0, &["--root", "tree"]);
    assert!(board.contains("All 1 tests passed."), "{board}");
}
