//! Applies corrections to a copy of the emulator's source.
//!
//! # Invariants
//! - Lines are counted in the original, so corrections do not depend on each other's order; two that
//!   want the same line are refused.
//! - A file is only changed if its hash is the one that its corrections were made for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::correction::{Correction, Edit, Originals, read, read_all};
use crate::origin::home;
use crate::{Error, encodings, origin};

/// Writes the corrected source to `folder`, which must not exist or be empty.
///
/// # Errors
/// If the original is not the one that the corrections are for, or a file cannot be written.
pub(crate) fn write_source(folder: &Path) -> Result<(), Error> {
    let originals: Originals = read(&home().join("originals.toml"))?;
    let corrections = read_all(&home().join("corrections"))?;
    let origin = origin::find(&originals.version)?;
    let changed = corrected_files(&origin, &originals, &corrections)?;
    copy_folder(&origin, folder)?;
    for (file, text) in changed {
        write(&folder.join(file), &text)?;
    }
    let own = folder.join("qemu/target/i386/corrected");
    copy_folder(&home().join("c"), &own)?;
    write(&own.join("encodings.h"), &encodings::table())
}

/// The new text of every file that is changed.
fn corrected_files(
    origin: &Path,
    originals: &Originals,
    corrections: &[(String, Correction)],
) -> Result<Vec<(String, String)>, Error> {
    let mut by_file: BTreeMap<&str, Vec<(&str, &Edit)>> = BTreeMap::new();
    for (name, correction) in corrections {
        for edit in &correction.edits {
            by_file.entry(&edit.file).or_default().push((name, edit));
        }
    }
    let mut changed = Vec::new();
    for (file, edits) in by_file {
        let path = origin.join(file);
        let original = std::fs::read_to_string(&path).map_err(Error::io(&path))?;
        check_hash(file, &original, originals)?;
        changed.push((file.to_owned(), with_edits(&original, file, edits)?));
    }
    Ok(changed)
}

fn check_hash(file: &str, text: &str, originals: &Originals) -> Result<(), Error> {
    let found: String = Sha256::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    match originals.files.get(file) {
        Some(expected) if *expected == found => Ok(()),
        Some(_) => Err(Error::Origin(format!(
            "{file} of unicorn-engine-sys is not the file that the corrections were made for. If cargo's \
             copy of the crate was changed, delete it and run `cargo fetch`; for another version the \
             corrections in emu/unicorn have to be gone through."
        ))),
        None => Err(Error::Origin(format!(
            "{file} is corrected, but emu/unicorn/originals.toml has no hash of it: {found}"
        ))),
    }
}

/// The text with all edits of a file made.
fn with_edits(original: &str, file: &str, mut edits: Vec<(&str, &Edit)>) -> Result<String, Error> {
    edits.sort_by_key(|(_, edit)| edit.lines);
    let lines: Vec<&str> = original.split_inclusive('\n').collect();
    let mut text = String::with_capacity(original.len() + 4096);
    let mut next = 1;
    for (name, edit) in edits {
        let [first, last] = edit.lines;
        if first < next || last + 1 < first || last > lines.len() {
            return Err(Error::Correction {
                path: PathBuf::from(name),
                reason: format!("lines {first} to {last} of {file} are not free to be replaced"),
            });
        }
        text.extend(lines[next - 1..first - 1].iter().copied());
        text.push_str(&edit.text);
        next = last + 1;
    }
    text.extend(lines[next - 1..].iter().copied());
    Ok(text)
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(to).map_err(Error::io(to))?;
    for entry in std::fs::read_dir(from).map_err(Error::io(from))? {
        let entry = entry.map_err(Error::io(from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy_folder(&source, &target)?;
        } else {
            // Not `fs::copy`: cargo's copy may be read-only, and this one is to be written to.
            let bytes = std::fs::read(&source).map_err(Error::io(&source))?;
            std::fs::write(&target, bytes).map_err(Error::io(&target))?;
        }
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    std::fs::write(path, text).map_err(Error::io(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(lines: [usize; 2], text: &str) -> Edit {
        Edit {
            file: "f".into(),
            lines,
            text: text.into(),
        }
    }

    #[test]
    fn lines_are_those_of_the_original_whatever_came_before() {
        let edits = [
            edit([3, 3], "C\n"),
            edit([1, 0], "first\n"),
            edit([2, 2], ""),
        ];
        let edits = edits.iter().map(|edit| ("e", edit)).collect();
        assert_eq!(
            with_edits("a\nb\nc\nd\n", "f", edits).unwrap(),
            "first\na\nC\nd\n"
        );
    }

    #[test]
    fn two_corrections_of_the_same_line_are_refused() {
        let edits = [edit([2, 3], "x\n"), edit([3, 3], "y\n")];
        let edits = edits.iter().map(|edit| ("e", edit)).collect();
        assert!(with_edits("a\nb\nc\n", "f", edits).is_err());
    }

    #[test]
    fn a_file_that_differs_stops_the_build() {
        let files = [("f".to_owned(), "00".to_owned())].into();
        let originals = Originals {
            version: String::new(),
            files,
        };
        let error = check_hash("f", "other", &originals).unwrap_err();
        assert!(error.to_string().contains("is not the file"));
    }

    #[test]
    fn corrections_repeat_no_line_of_the_original() {
        let originals: Originals = read(&home().join("originals.toml")).unwrap();
        let Ok(origin) = origin::find(&originals.version) else {
            panic!("the build needs the source, so it is there");
        };
        for (name, correction) in read_all(&home().join("corrections")).unwrap() {
            for edit in &correction.edits {
                let original = std::fs::read_to_string(origin.join(&edit.file)).unwrap();
                let [first, last] = edit.lines;
                let original: Vec<&str> = original.lines().collect();
                for line in &original[first - 1..last.max(first - 1)] {
                    // `goto out;` and the like are nobody's.
                    let says_something = line.trim().len() > 20;
                    let kept = edit.text.lines().any(|own| own == *line);
                    assert!(!says_something || !kept, "{name} repeats {line:?}");
                }
            }
        }
    }

    #[test]
    fn every_correction_names_a_test_that_is_there() {
        let root = home().join("../..");
        for (name, correction) in read_all(&home().join("corrections")).unwrap() {
            let (file, test) = correction.test.split_once("::").expect("FILE::NAME");
            let source = std::fs::read_to_string(root.join(file));
            let source = source.unwrap_or_else(|error| panic!("{name}: {file}: {error}"));
            assert!(source.contains(test), "{name}: {file} has no {test}");
            for text in [&correction.wrong, &correction.right, &correction.manual] {
                assert!(text.len() > 5, "{name} says too little");
            }
        }
    }
}
