//! The description in `lab/lab.toml`: given parts, the milestones, their tasks, and what a hand-out
//! leaves out.
//!
//! # Invariants
//! Of a [`Course`] that was parsed: milestones are numbered from 1 without a gap, and tasks within each;
//! a milestone needs earlier ones only; all points together are 100, the whole score; every
//! pattern is valid. A syntax error is reported with its line.

use std::collections::{BTreeMap, BTreeSet};

use glob::Pattern;
use serde::{Deserialize, Deserializer, de};
use thiserror::Error;

use crate::ids::{Milestone, TaskId, Unsolved};

/// The path of the description, relative to the root of the tree.
pub const PATH: &str = "lab/lab.toml";

/// The content of the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Course {
    /// The title of the course.
    pub lab: Title,
    /// Sets of tests that pass from the start.
    #[serde(default)]
    pub given: Vec<Given>,
    /// The milestones, in their order.
    #[serde(rename = "milestone")]
    pub milestones: Vec<Stage>,
    /// Files that are not handed out.
    pub leave_out: LeaveOut,
}

/// What the course is called.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Title {
    /// Its title.
    pub title: String,
}

/// A set of tests that pass from the start.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// What is given.
    pub title: String,
    /// Per cent of the score.
    pub points: u32,
    /// Which tests show it: patterns for SUITE/NAME.
    pub tests: Vec<Glob>,
}

/// A milestone.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Stage {
    /// Its number.
    pub number: Milestone,
    /// Its title.
    pub title: String,
    /// The chapter about it, a path from the root.
    pub chapter: String,
    /// How long it takes a student, in hours.
    pub hours: u32,
    /// Per cent of the score.
    pub points: u32,
    /// What to read first.
    #[serde(default)]
    pub reading: Vec<String>,
    /// The files that it is about.
    #[serde(default)]
    pub files: Vec<String>,
    /// The earlier milestones that it needs.
    #[serde(default)]
    pub needs: BTreeSet<Milestone>,
    /// Which tests show it: patterns for SUITE/NAME. A test belongs to the first set that has it.
    #[serde(default)]
    pub tests: Vec<Glob>,
    /// Integration tests and examples of crate `vm` that cannot pass before.
    #[serde(default)]
    pub kernel_tests: Vec<String>,
    /// What is to be written.
    #[serde(default, rename = "task")]
    pub tasks: Vec<Task>,
}

/// A task.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Its number.
    pub id: TaskId,
    /// Its title, as in its mark.
    pub title: String,
    /// The file that it is in.
    pub file: String,
    /// The function that it is in; the last part is its own name.
    pub function: String,
    /// Hints, each more specific than the one before.
    #[serde(default)]
    pub hints: Vec<String>,
}

/// What is not handed out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaveOut {
    /// Patterns for paths from the root; `*` stands for folders as well.
    pub files: Vec<Glob>,
}

/// A pattern of file names, as in a shell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Glob(Pattern);

impl Glob {
    /// Whether it matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.0.matches(text)
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.as_str()
    }
}

impl<'de> Deserialize<'de> for Glob {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Glob, D::Error> {
        let text = String::deserialize(from)?;
        Pattern::new(&text)
            .map(Glob)
            .map_err(|error| de::Error::custom(format!("'{text}': {error}")))
    }
}

/// A set of tests with its points.
#[derive(Debug)]
pub struct Set<'a> {
    /// The milestone that it shows; None if it is given.
    pub milestone: Option<&'a Stage>,
    /// Its title.
    pub title: String,
    /// Per cent of the score.
    pub points: u32,
    /// The patterns of its tests.
    pub tests: &'a [Glob],
}

