//! Finds lines of solutions that leaked.
//!
//! A solution line has at least [`ENOUGH`] characters, not counting blanks, and is between marks of a
//! milestone that is left to do, but nowhere in the code that is handed out, including solutions of
//! other milestones. Comments, documents and tests of milestones do not count as code here: if one of
//! those has such a line, it quotes the solution.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::Unsolved;
use crate::open;
use crate::regions::{Part, may_have_marks};
use crate::source::Source;
use crate::tree::Files;

/// Shorter lines are too common to identify a solution.
pub const ENOUGH: usize = 20;

/// The solution lines of the milestones that are left to do, without the blanks around them.
pub fn lines(source: &Source, unsolved: &Unsolved) -> BTreeSet<String> {
    let parts = source.marked().values().flatten();
    let solutions = parts.filter_map(|part| solution_of(part, unsolved));
    let all: BTreeSet<String> = solutions
        .flatten()
        .map(|line| line.trim())
        .filter(|line| is_enough(line))
        .map(str::to_owned)
        .collect();
    let search = Search::of(&all);
    let known: BTreeSet<&str> = source
        .files()
        .iter()
        .filter(|(path, _)| may_have_marks(path) && !source.course.leaves_out(path))
        .filter(|(path, _)| !is_test(path))
        .flat_map(|(path, file)| match source.marked().get(path) {
            Some(parts) => search.found(&excusing(parts, unsolved)),
            None => search.found(&code(file.text().unwrap_or_default().lines())),
        })
        .collect();
    let told = |line: &&String| !known.contains(line.as_str());
    all.iter().filter(told).cloned().collect()
}

/// What the open hand-out, of these files, may not tell: the solution lines of all milestones, and all code of
/// this tree's virtual memory that is not among those files. Code that is excuses only the latter.
pub fn lines_of_open(source: &Source, handed: &Files) -> BTreeSet<String> {
    let mut kept_back = BTreeSet::new();
    let sources = source.files().iter();
    for (_, file) in sources.filter(|(path, _)| {
        path.starts_with("vm/src/") && !is_test(path) && !handed.contains_key(*path)
    }) {
        let lines = file.text().unwrap_or_default().lines();
        let text = code(lines.take_while(|line| *line != "#[cfg(test)]"));
        let lines = text.lines().map(str::trim);
        kept_back.extend(lines.filter(|line| is_enough(line)).map(str::to_owned));
    }
    let search = Search::of(&kept_back);
    let code_files = handed
        .iter()
        .filter(|(path, _)| may_have_marks(path) && !is_test(path));
    let known: BTreeSet<&str> = code_files
        .flat_map(|(_, file)| search.found(&code(file.text().unwrap_or_default().lines())))
        .collect();
    let told = kept_back
        .iter()
        .filter(|line| !known.contains(line.as_str()));
    let mut lines = lines(source, &open::everything(source));
    lines.extend(told.cloned());
    lines
}

fn is_enough(line: &str) -> bool {
    line.chars().filter(|c| !c.is_whitespace()).count() >= ENOUGH
}

/// Whether a file has tests alone.
fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs")
}

fn solution_of<'a>(part: &'a Part, unsolved: &Unsolved) -> Option<&'a Vec<String>> {
    match part {
        Part::Task(task) if unsolved.has(task.id.milestone) => Some(&task.solution),
        Part::Only {
            milestone,
            solution,
        } if unsolved.has(*milestone) => Some(solution),
        _ => None,
    }
}

/// The lines that excuse others in a file with marks: code that is handed out, and solutions that are;
/// but not the tests of milestones, which come last.
fn excusing(parts: &[Part], unsolved: &Unsolved) -> String {
    let before_tests = parts
        .iter()
        .take_while(|part| !matches!(part, Part::Tests { .. }));
    before_tests
        .map(|part| match part {
            Part::Plain(lines) => code(lines),
            Part::Task(task) if unsolved.has(task.id.milestone) => {
                code(task.given.as_deref().unwrap_or_default())
            }
            Part::Task(task) => text(&task.solution),
            Part::Only {
                milestone,
                solution,
            } if !unsolved.has(*milestone) => text(solution),
            Part::Only { .. } | Part::Tests { .. } | Part::Example { .. } => String::new(),
        })
        .collect()
}

/// The lines that are no comments, as one text.
fn code<S: AsRef<str>>(lines: impl IntoIterator<Item = S>) -> String {
    let is_code = |line: &S| !line.as_ref().trim_start().starts_with("//");
    text(lines.into_iter().filter(is_code))
}

