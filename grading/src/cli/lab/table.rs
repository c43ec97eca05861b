//! `vmlab lab table`: which tests and points each milestone has.

use std::env;
use std::fmt::Write;

use clap::Args;
use lab::course::{Course, Set};
use lab::handout::course_around;

use super::Bundled;
use host::command::{UsageError, print};
use protocol::exit::{Exit, PRINT_CODES};

/// Prints the tests of each milestone, and their weight in the score
#[derive(Args)]
#[command(after_help = format!("\
A test belongs to the first set of lab/lab.toml that has a matching pattern. The second
column is its weight in the score, in per cent. This works in the tree that has the
solutions as well.

Example:
  vmlab lab table

{PRINT_CODES}"))]
pub(super) struct TableArgs {}

impl TableArgs {
    /// Prints the table.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        let course = course_around(&env::current_dir()?)?;
        print(&table(&course, &Bundled::read()?)?)?;
        Ok(Exit::Success)
    }
}

fn table(course: &Course, bundled: &Bundled) -> Result<String, UsageError> {
    let mut text = String::new();
    let mut left: Vec<&(String, u32)> = bundled.0.iter().collect();
    for set in course.sets() {
        let is_in = |(name, _): &&(String, u32)| set.tests.iter().any(|glob| glob.matches(name));
        let (own, others): (Vec<_>, Vec<_>) = left.into_iter().partition(is_in);
        left = others;
        section(&mut text, &set, &own)?;
    }
    if !left.is_empty() {
        writeln!(text, "Extra points: {} tests", left.len())?;
        for (name, _) in left {
            writeln!(text, "  {name}")?;
        }
    }
    Ok(text)
}

fn section(text: &mut String, set: &Set<'_>, tests: &[&(String, u32)]) -> Result<(), UsageError> {
    let count = tests.len();
    writeln!(text, "{}: {} %, {count} tests", set.title, set.points)?;
    let all: u32 = tests.iter().map(|(_, points)| points).sum();
    for (name, points) in tests {
        let weight = f64::from(set.points) * f64::from(*points) / f64::from(all.max(1));
        writeln!(text, "  {name:<40} {weight:>5.2}")?;
    }
    if let Some(stage) = set.milestone {
        let feature = stage.number.feature();
        writeln!(text, "  cargo test -p vm --features {feature}")?;
    }
    text.push('\n');
    Ok(())
}
