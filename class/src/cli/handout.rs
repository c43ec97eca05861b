//! Which hand-out submissions were made for.

use std::path::{Path, PathBuf};

use clap::Args;
use host::command::UsageError;
use lab::handout::{Handout, Kind};
use lab::ids::Milestone;
use lab::source::Source;
use lab::tree;

use crate::pristine::Pristine;

/// The hand-out of this tree that students had.
#[derive(Args)]
pub struct HandoutArgs {
    /// The hand-out that they had: what was left to do in it is known from its files [default: all
    /// milestones]
    #[arg(long, value_name = "DIR")]
    handout: Option<PathBuf>,
}

impl HandoutArgs {
    /// The tree, and what students were given.
    pub fn pristine(&self) -> Result<(PathBuf, Pristine), UsageError> {
        let root = tree::root(Path::new("."))?;
        let source = Source::read(&root)?;
        let (kind, unsolved) = match &self.handout {
            None => (Kind::Marked, source.course.from(Milestone::FIRST)?),
            Some(folder) => {
                let handout = Handout::around(&folder.canonicalize()?)?;
                (handout.kind, handout.milestones)
            }
        };
        let pristine = Pristine::of(&source, kind, &unsolved)?;
        Ok((root, pristine))
    }
}
