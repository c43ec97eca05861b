//! `vmlab lab` alone: the milestones, and what is next.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use anstyle::{AnsiColor, Style};
use lab::course::{Stage, Task};
use lab::handout::{Handout, Kind};
use lab::ids::TaskId;
use lab::place::{self, SourceLine};
use lab::progress::{Progress, Standing};

use super::Bundled;
use super::passed::here;
use host::command::{UsageError, print};
use protocol::exit::Exit;

const DONE: Style = AnsiColor::Green.on_default().bold();
const NEXT: Style = Style::new().bold();

/// A milestone in the list.
#[derive(Debug)]
enum State {
    /// It was solved from the start.
    Given,
    /// Its tests passed.
    Done(Standing),
    /// The first that is not done.
    Next(Standing),
    /// A later one.
    Later(Standing),
}

/// Prints the list.
pub(super) fn execute() -> Result<Exit, UsageError> {
    let handout = here()?;
    let stages = states(&handout)?;
    let mut text = format!("{}\n\n", handout.course.lab.title);
    milestones(&mut text, &stages)?;
    let next = stages
        .iter()
        .find(|(_, state)| matches!(state, State::Next(_)));
    match next {
        Some((stage, _)) => what_is_next(&mut text, &handout, stage)?,
        None => text += "\nAll milestones are done.\n",
    }
    print(&text)?;
    Ok(Exit::Success)
}

fn states(handout: &Handout) -> Result<Vec<(&Stage, State)>, UsageError> {
    let bundled = Bundled::read()?;
    let owned = handout.course.owned(&bundled.names());
    let progress = Progress::read(&handout.root)?;
    let mut next_found = false;
    let mut states = Vec::new();
    for stage in &handout.course.milestones {
        let tests = owned.get(&stage.number).map_or(&[][..], Vec::as_slice);
        let standing = progress.standing(stage, tests);
        let state = if !handout.milestones.has(stage.number) {
            State::Given
        } else if standing.is_done() {
            State::Done(standing)
        } else if next_found {
            State::Later(standing)
        } else {
            next_found = true;
            State::Next(standing)
        };
        states.push((stage, state));
    }
    Ok(states)
}

fn milestones(text: &mut String, stages: &[(&Stage, State)]) -> fmt::Result {
    let widths = stages.iter().map(|(stage, _)| stage.title.chars().count());
    let width = widths.max().unwrap_or(0);
    for (stage, state) in stages {
        let (number, title, points) = (stage.number, &stage.title, stage.points);
        let (style, word) = match state {
            State::Given => (Style::new(), "given"),
            State::Done(_) => (DONE, "done"),
            State::Next(_) => (NEXT, "next"),
            State::Later(_) => (Style::new(), ""),
        };
        let number = number.to_string();
        write!(
            text,
            "{style}{word:<5}  {number:>2}  {title:<width$}{style:#}  {points:>3} %"
        )?;
        match state {
            State::Given => writeln!(text)?,
            State::Done(standing) | State::Next(standing) | State::Later(standing) => {
                writeln!(text, "  {}", results(*standing))?;
            }
        }
    }
    Ok(())
}

/// Describes the last results of a milestone.
fn results(standing: Standing) -> String {
    let kernel = match standing.kernel_passed {
        true => "tests of vm passed",
        false => "tests of vm not passed yet",
    };
    match standing.tests {
        0 => kernel.to_owned(),
        tests => format!("{} of {tests} tests passed, {kernel}", standing.passed),
    }
}

fn what_is_next(text: &mut String, handout: &Handout, stage: &Stage) -> Result<(), UsageError> {
    let (number, title) = (stage.number, &stage.title);
    let hours = stage.hours;
    writeln!(
        text,
        "\nNext is milestone {number}, {title}: about {hours} hours."
    )?;
    writeln!(text, "  chapter  {}", stage.chapter)?;
    for (index, reading) in stage.reading.iter().enumerate() {
        let head = if index == 0 { "reading" } else { "" };
        writeln!(text, "  {head:<7}  {reading}")?;
    }
    if handout.kind == Kind::Open {
        writeln!(
            text,
            "\nThe design is yours: vm/README.md has the interface, chapters are a guide.\n\
             `vmlab lab grade {number}` runs the tests of milestone {number}."
        )?;
        return Ok(());
    }
    text.push('\n');
    let unwritten = place::unwritten(&handout.root)?;
    let widths = stage.tasks.iter().map(|task| task.title.chars().count());
    let width = widths.max().unwrap_or(0);
    for task in &stage.tasks {
        let (id, title) = (task.id.to_string(), &task.title);
        let head = format!("  {id:<5} {title:<width$}");
        for line in places(handout, task, &unwritten)? {
            writeln!(text, "{head}  {line}")?;
        }
    }
    writeln!(
        text,
        "\n`vmlab lab hint` helps, `vmlab lab grade {number}` runs the tests of milestone {number}."
    )?;
    Ok(())
}

/// Returns where a task is, and whether it is still to be written.
fn places(
    handout: &Handout,
    task: &Task,
    unwritten: &BTreeMap<TaskId, Vec<SourceLine>>,
) -> Result<Vec<String>, UsageError> {
    let name = &task.function;
    if let Some(places) = unwritten.get(&task.id) {
        let lines = places.iter();
        let lines =
            lines.map(|SourceLine { file, line }| format!("{file}:{line}  {name}, to be written"));
        return Ok(lines.collect());
    }
    Ok(vec![match place::function(&handout.root, task)? {
        Some(SourceLine { file, line }) => format!("{file}:{line}  {name}"),
        None => format!("{}  {name}, which is missing", task.file),
    }])
}
