//! What came of judging tests, as text and as data.
//!
//! # Invariants
//! - Neither says of a break that was missed what it is: there is the sentence for students, and of a
//!   hidden break only that it was missed. With [`Telling::Instructor`] all is told.
//! - Breaks are in the order of milestones, and in that of their numbers within one.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use lab::course::Course;
use lab::ids::Milestone;
use serde::Serialize;

use crate::breaks::Break;
use crate::json;

/// What became of a break.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fate {
    /// This test, SUITE/NAME, fails with it, and maybe others.
    Caught(String),
    /// No test does.
    Missed,
    /// There was no time.
    NotTried,
}

/// What came of all.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// Tests that fail on the sound kernel.
    pub failed: Vec<String>,
    /// How many tests pass there.
    pub tests: usize,
    /// By the numbers of the breaks.
    pub fates: BTreeMap<usize, Fate>,
}

/// Who is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Telling {
    /// Whose tests they are.
    Student,
    /// Who knows the breaks.
    Instructor,
}

/// A break with its fate, as data.
#[derive(Serialize)]
struct Row<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    milestone: Option<Milestone>,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    says: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    test: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
}

/// All as data.
#[derive(Serialize)]
struct Report<'a> {
    breaks: usize,
    caught: usize,
    not_tried: usize,
    tests: usize,
    failed_without_break: &'a [String],
    rows: Vec<Row<'a>>,
}

impl Judgement {
    /// How many breaks were caught.
    #[must_use]
    pub fn caught(&self) -> usize {
        let is_caught = |fate: &&Fate| matches!(fate, Fate::Caught(_));
        self.fates.values().filter(is_caught).count()
    }

    fn not_tried(&self) -> usize {
        let fates = self.fates.values();
        fates.filter(|fate| **fate == Fate::NotTried).count()
    }

    /// Whether each break was caught, and each test passes without any.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.caught() == self.fates.len()
    }

    /// Rows in their order.
    fn rows<'a>(&'a self, breaks: &'a [Break], telling: Telling) -> Vec<Row<'a>> {
        let mut rows: Vec<(usize, &Break, &Fate)> = self
            .fates
            .iter()
            .map(|(&number, fate)| (number, &breaks[number - 1], fate))
            .collect();
        // What is given comes last: it is not what students write.
        rows.sort_by_key(|(number, one, _)| (one.milestone.is_none(), one.milestone, *number));
        rows.into_iter()
            .map(|(_, one, fate)| row(one, fate, telling))
            .collect()
    }

    /// As text.
    #[must_use]
    pub fn text(&self, breaks: &[Break], course: &Course, telling: Telling) -> String {
        let mut text = String::new();
        let rows = self.rows(breaks, telling);
        for part in rows.chunk_by(|one, other| one.milestone == other.milestone) {
            let caught = part.iter().filter(|row| row.outcome == CAUGHT).count();
            let title = title(course, part[0].milestone);
            let _ = writeln!(text, "{title}: {caught} of {} caught", part.len());
            for row in part {
                let _ = writeln!(text, "  {:9} {}", row.outcome, row.words());
            }
            text.push('\n');
        }
        for test in &self.failed {
            let _ = writeln!(
                text,
                "{test} fails on the kernel without a break: it catches nothing."
            );
        }
        let (caught, all) = (self.caught(), self.fates.len());
        let per_cent = 100.0 * caught as f64 / all.max(1) as f64;
        let _ = writeln!(
            text,
            "{} tests. Breaks caught: {caught} of {all}, {per_cent:.1} %",
            self.tests
        );
        if self.not_tried() > 0 {
            let _ = writeln!(
                text,
                "{} were not tried: the time was over.",
                self.not_tried()
            );
        }
        text
    }

    /// As a JSON object.
    #[must_use]
    pub fn json(&self, breaks: &[Break], telling: Telling) -> String {
        let report = Report {
            breaks: self.fates.len(),
            caught: self.caught(),
            not_tried: self.not_tried(),
            tests: self.tests,
            failed_without_break: &self.failed,
            rows: self.rows(breaks, telling),
        };
        let text = json::readable(&report);
        format!("{text}\n")
    }
}

const CAUGHT: &str = "caught";

