//! Results as a table for people.

use std::fmt::Write;

use super::{Column, PolicyRow, Results};

/// Returns the faults of all policies with every number of frames, and the disk traffic.
pub fn table(results: &Results) -> String {
    let mut text = format!(
        "{}: {} references to {} pages\n\n",
        results.subject, results.references, results.pages
    );
    text +=
        "Faults (pages brought into a frame, the first time included), and their ratio to OPT's:\n";
    text += &faults(&results.columns);
    for column in &results.columns {
        if column.rows.iter().any(|row| row.traffic.is_some()) {
            text += &traffic(column);
        }
    }
    if results.strings_differ {
        text += "\nThe runs differ in more than evictions, so each has a reference string of its own, and its\n\
                 faults are compared with OPT on that. The rows opt and lru are of the string with the least OPT.\n";
    }
    for column in &results.columns {
        for (row, trouble) in column.rows.iter().filter_map(with_trouble) {
            writeln!(
                text,
                "\nWith {} frames under {} the program did not succeed: {trouble}.",
                column.frames, row.policy
            )
            .expect("a String takes all");
        }
    }
    text
}

fn with_trouble(row: &PolicyRow) -> Option<(&PolicyRow, &str)> {
    Some((row, row.trouble.as_deref()?))
}

/// Returns a line for each policy, with two fields for each number of frames.
fn faults(columns: &[Column]) -> String {
    let mut lines = vec![format!("{:<14}", "frames")];
    let names = columns.first().into_iter().flat_map(Column::lines);
    lines.extend(names.map(|(name, ..)| format!("{name:<14}")));
    for column in columns {
        lines[0] += &format!(" {:>11} {:>7}", column.frames, "of opt");
        for (line, (_, faults, of_opt)) in lines[1..].iter_mut().zip(column.lines()) {
            *line += &format!(" {faults:>11} {of_opt:>7.2}");
        }
    }
    lines.join("\n") + "\n"
}

/// Returns the disk traffic under each policy.
fn traffic(column: &Column) -> String {
    let mut text = format!(
        "\n{:<14} {:>11} {:>11} {:>11} {:>11} {:>11}\n",
        format!("{} frames", column.frames),
        "faults",
        "swap in",
        "swap out",
        "file reads",
        "write-backs"
    );
    for row in &column.rows {
        if let Some(traffic) = &row.traffic {
            writeln!(
                text,
                "{:<14} {:>11} {:>11} {:>11} {:>11} {:>11}",
                row.policy.name,
                row.faults,
                traffic.swap_in,
                traffic.swap_out,
                traffic.file_reads,
                traffic.write_backs
            )
            .expect("a String takes all");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_has_a_line_and_trouble_is_told() {
        let text = table(&super::super::example());
        let starts = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
        assert_eq!((starts("opt "), starts("lru "), starts("fifo ")), (1, 1, 3));
        assert!(
            text.contains("\nlru                    160    1.60          44    1.10\n"),
            "{text}"
        );
        assert!(text.contains("With 16 frames under fifo the program did not succeed: killed."));
        assert!(text.lines().all(|line| line.len() <= 100));
    }
}
