//! `vmlab gradescope`: the upload for a Gradescope autograder.

use std::path::PathBuf;

use clap::Args;

use crate::gradescope::Autograder;
use host::command::{UsageError, print};
use host::shell::quoted;
use protocol::exit::{Exit, PRINT_CODES};

/// Writes the files of a Gradescope autograder
#[derive(Args)]
#[command(after_help = format!("\
Students submit what `vmlab submit grade` takes: the files of vm/src, in a folder or an
archive. The assignment has 100 points; extra points are listed separately.

Examples:
  vmlab gradescope ../upload && cd ../upload && zip -qry ../upload.zip .
  vmlab gradescope ../upload --handout ../lab-2026 -- --hidden grading/hidden/suite.toml

{PRINT_CODES}"))]
pub(super) struct GradescopeArgs {
    /// The folder to write, which must be new or empty
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// The tree that hand-outs are made of, which is copied as git knows it
    #[arg(long, value_name = "DIR", default_value = ".")]
    project: PathBuf,

    /// The hand-out that the students had, which is copied too [default: all milestones]
    #[arg(long, value_name = "DIR")]
    handout: Option<PathBuf>,

    /// Options of `vmlab submit grade`; paths are below the project
    #[arg(value_name = "OPTION", last = true)]
    options: Vec<String>,
}

impl GradescopeArgs {
    /// Writes the files.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        let autograder = Autograder {
            project: &self.project,
            handout: self.handout.as_deref(),
            options: &self.options,
        };
        autograder.write(&self.folder)?;
        let folder = self.folder.display();
        let word = quoted(&folder.to_string());
        print(&format!(
            "The autograder is in {folder}. Put its content, not the folder itself, into a zip \
             file:\n  cd {word} && zip -qry ../autograder.zip .\n"
        ))?;
        Ok(Exit::Success)
    }
}
