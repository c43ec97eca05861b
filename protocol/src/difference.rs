//! The difference between expected and actual text of a test, for people.
//!
//! # Invariants
//!
//! Every changed line is shown with its context, up to a fixed number of lines; the lines beyond
//! that are counted.

use anstyle::{AnsiColor, Style};
use diffy::Line;
use serde::{Deserialize, Serialize};

/// The number of lines of a difference that are shown.
const SHOWN: usize = 40;
/// The number of bytes of one line that are shown.
const WIDTH: usize = 400;

const MISSING: Style = AnsiColor::Red.on_default();
const ADDITIONAL: Style = AnsiColor::Green.on_default();
const PLAIN: Style = Style::new();

/// Expected and actual text, both with a line end after each line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Comparison {
    /// The expected text.
    pub expected: String,
    /// The actual text.
    pub actual: String,
}

/// Renders a difference of whole texts.
#[must_use]
pub fn render(comparison: &Comparison) -> String {
    render_from(1, comparison)
}

/// Renders a difference of texts whose first line has the number `first`: `-` expected and missing,
/// `+` not expected. It is coloured with escape sequences; print it through a stream that strips them
/// where they do not belong.
pub fn render_from(first: usize, comparison: &Comparison) -> String {
    let patch = diffy::create_patch(&comparison.expected, &comparison.actual);
    let mut lines = vec![
        format!("{MISSING}--- expected{MISSING:#}"),
        format!("{ADDITIONAL}+++ actual{ADDITIONAL:#}"),
    ];
    for hunk in patch.hunks() {
        let start = first - 1 + hunk.old_range().start();
        lines.push(format!("@@ line {start} @@"));
        lines.extend(hunk.lines().iter().map(render_line));
    }
    let hidden = lines.len().saturating_sub(SHOWN);
    lines.truncate(SHOWN);
    if hidden > 0 {
        lines.push(format!("... {hidden} more lines"));
    }
    lines.join("\n")
}

fn render_line(line: &Line<'_, str>) -> String {
    let (mark, style, text) = match line {
        Line::Context(text) => (' ', PLAIN, text),
        Line::Delete(text) => ('-', MISSING, text),
        Line::Insert(text) => ('+', ADDITIONAL, text),
    };
    format!(
        "{style}{mark}{}{style:#}",
        shortened(text.trim_end_matches('\n'))
    )
}

/// Returns a line, cut if it is too long to read.
fn shortened(text: &str) -> String {
    if text.len() <= WIDTH {
        return text.to_owned();
    }
    let end = (0..=WIDTH)
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0);
    format!("{}... ({} bytes)", &text[..end], text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(expected: &str, actual: &str) -> String {
        let comparison = Comparison {
            expected: expected.into(),
            actual: actual.into(),
        };
        anstream::adapter::strip_str(&render(&comparison)).to_string()
    }

    #[test]
    fn a_changed_line_is_shown_both_ways_with_its_neighbours() {
        assert_eq!(
            plain("a\nb\nc\n", "a\nx\nc\n"),
            "--- expected\n+++ actual\n@@ line 1 @@\n a\n-b\n+x\n c"
        );
    }

    #[test]
    fn no_output_at_all_shows_everything_as_missing() {
        assert!(plain("a\nb\n", "").ends_with("\n-a\n-b"));
    }

    #[test]
    fn a_long_difference_and_a_long_line_are_cut_and_counted() {
        let shown = plain("", &"line\n".repeat(100));
        assert_eq!(shown.lines().count(), SHOWN + 1);
        assert!(shown.ends_with("... 63 more lines"));
        assert!(plain("", &format!("{}\n", "ä".repeat(500))).contains("... (1000 bytes)"));
    }
}