/// Why a text is not a description of a course.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum CourseError {
    /// Not TOML, an unknown key, a bad number.
    #[error("{PATH}: {0}")]
    Format(String),
    /// A milestone or task out of order.
    #[error("{PATH}: number {found} stands where {expected} belongs")]
    Numbering {
        /// The number found.
        found: String,
        /// The number expected.
        expected: String,
    },
    /// A milestone needs one that does not come before it.
    #[error("{PATH}: milestone {milestone} needs {needed}, which is no earlier one")]
    Needs {
        /// Which.
        milestone: Milestone,
        /// What it needs.
        needed: Milestone,
    },
    /// The points do not add up to 100.
    #[error("{PATH}: the points add up to {0}, not to 100")]
    Points(u64),
    /// A requested milestone does not exist.
    #[error("there is no milestone {asked}; the last one is {last}")]
    Unknown {
        /// The requested one.
        asked: Milestone,
        /// The last one.
        last: usize,
    },
}

impl Course {
    /// Reads the text of the file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Course, CourseError> {
        let course: Course = toml::from_str(text)
            .map_err(|error| CourseError::Format(error.to_string().trim_end().to_owned()))?;
        course.check_numbers()?;
        let points = course.sets().map(|set| u64::from(set.points)).sum();
        match points {
            100 => Ok(course),
            other => Err(CourseError::Points(other)),
        }
    }

    fn check_numbers(&self) -> Result<(), CourseError> {
        let in_order = |found: String, expected: String| match found == expected {
            true => Ok(()),
            false => Err(CourseError::Numbering { found, expected }),
        };
        for (index, stage) in self.milestones.iter().enumerate() {
            let milestone = stage.number;
            in_order(milestone.to_string(), format!("{}", index + 1))?;
            for (index, task) in stage.tasks.iter().enumerate() {
                in_order(task.id.to_string(), format!("{milestone}.{}", index + 1))?;
            }
            if let Some(&needed) = stage.needs.iter().find(|&&needed| needed >= milestone) {
                return Err(CourseError::Needs { milestone, needed });
            }
        }
        Ok(())
    }

    /// A milestone.
    ///
    /// # Errors
    /// That there is none of this number.
    pub fn stage(&self, asked: Milestone) -> Result<&Stage, CourseError> {
        let found = self.milestones.iter().find(|stage| stage.number == asked);
        found.ok_or(CourseError::Unknown {
            asked,
            last: self.milestones.len(),
        })
    }

    /// A task.
    #[must_use]
    pub fn task(&self, id: TaskId) -> Option<&Task> {
        self.tasks().find(|task| task.id == id)
    }

    /// All tasks, in order.
    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.milestones.iter().flat_map(|stage| &stage.tasks)
    }

    /// The milestones from one to another, both among them.
    ///
    /// # Errors
    /// One of them does not exist.
    pub fn range(&self, first: Milestone, last: Milestone) -> Result<Unsolved, CourseError> {
        self.stage(first)?;
        self.stage(last)?;
        let numbers = self.milestones.iter().map(|stage| stage.number);
        Ok(Unsolved(
            numbers.filter(|&n| first <= n && n <= last).collect(),
        ))
    }

    /// A milestone and all after it.
    ///
    /// # Errors
    /// It does not exist.
    pub fn from(&self, first: Milestone) -> Result<Unsolved, CourseError> {
        let last = self.milestones.last().map_or(first, |stage| stage.number);
        self.range(first, last)
    }

    /// All sets of tests, in the order in which they are asked whether a test is theirs.
    pub fn sets(&self) -> impl Iterator<Item = Set<'_>> {
        let given = self.given.iter().map(|given| Set {
            milestone: None,
            title: format!("Given: {}", given.title),
            points: given.points,
            tests: &given.tests,
        });
        given.chain(self.milestones.iter().map(|stage| Set {
            milestone: Some(stage),
            title: format!("{}: {}", stage.number, stage.title),
            points: stage.points,
            tests: &stage.tests,
        }))
    }

    /// Which of these tests (SUITE/NAME) belong to which milestone.
    #[must_use]
    pub fn owned<'a>(&self, tests: &[&'a str]) -> BTreeMap<Milestone, Vec<&'a str>> {
        let mut owned: BTreeMap<Milestone, Vec<&str>> = BTreeMap::new();
        for &test in tests {
            let mut sets = self.sets();
            let owner = sets.find(|set| set.tests.iter().any(|glob| glob.matches(test)));
            if let Some(stage) = owner.and_then(|set| set.milestone) {
                owned.entry(stage.number).or_default().push(test);
            }
        }
        owned
    }

    /// Returns the milestones among these that one depends on, directly or indirectly.
    #[must_use]
    pub fn stands_on(&self, stage: &Stage, among: &Unsolved) -> BTreeSet<Milestone> {
        let mut found = BTreeSet::new();
        let mut waiting: Vec<Milestone> = stage.needs.iter().copied().collect();
        while let Some(one) = waiting.pop() {
            if found.insert(one) {
                let stages = self.milestones.iter();
                let deeper = stages.filter(|stage| stage.number == one);
                waiting.extend(deeper.flat_map(|stage| stage.needs.iter().copied()));
            }
        }
        found.retain(|&milestone| among.has(milestone));
        found
    }

    /// Returns whether a file is not handed out.
    #[must_use]
    pub fn leaves_out(&self, path: &str) -> bool {
        self.leave_out.files.iter().any(|glob| glob.matches(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toy;

    fn milestone(text: &str) -> Milestone {
        text.parse().unwrap()
    }

    fn error(from: &str, to: &str) -> String {
        let text = toy::COURSE.replacen(from, to, 1);
        assert_ne!(text, toy::COURSE);
        Course::parse(&text).unwrap_err().to_string()
    }

    #[test]
    fn a_test_belongs_to_the_first_set_that_has_it() {
        let tests = ["base/open", "vm/grow", "vm/swap-in", "own/test"];
        let owned = toy::course().owned(&tests);
        let expected = [
            (milestone("1"), vec!["vm/grow"]),
            (milestone("2"), vec!["vm/swap-in"]),
        ];
        assert_eq!(owned, BTreeMap::from(expected));
    }

    #[test]
    fn a_milestone_stands_on_what_is_left_of_those_before_it() {
        let course = toy::course();
        let third = course.stage(milestone("3")).unwrap();
        let all = course.from(milestone("1")).unwrap();
        let expected = [milestone("1"), milestone("2")];
        assert_eq!(course.stands_on(third, &all), expected.into());
        let late = course.from(milestone("2")).unwrap();
        assert_eq!(course.stands_on(third, &late), [milestone("2")].into());
    }

    #[test]
    fn a_range_is_of_milestones_that_there_are() {
        let course = toy::course();
        let two = course.range(milestone("2"), milestone("2")).unwrap();
        assert_eq!(two, Unsolved([milestone("2")].into()));
        let error = course.from(milestone("7")).unwrap_err().to_string();
        assert_eq!(error, "there is no milestone 7; the last one is 3");
    }

    #[test]
    fn what_does_not_hold_together_is_an_error() {
        let numbering = "lab/lab.toml: number 4 stands where 2 belongs";
        assert_eq!(error("number = 2", "number = 4"), numbering);
        let task = "lab/lab.toml: number 1.7 stands where 1.1 belongs";
        assert_eq!(error("id = \"1.1\"", "id = \"1.7\""), task);
        let needs = "lab/lab.toml: milestone 2 needs 2, which is no earlier one";
        assert_eq!(error("needs = [1]", "needs = [2]"), needs);
        let points = "lab/lab.toml: the points add up to 101, not to 100";
        assert_eq!(error("points = 40", "points = 41"), points);
        let unknown = error("title = \"A toy\"", "titel = \"A toy\"");
        assert!(
            unknown.contains("line 2") && unknown.contains("titel"),
            "{unknown}"
        );
    }
}
