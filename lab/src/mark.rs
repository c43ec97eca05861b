//! Parses a line of a source as a mark.

use thiserror::Error;

use crate::ids::{BadId, Milestone, TaskId};

/// The start of every mark. A comment that begins with it is a mark, or an error.
const PREFIX: &str = "// lab ";
/// The start of a line of a given body.
const GIVEN_LINE: &str = "// |";

/// The kinds of marks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mark {
    /// `M.N: TITLE`: the solution of a task begins.
    Task {
        /// Its number.
        id: TaskId,
        /// What is to be done.
        title: String,
    },
    /// `given`: begins the code that a hand-out has instead of the solution.
    Given,
    /// `M only`: begins lines that a hand-out does not have.
    Only(Milestone),
    /// `M tests`: the tests below are those of a milestone.
    Tests(Milestone),
    /// `M example`: the example below, in a doc comment, is run for a milestone.
    Example(Milestone),
    /// `end`: ends the current part.
    End,
}

/// A line begins like a mark, but is not valid.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum BadMark {
    /// It has none of the known words.
    #[error("'{0}' is no mark: M.N: TITLE, given, M only, M tests, M example and end are")]
    Unknown(String),
    /// It has an invalid number.
    #[error(transparent)]
    Number(#[from] BadId),
    /// A task without a title.
    #[error("task {0} has no title")]
    Untitled(TaskId),
}

impl Mark {
    /// Parses a line; None if it is not a mark.
    ///
    /// # Errors
    /// It begins like a mark, but is not valid.
    ///
    /// # Examples
    ///
    /// ```
    /// use lab::mark::Mark;
    ///
    /// let Some(Mark::Task { id, title }) = Mark::of("    // lab 4.3: get a page out")? else {
    ///     panic!("a task begins here");
    /// };
    /// assert_eq!((id.to_string().as_str(), title.as_str()), ("4.3", "get a page out"));
    /// assert_eq!(Mark::of("// lab end")?, Some(Mark::End));
    /// assert_eq!(Mark::of("let lab = 4; // lab end")?, None);
    /// assert!(Mark::of("// lab ends").is_err());
    /// # Ok::<(), lab::mark::BadMark>(())
    /// ```
    pub fn of(line: &str) -> Result<Option<Mark>, BadMark> {
        let Some(text) = line.trim().strip_prefix(PREFIX) else {
            return Ok(None);
        };
        let mark = match text.split_once(' ') {
            None if text == "end" => Mark::End,
            None if text == "given" => Mark::Given,
            Some((milestone, "only")) => Mark::Only(milestone.parse()?),
            Some((milestone, "tests")) => Mark::Tests(milestone.parse()?),
            Some((milestone, "example")) => Mark::Example(milestone.parse()?),
            _ => Mark::task(text)?,
        };
        Ok(Some(mark))
    }

    fn task(text: &str) -> Result<Mark, BadMark> {
        let unknown = || BadMark::Unknown(text.to_owned());
        let (id, title) = text.split_once(':').ok_or_else(unknown)?;
        if id.contains(' ') {
            return Err(unknown());
        }
        let id = id.parse()?;
        let title = title.trim().to_owned();
        if title.is_empty() {
            return Err(BadMark::Untitled(id));
        }
        Ok(Mark::Task { id, title })
    }
}

/// The code in a line of a given body: `// | CODE`, or `// |` for an empty line.
#[must_use]
pub fn given_line(line: &str) -> Option<&str> {
    let code = line.trim().strip_prefix(GIVEN_LINE)?;
    if code.is_empty() {
        return Some(code);
    }
    code.strip_prefix(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(line: &str) -> String {
        Mark::of(line).unwrap_err().to_string()
    }

    #[test]
    fn every_mark_is_known() {
        let four: Milestone = "4".parse().unwrap();
        let task = Mark::Task {
            id: "4.3".parse().unwrap(),
            title: "get a page out: now".into(),
        };
        for (line, mark) in [
            ("    // lab 4.3: get a page out: now", task),
            ("// lab given", Mark::Given),
            ("\t// lab 4 only  ", Mark::Only(four)),
            ("// lab 4 tests", Mark::Tests(four)),
            ("// lab 4 example", Mark::Example(four)),
            ("// lab end", Mark::End),
        ] {
            assert_eq!(Mark::of(line), Ok(Some(mark)), "{line}");
        }
    }

    #[test]
    fn what_is_no_comment_of_its_own_is_no_mark() {
        for line in [
            "",
            "let x; // lab end",
            "/// lab end",
            "//! // lab 1.1: x",
            "// labour",
            "\"// lab end\"",
        ] {
            assert_eq!(Mark::of(line), Ok(None), "{line}");
        }
    }

    #[test]
    fn what_begins_like_a_mark_is_one_or_an_error() {
        assert!(message("// lab ends").starts_with("'ends' is no mark"));
        assert!(message("// lab equipment: broken").starts_with("'equipment' is not the number"));
        assert!(message("// lab 4.x: out").starts_with("'4.x' is not the number of a task"));
        assert!(message("// lab 0 only").starts_with("'0' is not the number of a milestone"));
        assert_eq!(message("// lab 4.3:"), "task 4.3 has no title");
    }

    #[test]
    fn a_given_line_keeps_its_own_indentation() {
        assert_eq!(given_line("    // |     x();"), Some("    x();"));
        assert_eq!(given_line("// |"), Some(""));
        assert_eq!(given_line("// |x"), None);
        assert_eq!(given_line("x();"), None);
    }
}
