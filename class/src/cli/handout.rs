//! The hand-out that submissions were made for.

use std::path::{Path, PathBuf};

use clap::Args;
use host::command::UsageError;
use lab::handout::{Handout, Kind};
use lab::ids::Milestone;
use lab::source::Source;
use lab::tree;

use super::whole;
use crate::hash::Hash;
use crate::pristine::Pristine;

/// The hand-out of this tree that students had.
#[derive(Args)]
pub(super) struct HandoutArgs {
    /// The hand-out that they had; its files show which milestones were left to do [default: all
    /// milestones]
    #[arg(long, value_name = "DIR")]
    handout: Option<PathBuf>,
}

impl HandoutArgs {
    /// Returns the tree, the hand-out, and a hash of the tree's sources.
    pub(super) fn pristine(&self) -> Result<(PathBuf, Pristine, Hash), UsageError> {
        let root = tree::root(Path::new("."))?;
        let source = Source::read(&root)?;
        let (kind, unsolved) = match &self.handout {
            None => (Kind::Marked, source.course.from(Milestone::FIRST)?),
            Some(folder) => {
                let handout = Handout::around(&whole(folder)?)?;
                (handout.kind, handout.milestones)
            }
        };
        let pristine = Pristine::of(&source, kind, &unsolved)?;
        let mut hash = Hash::default();
        for (path, file) in source.files() {
            if !is_about_people(path) {
                hash.add(path.as_bytes());
                hash.add(&file.bytes);
            }
        }
        Ok((root, pristine, hash))
    }
}

/// Returns whether no verdict depends on a file: documents, examples, tests of the project itself.
fn is_about_people(path: &str) -> bool {
    const FOLDERS: [&str; 8] = [
        ".ci/",
        ".devcontainer/",
        ".github/",
        "docs/",
        "fuzz/",
        "grading/examples/",
        "lab/variants/",
        "tests/",
    ];
    const FILES: [&str; 3] = [".editorconfig", "class/breaks.toml", "deny.toml"];
    FOLDERS.iter().any(|folder| path.starts_with(folder))
        || FILES.contains(&path)
        || path.ends_with(".md")
}
