//! Runs the program of a test once more: as a report for a browser, or under gdb.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::Sender;
use std::{fs, thread};

use super::child::{self, Line};
use super::failure::printable;
use super::news::News;
use host::shell::quoted;

/// The part that every command line that repeats a test contains.
const RUN: &str = "./vmlab run ";

/// The folder of reports, relative to the root of the tree.
const REPORTS: &str = "target/lab/reports";

/// A test's program that can be run again.
pub(super) struct Again {
    root: PathBuf,
    /// The test, SUITE/NAME.
    id: String,
    /// The command line that repeats it.
    line: String,
}

impl Again {
    /// Takes the root of the tree, the name of a test, and the command line that repeats it.
    pub(super) fn new(root: &Path, id: String, line: String) -> Again {
        let root = root.to_owned();
        Again { root, id, line }
    }

    /// Returns the root of the tree.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the test.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Returns the command line with which the program waits for gdb.
    pub(super) fn under_gdb(&self) -> String {
        self.line.replacen(RUN, "./vmlab run --gdb ", 1)
    }

    /// Returns the command line that writes the report of the run to a file.
    fn reported(&self, file: &Path) -> String {
        let file = quoted(&file.to_string_lossy());
        self.line
            .replacen(RUN, &format!("./vmlab report --output={file} "), 1)
    }

    /// Returns a command that runs a command line in this tree. The lines are for a shell that
    /// knows `$'...'`.
    pub(super) fn shell(&self, line: &str) -> Command {
        let mut command = Command::new("bash");
        command.args(["-c", line]).current_dir(&self.root);
        command
    }

    /// Makes the report, in a thread of its own, and opens it.
    pub(super) fn report(self, news: Sender<News>) {
        thread::spawn(move || {
            let made = self.make_report();
            // If nobody listens, the interface has ended.
            let _ = news.send(News::Report(made));
        });
    }

    /// Makes the report, and returns its path relative to the root.
    fn make_report(&self) -> Result<PathBuf, String> {
        fs::create_dir_all(self.root.join(REPORTS))
            .map_err(|error| format!("{REPORTS} cannot be made: {error}"))?;
        let file = Path::new(REPORTS).join(format!("{}.html", self.id.replace('/', "-")));
        let mut said = Vec::new();
        let each = |line| {
            if let Line::Error(line) = line {
                said.push(printable(&line));
            }
        };
        let ended = child::run(&mut self.shell(&self.reported(&file)), each, || false);
        match ended {
            // The test failing is no error: that is what the report shows.
            Ok(Some(status)) if matches!(status.code(), Some(0 | 1)) => Ok(file),
            Ok(_) => Err(said
                .pop()
                .unwrap_or_else(|| "vmlab report said nothing".to_owned())),
            Err(error) => Err(format!("bash cannot be run: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_lines_differ_from_the_tests_own_in_what_is_done() {
        let line = "printf %s $'a\\n' | ./vmlab run --frames=16 hello -- x";
        let again = Again::new(Path::new("/a b"), "vm/hello".to_owned(), line.to_owned());
        let gdb = "printf %s $'a\\n' | ./vmlab run --gdb --frames=16 hello -- x";
        assert_eq!(again.under_gdb(), gdb);
        let report = "printf %s $'a\\n' | ./vmlab report --output='/a b/r' --frames=16 hello -- x";
        assert_eq!(again.reported(Path::new("/a b/r")), report);
    }

    #[test]
    fn a_report_that_cannot_be_made_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let line = "echo no such kernel >&2; exit 4; ./vmlab run x";
        let again = Again::new(folder.path(), "vm/x".to_owned(), line.to_owned());
        assert_eq!(again.make_report().unwrap_err(), "no such kernel");
        let again = Again::new(
            folder.path(),
            "vm/x".to_owned(),
            "exit 1; ./vmlab run x".to_owned(),
        );
        let file = Path::new("target/lab/reports/vm-x.html");
        assert_eq!(again.make_report().unwrap(), file);
    }
}
