//! Numbers of milestones and tasks.

use std::collections::BTreeSet;
use std::fmt::{self, Display};
use std::num::NonZeroU8;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The number of a milestone, from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Milestone(NonZeroU8);

impl Milestone {
    /// The first one.
    pub const FIRST: Milestone = Milestone(NonZeroU8::MIN);

    /// The feature of crate `vm` with which its tests are built in a hand-out.
    #[must_use]
    pub fn feature(self) -> String {
        format!("milestone-{self}")
    }
}

/// A task: its milestone, and its number in that, from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct TaskId {
    /// The milestone that it belongs to.
    pub milestone: Milestone,
    number: NonZeroU8,
}

/// A text is not the number of a milestone or task.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("'{text}' is not the number of a {what}, as {example} is")]
pub struct BadId {
    text: String,
    what: &'static str,
    example: &'static str,
}

impl FromStr for Milestone {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Milestone, BadId> {
        number(text).map(Milestone).ok_or_else(|| BadId {
            text: text.to_owned(),
            what: "milestone",
            example: "4",
        })
    }
}

impl FromStr for TaskId {
    type Err = BadId;

    fn from_str(text: &str) -> Result<TaskId, BadId> {
        let parts = text.split_once('.');
        let parts = parts.and_then(|(milestone, own)| number(milestone).zip(number(own)));
        let (milestone, number) = parts.ok_or_else(|| BadId {
            text: text.to_owned(),
            what: "task",
            example: "4.3",
        })?;
        Ok(TaskId {
            milestone: Milestone(milestone),
            number,
        })
    }
}

/// Parses a number as people write it: no sign, no leading zeros.
fn number(text: &str) -> Option<NonZeroU8> {
    let number: NonZeroU8 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

impl TryFrom<String> for TaskId {
    type Error = BadId;

    fn try_from(text: String) -> Result<TaskId, BadId> {
        text.parse()
    }
}

impl Display for Milestone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.milestone, self.number)
    }
}

/// The milestones that a hand-out leaves to do.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Unsolved(pub BTreeSet<Milestone>);

impl Unsolved {
    /// Whether this one is left to do.
    #[must_use]
    pub fn has(&self, milestone: Milestone) -> bool {
        self.0.contains(&milestone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_people_write_them() {
        assert_eq!("4".parse::<Milestone>().unwrap().to_string(), "4");
        let task: TaskId = "10.12".parse().unwrap();
        assert_eq!(
            (task.milestone.to_string(), task.to_string()),
            ("10".into(), "10.12".into())
        );
        for bad in ["", "0", "04", "+4", "-1", "256", "x"] {
            assert!(bad.parse::<Milestone>().is_err(), "{bad}");
        }
        for bad in ["4", "4.", ".3", "4.0", "4.3.1", "4.03"] {
            assert!(bad.parse::<TaskId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn tasks_are_in_the_order_of_their_numbers() {
        let mut tasks = ["10.1", "2.10", "2.9"].map(|text| text.parse::<TaskId>().unwrap());
        tasks.sort();
        assert_eq!(tasks.map(|task| task.to_string()), ["2.9", "2.10", "10.1"]);
    }
}