fn text<S: AsRef<str>>(lines: impl IntoIterator<Item = S>) -> String {
    let mut text = String::new();
    for line in lines {
        text += line.as_ref();
        text.push('\n');
    }
    text
}

/// Looks for many lines in a text at once.
#[derive(Debug)]
pub struct Search<'a> {
    by_start: BTreeMap<&'a [u8], Vec<&'a str>>,
    /// For each pair of bytes, whether a line begins with it: most places are passed over by this.
    pairs: Vec<bool>,
}

/// The place of the first two bytes among all pairs.
fn pair(start: &[u8]) -> usize {
    usize::from(start[0]) << 8 | usize::from(start[1])
}

impl<'a> Search<'a> {
    /// Looks for these lines, each at least [`ENOUGH`] bytes long.
    #[must_use]
    pub fn of(lines: &'a BTreeSet<String>) -> Search<'a> {
        let mut by_start: BTreeMap<&[u8], Vec<&str>> = BTreeMap::new();
        let mut pairs = vec![false; 1 << 16];
        for line in lines {
            pairs[pair(line.as_bytes())] = true;
            by_start
                .entry(&line.as_bytes()[..ENOUGH])
                .or_default()
                .push(line);
        }
        Search { by_start, pairs }
    }

    /// Those that are in a text, wherever in its lines.
    #[must_use]
    pub fn found(&self, text: &str) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        let bytes = text.as_bytes();
        let windows = bytes.windows(ENOUGH).enumerate();
        for (at, start) in windows.filter(|(_, start)| self.pairs[pair(start)]) {
            let lines = self.by_start.get(start).into_iter().flatten();
            found.extend(lines.filter(|line| bytes[at..].starts_with(line.as_bytes())));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handout;
    use crate::toy;
    use crate::tree::File;

    const PUSH: &str = "self.pages.push(self.next_page_of_zeros());";

    fn quoted(files: &Files, lines: &BTreeSet<String>) -> Vec<String> {
        let search = Search::of(lines);
        let quoting = files.iter().flat_map(|(path, file)| {
            let text = String::from_utf8_lossy(&file.bytes).into_owned();
            let found = search.found(&text).into_iter().map(str::to_owned);
            found.map(move |line| format!("{path}: {line}"))
        });
        quoting.collect()
    }

    fn with(path: &str, text: String) -> Source {
        let mut files = toy::files();
        files.insert(path.to_owned(), File::plain(text));
        Source::of(files).unwrap()
    }

    #[test]
    fn long_lines_of_what_is_left_to_do_are_solution_lines() {
        let all = lines(&toy::source(), &toy::from("1"));
        let expected = [
            "const SECTORS_OF_A_PAGE_OF_THE_TOY: u32 = 8;",
            "disk().sectors() / SECTORS_OF_A_PAGE_OF_THE_TOY",
            "disk().write(page * SECTORS_OF_A_PAGE_OF_THE_TOY);",
            "pointer < 0xc000_0000 && pointer != 0",
            PUSH,
        ];
        assert_eq!(Vec::from_iter(&all), expected);
        assert!(!lines(&toy::source(), &toy::from("2")).contains(PUSH));
    }

    #[test]
    fn no_hand_out_has_one() {
        for first in ["1", "2", "3"] {
            let unsolved = toy::from(first);
            let files = handout::files(&toy::source(), &unsolved).unwrap();
            assert_eq!(
                quoted(&files, &lines(&toy::source(), &unsolved)),
                <[String; 0]>::default()
            );
        }
    }

    #[test]
    fn a_line_that_other_code_has_as_well_is_none() {
        let source = with("vm/src/lib.rs", format!("fn zero() {{ {PUSH} }}\n"));
        assert!(!lines(&source, &toy::from("1")).contains(PUSH));
    }

    #[test]
    fn documents_comments_and_tests_that_quote_one_are_found() {
        let test = toy::files()["vm/src/grow.rs"].text().unwrap().to_owned() + PUSH;
        for (path, text) in [
            ("lab/1.md", format!("Write `{PUSH}`.\n")),
            ("vm/src/lib.rs", format!("//! As `{PUSH}` does.\n")),
            ("vm/src/grow.rs", test),
            ("vm/tests/swapping.rs", format!("{PUSH}\n")),
        ] {
            let source = with(path, text);
            let unsolved = toy::from("1");
            let files = handout::files(&source, &unsolved).unwrap();
            let expected = [format!("{path}: {PUSH}")];
            assert_eq!(quoted(&files, &lines(&source, &unsolved)), expected);
        }
    }
}
