//! `vmlab workloads` as users call it.
//!
//! The packages are fetched once, into the checkout's `target`. Where that cannot be done, the test of a whole run
//! says so and is skipped, unless `VMLAB_REQUIRE_WORKLOADS` is set.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use host::packages::Catalogue;
use serde_json::Value;
use support::{VMLAB, vmlab_in};
use testkit::{command, ended};
use tools::workloads::Workload;

/// Set where a test that is skipped is a test that failed.
const REQUIRED: &str = "VMLAB_REQUIRE_WORKLOADS";

/// Fetches busybox, and returns the folder of all packages.
fn packages() -> Option<&'static Path> {
    static FOUND: LazyLock<Result<PathBuf, String>> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages");
        let catalogue = Catalogue::bundled().map_err(|error| error.to_string())?;
        let busybox = catalogue.set("busybox").expect("there is one");
        let fetched = catalogue.fetch(busybox, &folder, &|_| ());
        fetched.map_err(|error| error.to_string())?;
        Ok(folder)
    });
    testkit::or_skipped(&FOUND, REQUIRED)
}

#[test]
fn a_workload_puts_out_what_it_does_under_linux_under_every_policy() {
    let Some(packages) = packages() else {
        return;
    };
    let packages = format!("--packages={}", packages.display());
    let folder = tempfile::tempdir().unwrap();
    let run = || {
        let files = ["--json=a.json", "--picture=a.svg", "--document=a.md"];
        let words = [
            "workloads",
            "run",
            "md5sum",
            "gunzip",
            "--frames=24,64",
            &packages,
        ];
        let (table, _) = ended(0, &vmlab_in(folder.path(), &[&words[..], &files].concat()));
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        (table, ["a.json", "a.svg", "a.md"].map(read))
    };
    let first = run();
    assert!(first == run(), "the same each time");
    let (table, [json, picture, page]) = first;
    assert!(table.starts_with("md5sum: "), "{table}");
    let json: Value = serde_json::from_str(&json).unwrap();
    let columns = &json["workloads"][0]["results"]["columns"];
    let policies = columns[0]["policies"].as_array().unwrap();
    let faults = |at: usize| policies[at]["faults"].as_u64().unwrap();
    assert!(policies.len() > 5 && faults(1) > faults(0), "{columns}");
    assert!(policies.iter().all(|policy| policy["trouble"].is_null()));
    assert!(picture.contains(">gunzip</text>"));
    assert!(page.contains("## md5sum") && page.contains("](a.svg)"));
}

#[test]
fn the_files_of_a_workload_come_with_the_command_that_runs_it() {
    let Some(packages) = packages() else {
        return;
    };
    let packages = format!("--packages={}", packages.display());
    let folder = tempfile::tempdir().unwrap();
    let words = ["workloads", "files", "md5sum", "here", &packages];
    let (line, _) = ended(0, &vmlab_in(folder.path(), &words));
    // As a shell reads it: the paths in it may have spaces.
    let (_, words) = line.split_once(' ').unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("'{VMLAB}' {words}")]);
    let output = shell.current_dir(&folder).output();
    let (printed, _) = ended(0, &output.unwrap());
    assert!(printed.ends_with("  text\n"), "{printed}");
}

#[test]
fn what_is_not_there_is_told_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    for (words, part) in [
        (&["run", "srot"][..], "did you mean sort?"),
        (&["run", "sort"], "`vmlab workloads fetch` fetches them"),
        (&["run", "sort", "--frames", "7"], "user frames"),
        (&["fetch", "bysubox"], "only busybox, dynamic"),
        (
            &["files", "sort", "x"],
            "`vmlab workloads fetch` fetches them",
        ),
    ] {
        let done = vmlab_in(folder.path(), &[&["workloads"], words].concat());
        let (_, said) = ended(2, &done);
        assert!(said.contains(part), "{words:?}: {said}");
    }
}

#[test]
fn a_host_without_apt_get_is_told_so_and_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let mut fetch = command(VMLAB);
    fetch.current_dir(&folder).env("PATH", folder.path());
    let output = fetch
        .args(["workloads", "fetch", "busybox"])
        .output()
        .unwrap();
    let (_, said) = ended(2, &output);
    assert!(said.contains("there is no apt-get"), "{said}");
    let left = fs::read_dir(folder.path().join(".vmlab/packages")).unwrap();
    assert_eq!(left.count(), 0);
}

#[test]
fn the_list_has_each_workload_and_whether_its_packages_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let (list, _) = ended(0, &vmlab_in(folder.path(), &["workloads", "list"]));
    for (name, _) in images::workloads() {
        let line = format!("{name} ");
        assert!(list.lines().any(|shown| shown.starts_with(&line)));
    }
    assert!(list.contains("not fetched"));
}

#[test]
fn the_page_of_workloads_says_what_their_descriptions_say() {
    let page = fs::read_to_string(testkit::root().join("docs/workloads.md")).unwrap();
    for workload in Workload::all().unwrap() {
        let (title, line) = (&workload.title, workload.command_line());
        assert!(page.contains(&format!("{title}: `{line}`")), "{title}");
        assert!(page.contains(workload.shows.trim()), "{title}");
        let frames = workload.frames.iter().map(|frames| frames.number());
        let head: String = frames
            .map(|frames| format!(" {frames} frames | |"))
            .collect();
        assert!(page.contains(&format!("| policy |{head}\n")), "{title}");
    }
}
