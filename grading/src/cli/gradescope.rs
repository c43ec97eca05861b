//! `vmlab gradescope`: the upload for a Gradescope autograder.

use std::path::PathBuf;

use clap::Args;

use crate::gradescope;
use host::command::{UsageError, print};
use protocol::exit::{Exit, PRINT_CODES};

/// Writes the files of a Gradescope autograder
#[derive(Args)]
#[command(after_help = format!("\
Students submit the folders named by --submit, under their paths in the project. The
assignment has 100 points; extra points are listed separately.

Example:
  vmlab gradescope upload && cd upload && zip -r ../upload.zip .

{PRINT_CODES}"))]
pub(super) struct GradescopeArgs {
    /// The folder to write, which must be new or empty
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// The folder of the project, which is copied
    #[arg(long, value_name = "DIR", default_value = ".")]
    project: PathBuf,

    /// A folder that students submit. May be given several times
    #[arg(long, value_name = "DIR", default_value = "vm/src")]
    submit: Vec<String>,
}

impl GradescopeArgs {
    /// Writes the files.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        gradescope::write(&self.folder, &self.project, &self.submit)?;
        let folder = self.folder.display();
        print(&format!(
            "The autograder is in {folder}. Put its content, not the folder itself, into a zip \
             file:\n  cd {folder} && zip -r ../autograder.zip .\n"
        ))?;
        Ok(Exit::Success)
    }
}
