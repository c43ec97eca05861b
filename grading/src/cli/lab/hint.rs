//! `vmlab lab hint`: hints for a task, one at a time.

use std::fmt::Write;
use std::path::Path;

use clap::Args;
use lab::course::Task;
use lab::handout::{Handout, Kind};
use lab::hints::Hints;
use lab::ids::{BadId, TaskId};
use lab::place;

use super::passed::here;
use host::command::{UsageError, print};
use protocol::exit::{Exit, PRINT_CODES};

/// Shows the hints for a task that you have seen so far, or one more
#[derive(Args)]
#[command(after_help = format!("\
The number of hints that you have seen is kept in target/lab/hints.toml.

Examples:
  vmlab lab hint
  vmlab lab hint 4.1 --more

{PRINT_CODES}"))]
pub(super) struct HintArgs {
    /// The task [default: the first that is still to be written]
    #[arg(value_name = "M.N", value_parser = task)]
    task: Option<TaskId>,

    /// Show one more than last time
    #[arg(long)]
    more: bool,
}

/// Reads the number of a task; a slip of the hand is told.
fn task(text: &str) -> Result<TaskId, String> {
    text.parse().map_err(|error: BadId| {
        let dotted = text.replace([',', '-', '_', ':', ' '], ".");
        match dotted.parse::<TaskId>() {
            Ok(meant) => format!("{error} (did you mean {meant}?)"),
            Err(_) => error.to_string(),
        }
    })
}

impl HintArgs {
    /// Prints the hints.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        let handout = here()?;
        if handout.kind == Kind::Open {
            return Err(
                "hints are about tasks, and in an open hand-out there are none; the chapters \
                        in lab/milestones are a guide"
                    .into(),
            );
        }
        let task = self.task(&handout)?;
        let wish = if self.more { Wish::More } else { Wish::Same };
        let how = format!("vmlab lab hint {} --more", task.id);
        print(&ask(&handout.root, task, wish, &how)?)?;
        Ok(Exit::Success)
    }

    fn task<'a>(&self, handout: &'a Handout) -> Result<&'a Task, UsageError> {
        let id = match self.task {
            Some(id) => id,
            None => {
                let unwritten = place::unwritten(&handout.root)?;
                let first = unwritten.keys().next().copied();
                first.ok_or("nothing is left to write here; name a task, as in hint 4.1")?
            }
        };
        handout.course.task(id).ok_or_else(|| {
            let stage = handout.course.stage(id.milestone);
            let tasks = stage.map(|stage| stage.tasks.iter().map(|task| task.id.to_string()));
            let known = match tasks.map(Iterator::collect::<Vec<_>>) {
                Ok(tasks) if tasks.is_empty() => format!("milestone {} has none", id.milestone),
                Ok(tasks) => format!("milestone {} has {}", id.milestone, tasks.join(", ")),
                Err(unknown) => unknown.to_string(),
            };
            format!("there is no task {id}; {known}").into()
        })
    }
}

/// The hints to show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wish {
    /// Those of last time, or the first one.
    Same,
    /// One more.
    More,
}

/// Returns hints for a task, and records that they were shown. `how` is the command for one more.
pub(super) fn ask(root: &Path, task: &Task, wish: Wish, how: &str) -> Result<String, UsageError> {
    let mut hints = Hints::read(root)?;
    let before = hints.shown(task.id);
    let one_more = usize::from(wish == Wish::More && before > 0);
    let shown = (before.max(1) + one_more).min(task.hints.len());
    if shown != before {
        hints.note(task.id, shown)?;
    }
    text(task, shown, wish == Wish::More && shown == before, how)
}

/// Returns the first hints of a task; `is_all` if one more was requested and there is none.
fn text(task: &Task, shown: usize, is_all: bool, how: &str) -> Result<String, UsageError> {
    let (id, title, all) = (task.id, &task.title, task.hints.len());
    let mut text = format!("{id}: {title} ({} in {})\n", task.function, task.file);
    for (index, hint) in task.hints[..shown].iter().enumerate() {
        writeln!(text, "\nHint {} of {all}: {hint}", index + 1)?;
    }
    if all == 0 {
        writeln!(text, "\nThere are no hints for this one.")?;
    } else if is_all {
        writeln!(text, "\nThere are no more hints for this one.")?;
    } else if shown < all {
        writeln!(text, "\nOne more: {how}")?;
    }
    Ok(text)
}
