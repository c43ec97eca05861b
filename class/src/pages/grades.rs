//! The grades as a table.

use serde::Serialize;

use crate::class::results::Cost;
use crate::plan::Plan;
use crate::record::Record;

/// A student's line.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct GradeRow {
    /// The student.
    pub student: String,
    /// The grade: the score less the penalty for being late, in per cent.
    pub grade: String,
    /// The score, in per cent.
    pub score: String,
    /// The number of days that it was late.
    pub late_days: u32,
    /// The outcome.
    pub outcome: String,
    /// The number of tests that passed.
    pub passed: usize,
    /// The number of tests that were run.
    pub run: usize,
    /// The hash of the files that were compiled.
    pub sources: String,
}

/// The lines of all students with a record, in the order of the plan.
#[must_use]
pub fn rows(plan: &Plan, records: &[Record]) -> Vec<GradeRow> {
    let rows = records.iter().map(|record| {
        let submission = plan
            .submissions
            .iter()
            .find(|one| one.student == record.student);
        let late_days = submission.map_or(0, |one| one.late_days);
        row(record, late_days, plan.late_penalty)
    });
    rows.collect()
}

fn row(record: &Record, late_days: u32, penalty: u32) -> GradeRow {
    let score = record.outcome.score();
    let kept = 100_u32.saturating_sub(late_days.saturating_mul(penalty));
    let tests = record.outcome.results().map(|results| &results.tests);
    let count = |is: &dyn Fn(&&grading::results::TestResult) -> bool| {
        tests.map_or(0, |tests| tests.iter().filter(is).count())
    };
    GradeRow {
        student: record.student.clone(),
        grade: format!("{:.1}", score * f64::from(kept) / 100.0),
        score: format!("{score:.1}"),
        late_days,
        outcome: record.outcome.word().to_owned(),
        passed: count(&|test| test.verdict.passed()),
        run: count(&|test| test.verdict.was_run()),
        sources: record.sources.chars().take(16).collect(),
    }
}

/// Returns CSV, in which text that a spreadsheet could take for a formula is escaped.
#[must_use]
pub fn csv(rows: &[GradeRow]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        let mut row = row.clone();
        if row.student.starts_with(['=', '+', '-', '@']) {
            row.student.insert(0, '\'');
        }
        written(writer.serialize(row));
    }
    text_of(writer)
}

/// Returns the costs of submissions as CSV.
pub fn costs<'a>(costs: impl Iterator<Item = (&'a str, Option<Cost>)>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let head = [
        "student",
        "compiling_cpu_seconds",
        "tests_cpu_seconds",
        "most_mebibytes",
    ];
    written(writer.write_record(head));
    for (student, cost) in costs {
        let Some(cost) = cost else { continue };
        let (compiling, tests) = (
            format!("{:.2}", cost.compiling),
            format!("{:.2}", cost.tests),
        );
        let row = [student, &compiling, &tests, &cost.mebibytes.to_string()];
        written(writer.write_record(row));
    }
    text_of(writer)
}

/// Checks that a row is written: memory has no reason to refuse one.
fn written(result: csv::Result<()>) {
    result.expect("memory can be written to");
}

fn text_of(writer: csv::Writer<Vec<u8>>) -> String {
    let bytes = writer.into_inner().expect("memory can be written to");
    String::from_utf8(bytes).expect("it was made of text")
}

/// Returns a table for a terminal.
#[must_use]
pub fn table(rows: &[GradeRow]) -> String {
    let width = rows
        .iter()
        .map(|row| row.student.chars().count())
        .max()
        .unwrap_or(0);
    let lines = rows.iter().map(|row| {
        let GradeRow {
            student,
            grade,
            outcome,
            passed,
            run,
            ..
        } = row;
        let tests = match run {
            0 => String::new(),
            _ => format!("  {passed} of {run} tests passed"),
        };
        format!("{student:<width$}  {grade:>5}  {outcome}{tests}\n")
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Outcome;

    fn record(student: &str) -> Record {
        let results = grading::results::Results {
            shard: None,
            all_tests: 0,
            tests: Vec::new(),
        };
        Record {
            student: student.to_owned(),
            vmlab: String::new(),
            grader: String::new(),
            handout: String::new(),
            sources: "0123456789abcdef0123".to_owned(),
            key: String::new(),
            notes: Vec::new(),
            outcome: Outcome::Graded {
                score: 80.0,
                results,
            },
        }
    }

    #[test]
    fn days_late_take_off_their_share_and_no_more_than_there_is() {
        for (days, grade) in [(0, "80.0"), (1, "72.0"), (10, "0.0"), (u32::MAX, "0.0")] {
            let row = row(&record("ada"), days, 10);
            assert_eq!((row.grade.as_str(), row.score.as_str()), (grade, "80.0"));
        }
    }

    #[test]
    fn a_name_is_no_formula_and_may_have_any_letters() {
        let rows = [row(&record("=1+1"), 0, 0), row(&record("a, \"b\""), 0, 0)];
        let text = csv(&rows);
        let lines = Vec::from_iter(text.lines());
        assert_eq!(
            lines[0],
            "student,grade,score,late_days,outcome,passed,run,sources"
        );
        assert_eq!(lines[1], "'=1+1,80.0,80.0,0,graded,0,0,0123456789abcdef");
        assert!(lines[2].starts_with("\"a, \"\"b\"\"\",80.0"), "{text}");
    }
}
