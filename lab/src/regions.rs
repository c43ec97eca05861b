//! The marks of a file: what belongs to which task, what only to a solution, which tests to a
//! milestone.
//!
//! # Invariants
//! The parts of a file are all of its lines, in order, each in one part; marks do not nest.

use std::fmt::{self, Display};

use thiserror::Error;

use crate::ids::{Milestone, TaskId};
use crate::mark::{BadMark, Mark, given_line};

/// How a doc comment begins a block of code that is run as a test.
const EXAMPLE: &str = "/// ```";

/// Endings of the files that have marks. Other files may show them as examples.
const MARKED: [&str; 4] = [".rs", ".c", ".h", ".S"];

/// Whether marks are looked for in a file.
#[must_use]
pub fn may_have_marks(path: &str) -> bool {
    MARKED.iter().any(|ending| path.ends_with(ending))
}

/// Lines of a file that are treated alike.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    /// Lines that every hand-out has.
    Plain(Vec<String>),
    /// The solution of a task.
    Task(TaskPart),
    /// Lines that only a solution needs.
    Only {
        /// The milestone of the solution.
        milestone: Milestone,
        /// The lines.
        solution: Vec<String>,
    },
    /// The attribute above tests of a milestone.
    Tests {
        /// Which milestone.
        milestone: Milestone,
        /// The line with the attribute, indentation included.
        attribute: String,
    },
    /// The line with which a milestone's example begins in a doc comment.
    Example {
        /// Which milestone.
        milestone: Milestone,
        /// What stands before it in its line.
        indent: String,
    },
}

/// The solution of a task, and what is given in its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TaskPart {
    /// The task.
    pub id: TaskId,
    /// Its title, as the mark has it.
    pub title: String,
    /// The indentation of the mark.
    pub indent: String,
    /// The line of the mark, from 1.
    pub line: usize,
    /// The lines of the solution.
    pub solution: Vec<String>,
    /// The lines that are given instead, without their comment signs; None if nothing is.
    pub given: Option<Vec<String>>,
}

/// What is wrong with the marks of a file, and where.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{file}:{line}: {problem}")]
pub struct MarkError {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a mark.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Problem {
    /// It begins like a mark, but is not valid.
    Bad(BadMark),
    /// It begins within another one, which is in this line.
    Nested(usize),
    /// Nothing is begun that it could end.
    NothingToEnd,
    /// It is never ended.
    Unended,
    /// It gives a body outside of a task, or a second one.
    GivenWithoutTask,
    /// A line of a given body that is no comment of the kind.
    NotGiven,
    /// A given body does not begin with `// Until`.
    NoUntil(TaskId),
    /// Tests of a milestone are announced, and what follows is no attribute of tests.
    NoTests,
    /// An example of a milestone is announced, and none begins.
    NoExample,
}

impl Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Bad(bad) => bad.fmt(f),
            Problem::Nested(line) => write!(
                f,
                "a mark within the one of line {line}; `// lab end` is missing before it"
            ),
            Problem::NothingToEnd => write!(f, "`// lab end`, and nothing has begun"),
            Problem::Unended => write!(f, "no `// lab end` follows this mark"),
            Problem::GivenWithoutTask => {
                write!(
                    f,
                    "`// lab given` belongs between a task's mark and its end, once"
                )
            }
            Problem::NotGiven => write!(f, "after `// lab given` each line begins with `// | `"),
            Problem::NoUntil(id) => write!(
                f,
                "`// lab given` is followed by `// | {}`, and what is done until then",
                until(*id)
            ),
            Problem::NoTests => write!(
                f,
                "`// lab M tests` stands directly above `#[cfg(test)]` or `#[test]`"
            ),
            Problem::NoExample => write!(
                f,
                "`// lab M example` stands directly above `{EXAMPLE}`, with which an example begins"
            ),
        }
    }
}

/// The parts of a file.
///
/// # Errors
/// The first mark that is wrong.
pub fn parts(file: &str, text: &str) -> Result<Vec<Part>, MarkError> {
    let mut reader = Reader::default();
    for (index, line) in text.lines().enumerate() {
        reader.number = index + 1;
        let taken = match Mark::of(line) {
            Ok(Some(mark)) => reader.mark(mark, line),
            Ok(None) => reader.line(line),
            Err(bad) => Err((reader.number, Problem::Bad(bad))),
        };
        taken.map_err(|(line, problem)| MarkError {
            file: file.to_owned(),
            line,
            problem,
        })?;
    }
    reader.finish().map_err(|(line, problem)| MarkError {
        file: file.to_owned(),
        line,
        problem,
    })
}

/// The line of a problem, and the problem.
type Found = (usize, Problem);

/// What has been begun.
#[derive(Default)]
enum Begun {
    #[default]
    Nothing,
    Task(TaskPart),
    Only {
        milestone: Milestone,
        line: usize,
        solution: Vec<String>,
    },
    Tests {
        milestone: Milestone,
        line: usize,
    },
    Example {
        milestone: Milestone,
        line: usize,
    },
}

