//! Finds where in a hand-out a task is, and whether it is still to be written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::course::Task;
use crate::ids::TaskId;

/// The call in place of a task that is not written, up to its number.
const CALL: &str = "lab::not_yet(\"";

/// The comment above a body that does too little, up to the task's number.
const UNTIL: &str = "// Until ";

/// A line of a file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct SourceLine {
    /// The file, from the root of the hand-out.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// The tasks that are still to be written, each with its places: where the kernel would stop for
/// it, or where a comment says what it does until then.
///
/// # Errors
/// A source that cannot be read.
pub fn unwritten(root: &Path) -> io::Result<BTreeMap<TaskId, Vec<SourceLine>>> {
    let mut found: BTreeMap<TaskId, Vec<SourceLine>> = BTreeMap::new();
    for file in sources(root)? {
        let text = fs::read_to_string(root.join(&file))?;
        let file = file.display().to_string();
        for (index, line) in text.lines().enumerate() {
            if let Some(id) = waits_for(line) {
                let (file, line) = (file.clone(), index + 1);
                found.entry(id).or_default().push(SourceLine { file, line });
            }
        }
    }
    Ok(found)
}

/// The task that a line waits for: it makes the [`CALL`], or it is a comment that says what is done
/// [`UNTIL`] then.
fn waits_for(line: &str) -> Option<TaskId> {
    let line = line.trim_start();
    let rest = match line.strip_prefix(UNTIL) {
        Some(rest) => rest,
        None if line.starts_with("//") => return None,
        None => line.split_once(CALL)?.1,
    };
    rest.split_once(':')?.0.parse().ok()
}

/// The sources of the crates that have tasks, from the root, in the order of their names.
fn sources(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut sources = Vec::new();
    let mut folders = vec![PathBuf::from("vm/src"), PathBuf::from("userprog/src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                sources.push(path);
            }
        }
    }
    sources.sort();
    Ok(sources)
}

/// Where the function of a task begins; None if it is not in the task's file.
///
/// # Errors
/// That the file cannot be read.
pub fn function(root: &Path, task: &Task) -> io::Result<Option<SourceLine>> {
    let text = fs::read_to_string(root.join(&task.file))?;
    let index = text.lines().position(|line| task.begins_in(line));
    Ok(index.map(|index| SourceLine {
        file: task.file.clone(),
        line: index + 1,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toy;
    use crate::{handout, write};

    #[test]
    fn a_task_is_found_where_it_is_called_for() {
        let folder = tempfile::tempdir().unwrap();
        let files = handout::files(&toy::source(), &toy::from("1")).unwrap();
        for (path, file) in &files {
            write::write_file(&folder.path().join(path), file).unwrap();
        }
        let place = |file: &str, line| SourceLine {
            file: file.to_owned(),
            line,
        };
        let found = unwritten(folder.path()).unwrap();
        let expected = [
            ("1.1", place("vm/src/grow.rs", 4)),
            ("2.1", place("vm/src/swap.rs", 2)),
            // This one has a given body, which says so.
            ("2.2", place("vm/src/swap.rs", 6)),
            ("3.1", place("userprog/src/lib.rs", 3)),
        ];
        let expected = expected.map(|(id, place)| (id.parse().unwrap(), vec![place]));
        assert_eq!(found, BTreeMap::from(expected));
        let course = toy::course();
        let task = course.task("2.2".parse().unwrap()).unwrap();
        let function = function(folder.path(), task).unwrap();
        assert_eq!(function, Some(place("vm/src/swap.rs", 5)));
    }

    #[test]
    fn a_line_waits_for_a_task_by_its_call_or_by_a_comment_that_says_until() {
        let id = "1.1".parse().unwrap();
        assert_eq!(waits_for("    vm::lab::not_yet(\"1.1: x\");"), Some(id));
        assert_eq!(waits_for("    // Until 1.1: nothing is held."), Some(id));
        for line in [
            "    // lab::not_yet(\"1.1: x\")",
            "    // Until now: nothing.",
            "    // Nothing is held until 1.1: so it goes.",
            "    // | // Until 1.1: a line of a mark is no stand-in yet.",
            "pub fn not_yet(task: &'static str) -> ! {",
        ] {
            assert_eq!(waits_for(line), None, "{line}");
        }
    }
}
