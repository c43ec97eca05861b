//! Where in a hand-out a task is, and whether it is still to be written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::course::Task;
use crate::ids::TaskId;

/// What stands where a task is to be written, up to its number.
const CALL: &str = "lab::not_yet(\"";

/// A line of a file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// The file, from the root of the hand-out.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// The tasks that are still to be written, each with the places where the kernel would stop for it.
///
/// # Errors
/// A source that cannot be read.
pub fn unwritten(root: &Path) -> io::Result<BTreeMap<TaskId, Vec<Place>>> {
    let mut found: BTreeMap<TaskId, Vec<Place>> = BTreeMap::new();
    for file in sources(root)? {
        let text = fs::read_to_string(root.join(&file))?;
        let file = file.display().to_string();
        for (index, line) in text.lines().enumerate() {
            if let Some(id) = called_for(line) {
                let (file, line) = (file.clone(), index + 1);
                found.entry(id).or_default().push(Place { file, line });
            }
        }
    }
    Ok(found)
}

/// The task that a line calls [`CALL`] for.
fn called_for(line: &str) -> Option<TaskId> {
    if line.trim_start().starts_with("//") {
        return None;
    }
    let (_, rest) = line.split_once(CALL)?;
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
pub fn function(root: &Path, task: &Task) -> io::Result<Option<Place>> {
    let text = fs::read_to_string(root.join(&task.file))?;
    let index = text.lines().position(|line| task.begins_in(line));
    Ok(index.map(|index| Place {
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
        let place = |file: &str, line| Place {
            file: file.to_owned(),
            line,
        };
        let found = unwritten(folder.path()).unwrap();
        let expected = [
            ("1.1", place("vm/src/grow.rs", 4)),
            ("2.1", place("vm/src/swap.rs", 2)),
            ("3.1", place("userprog/src/lib.rs", 3)),
        ];
        let expected = expected.map(|(id, place)| (id.parse().unwrap(), vec![place]));
        assert_eq!(found, BTreeMap::from(expected));
        // Task 2.2 has a given body: its function is where to write it.
        let course = toy::course();
        let task = course.task("2.2".parse().unwrap()).unwrap();
        let function = function(folder.path(), task).unwrap();
        assert_eq!(function, Some(place("vm/src/swap.rs", 5)));
    }

    #[test]
    fn a_comment_calls_for_nothing() {
        assert_eq!(called_for("    // lab::not_yet(\"1.1: x\")"), None);
        assert_eq!(
            called_for("pub fn not_yet(task: &'static str) -> ! {"),
            None
        );
        let id = "1.1".parse().unwrap();
        assert_eq!(called_for("    vm::lab::not_yet(\"1.1: x\");"), Some(id));
    }
}
