//! The number of hints that a student has seen, in `target/lab/hints.toml` of the hand-out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::ids::TaskId;
use crate::manifest::quoted;

/// The hints that have been shown.
#[derive(Debug)]
pub struct Hints {
    file: PathBuf,
    shown: BTreeMap<String, usize>,
}

impl Hints {
    /// Reads those of the hand-out with this root; none have been shown if there is no file.
    ///
    /// # Errors
    /// The file is damaged, or cannot be read.
    pub fn read(root: &Path) -> io::Result<Hints> {
        let file = root.join("target/lab/hints.toml");
        let shown = match fs::read_to_string(&file) {
            Ok(text) => toml::from_str(&text).map_err(io::Error::other)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(error),
        };
        Ok(Hints { file, shown })
    }

    /// Returns the number of hints of a task that have been shown.
    #[must_use]
    pub fn shown(&self, task: TaskId) -> usize {
        self.shown.get(&task.to_string()).copied().unwrap_or(0)
    }

    /// Records the number of hints of a task that have been shown.
    ///
    /// # Errors
    /// Those of writing the file.
    pub fn note(&mut self, task: TaskId, shown: usize) -> io::Result<()> {
        self.shown.insert(task.to_string(), shown);
        let lines = self.shown.iter();
        let lines = lines.map(|(task, shown)| format!("{} = {shown}\n", quoted(task)));
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&self.file, lines.collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_that_were_shown_are_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let [first, second] = ["4.1", "4.2"].map(|id| id.parse().unwrap());
        let mut hints = Hints::read(folder.path()).unwrap();
        assert_eq!(hints.shown(first), 0);
        hints.note(first, 1).unwrap();
        hints.note(first, 2).unwrap();
        let again = Hints::read(folder.path()).unwrap();
        assert_eq!((again.shown(first), again.shown(second)), (2, 0));
        let text = fs::read_to_string(folder.path().join("target/lab/hints.toml")).unwrap();
        assert_eq!(text, "\"4.1\" = 2\n");
    }
}
