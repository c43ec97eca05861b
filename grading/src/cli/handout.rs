//! `vmlab handout`: the students' version of this tree.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use lab::course::Course;
use lab::handout::Kind;
use lab::ids::{BadId, Milestone, Unsolved};
use lab::open;
use lab::source::Source;
use lab::update::{self, Updated};
use lab::{tree, write};

use host::command::{UsageError, print};
use host::shell::quoted;
use protocol::exit::{Exit, PRINT_CODES};

/// Makes the students' version of this tree, without the solutions
#[derive(Args)]
#[command(after_help = format!("\
It consists of the files that git tracks, as they are now: call it in the checkout. The
solutions of the milestones to do are removed, and so is what lab/lab.toml lists under
leave-out. The folder gets one commit, which is the same whenever and wherever it is made
from the same files.

Examples:
  vmlab handout ../lab-2026
  vmlab handout ../second-half --from 6
  vmlab handout ../swap-only --milestones 4-5
  vmlab handout ../lab-2026 --update
  vmlab handout ../open --open

{PRINT_CODES}"))]
pub(super) struct HandoutArgs {
    /// The folder to write, new or empty, outside of this tree; with `--update` a hand-out
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// The first milestone to do; those before it are solved [default: 1]
    #[arg(long, value_name = "M")]
    from: Option<Milestone>,

    /// The milestones to do; all others are solved
    #[arg(long, value_name = "A-B", conflicts_with = "from")]
    milestones: Option<Range>,

    /// Update a hand-out that students already work on: it gets one more commit, which they merge
    /// with `git pull`. Its milestones stay the same
    #[arg(long, conflicts_with_all = ["from", "milestones", "open"])]
    update: bool,

    /// Hand out a kernel without paging, and leave the design of the virtual memory to students
    #[arg(long, conflicts_with_all = ["from", "milestones"])]
    open: bool,
}

/// A range of milestones: `4-6`, or `4`.
#[derive(Clone, Copy, Debug)]
struct Range {
    first: Milestone,
    last: Milestone,
}

impl FromStr for Range {
    type Err = String;

    fn from_str(text: &str) -> Result<Range, String> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let read = |text: &str| text.parse().map_err(|error: BadId| error.to_string());
        let (first, last): (Milestone, Milestone) = (read(first)?, read(last)?);
        match first <= last {
            true => Ok(Range { first, last }),
            false => Err(format!("{first} comes after {last}")),
        }
    }
}

impl HandoutArgs {
    /// Makes the hand-out.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        let root = tree::root(Path::new("."))?;
        if self.update {
            return self.update(&root);
        }
        write::check(&self.folder, &root)?;
        let source = Source::read(&root)?;
        let unsolved = self.unsolved(&source.course)?;
        let kind = match self.open {
            true => Kind::Open,
            false => Kind::Marked,
        };
        let files = open::files_of(&source, kind, &unsolved)?;
        let message = format!("{}: the hand-out", source.course.lab.title);
        let commit = write::write(&self.folder, &files, &message)?;
        print(&self.summary(&source.course, &unsolved, &commit))?;
        Ok(Exit::Success)
    }

    fn update(&self, root: &Path) -> Result<Exit, UsageError> {
        let source = Source::read(root)?;
        let folder = self.folder.display();
        print(&match update::renew(&self.folder, &source)? {
            Updated::Same => format!("{folder} is up to date.\n"),
            Updated::Commit(name) => format!(
                "{folder} has one more commit, {name}.\nOnce it is where students pull from, they get it \
                 with: git pull --no-rebase\n"
            ),
        })?;
        Ok(Exit::Success)
    }

    fn unsolved(&self, course: &Course) -> Result<Unsolved, UsageError> {
        Ok(match (self.from, self.milestones) {
            (_, Some(Range { first, last })) => course.range(first, last)?,
            (from, None) => course.from(from.unwrap_or(Milestone::FIRST))?,
        })
    }

    fn summary(&self, course: &Course, unsolved: &Unsolved, commit: &str) -> String {
        let tasks = course.tasks();
        let tasks = tasks.filter(|task| unsolved.has(task.id.milestone)).count();
        let numbers: Vec<String> = unsolved.0.iter().map(ToString::to_string).collect();
        let folder = self.folder.display();
        let what = match self.open {
            true => "a kernel without paging".to_owned(),
            false => {
                let numbers = numbers.join(", ");
                format!("{tasks} tasks are left to do, of milestones {numbers}")
            }
        };
        let first = first_command(&self.folder);
        format!("{folder}: {what}.\nIts commit is {commit}.\nTry it: {first}\n")
    }
}

/// What a shell takes to begin with a hand-out.
fn first_command(folder: &Path) -> String {
    format!("cd {} && ./vmlab lab", quoted(&folder.to_string_lossy()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_command_can_be_copied_whatever_the_folder_is_called() {
        let of = |folder: &str| first_command(Path::new(folder));
        assert_eq!(of("../course"), "cd ../course && ./vmlab lab");
        assert_eq!(of("/a course"), "cd '/a course' && ./vmlab lab");
    }

    #[test]
    fn a_range_is_two_milestones_or_one() {
        let ends = |text: &str| {
            let range = text.parse::<Range>()?;
            Ok((range.first.to_string(), range.last.to_string()))
        };
        assert_eq!(ends("4-10"), Ok(("4".into(), "10".into())));
        assert_eq!(ends("4"), Ok(("4".into(), "4".into())));
        assert_eq!(ends("5-4"), Err("5 comes after 4".to_owned()));
        assert!(ends("4-").is_err() && ends("a-b").is_err());
    }
}
