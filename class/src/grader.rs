//! `vmlab grade`, started on a machine program.
//!
//! # Invariants
//! Nothing but its results comes back: what it prints and keeps goes to a folder that is gone then.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use grading::report;
use grading::results::Results;
use host::process_group::ProcessGroup;
use host::scratch::Scratch;
use protocol::exit::Exit;
use thiserror::Error;

use crate::boxed::{self, Openings};

/// Why there are no results.
#[derive(Debug, Error)]
pub enum GraderError {
    /// It ended without any.
    #[error("vmlab grade ended without results: {0}")]
    Lost(String),
    /// It cannot be started, or its results not be read.
    #[error("cannot grade: {0}")]
    Host(#[from] io::Error),
}

/// One call of it, of one test at a time.
#[derive(Debug)]
pub struct Request {
    /// Its options besides the machine program.
    pub words: Vec<OsString>,
    /// What it has in its environment besides what this process has.
    pub environment: Vec<(&'static str, OsString)>,
    /// What it may open besides its own folder, if the tests are a stranger's.
    pub walls: Option<Openings>,
}

impl Request {
    /// One with a machine program, and no other option.
    #[must_use]
    pub fn of(machine: &Path) -> Request {
        Request {
            words: vec!["--machine".into(), machine.into()],
            environment: Vec::new(),
            walls: None,
        }
    }

    /// Runs it. Each test has limits of its own.
    ///
    /// # Errors
    /// Why there are no results.
    pub fn run(&self) -> Result<Results, GraderError> {
        let scratch = Scratch::new()?;
        let written = scratch.path().join("report.json");
        let messages = scratch.path().join("messages");
        // The grader is beside this program.
        let grader = std::env::current_exe()?.with_file_name("vmlab");
        let mut command = match &self.walls {
            None => Command::new(grader),
            Some(walls) => {
                let mut walls = walls.clone();
                walls.write.push(scratch.path().to_owned());
                boxed::command(&walls, &grader)?
            }
        };
        command
            .arg("grade")
            .arg("--jobs=1")
            .arg(format!("--report=json={}", written.display()))
            .args(&self.words)
            .envs(self.environment.iter().cloned())
            // It keeps there which tests failed, and what programs are compiled from.
            .current_dir(scratch.path())
            .env("TMPDIR", scratch.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&messages)?);
        let status = ProcessGroup::start(&mut command)?.leader.wait()?;
        let written = fs::read_to_string(&written);
        let (true, Ok(text)) = (is_complete(status.code()), written) else {
            let said = fs::read(&messages)?;
            return Err(GraderError::Lost(
                String::from_utf8_lossy(&said).into_owned(),
            ));
        };
        report::read(&text).map_err(|error| GraderError::Lost(error.to_string()))
    }
}

/// Whether a grader that ended with this code has run all tests that it was to run. One that was
/// interrupted leaves a report too, which must not be taken for the whole.
fn is_complete(code: Option<i32>) -> bool {
    let complete = [Exit::Success, Exit::Failed, Exit::Bug];
    complete.iter().any(|exit| code == Some(exit.code().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_of_a_grader_that_was_interrupted_or_killed_is_none() {
        assert!([0, 1, 3].map(Some).into_iter().all(is_complete));
        assert!(![Some(2), Some(130), None].into_iter().any(is_complete));
    }
}