#[derive(Default)]
struct Reader {
    parts: Vec<Part>,
    begun: Begun,
    number: usize,
}

impl Reader {
    fn mark(&mut self, mark: Mark, line: &str) -> Result<(), Found> {
        match mark {
            Mark::End => self.end(),
            Mark::Given => self.given(),
            Mark::Task { id, title } => self.begin(Begun::Task(TaskPart {
                id,
                title,
                indent: indent_of(line).to_owned(),
                line: self.number,
                solution: Vec::new(),
                given: None,
            })),
            Mark::Only(milestone) => self.begin(Begun::Only {
                milestone,
                line: self.number,
                solution: Vec::new(),
            }),
            Mark::Tests(milestone) => self.begin(Begun::Tests {
                milestone,
                line: self.number,
            }),
            Mark::Example(milestone) => self.begin(Begun::Example {
                milestone,
                line: self.number,
            }),
        }
    }

    fn begin(&mut self, begun: Begun) -> Result<(), Found> {
        match self.begun.line() {
            Some(line) => Err((self.number, Problem::Nested(line))),
            None => {
                self.begun = begun;
                Ok(())
            }
        }
    }

    fn given(&mut self) -> Result<(), Found> {
        match &mut self.begun {
            Begun::Task(task) if task.given.is_none() => {
                task.given = Some(Vec::new());
                Ok(())
            }
            _ => Err((self.number, Problem::GivenWithoutTask)),
        }
    }

    fn end(&mut self) -> Result<(), Found> {
        let part = match std::mem::take(&mut self.begun) {
            Begun::Task(task) => Part::Task(told_apart(task)?),
            Begun::Only {
                milestone,
                solution,
                ..
            } => Part::Only {
                milestone,
                solution,
            },
            Begun::Tests { line, .. } => return Err((line, Problem::NoTests)),
            Begun::Example { line, .. } => return Err((line, Problem::NoExample)),
            Begun::Nothing => return Err((self.number, Problem::NothingToEnd)),
        };
        self.parts.push(part);
        Ok(())
    }

    fn line(&mut self, line: &str) -> Result<(), Found> {
        match &mut self.begun {
            Begun::Task(TaskPart {
                given: Some(given), ..
            }) => {
                let code = given_line(line).ok_or((self.number, Problem::NotGiven))?;
                given.push(code.to_owned());
            }
            Begun::Task(TaskPart { solution, .. }) | Begun::Only { solution, .. } => {
                solution.push(line.to_owned());
            }
            Begun::Tests {
                milestone,
                line: begun,
            } => {
                if !["#[cfg(test)]", "#[test]"].contains(&line.trim()) {
                    return Err((*begun, Problem::NoTests));
                }
                self.parts.push(Part::Tests {
                    milestone: *milestone,
                    attribute: line.to_owned(),
                });
                self.begun = Begun::Nothing;
            }
            Begun::Example {
                milestone,
                line: begun,
            } => {
                if line.trim() != EXAMPLE {
                    return Err((*begun, Problem::NoExample));
                }
                self.parts.push(Part::Example {
                    milestone: *milestone,
                    indent: indent_of(line).to_owned(),
                });
                self.begun = Begun::Nothing;
            }
            Begun::Nothing => match self.parts.last_mut() {
                Some(Part::Plain(lines)) => lines.push(line.to_owned()),
                _ => self.parts.push(Part::Plain(vec![line.to_owned()])),
            },
        }
        Ok(())
    }

    fn finish(self) -> Result<Vec<Part>, Found> {
        match self.begun.line() {
            Some(line) => Err((line, Problem::Unended)),
            None => Ok(self.parts),
        }
    }
}

/// A task whose given body, if it has one, says that it is not the solution: students and `vmlab lab`
/// know by that line that the task is still to be written.
fn told_apart(task: TaskPart) -> Result<TaskPart, Found> {
    let says_until = |given: &Vec<String>| {
        let first = given.first();
        first.is_some_and(|line| line.starts_with(&until(task.id)))
    };
    match task.given.as_ref().is_none_or(says_until) {
        true => Ok(task),
        false => Err((task.line, Problem::NoUntil(task.id))),
    }
}

/// How the first line of a task's given body begins.
fn until(id: TaskId) -> String {
    format!("// Until {id}:")
}

impl Begun {
    /// The line of the mark that began it.
    fn line(&self) -> Option<usize> {
        match self {
            Begun::Nothing => None,
            Begun::Task(task) => Some(task.line),
            Begun::Only { line, .. } | Begun::Tests { line, .. } | Begun::Example { line, .. } => {
                Some(*line)
            }
        }
    }
}

/// The line with which an example begins that everybody runs.
#[must_use]
pub fn example(indent: &str) -> String {
    format!("{indent}{EXAMPLE}")
}

/// The blanks that a line begins with.
fn indent_of(line: &str) -> &str {
    &line[..line.len() - line.trim_start().len()]
}

#[cfg(test)]
mod tests;
