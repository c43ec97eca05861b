//! `vmlab policies` as users call it.

mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;
use support::{VMLAB, vmlab_in};
use testkit::{command, ended};

const POLICIES: [&str; 9] = [
    "opt",
    "lru",
    "clock",
    "fifo",
    "second-chance",
    "aging",
    "ws-clock",
    "sieve",
    "random",
];

/// Returns the faults of all policies, for each number of frames, from the JSON.
fn faults(json: &str) -> Vec<Vec<(String, u64)>> {
    let object: Value = serde_json::from_str(json).unwrap();
    let columns = object["columns"].as_array().unwrap().iter();
    let policies = columns.map(|column| column["policies"].as_array().unwrap());
    policies
        .map(|policies| {
            let one = |policy: &Value| {
                let name = policy["policy"].as_str().unwrap();
                (name.to_owned(), policy["faults"].as_u64().unwrap())
            };
            policies.iter().map(one).collect()
        })
        .collect()
}

#[track_caller]
fn check_opt_is_least(columns: &[Vec<(String, u64)>]) {
    for column in columns {
        let names: Vec<&str> = column.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, POLICIES);
        let (opt, others) = column.split_first().unwrap();
        assert!(
            others.iter().all(|(_, faults)| opt.1 <= *faults),
            "{column:?}"
        );
    }
}

#[test]
fn textbook_strings_have_the_textbooks_counts() {
    let loop_of_five = "0 1 2 3 4 ".repeat(4);
    // Frames, and the faults of FIFO, LRU, OPT and clock.
    let textbooks: [(&str, &[[u64; 5]]); 5] = [
        (
            "1 2 3 4 1 2 5 1 2 3 4 5",
            &[[3, 9, 10, 7, 9], [4, 10, 8, 6, 10], [5, 5, 5, 5, 5]],
        ),
        (
            "7 0 1 2 0 3 0 4 2 3 0 3 2 1 2 0 1 7 0 1",
            &[[3, 15, 12, 9, 14], [4, 10, 8, 8, 9]],
        ),
        ("2 3 2 1 5 2 4 5 3 2 5 2", &[[3, 9, 7, 6, 8]]),
        ("0 1 2 0 1 3 0 3 1 2 1", &[[3, 7, 5, 5, 7]]),
        (&loop_of_five, &[[4, 20, 20, 8, 20]]),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (string, rows) in textbooks {
        fs::write(folder.path().join("refs"), string.trim().replace(' ', "\n")).unwrap();
        let frames: Vec<String> = rows.iter().map(|row| row[0].to_string()).collect();
        let args = [
            "policies",
            "--refs",
            "refs",
            "--json",
            "--frames",
            &frames.join(","),
        ];
        let (out, _) = ended(0, &vmlab_in(folder.path(), &args));
        let columns = faults(&out);
        check_opt_is_least(&columns);
        for (row, column) in rows.iter().zip(&columns) {
            let of = |name: &str| column.iter().find(|(known, _)| known == name).unwrap().1;
            let counted = [of("fifo"), of("lru"), of("opt"), of("clock")];
            assert_eq!(counted, row[1..], "{string} in {} frames", row[0]);
        }
    }
}

#[test]
fn a_program_runs_under_all_policies_and_its_string_says_the_same_again() {
    let folder = tempfile::tempdir().unwrap();
    let written = [
        "--csv", "out.csv", "--svg", "out.svg", "--export", "refs", "--json",
    ];
    let args = ["policies", "mmap-shuffle", "--frames", "24,12"];
    let (json, _) = ended(0, &vmlab_in(folder.path(), &[&args[..], &written].concat()));
    let measured = faults(&json);
    assert_eq!(measured.len(), 2);
    check_opt_is_least(&measured);

    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let csv = read("out.csv");
    assert_eq!(csv.lines().count(), 1 + 2 * POLICIES.len());
    let opt = format!("\n24,opt,{},1.0000,", measured[0][0].1);
    assert!(csv.contains(&opt), "{csv}");
    assert!(read("out.svg").starts_with("<svg ") && read("out.svg").ends_with("</svg>\n"));
    assert!(read("refs").lines().all(|line| line.starts_with("0x")));

    let again = ["policies", "--refs", "refs", "--frames", "24,12", "--json"];
    let (json, _) = ended(0, &vmlab_in(folder.path(), &again));
    let simulated = faults(&json);
    check_opt_is_least(&simulated);
    for (measured, simulated) in measured.iter().zip(&simulated) {
        assert_eq!(measured[..2], simulated[..2], "OPT and LRU");
    }
}

#[test]
fn processes_have_a_string_for_each_run_and_opt_is_least_all_the_same() {
    let args = [
        "policies", "fork-cow", "--frames", "10", "--json", "--seed", "2",
    ];
    let (first, _) = ended(0, &vmlab_in(Path::new("."), &args));
    let object: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(object["strings_differ"], true);
    check_opt_is_least(&faults(&first));
    for policy in object["columns"][0]["policies"].as_array().unwrap() {
        assert!(
            policy["own_opt"].as_u64() <= policy["faults"].as_u64(),
            "{policy}"
        );
    }
    let (second, _) = ended(0, &vmlab_in(Path::new("."), &args));
    assert_eq!(first, second);
}

#[test]
fn a_program_gets_its_arguments_and_files_and_its_trouble_is_told() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("wants.c"),
        "#include <syscall.h>\n#include <string.h>\n\
         int main(int argc, char **argv)\n\
         { return argc == 3 && !strcmp(argv[1], \"--x\") && open(argv[2]) >= 2 ? 0 : 9; }\n",
    )
    .unwrap();
    fs::write(folder.path().join("data"), "1").unwrap();
    let run = |args: &[&str]| {
        let all = [
            &["policies", "wants.c", "--frames", "8"],
            args,
            &["--", "--x", "in"],
        ]
        .concat();
        vmlab_in(folder.path(), &all)
    };
    let (out, _) = ended(0, &run(&["--put", "data:in"]));
    assert!(out.starts_with("wants --x in: "), "{out}");
    assert!(!out.contains("exited with"), "{out}");
    let (out, _) = ended(1, &run(&[]));
    assert!(
        out.contains("under clock the program did not succeed: exited with 9"),
        "{out}"
    );
}

