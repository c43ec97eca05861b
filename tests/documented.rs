//! The documents name what is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use testkit::root;

/// The text of a file of the project.
fn text(path: &str) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The crates whose modules are named.
const PARTS: [&str; 12] = [
    "emu/machine",
    "emu/cpu",
    "vm",
    "userprog",
    "protocol",
    "host",
    "driver",
    "tools",
    "grading",
    "manual",
    "class",
    "lab",
];

#[test]
fn the_architecture_document_has_every_module() {
    let document = text("docs/architecture.md");
    let mut missing = Vec::new();
    for part in PARTS {
        for entry in fs::read_dir(root().join(part).join("src")).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let own = entry.path().with_extension("rs");
            let is_named = match entry.file_type().unwrap().is_dir() {
                // A folder beside a file of the same name holds parts of it.
                true => own.exists() || document.contains(&format!("`{name}/`")),
                false => {
                    ["lib.rs", "main.rs"].contains(&name.as_str())
                        || document.contains(&format!("`{name}`"))
                }
            };
            if !is_named {
                missing.push(format!("{part}/src/{name}"));
            }
        }
    }
    missing.sort();
    assert_eq!(missing, <[String; 0]>::default());
}

/// The long names of options in a cell of a table, between backquotes.
fn options_in(cell: &str) -> BTreeSet<String> {
    let words = cell.split(['`', ' ', '=', '[', ',']);
    words
        .filter_map(|word| word.strip_prefix("--"))
        .map(str::to_owned)
        .collect()
}

/// The tables of options of a document: each one's command, and the options that it names.
fn tables(document: &str) -> Vec<(String, BTreeSet<String>)> {
    let mut tables: Vec<(String, BTreeSet<String>)> = Vec::new();
    let mut is_in_one = false;
    for line in document.lines() {
        let cell = line
            .strip_prefix("| ")
            .and_then(|row| row.split(" | ").next());
        match cell {
            None => is_in_one &= line.starts_with("|--"),
            Some(cell) if is_in_one => tables.last_mut().unwrap().1.extend(options_in(cell)),
            Some(cell) if cell.starts_with("option") => {
                let command = cell
                    .strip_prefix("option of `")
                    .and_then(|rest| rest.strip_suffix('`'));
                let command =
                    command.unwrap_or_else(|| panic!("a table of nobody's options: {line}"));
                tables.push((command.to_owned(), BTreeSet::new()));
                is_in_one = true;
            }
            Some(_) => {}
        }
    }
    tables
}

#[test]
fn tables_of_options_name_exactly_those_that_there_are() {
    let all = manual::whole::command(class_manual::commands());
    let mut commands = Vec::new();
    for document in ["README.md", "docs/lab.md", "lab/teaching.md"] {
        for (name, documented) in tables(&text(document)) {
            let words = name.split(' ');
            let command = words.fold(&all, |at, word| at.find_subcommand(word).unwrap());
            // What all commands have is in no table.
            let options = command.get_arguments().filter(|arg| !arg.is_hide_set());
            let options = options.filter(|arg| !arg.is_global_set());
            let options = options.filter_map(|arg| arg.get_long().map(str::to_owned));
            let known: BTreeSet<String> = options.filter(|name| name != "help").collect();
            assert_eq!(documented, known, "{document}: {name}");
            commands.push(name);
        }
    }
    for name in ["run", "grade", "policies"] {
        assert!(commands.iter().any(|one| one == name), "no table of {name}");
    }
}

/// The most bytes of a picture: everybody who clones the project gets it.
const MOST_BYTES: u64 = 150_000;

#[track_caller]
fn is_small_picture(path: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let bytes = fs::read(root.join(path)).unwrap();
    assert!(
        bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
        "{}",
        path.display()
    );
    assert!(bytes.len() as u64 <= MOST_BYTES, "{}", path.display());
}

#[test]
fn links_between_documents_lead_somewhere() {
    for document in ["README.md", "docs/lab.md", "docs/architecture.md"] {
        let folder = Path::new(document).parent().unwrap();
        let text_of = text(document);
        for target in text_of
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            if target.starts_with("http") {
                continue;
            }
            if target.ends_with(".png") {
                is_small_picture(&folder.join(target));
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let linked = match file {
                "" => text_of.clone(),
                file => text(&folder.join(file).display().to_string()),
            };
            let found = linked.lines().any(|line| {
                line.starts_with('#')
                    && line
                        .trim_start_matches('#')
                        .trim()
                        .to_lowercase()
                        .replace(' ', "-")
                        == heading
            });
            assert!(heading.is_empty() || found, "{document} links to {target}");
        }
    }
}
