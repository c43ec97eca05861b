//! `vmlab new-test`: makes a suite of one's own to start from.

use std::fmt::Write;
use std::path::Path;

use clap::Args;

use crate::new_test;
use host::command::{UsageError, print};
use protocol::exit::{Exit, PRINT_CODES};

/// Makes a folder with a first test of your own
#[derive(Args)]
#[command(after_help = format!("\
Example:
  vmlab new-test demo && vmlab grade --suite demo

{PRINT_CODES}"))]
pub(super) struct NewTestArgs {
    /// The name of the test and of the folder, which is made in the current one
    #[arg(value_name = "NAME")]
    name: String,
}

impl NewTestArgs {
    /// Makes the folder.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        let mut text = String::new();
        for file in new_test::write(Path::new(""), &self.name)? {
            writeln!(text, "{}", file.display())?;
        }
        writeln!(text, "Run it: vmlab grade --suite {}", self.name)?;
        print(&text)?;
        Ok(Exit::Success)
    }
}