#[test]
fn what_cannot_be_meant_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("bad"), "1\n2\nthree\n").unwrap();
    fs::write(folder.path().join("empty"), "\n").unwrap();
    let refused = |args: &[&str], what: &str| {
        let args = [&["policies"], args].concat();
        let (out, messages) = ended(2, &vmlab_in(folder.path(), &args));
        assert_eq!(out, "", "{args:?}");
        assert!(messages.contains(what), "{args:?}: {messages}");
    };
    refused(&[], "--refs FILE");
    refused(&["hello", "--csv", "-", "--json"], "only one of");
    refused(&["hello", "--svg", "-"], "--svg takes the name of a file");
    refused(&["hello", "--export", "-"], "--export takes the name");
    refused(&["--refs", "/dev/zero"], "line 1 has more than 200 bytes");
    refused(&["no-such-program"], "vmlab list");
    refused(&["hello", "--frames", "4"], "8 to");
    refused(&["hello", "--frames", "16,"], "--frames");
    refused(&["hello", "--frames", "0"], "--frames");
    refused(
        &["hello", "--export", "no/such/folder"],
        "cannot write no/such/folder",
    );
    refused(&["--refs", "bad"], "--refs bad: line 3: 'three'");
    refused(&["--refs", "empty"], "no reference");
    refused(&["--refs", "missing"], "--refs missing");
    refused(
        &["--refs", "bad", "--swap-slots", "9"],
        "cannot be used with",
    );
    refused(&["--refs", "bad", "hello"], "cannot be used with");
}

#[test]
fn a_number_of_frames_named_twice_is_one_column() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("refs"), "1\n2\n1\n").unwrap();
    let table = |frames| {
        let args = ["policies", "--refs", "refs", "--frames", frames];
        ended(0, &vmlab_in(folder.path(), &args)).0
    };
    assert_eq!(table("2,1,2"), table("2,1"));
}

#[test]
fn lackey_is_understood_from_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let lackey = "==7== Lackey\nI  04001000,3\n L 1ffefff000,8\n S 04001ffe,4\n M 04001000,1\n";
    fs::write(folder.path().join("trace"), lackey).unwrap();
    let output = command(VMLAB)
        .args(["policies", "--refs", "-", "--frames", "2", "--csv", "-"])
        .stdin(fs::File::open(folder.path().join("trace")).unwrap())
        .output()
        .unwrap();
    let (out, _) = ended(0, &output);
    // Pages 4001, 1ffefff, 4001, 4002, 4001 in two frames.
    assert!(out.contains("\n2,opt,3,1.0000,3,,,,,\n"), "{out}");
    assert!(out.contains("\n2,lru,3,"), "{out}");
}
