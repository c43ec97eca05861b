//! The open hand-out of this tree: it tells nothing, it is the same every time, cargo has nothing to change in
//! it, and its page about the interface has all of it.
//!
//! It is not built here; crate `open-tests` and `try-handout -- --open` do that.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::LazyLock;

use lab::handout::{Handout, Kind};
use lab::solution::{self, Search};
use lab::source::Source;
use lab::tree::{Files, Mode};
use lab::update::{self, Updated};
use lab::{git, open, write};
use testkit::root;

static SOURCE: LazyLock<Source> =
    LazyLock::new(|| Source::read(&root()).unwrap_or_else(|error| panic!("{error}")));
static FILES: LazyLock<Files> = LazyLock::new(|| open::files(&SOURCE).unwrap());

/// A line `file: line` for each that is told in a text.
fn told(lines: &BTreeSet<String>, file: &str, text: &[u8]) -> Vec<String> {
    let found = Search::of(lines).found(&String::from_utf8_lossy(text));
    found.iter().map(|line| format!("{file}: {line}")).collect()
}

#[test]
fn it_has_no_line_of_a_solution() {
    let lines = solution::lines_of_open(&SOURCE, &FILES);
    assert!(lines.len() > 1_500, "{} lines", lines.len());
    let quoted = FILES
        .iter()
        .flat_map(|(path, file)| told(&lines, path, &file.bytes));
    assert_eq!(Vec::from_iter(quoted), <[String; 0]>::default());
}

#[test]
fn of_the_virtual_memory_it_has_what_the_crate_links_to_and_no_more() {
    let of_vm: Vec<&String> = FILES
        .keys()
        .filter(|path| path.starts_with("vm/"))
        .collect();
    for wanted in [
        "vm/Cargo.toml",
        "vm/README.md",
        "vm/src/lib.rs",
        "vm/src/kill.rs",
        "vm/kit/src/lib.rs",
    ] {
        assert!(of_vm.iter().any(|path| *path == wanted), "{wanted}");
    }
    for secret in [
        "vm/src/pager/",
        "vm/src/residency/",
        "vm/src/calls/",
        "vm/src/space/spt.rs",
        "vm/tests/model/",
    ] {
        let told: Vec<_> = of_vm
            .iter()
            .filter(|path| path.starts_with(secret))
            .collect();
        assert!(told.is_empty(), "{told:?}");
    }
    assert!(
        !FILES
            .keys()
            .any(|path| path.starts_with("lab/open/") || path.starts_with("tests/"))
    );
    assert!(FILES.values().all(|file| file.mode != Mode::Link));
    let text = |path: &str| FILES[path].text().unwrap();
    assert!(text("vm/src/lib.rs").contains("left to be written\")]\npub mod replacement;"));
    assert!(!text("docs/architecture.md").contains("### The fault decision"));
    assert!(!text("lab/lab.toml").contains("hints"));
}

#[test]
fn a_hand_out_of_each_kind_is_brought_up_to_date_as_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    for kind in [Kind::Open, Kind::Marked] {
        let files = open::files_of(&SOURCE, kind, &open::everything(&SOURCE)).unwrap();
        let mut older = files.clone();
        older.remove("README.md").unwrap();
        let begun = folder.path().join(format!("{kind:?}"));
        write::write(&begun, &older, "older").unwrap();
        let updated = update::renew(&begun, &SOURCE).unwrap();
        assert!(matches!(updated, Updated::Commit(_)), "{kind:?}");
        assert_eq!(lab::tree::read(&begun).unwrap(), files, "{kind:?}");
        assert_eq!(update::renew(&begun, &SOURCE).unwrap(), Updated::Same);
    }
}

#[test]
fn it_is_the_same_commit_each_time_and_cargo_has_nothing_to_change() {
    let folder = tempfile::tempdir().unwrap();
    let folders = ["one", "two"].map(|name| folder.path().join(name));
    let commits = folders
        .each_ref()
        .map(|folder| write::write(folder, &FILES, "The lab").unwrap());
    assert_eq!(commits[0], commits[1]);
    let log = git::ask(&folders[0], &["log", "--patch", "--text", "--all"]).unwrap();
    let lines = solution::lines_of_open(&SOURCE, &FILES);
    assert_eq!(told(&lines, "history", &log), <[String; 0]>::default());
    let handout = Handout::around(&folders[1].join("vm/src")).unwrap();
    assert_eq!(handout.kind, Kind::Open);
    assert_eq!(handout.milestones, open::everything(&SOURCE));
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .current_dir(&folders[0])
        .output()
        .unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{message}");
}

/// What `Vm` and `Pager` of the open hand-out offer.
fn offered() -> BTreeSet<String> {
    let mut offered = BTreeSet::new();
    let sources = FILES.iter().filter(|(path, _)| path.starts_with("vm/src/"));
    for (_, file) in sources {
        let mut is_ours = false;
        for line in file.text().unwrap().lines() {
            if line.starts_with("impl ") {
                is_ours = ["impl Vm {", "impl Pager {"].contains(&line);
            }
            let name = line.strip_prefix("    pub fn ").filter(|_| is_ours);
            offered.extend(name.and_then(|name| Some(name.split(['(', '<']).next()?.to_owned())));
        }
    }
    offered
}

#[test]
fn its_page_about_the_interface_lists_all_of_it() {
    let page = FILES["vm/README.md"].text().unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let cells = rows.filter_map(|row| row.split(" | ").next());
    let quoted = cells.flat_map(|cell| cell.split('`').step_by(2));
    let names = quoted.map(|text| text.split('(').next().unwrap_or_default().to_owned());
    let listed: BTreeSet<String> = names.filter(|name| !name.is_empty()).collect();
    assert_eq!(listed, offered());
}

#[test]
fn the_interface_has_nothing_that_nobody_calls() {
    let is_code = |path: &str| {
        path.ends_with(".rs") && (!path.starts_with("vm/") || path.starts_with("vm/kit/"))
    };
    let code: String = FILES
        .iter()
        .filter(|(path, _)| is_code(path))
        .map(|(_, file)| file.text().unwrap())
        .collect();
    let is_called = |name: &String| {
        let calls = [
            format!(".{name}("),
            format!("Vm::{name}("),
            format!(" {name}(space"),
        ];
        calls.iter().any(|call| code.contains(call))
    };
    let unused: Vec<String> = offered()
        .into_iter()
        .filter(|name| !is_called(name))
        .collect();
    assert_eq!(unused, <[String; 0]>::default());
}
