//! A copy of the sources with all edits in it, each of which breaks the kernel, and the build of it.
//!
//! # Invariants
//!
//! With the number 0 the copy does what the sources do; the copy is a function of the sources and
//! the edits, and what did not change in it keeps its time, so that cargo builds anew only what has
//! to be.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::edit::Edit;
use super::files;

/// The environment variable that says which break is on: its place among all, from 1.
pub const NUMBER: &str = "VMLAB_BREAK";

/// The environment variable that names a folder for notes: a file for each program with the numbers of
/// the breaks that it comes by, a line each.
pub const NOTES: &str = "VMLAB_BREAK_NOTES";

/// The module of the copy that says which break is on.
const SWITCH: &str = include_str!("switch.rs");
/// What a kernel, and the verdict on a test, are made of.
const KERNEL: [&str; 9] = [
    "Cargo.lock",
    "emu/machine/src",
    "emu/cpu/src",
    "vm/src",
    "userprog/src",
    "protocol/src",
    "host/src",
    "driver/src",
    "grading/src",
];
/// What the tests of the code are made from.
const CODE_TESTS: [&str; 9] = [
    "emu/machine/tests",
    "emu/cpu/tests",
    "emu/cpu/bare",
    "vm/kit",
    "vm/tests",
    "userprog/tests",
    "userprog/executables",
    "userprog/small",
    "testkit",
];
/// The corrected emulator and what it was made from, which the copy links as well.
const EMULATOR: [&str; 2] = ["target/unicorn/inputs", "target/unicorn/libunicorn.a"];

/// The copy.
#[derive(Debug)]
pub struct Copy {
    /// Its folder.
    pub tree: PathBuf,
    /// What is built of it.
    pub target: PathBuf,
    /// The `vmlab` command in it, if that was built.
    pub program: PathBuf,
    /// The machine program in it.
    pub machine: PathBuf,
    /// Stands for the kernel without the breaks.
    pub kernel: u64,
    /// Stands for the tests of the code.
    pub code_tests: u64,
}

/// Which programs of a copy are built.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Programs {
    /// The machine program alone.
    Machine,
    /// The `vmlab` command as well, for what is broken in the grader.
    All,
}

impl Programs {
    fn packages(self) -> &'static [&'static str] {
        match self {
            Programs::Machine => &["--package", "driver"],
            Programs::All => &["--package", "driver", "--package", "grading"],
        }
    }
}

/// The numbers of the breaks that a program came by, by the notes in a folder.
#[must_use]
pub fn noted(notes: &Path, program: &str) -> BTreeSet<usize> {
    // A program that came by none left no note.
    let text = fs::read_to_string(notes.join(program.replace('/', "_"))).unwrap_or_default();
    text.lines().filter_map(|line| line.parse().ok()).collect()
}

/// Copies the sources below `root` to a folder, with all edits, and builds programs there.
///
/// # Errors
/// What keeps it from being done.
pub fn build(
    root: &Path,
    edits: &[Edit],
    folder: &Path,
    programs: Programs,
) -> Result<Copy, String> {
    let (files, links) = files::tracked(root)?;
    let tree = folder.join("tree");
    let mut texts = BTreeMap::new();
    let (mut kernel, mut code_tests) = (DefaultHasher::new(), DefaultHasher::new());
    for file in files.into_iter().chain(EMULATOR.map(PathBuf::from)) {
        let at = root.join(&file);
        let bytes = fs::read(&at).map_err(|error| format!("{}: {error}", at.display()))?;
        if KERNEL.iter().any(|part| file.starts_with(part)) {
            (&file, &bytes).hash(&mut kernel);
        }
        if CODE_TESTS.iter().any(|part| file.starts_with(part)) {
            (&file, &bytes).hash(&mut code_tests);
        }
        texts.insert(file, bytes);
    }
    for file in edits.iter().map(|one| &one.file).collect::<BTreeSet<_>>() {
        let bytes = texts
            .get_mut(Path::new(file))
            .ok_or_else(|| format!("{file} is no file of the sources"))?;
        let text = String::from_utf8(std::mem::take(bytes)).map_err(|e| format!("{file}: {e}"))?;
        *bytes = with_edits(&text, file, edits)?.into_bytes();
    }
    texts.insert("emu/machine/src/broken.rs".into(), SWITCH.into());
    for (file, bytes) in &mut texts {
        if file.ends_with("src/lib.rs") {
            // What an expression is replaced by may leave something unused.
            bytes.splice(0..0, *b"#![allow(unused)]\n");
        }
        if file == Path::new("emu/machine/src/lib.rs") {
            bytes.extend_from_slice(b"\npub mod broken;\n");
        }
    }
    prepare_program(&mut texts)?;
    files::put(root, &tree, &texts, &links)
        .map_err(|error| format!("{}: {error}", tree.display()))?;
    let target = folder.join("build");
    let built = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--release", "--locked"])
        .args(programs.packages())
        .arg("--target-dir")
        .arg(&target)
        .current_dir(&tree)
        .stdin(Stdio::null())
        .status()
        .map_err(|error| format!("cannot start cargo: {error}"))?;
    if !built.success() {
        return Err(format!(
            "the copy in {} cannot be built; does each `replace` have the type of its `find`?",
            tree.display()
        ));
    }
    Ok(Copy {
        program: target.join("release/vmlab"),
        machine: target.join("release/vmlab-machine"),
        kernel: kernel.finish(),
        code_tests: code_tests.finish(),
        tree,
        target,
    })
}

