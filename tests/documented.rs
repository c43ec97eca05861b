//! The documents name what is there.

use std::fs;
use std::path::Path;

/// The text of a file of the project.
fn text(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let path = root.join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The crates whose modules are named.
const PARTS: [&str; 11] = [
    "emu/machine",
    "emu/cpu",
    "vm",
    "userprog",
    "protocol",
    "host",
    "driver",
    "tools",
    "grading",
    "class",
    "lab",
];

#[test]
fn the_architecture_document_has_every_module() {
    let document = text("docs/architecture.md");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut missing = Vec::new();
    for part in PARTS {
        for entry in fs::read_dir(root.join(part).join("src")).unwrap() {
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
