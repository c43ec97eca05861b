//! `vmlab lab variant`: the variants of the lab, and the checkout as one of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use clap::Args;
use host::command::{UsageError, print};
use lab::source::SourceError;
use lab::variant::{self, Variant, VariantName};
use lab::write;
use lab::{git, tree};
use protocol::exit::{Exit, PRINT_CODES};

/// Changes this checkout into a variant of the lab, or lists the variants
#[derive(Args)]
#[command(after_help = format!("\
For instructors. A variant changes what a task asks for, its contract, its tests and the
solution, so that the solution of another year does not pass. Each is a file of
lab/variants. The checkout must have no change that is not committed. What the variant
changes is not committed either: look at it with git diff, and commit it on a branch for
your course. From then on all commands, `handout` and `class grade` among them, are for
this variant.

Examples:
  vmlab lab variant
  git switch -c course-2027 && vmlab lab variant stack-leap map-ceiling

{PRINT_CODES}"))]
pub(super) struct VariantArgs {
    /// The variants; without any they are listed
    #[arg(value_name = "NAME")]
    names: Vec<VariantName>,
}

impl VariantArgs {
    /// Changes the checkout, or lists.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        let root = tree::root(Path::new("."))?;
        let files = tree::read(&root)?;
        if files.contains_key(tree::HANDOUT) {
            return Err(SourceError::HandOut.into());
        }
        if self.names.is_empty() {
            print(&list(&variant::all(&files)?))?;
            return Ok(Exit::Success);
        }
        // What somebody is working on stays apart from what the variant changes.
        if !git::ask(&root, &["status", "--porcelain"])?.is_empty() {
            return Err(
                "the checkout has changes that are not committed; git status lists them".into(),
            );
        }
        let varied = variant::apply(&files, &self.names)?;
        let count = write::change(&root, &files, &varied)?;
        print(&format!(
            "{count} files are changed. `git diff` shows how; `git add --all && git commit` keeps it.\n"
        ))?;
        Ok(Exit::Success)
    }
}

fn list(variants: &BTreeMap<VariantName, Variant>) -> String {
    let width = variants.keys().map(|name| name.to_string().len()).max();
    let width = width.unwrap_or_default();
    let mut text = String::new();
    for (name, variant) in variants {
        // Padded as text: `Display` of a newtype need not mind a width.
        let _ = writeln!(text, "{:width$}  {}", name.to_string(), variant.says);
    }
    text
}