/// Has the machine program open its notes before it can open nothing any more.
fn prepare_program(texts: &mut BTreeMap<PathBuf, Vec<u8>>) -> Result<(), String> {
    const MAIN: &str = "driver/src/main.rs";
    const BEGIN: &str = "    driver::command::main()";
    let text = texts
        .get(Path::new(MAIN))
        .map(|bytes| String::from_utf8_lossy(bytes));
    let text = text.ok_or_else(|| format!("there is no {MAIN}"))?;
    if text.matches(BEGIN).count() != 1 {
        return Err(format!("{MAIN} does not have {} once", BEGIN.trim()));
    }
    let text = text.replace(
        BEGIN,
        &format!("    machine::broken::prepare_to_break();\n{BEGIN}"),
    );
    texts.insert(MAIN.into(), text.into_bytes());
    Ok(())
}

/// A file's text with the edits that are in it.
fn with_edits(text: &str, file: &str, edits: &[Edit]) -> Result<String, String> {
    let switch = match file.starts_with("emu/machine/") {
        true => "crate::broken::is",
        false => "::machine::broken::is",
    };
    let mut found = Vec::new();
    for (index, one) in edits.iter().enumerate() {
        if one.file == file {
            let place = one.place(text).map_err(|error| error.to_string())?;
            found.push((place, index + 1, one));
        }
    }
    found.sort_by_key(|(place, number, _)| (place.start, place.end, *number));
    let mut done = String::new();
    let mut at = 0;
    // Several may have the same place.
    for there in found.chunk_by(|(one, ..), (other, ..)| one == other) {
        let (place, _, first) = &there[0];
        if place.start < at {
            return Err(format!("{} overlaps another", first.name));
        }
        done.push_str(&text[at..place.start]);
        done.push('(');
        for (_, number, one) in there {
            done.push_str(&format!(
                "if {switch}({number}) {{ {} }} else ",
                one.replace
            ));
        }
        done.push_str(&format!("{{ {} }})", &text[place.clone()]));
        at = place.end;
    }
    done.push_str(&text[at..]);
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, find: &str, replace: &str, within: Option<&str>) -> Edit {
        Edit {
            name: name.to_owned(),
            file: "vm/x.rs".to_owned(),
            find: find.to_owned(),
            replace: replace.to_owned(),
            within: within.map(str::to_owned),
        }
    }

    #[test]
    fn each_place_has_what_is_right_and_all_that_is_broken() {
        let breaks = [
            one("a", "x + 1", "x", None),
            one("b", "f()", "g()", Some("y(f())")),
            one("c", "x + 1", "x + 2", None),
        ];
        let text = "f(); let z = x + 1; y(f())";
        assert_eq!(
            with_edits(text, "vm/x.rs", &breaks).unwrap(),
            "f(); let z = (if ::machine::broken::is(1) { x } else if ::machine::broken::is(3) { x + 2 } \
             else { x + 1 }); y((if ::machine::broken::is(2) { g() } else { f() }))"
        );
    }

    /// An edit replaces an expression: as a part of something else it would keep all breaks from being compiled.
    #[test]
    fn each_file_with_all_its_breaks_is_rust() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let breaks = crate::breaks::read(&root).unwrap();
        let edits = Vec::from_iter(breaks.iter().map(crate::breaks::Break::edit));
        for file in edits.iter().map(|one| &one.file).collect::<BTreeSet<_>>() {
            let text = fs::read_to_string(root.join(file)).unwrap();
            let broken = with_edits(&text, file, &edits).unwrap();
            syn::parse_file(&broken).unwrap_or_else(|error| panic!("{file}: {error}"));
        }
    }

    #[test]
    fn places_must_be_unique_and_apart() {
        let text = "f(); f(x + 1)";
        let fails = |edits: &[Edit]| with_edits(text, "vm/x.rs", edits).unwrap_err();
        assert!(fails(&[one("a", "f", "g", None)]).contains("2 times"));
        assert!(fails(&[one("a", "h", "g", None)]).contains("0 times"));
        let apart = [one("a", "x + 1", "1", None), one("b", "1", "2", None)];
        assert!(fails(&apart).contains("overlaps"));
    }
}
