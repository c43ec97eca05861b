//! What `vmlab lab watch` works on: a tree, one of its milestones, and the tests of that.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use lab::course::{self, Course, Stage, Task};
use lab::handout::{Handout, Kind, NoHandout};
use lab::ids::{Milestone, TaskId};
use lab::place::{self, SourceLine};
use lab::progress::{self, Progress};

use super::super::{Bundled, hint};
use host::command::UsageError;

/// A milestone in a hand-out, or in the tree that has the solutions.
pub(super) struct Ground {
    /// The root of the tree.
    pub root: PathBuf,
    /// The milestone.
    pub stage: Stage,
    /// Its bundled tests, SUITE/NAME.
    pub tests: Vec<String>,
    /// All bundled tests.
    pub all_tests: Vec<String>,
    course: Course,
    /// The kind of hand-out that the tree began as; None for the tree with the solutions.
    began_as: Option<Kind>,
}

/// What to write next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Next {
    /// The text to show about it.
    pub text: String,
    /// The task, unless all are written.
    pub task: Option<TaskId>,
}

impl Ground {
    /// Finds the tree around a folder, and the milestone that was requested or is next.
    pub(super) fn find(folder: &Path, asked: Option<Milestone>) -> Result<Ground, UsageError> {
        let bundled = Bundled::read()?;
        let names = bundled.names();
        let (root, course, began_as, milestone) = match Handout::around(folder) {
            Ok(handout) => {
                let milestone = match asked {
                    Some(asked) => left_to_do(&handout, asked)?,
                    None => next(&handout, &names)?,
                };
                (handout.root, handout.course, Some(handout.kind), milestone)
            }
            Err(NoHandout::Whole) => {
                let (root, course) = whole(folder)?;
                let which = "this is the whole kernel, not a hand-out: name a milestone, as in \
                             `vmlab lab watch 4`";
                (root, course, None, asked.ok_or(which)?)
            }
            Err(other) => return Err(other.into()),
        };
        if !root.join("vmlab").is_file() {
            return Err(format!("{} has no launcher ./vmlab", root.display()).into());
        }
        let stage = course.stage(milestone)?.clone();
        let owned = course.owned(&names).remove(&milestone).unwrap_or_default();
        Ok(Ground {
            tests: owned.into_iter().map(str::to_owned).collect(),
            all_tests: names.into_iter().map(str::to_owned).collect(),
            root,
            stage,
            course,
            began_as,
        })
    }

    /// Returns the arguments for cargo that run crate `vm`'s own tests, including the milestone's.
    pub(super) fn kernel_test_words(&self) -> Vec<String> {
        let mut words = ["test", "--locked", "--no-fail-fast", "--package", "vm"]
            .map(str::to_owned)
            .to_vec();
        let feature = self
            .began_as
            .and_then(|kind| kind.feature(self.stage.number));
        words.extend(
            feature
                .into_iter()
                .flat_map(|one| ["--features".to_owned(), one]),
        );
        words
    }

    /// Records for `vmlab lab` whether crate `vm`'s own tests passed.
    pub(super) fn note_kernel_tests(&self, passed: bool) -> Result<(), UsageError> {
        if self.began_as.is_some() {
            Progress::read(&self.root)?.note([(progress::kernel(self.stage.number), passed)])?;
        }
        Ok(())
    }

    /// Returns what to write next.
    pub(super) fn next(&self) -> Result<Next, UsageError> {
        if self.began_as == Some(Kind::Open) {
            let text = "the design is yours: vm/README.md has the interface, chapters are a guide";
            let (text, task) = (text.to_owned(), None);
            return Ok(Next { text, task });
        }
        let unwritten = place::unwritten(&self.root)?;
        let mut tasks = self.stage.tasks.iter();
        let Some(task) = tasks.find(|task| unwritten.contains_key(&task.id)) else {
            let number = self.stage.number;
            let text = format!("nothing of milestone {number} is left to write");
            return Ok(Next { text, task: None });
        };
        let mut text = format!("{}: {}", task.id, task.title);
        for SourceLine { file, line } in &unwritten[&task.id] {
            write!(text, "\n{file}:{line}  {}", task.function)?;
        }
        Ok(Next {
            text,
            task: Some(task.id),
        })
    }

    /// Returns the hints for a task that were shown so far, or one more, and records that.
    pub(super) fn hint(&self, id: TaskId, wish: hint::Wish) -> Result<String, UsageError> {
        hint::ask(&self.root, self.task(id)?, wish, "h again")
    }

    fn task(&self, id: TaskId) -> Result<&Task, UsageError> {
        let task = self.course.task(id);
        task.ok_or_else(|| format!("there is no task {id}").into())
    }
}

fn left_to_do(handout: &Handout, asked: Milestone) -> Result<Milestone, UsageError> {
    handout.course.stage(asked)?;
    match handout.milestones.has(asked) {
        true => Ok(asked),
        false => Err(format!("milestone {asked} was solved from the start").into()),
    }
}

/// Returns the first milestone to do whose tests have not all passed.
fn next(handout: &Handout, names: &[&str]) -> Result<Milestone, UsageError> {
    let owned = handout.course.owned(names);
    let progress = Progress::read(&handout.root)?;
    let is_next = |stage: &&Stage| {
        let tests = owned.get(&stage.number).map_or(&[][..], Vec::as_slice);
        handout.milestones.has(stage.number) && !progress.standing(stage, tests).is_done()
    };
    let stage = handout.course.milestones.iter().find(is_next);
    let stage =
        stage.ok_or("all milestones are done; name one, as in `vmlab lab watch 4`, to watch it")?;
    Ok(stage.number)
}

/// Returns the tree with the solutions that a folder is in.
fn whole(folder: &Path) -> Result<(PathBuf, Course), UsageError> {
    let root = folder
        .ancestors()
        .find(|root| root.join(course::PATH).is_file());
    let root = root.ok_or(NoHandout::Elsewhere)?;
    let course = Course::parse(&fs::read_to_string(root.join(course::PATH))?)?;
    Ok((root.to_owned(), course))
}