fn row<'a>(one: &'a Break, fate: &'a Fate, telling: Telling) -> Row<'a> {
    let knows = telling == Telling::Instructor;
    let (outcome, test) = match fate {
        Fate::Caught(test) => (CAUGHT, Some(test.as_str())),
        Fate::Missed => ("missed", None),
        Fate::NotTried => ("not tried", None),
    };
    let is_told = knows || (test.is_some() && !one.hidden);
    Row {
        milestone: one.milestone,
        outcome,
        name: is_told.then_some(one.name.as_str()),
        says: is_told.then_some(one.says.as_str()),
        test,
        hint: one
            .hint
            .as_deref()
            .filter(|_| *fate == Fate::Missed && !one.hidden),
    }
}

impl Row<'_> {
    fn words(&self) -> String {
        let name = self.name.unwrap_or("a hidden break");
        match (self.test, self.hint) {
            (Some(test), _) => match self.says {
                Some(says) => format!("{name}, by {test}: {says}"),
                None => format!("{name}, by {test}"),
            },
            (None, Some(hint)) => match self.says {
                Some(says) => format!("{name}: {says}. Hint: {hint}"),
                None => hint.to_owned(),
            },
            (None, None) => match self.says {
                Some(says) => format!("{name}: {says}"),
                None => "a hidden break".to_owned(),
            },
        }
    }
}

/// What a milestone is called, or what is given.
#[must_use]
pub fn title(course: &Course, milestone: Option<Milestone>) -> String {
    match milestone.map(|number| (number, course.stage(number))) {
        Some((number, Ok(stage))) => format!("{number} {}", stage.title),
        Some((number, Err(_))) => number.to_string(),
        None => "What is given".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, milestone: Option<&str>, hidden: bool) -> Break {
        Break {
            name: name.to_owned(),
            part: "swap".to_owned(),
            file: "x.rs".to_owned(),
            find: "f()".to_owned(),
            replace: "g()".to_owned(),
            within: None,
            says: format!("{name} is wrong"),
            milestone: milestone.map(|number| number.parse().unwrap()),
            hint: Some(format!("look at {name}'s kind")),
            hidden,
            shown: false,
            caught_by: None,
        }
    }

    fn breaks() -> Vec<Break> {
        vec![
            one("files", None, false),
            one("slots", Some("4"), false),
            one("frames", Some("1"), false),
            one("bits", Some("4"), true),
        ]
    }

    fn judgement() -> Judgement {
        let fates = [
            (1, Fate::NotTried),
            (2, Fate::Missed),
            (3, Fate::Caught("mine/a".to_owned())),
            (4, Fate::Missed),
        ];
        Judgement {
            failed: vec!["mine/b".to_owned()],
            tests: 1,
            fates: fates.into(),
        }
    }

    fn course() -> Course {
        Course::parse(
            "leave-out.files = []\nlab.title = \"x\"\n[[given]]\ntitle = \"all\"\npoints = 100\ntests = []\n\
             [[milestone]]\nnumber = 1\ntitle = \"Frames\"\nchapter = \"c\"\nhours = 1\npoints = 0\n",
        )
        .unwrap()
    }

    #[test]
    fn a_student_is_not_told_what_was_missed() {
        let text = judgement().text(&breaks(), &course(), Telling::Student);
        assert_eq!(
            text,
            "1 Frames: 1 of 1 caught\n  caught    frames, by mine/a: frames is wrong\n\n\
             4: 0 of 2 caught\n  missed    look at slots's kind\n  missed    a hidden break\n\n\
             What is given: 0 of 1 caught\n  not tried a hidden break\n\n\
             mine/b fails on the kernel without a break: it catches nothing.\n\
             1 tests. Breaks caught: 1 of 4, 25.0 %\n1 were not tried: the time was over.\n"
        );
        let json = judgement().json(&breaks(), Telling::Student);
        assert!(
            !json.contains("bits") && !json.contains("slots is wrong"),
            "{json}"
        );
    }

    #[test]
    fn an_instructor_is_told_everything() {
        let text = judgement().text(&breaks(), &course(), Telling::Instructor);
        assert!(text.contains("missed    slots: slots is wrong. Hint: look at slots's kind\n"));
        assert!(text.contains("missed    bits: bits is wrong\n"), "{text}");
    }

    #[test]
    fn all_is_caught_only_if_every_test_passes_without_a_break() {
        let mut all = judgement();
        for fate in all.fates.values_mut() {
            *fate = Fate::Caught("mine/a".to_owned());
        }
        assert!(!all.is_complete());
        all.failed.clear();
        assert!(all.is_complete());
    }
}
