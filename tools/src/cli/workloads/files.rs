//! `vmlab workloads files`: the input of a workload, to run it by hand.

use std::path::{Path, PathBuf};

use clap::Args;

use super::PackagesFolder;
use crate::workloads::Workload;
use crate::workloads::description::Linking;
use host::command::{UsageError, print};
use host::guest_dir::GuestDir;
use host::shell::quoted;
use protocol::exit::{Exit, PRINT_CODES};

/// Writes the program and input of a workload to a folder, and prints the command that runs it there
#[derive(Args)]
#[command(after_help = format!("\
Example:
  vmlab workloads files sort sort-files

{PRINT_CODES}"))]
pub(super) struct FilesArgs {
    /// The workload
    #[arg(value_name = "NAME")]
    name: String,

    /// The folder, created if needed
    #[arg(value_name = "DIR")]
    target: PathBuf,

    #[command(flatten)]
    packages: PackagesFolder,
}

impl FilesArgs {
    /// Writes the files.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        let workload = Workload::named(std::slice::from_ref(&self.name))?.remove(0);
        let files = workload.files(&self.packages.folder)?;
        workload
            .guest(&files)?
            .put_into(&GuestDir::at(&self.target)?)?;
        let path = |path: &Path| quoted(&path.display().to_string());
        let root = match workload.linking {
            Linking::Static => String::new(),
            Linking::Dynamic => format!(" --root {}", path(&files)),
        };
        print(&format!(
            "vmlab run --abi linux --fs {}{root} --frames {} {} -- {}\n",
            path(&self.target),
            workload.frames[0].number(),
            path(&files.join(&workload.program)),
            workload.arguments_quoted()
        ))?;
        Ok(Exit::Success)
    }
}
