//! The tree that hand-outs are made from: its files, its course, its marks, and checks that these agree.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use thiserror::Error;

use crate::course::{self, Course, CourseError, Task};
use crate::ids::{Milestone, TaskId};
use crate::regions::{MarkError, Part, TaskPart, may_have_marks, parts};
use crate::tree::{self, File, Files, Mode, TreeError};

/// A tree with all solutions.
#[derive(Debug)]
pub struct Source {
    /// Its course.
    pub course: Course,
    files: Files,
    /// The parts of the files that have marks.
    marked: BTreeMap<String, Vec<Part>>,
}

/// Why no hand-out can be made from a tree.
#[derive(Debug, Error)]
pub enum SourceError {
    /// Its files.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// There is no course in it.
    #[error(
        "this is no tree with a lab: {} is not among the files that git knows",
        course::PATH
    )]
    NoLab,
    /// It is a hand-out already.
    #[error("this is a hand-out already; hand-outs are made of the tree that has the solutions")]
    HandOut,
    /// Its description.
    #[error(transparent)]
    Course(#[from] CourseError),
    /// Its marks.
    #[error(transparent)]
    Mark(#[from] MarkError),
    /// Marks and description disagree; one line per difference.
    #[error("the marks and {} disagree:\n  {}", course::PATH, .0.join("\n  "))]
    Disagreement(Vec<String>),
}

impl Source {
    /// Reads the checkout with this root.
    ///
    /// # Errors
    /// Why no hand-out can be made of it.
    pub fn read(root: &Path) -> Result<Source, SourceError> {
        Source::of(tree::read(root)?)
    }

    /// Reads a tree in memory.
    ///
    /// # Errors
    /// Why no hand-out can be made of it.
    pub fn of(files: Files) -> Result<Source, SourceError> {
        if files.contains_key(tree::HANDOUT) {
            return Err(SourceError::HandOut);
        }
        let text = files.get(course::PATH).and_then(|file| file.text());
        let course = Course::parse(text.ok_or(SourceError::NoLab)?)?;
        let mut marked = BTreeMap::new();
        for (path, file) in files.iter().filter(|(path, _)| may_have_marks(path)) {
            let Some(text) = file.text() else { continue };
            let parts = parts(path, text)?;
            if parts.iter().any(|part| !matches!(part, Part::Plain(_))) {
                marked.insert(path.clone(), parts);
            }
        }
        let source = Source {
            course,
            files,
            marked,
        };
        match source.disagreements() {
            none if none.is_empty() => Ok(source),
            some => Err(SourceError::Disagreement(some)),
        }
    }

    /// All files, as they are.
    #[must_use]
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// The parts of each file that has marks.
    #[must_use]
    pub fn marked(&self) -> &BTreeMap<String, Vec<Part>> {
        &self.marked
    }

    /// Returns the files that a path stands for, each with its path there and its own: a file stands for
    /// itself, a link for what it leads to.
    #[must_use]
    pub fn behind<'a>(&'a self, path: &'a str, file: &'a File) -> Vec<(String, &'a str, &'a File)> {
        if file.mode != Mode::Link {
            return vec![(path.to_owned(), path, file)];
        }
        let target = file.leads_to(path).unwrap_or_default();
        let files = self
            .files
            .iter()
            .filter(|(_, file)| file.mode != Mode::Link);
        files
            .filter_map(|(own, file)| {
                let below = own.strip_prefix(&target)?;
                let is_there = below.is_empty() || below.starts_with('/');
                is_there.then(|| (format!("{path}{below}"), own.as_str(), file))
            })
            .collect()
    }

    /// The marks of tasks, with their files.
    fn task_marks(&self) -> impl Iterator<Item = (&str, &TaskPart)> {
        self.marked.iter().flat_map(|(path, parts)| {
            parts.iter().filter_map(move |part| match part {
                Part::Task(task) => Some((path.as_str(), task)),
                _ => None,
            })
        })
    }

    fn disagreements(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.unknown_marks(&mut found);
        self.unmarked_tasks(&mut found);
        self.missing_files(&mut found);
        found
    }

    /// Marks of which the description does not know.
    fn unknown_marks(&self, found: &mut Vec<String>) {
        for (path, mark) in self.task_marks() {
            let (id, line, title) = (mark.id, mark.line, &mark.title);
            match self.course.task(id) {
                None => found.push(format!("{path}:{line}: there is no task {id}")),
                Some(task) if task.title != *title => found.push(format!(
                    "{path}:{line}: task {id} is called '{}', not '{title}'",
                    task.title
                )),
                Some(_) => {}
            }
        }
        for (path, parts) in &self.marked {
            let milestones: BTreeSet<Milestone> = parts.iter().filter_map(milestone_of).collect();
            for one in milestones {
                if self.course.stage(one).is_err() {
                    found.push(format!("{path}: there is no milestone {one}"));
                }
            }
            let is_test = |part: &Part| matches!(part, Part::Tests { .. } | Part::Example { .. });
            let has_tests = parts.iter().any(is_test);
            if has_tests && !path.starts_with("vm/") {
                found.push(format!("{path}: only crate vm has features for tests"));
            }
        }
    }

    /// Tasks without a mark in their file, or in a function that does not exist.
    fn unmarked_tasks(&self, found: &mut Vec<String>) {
        let marks: BTreeSet<(&str, TaskId)> = self
            .task_marks()
            .map(|(path, mark)| (path, mark.id))
            .collect();
        for task in self.course.tasks() {
            let (id, file) = (task.id, task.file.as_str());
            if !marks.contains(&(file, id)) {
                found.push(format!("{file}: no mark of task {id}"));
            }
            let text = self.files.get(file).and_then(|file| file.text());
            if !text.is_some_and(|text| text.lines().any(|line| task.begins_in(line))) {
                found.push(format!(
                    "{file}: no function {} of task {id}",
                    task.function
                ));
            }
        }
    }

    /// Names of things that do not exist.
    fn missing_files(&self, found: &mut Vec<String>) {
        for (path, file) in &self.files {
            if self.behind(path, file).is_empty() {
                found.push(format!("{path}: the link leads to no file that git knows"));
            }
        }
        let is_given = |path: &str| self.files.contains_key(path) && !self.course.leaves_out(path);
        for stage in &self.course.milestones {
            let (number, chapter) = (stage.number, &stage.chapter);
            if !is_given(chapter) {
                found.push(format!(
                    "{chapter}: the chapter of milestone {number} is not handed out"
                ));
            }
            for name in &stage.kernel_tests {
                let places = ["tests", "examples"].map(|folder| format!("vm/{folder}/{name}"));
                let exists = |place: &String| {
                    is_given(&format!("{place}.rs")) || is_given(&format!("{place}/main.rs"))
                };
                if !places.iter().any(exists) {
                    found.push(format!(
                        "milestone {number}: vm has no test or example {name}"
                    ));
                }
            }
        }
        for glob in &self.course.leave_out.files {
            if !self.files.keys().any(|path| glob.matches(path)) {
                found.push(format!("leave-out: no file is {}", glob.text()));
            }
        }
        if !self.files.contains_key(tree::README) {
            found.push(format!(
                "{}: the README of hand-outs is missing",
                tree::README
            ));
        }
    }
}

