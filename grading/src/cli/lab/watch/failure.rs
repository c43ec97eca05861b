//! Why a test failed, as the interface shows it: a sentence, a line of the kernel, and all details.
//!
//! # Invariants
//! No text contains a control character or an escape sequence.

use std::fs;
use std::path::Path;

use crate::report::details;
use crate::results::TestResult;

/// The folders of the kernel's own sources.
const SOURCES: [&str; 2] = ["vm/src/", "userprog/src/"];
/// The number of lines shown before and after one.
const AROUND: usize = 2;

/// Why a test failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Failure {
    /// The reason in a sentence.
    pub summary: String,
    /// The lines of the kernel around the one where it failed, if there is one.
    pub excerpt: Vec<String>,
    /// Everything else that is known.
    pub details: Vec<String>,
    /// The command line that repeats it under `vmlab run`, if it is a test of a program.
    pub again: Option<String>,
}

impl Failure {
    /// Explains why a bundled test failed, in the tree with this root.
    pub(super) fn of_test(test: &TestResult, root: &Path) -> Failure {
        let summary = printable(&test.verdict.summary());
        let details: Vec<String> = details::plain(test).lines().map(printable).collect();
        let frames = details.iter().filter(|line| line.starts_with("in "));
        let place = [&summary]
            .into_iter()
            .chain(frames)
            .find_map(|text| place(text));
        Failure {
            excerpt: place.map_or_else(Vec::new, |place| excerpt(root, place)),
            summary,
            details,
            again: Some(test.repeat.clone()),
        }
    }

    /// Explains why one of crate `vm`'s own tests failed, from its output.
    pub(super) fn of_kernel_test(printed: &[String], root: &Path) -> Failure {
        let details: Vec<String> = printed.iter().map(|line| printable(line)).collect();
        let at_panic = details
            .iter()
            .position(|line| line.contains(" panicked at "));
        let place = at_panic.and_then(|at| place(&details[at]));
        let message = at_panic.and_then(|at| details.get(at + 1));
        let first = details.iter().find(|line| !line.is_empty());
        Failure {
            summary: message
                .or(first)
                .cloned()
                .unwrap_or_else(|| "failed".to_owned()),
            excerpt: place.map_or_else(Vec::new, |place| excerpt(root, place)),
            details,
            again: None,
        }
    }
}

/// Returns a line without characters that move a cursor: tabs become spaces, others are left out.
pub(super) fn printable(line: &str) -> String {
    let line = line.replace('\t', "    ");
    line.chars().filter(|c| !c.is_control()).collect()
}

/// A line of a source of the kernel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct SourceLine<'a> {
    file: &'a str,
    line: usize,
}

/// Returns the first place in the kernel's sources that a text names, as FILE:LINE.
fn place(text: &str) -> Option<SourceLine<'_>> {
    let starts = SOURCES.iter().filter_map(|folder| text.find(folder));
    let rest = &text[starts.min()?..];
    let (file, rest) = rest.split_once(':')?;
    let digits = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let line = rest[..digits].parse().ok()?;
    let is_path = file.ends_with(".rs") && !file.contains(char::is_whitespace);
    is_path.then_some(SourceLine { file, line })
}

/// Returns the lines around one, with their numbers; none if they cannot be read, as the file may
/// have changed.
fn excerpt(root: &Path, place: SourceLine<'_>) -> Vec<String> {
    let Ok(text) = fs::read_to_string(root.join(place.file)) else {
        return Vec::new();
    };
    let first = place.line.saturating_sub(AROUND).max(1);
    let numbered = (1..).zip(text.lines()).skip(first - 1);
    let lines = numbered.take_while(|(number, _)| *number <= place.line + AROUND);
    let mut shown = vec![format!("{}:{}", place.file, place.line)];
    shown.extend(lines.map(|(number, line)| {
        let mark = if number == place.line { ">" } else { " " };
        printable(&format!("{mark} {number:>4} {line}"))
    }));
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::all_kinds;

    #[test]
    fn a_place_is_a_line_of_the_kernel() {
        let at = |file, line| Some(SourceLine { file, line });
        let panic = "the kernel panicked at vm/src/pager/evict.rs:40: index out of bounds";
        assert_eq!(place(panic), at("vm/src/pager/evict.rs", 40));
        let task = "not written yet: 4.1, find a frame (userprog/src/turns.rs:7)";
        assert_eq!(place(task), at("userprog/src/turns.rs", 7));
        assert_eq!(place("at images/lib/start.c:16"), None);
        assert_eq!(place("in vm/src/x: 12"), None);
    }

    #[test]
    fn the_line_stands_among_its_neighbours() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("vm/src")).unwrap();
        fs::write(
            folder.path().join("vm/src/a.rs"),
            "one\ntwo\n\tthree\nfour\n",
        )
        .unwrap();
        let at = |line| {
            let file = "vm/src/a.rs";
            excerpt(folder.path(), SourceLine { file, line })
        };
        let first = [
            "vm/src/a.rs:1",
            ">    1 one",
            "     2 two",
            "     3     three",
        ];
        assert_eq!(at(1), first);
        assert_eq!(at(4).last().unwrap(), ">    4 four");
        let place = SourceLine {
            file: "vm/src/gone.rs",
            line: 1,
        };
        assert_eq!(excerpt(folder.path(), place), <[String; 0]>::default());
    }

    #[test]
    fn a_test_of_crate_vm_says_what_it_panicked_with() {
        let printed = [
            "",
            "thread 'a' (7) panicked at vm/src/a.rs:3:5:",
            "left is 3",
            "note: x",
        ];
        let printed = printed.map(str::to_owned);
        let failure = Failure::of_kernel_test(&printed, Path::new("/no/such"));
        assert_eq!(failure.summary, "left is 3");
        assert_eq!(failure.again, None);
    }

    #[test]
    fn a_bundled_test_says_all_that_the_board_does() {
        let test = &all_kinds().tests[1];
        let failure = Failure::of_test(test, Path::new("/no/such"));
        assert_eq!(failure.summary, test.verdict.summary());
        assert_eq!(failure.again.as_deref(), Some("./vmlab run hello"));
        assert!(failure.details.iter().any(|line| line.contains("a.c:1")));
    }
}
