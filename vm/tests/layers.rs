//! The folders of the crate are layers, and no file imports itself through others.
//!
//! A path that begins with `crate::`, `super::` or `self::`, outside of tests, counts as an import
//! of the file to which it leads. `lib.rs`, which only lists the folders and their exports, imports
//! all and is imported by none. Likewise a `mod.rs` may list the exports of its files by other
//! paths.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The layers, the lowest first. A file may import from its own folder and from those before it.
const LAYERS: [&str; 17] = [
    "lab",
    "ids",
    "kill",
    "alias",
    "place",
    "registry",
    "slots",
    "replacement",
    "options",
    "served",
    "space",
    "refused",
    "residency",
    "study",
    "observe",
    "pager",
    "calls",
];

type Imports = BTreeMap<PathBuf, BTreeSet<PathBuf>>;

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Returns all files but `lib.rs`, relative to the source folder, with the files that they import.
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
                let imported = named_in(&name, &text);
                imports.insert(name, imported);
            }
        }
    }
    imports
}

/// Returns the other files that a file names by the three kinds of path, without comments and
/// tests.
fn named_in(file: &Path, text: &str) -> BTreeSet<PathBuf> {
    let code = without_tests_and_comments(text);
    let mut paths = Vec::new();
    for (at, _) in code.match_indices("::") {
        let start = code[..at].trim_end_matches(is_of_name).len();
        let is_first = !code[..start].ends_with(':');
        if is_first && ["crate", "super", "self"].contains(&&code[start..at]) {
            add_paths(&mut paths, &module_of(file), &code[start..]);
        }
    }
    let files = paths.iter().map(|path| file_of(path));
    files.filter(|other| other != file).collect()
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn without_tests_and_comments(text: &str) -> String {
    let mut code = String::new();
    let mut lines = text.lines().map(str::trim_start);
    while let Some(line) = lines.next() {
        // In a hand-out the tests of a milestone also require its feature.
        if line == "#[cfg(test)]" || line.starts_with("#[cfg(all(test, ") {
            let tested = lines.next().unwrap_or_default();
            if tested.ends_with(';') {
                continue;
            }
            assert!(tested.contains("mod tests {"), "{tested}");
            break;
        }
        if !line.starts_with("//") {
            code.push_str(line);
            code.push('\n');
        }
    }
    code
}

/// Returns the path of a file's module, from the crate's root on.
fn module_of(file: &Path) -> Vec<String> {
    let module = match file.file_name().is_some_and(|name| name == "mod.rs") {
        true => file.parent().unwrap().to_owned(),
        false => file.with_extension(""),
    };
    let names = module.iter().map(|name| name.to_str().unwrap().to_owned());
    names.collect()
}

/// Adds all paths with which a text begins, which may be a tree in braces, as seen from a module.
fn add_paths(paths: &mut Vec<Vec<String>>, from: &[String], text: &str) {
    let mut path = from.to_vec();
    let mut rest = text.trim_start();
    loop {
        if let Some(tree) = rest.strip_prefix('{') {
            return branches(tree).for_each(|branch| add_paths(paths, &path, branch));
        }
        let end = rest.find(|c| !is_of_name(c)).unwrap_or(rest.len());
        match &rest[..end] {
            "crate" => path.clear(),
            "super" => drop(path.pop().expect("a module above")),
            "self" | "" => {}
            name => path.push(name.to_owned()),
        }
        match rest[end..].strip_prefix("::") {
            Some(more) => rest = more.trim_start(),
            None => return paths.push(path),
        }
    }
}

/// Splits a tree at its commas, up to the brace that closes it.
fn branches(tree: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    let mut ends = Vec::new();
    for (at, c) in tree.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                ends.push(at);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => ends.push(at),
            _ => {}
        }
    }
    let starts = std::iter::once(0).chain(ends.clone().into_iter().map(|end| end + 1));
    let branches = starts.zip(ends).map(|(start, end)| tree[start..end].trim());
    branches.filter(|branch| !branch.is_empty())
}

/// Returns the file to which a path of modules leads, as far as there are files.
fn file_of(path: &[String]) -> PathBuf {
    let mut folder = PathBuf::new();
    let mut found = None;
    for module in path {
        folder.push(module);
        let files = [folder.with_extension("rs"), folder.join("mod.rs")];
        match files.into_iter().find(|file| sources().join(file).exists()) {
            Some(file) => found = Some(file),
            None => break,
        }
    }
    found.unwrap_or_else(|| panic!("crate::{} is in no folder", path.join("::")))
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
    // Removes files that import no remaining file, or that no remaining file imports. What remains
    // is in a cycle, or lies between two cycles.
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
    let named = |text: &str| named_in(Path::new("replacement/clock.rs"), text);
    let files = |files: &[&str]| files.iter().map(PathBuf::from).collect::<BTreeSet<_>>();
    let text = "// crate::calls::pins\nuse crate::ids::{SpaceId, User};\n\
                let x = crate::pager::Pager::new();\n#[cfg(test)]\nmod tests {\nuse crate::kill::Kill;";
    assert_eq!(named(text), files(&["ids.rs", "pager/mod.rs"]));
    assert_eq!(
        named("#[cfg(test)]\nmod tests;\nuse crate::residency::content::Kind;"),
        files(&["residency/content.rs"])
    );
}

#[test]
fn a_path_is_found_however_it_begins_and_in_braces() {
    let named = |text: &str| named_in(Path::new("replacement/clock.rs"), text);
    let files = |files: &[&str]| files.iter().map(PathBuf::from).collect::<BTreeSet<_>>();
    assert_eq!(named("use super::Policy;"), files(&["replacement/mod.rs"]));
    assert_eq!(
        named("let x = super::super::pager::evict::tries();"),
        files(&["pager/evict.rs"])
    );
    assert_eq!(
        named("use super::{\n    hand::Hand,\n    order::{self, Order},\n};"),
        files(&["replacement/hand.rs", "replacement/order.rs"])
    );
    assert_eq!(
        named("use self::inner::Thing; Self::new(); self.x"),
        files(&[])
    );
    let of_folder = named_in(Path::new("replacement/mod.rs"), "use self::order::Order;");
    assert_eq!(of_folder, files(&["replacement/order.rs"]));
}
