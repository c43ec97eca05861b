//! Compares a run's fault log with a snapshot while it runs.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

use host::programs::Programs;

use super::explain::explain;
use super::{SnapshotError, read, without_folders};
use crate::fault_log;
use crate::listener::Listener;
use protocol::difference::Comparison;
use protocol::level::Level;
use protocol::record::Divergence;

/// The number of lines shown before the first difference.
const BEFORE: usize = 3;
/// The number of lines shown from there on.
const BEHIND: usize = 3;
/// The number of lines from there on that are compared to find out what was added or left out.
const AHEAD: usize = 200;

/// Compares the fault log of a run with a snapshot.
#[derive(Debug)]
pub struct Checker(Rc<RefCell<Comparing>>);

impl Checker {
    /// Compares with a snapshot.
    #[must_use]
    pub fn new(snapshot: &str) -> Checker {
        Checker(Rc::new(RefCell::new(Comparing::with(snapshot))))
    }

    /// Compares with the snapshot in a file.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn open(path: &Path) -> Result<Checker, SnapshotError> {
        Ok(Checker::new(&read(path)?))
    }

    /// Returns the listener that feeds this; names come from `files`, the guest's.
    #[must_use]
    pub fn listener(&self, level: Level, files: Programs) -> Listener {
        let comparing = Rc::clone(&self.0);
        fault_log::lines(fault_log::detail(level), files, move |line| {
            comparing.borrow_mut().add(line)
        })
    }

    /// Returns the number of equal lines before the first difference.
    #[must_use]
    pub fn same(&self) -> usize {
        self.0.borrow().same
    }

    /// Returns where the finished log differs from the snapshot; `None` if it does not.
    #[must_use]
    pub fn divergence(&self) -> Option<Divergence> {
        self.0.borrow().divergence()
    }
}

/// Compares line by line.
#[derive(Debug)]
struct Comparing {
    expected: Vec<String>,
    /// The number of equal lines so far.
    same: usize,
    /// The first lines of the log from the first difference on.
    others: Vec<String>,
}

impl Comparing {
    fn with(snapshot: &str) -> Comparing {
        let lines = snapshot.lines().filter(|line| !line.starts_with('#'));
        let lines = lines.map(|line| line.trim().to_owned());
        Comparing {
            expected: lines.filter(|line| !line.is_empty()).collect(),
            same: 0,
            others: Vec::new(),
        }
    }

    /// Takes the next line of the fault log.
    fn add(&mut self, line: &str) {
        if self.others.len() == AHEAD {
            return;
        }
        let line = without_folders(line.trim());
        if self.others.is_empty() && self.expected.get(self.same).is_some_and(|one| *one == line) {
            self.same += 1;
        } else {
            self.others.push(line.into_owned());
        }
    }

    fn divergence(&self) -> Option<Divergence> {
        let (before, missing) = self.expected.split_at(self.same);
        let actual = &self.others;
        if missing.is_empty() && actual.is_empty() {
            return None;
        }
        let before = &before[before.len().saturating_sub(BEFORE)..];
        let around = |behind: &[String]| {
            let behind = &behind[..behind.len().min(BEHIND)];
            let lines = before.iter().chain(behind);
            lines.map(|line| format!("{line}\n")).collect()
        };
        let ahead = &missing[..missing.len().min(AHEAD)];
        Some(Divergence {
            line: self.same + 1,
            first: self.same + 1 - before.len(),
            why: explain(ahead, actual),
            surroundings: Comparison {
                expected: around(missing),
                actual: around(actual),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(expected: &str, actual: &str) -> Option<Divergence> {
        let mut checker = Comparing::with(expected);
        actual.lines().for_each(|line| checker.add(line));
        checker.divergence()
    }

    #[test]
    fn comments_blank_lines_and_the_width_of_work_do_not_count() {
        let snapshot = "# vmlab snapshot x\n\n   1 free frame=3\n2 free frame=4\n";
        assert_eq!(
            compared(snapshot, "1 free frame=3\n    2 free frame=4"),
            None
        );
    }

    #[test]
    fn the_first_difference_is_shown_with_what_is_around() {
        let lines = |numbers: &[u32]| -> String {
            let lines = numbers.iter().map(|n| format!("{n} free frame={n}\n"));
            lines.collect()
        };
        let all: Vec<u32> = (1..100).collect();
        let mut other = all.clone();
        other[50] = 7777;
        let divergence = compared(&lines(&all), &lines(&other)).unwrap();
        assert_eq!(divergence.line, 51);
        let actual = divergence.surroundings.actual;
        assert_eq!(actual, lines(&[48, 49, 50, 7777, 52, 53]));
    }

    #[test]
    fn a_log_that_ends_early_or_goes_on_is_different() {
        let short = compared("1 free frame=3\n2 free frame=4\n", "1 free frame=3\n");
        assert!(short.unwrap().why.contains("ends"));
        let long = compared("1 free frame=3\n", "1 free frame=3\n2 free frame=4\n");
        assert!(long.unwrap().why.contains("goes on"));
    }
}