/// The milestone that a part belongs to, if it has no task of its own.
fn milestone_of(part: &Part) -> Option<Milestone> {
    match part {
        Part::Only { milestone, .. }
        | Part::Tests { milestone, .. }
        | Part::Example { milestone, .. } => Some(*milestone),
        Part::Plain(_) | Part::Task(_) => None,
    }
}

impl Task {
    /// Whether the function that it is in begins in a line.
    #[must_use]
    pub fn begins_in(&self, line: &str) -> bool {
        let name = self.function.rsplit("::").next().unwrap_or_default();
        let name = name.trim_end_matches("()");
        let after = line.split_once(&format!("fn {name}"));
        after.is_some_and(|(_, rest)| rest.starts_with(['(', '<']))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toy;
    use crate::tree::File;

    /// What is wrong with the toy after a change of one file.
    fn wrong(path: &str, from: &str, to: &str) -> String {
        let mut files = toy::files();
        let text = files[path].text().unwrap().to_owned();
        assert!(text.contains(from), "{path} has no {from}");
        files.insert(path.to_owned(), File::plain(text.replace(from, to)));
        match Source::of(files) {
            Ok(_) => panic!("nothing is wrong"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn marks_and_tasks_agree() {
        assert_eq!(toy::source().marked().len(), 3);
    }

    #[test]
    fn a_mark_has_a_task_of_its_name() {
        let error = wrong("vm/src/swap.rs", "lab 2.1: write", "lab 2.7: write");
        assert!(
            error.contains("vm/src/swap.rs:6: there is no task 2.7"),
            "{error}"
        );
        assert!(
            error.contains("vm/src/swap.rs: no mark of task 2.1"),
            "{error}"
        );
        let error = wrong("vm/src/swap.rs", "write it out", "write it");
        assert!(
            error.contains("task 2.1 is called 'write it out', not 'write it'"),
            "{error}"
        );
        let error = wrong("vm/src/swap.rs", "lab 2 only", "lab 8 only");
        assert!(
            error.contains("vm/src/swap.rs: there is no milestone 8"),
            "{error}"
        );
    }

    #[test]
    fn a_task_is_in_the_function_that_is_named() {
        let error = wrong("vm/src/grow.rs", "fn grow(", "fn grown(");
        assert!(
            error.contains("vm/src/grow.rs: no function Stack::grow of task 1.1"),
            "{error}"
        );
    }

    #[test]
    fn what_is_named_is_there() {
        let error = wrong(course::PATH, "lab/1.md", "secret/answers.md");
        assert!(
            error.contains("secret/answers.md: the chapter of milestone 1 is not"),
            "{error}"
        );
        let error = wrong(course::PATH, "\"swapping\"", "\"swimming\"");
        assert!(
            error.contains("milestone 2: vm has no test or example swimming"),
            "{error}"
        );
        let error = wrong(course::PATH, "secret/*", "secrets/*");
        assert!(error.contains("leave-out: no file is secrets/*"), "{error}");
    }

    #[test]
    fn an_error_in_a_mark_says_where() {
        let error = wrong("vm/src/grow.rs", "// lab end", "// lab over");
        assert!(
            error.starts_with("vm/src/grow.rs:7: 'over' is no mark"),
            "{error}"
        );
    }

    #[test]
    fn only_a_tree_with_solutions_has_hand_outs() {
        let mut files = toy::files();
        files.insert(tree::HANDOUT.to_owned(), File::plain(String::new()));
        assert!(matches!(Source::of(files), Err(SourceError::HandOut)));
        assert!(matches!(Source::of(Files::new()), Err(SourceError::NoLab)));
    }
}
