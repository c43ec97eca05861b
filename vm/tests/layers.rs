//! The folders of the crate stand one above the other, and no file leads back to itself.
//!
//! What a file names by `crate::` outside of its tests counts as an import of the file where that
//! is. `lib.rs`, which only lists the folders and what they offer, imports all and is imported by
//! none.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The lowest first. A file may import what is in its own folder or in one before it.
const LAYERS: [&str; 11] = [
    "ids",
    "kill",
    "registry",
    "slots",
    "space",
    "residency",
    "replacement",
    "study",
    "observe",
    "pager",
    "calls",
];

type Imports = BTreeMap<PathBuf, BTreeSet<PathBuf>>;

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// All files but `lib.rs`, relative to the folder of sources, with the files that they import.
fn imports() -> Imports {
    let root = sources();
    let mut imports = Imports::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(&root).unwrap().to_owned();
            if name != Path::new("lib.rs") {
                let text = fs::read_to_string(&path).unwrap();
                imports.insert(name, named_in(&text));
            }
        }
    }
    imports
}

/// The files that a text names by `crate::`, comments and tests left out.
fn named_in(text: &str) -> BTreeSet<PathBuf> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().map(str::trim_start);
    let lines = lines.filter(|line| !line.starts_with("//"));
    lines
        .flat_map(|line| line.split("crate::").skip(1))
        .map(file_of)
        .collect()
}

/// The file where a path of modules leads, from its first module on: as far as there are files.
fn file_of(path: &str) -> PathBuf {
    let mut folder = PathBuf::new();
    let mut found = None;
    for module in path.split("::") {
        let end = module.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        folder.push(&module[..end.unwrap_or(module.len())]);
        let files = [folder.with_extension("rs"), folder.join("mod.rs")];
        match files.into_iter().find(|file| sources().join(file).exists()) {
            Some(file) => found = Some(file),
            None => break,
        }
    }
    found.unwrap_or_else(|| panic!("crate::{path} is in no folder"))
}

fn layer(file: &Path) -> usize {
    let first = file.components().next().unwrap().as_os_str();
    let name = Path::new(first).with_extension("");
    let layer = LAYERS.iter().position(|layer| Path::new(layer) == name);
    layer.unwrap_or_else(|| panic!("{} is in no layer", file.display()))
}

#[test]
fn no_folder_imports_one_above_it() {
    for (file, imported) in imports() {
        for other in imported {
            assert!(
                layer(&other) <= layer(&file),
                "{} imports {}",
                file.display(),
                other.display()
            );
        }
    }
}

#[test]
fn no_file_leads_back_to_itself() {
    let mut imports = imports();
    // Takes out files that import nothing that is left, or that nothing left imports; what stays
    // goes round, or lies between two rounds.
    loop {
        let before = imports.len();
        let left: BTreeSet<PathBuf> = imports.keys().cloned().collect();
        imports.retain(|_, imported| imported.iter().any(|other| left.contains(other)));
        let used: BTreeSet<PathBuf> = imports.values().flatten().cloned().collect();
        imports.retain(|file, _| used.contains(file));
        if imports.len() == before {
            break;
        }
    }
    assert!(imports.is_empty(), "round and round: {imports:#?}");
}

#[test]
fn a_path_is_found_in_comments_never_and_in_code_as_far_as_there_are_files() {
    let text = "// crate::calls::pins\nuse crate::ids::{SpaceId, User};\n\
                let x = crate::pager::Pager::new();\n#[cfg(test)]\nuse crate::kill::Kill;";
    let expected = ["ids.rs", "pager/mod.rs"].map(PathBuf::from);
    assert_eq!(named_in(text), BTreeSet::from(expected));
    let deep = named_in("use crate::residency::content::Kind;");
    assert_eq!(deep, BTreeSet::from(["residency/content.rs".into()]));
}
