//! Reports: the results of a run, in the formats that people and servers read.
//!
//! # Invariants
//!
//! Every format is made from the same [`Results`] and nothing else. A report goes to standard
//! output or to a file, and at most one to standard output.

mod base64;
pub(crate) mod causes;
mod classroom;
pub(crate) mod details;
mod gradescope;
pub mod human;
mod json;
mod junit;
mod so_far;
mod tap;
mod words;

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

pub use human::Names;
pub use json::{ReadError, read};
pub use so_far::SoFar;

use crate::results::Results;
use host::replacement::Replacement;
use protocol::similar::DidYouMean;

/// A format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// The score board.
    Human,
    /// The complete results, for programs; `vmlab merge` reads it.
    Json,
    /// Gradescope's `results.json`.
    Gradescope,
    /// The result for GitHub Classroom's reporter, in base64.
    Classroom,
    /// JUnit XML.
    Junit,
    /// The Test Anything Protocol, version 14.
    Tap,
}

/// All formats by name.
const FORMATS: [(&str, Format); 6] = [
    ("human", Format::Human),
    ("json", Format::Json),
    ("gradescope", Format::Gradescope),
    ("classroom", Format::Classroom),
    ("junit", Format::Junit),
    ("tap", Format::Tap),
];

/// A requested report: `FORMAT[=FILE]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// The format.
    pub format: Format,
    /// The file to write; None for standard output.
    pub file: Option<PathBuf>,
}

impl FromStr for Request {
    type Err = String;

    fn from_str(text: &str) -> Result<Request, String> {
        let (name, file) = match text.split_once('=') {
            Some((name, file)) => (name, Some(file)),
            None => (text, None),
        };
        let Some((_, format)) = FORMATS.iter().find(|(known, _)| *known == name) else {
            let names = FORMATS.map(|(name, _)| name);
            let similar = DidYouMean::among(name, names);
            let names = names.join(", ");
            return Err(format!(
                "there is no format '{name}'{similar}; there are: {names}"
            ));
        };
        if file == Some("") {
            return Err("a file name must follow the '='".to_owned());
        }
        Ok(Request {
            format: *format,
            file: file.map(PathBuf::from),
        })
    }
}

impl Format {
    /// Returns the report, with a final newline. The human one has escape sequences for colours.
    #[must_use]
    pub fn render(self, results: &Results) -> String {
        match self {
            Format::Human => human::render(results, Names::Some),
            Format::Json => json::render(results),
            Format::Gradescope => gradescope::render(results),
            Format::Classroom => classroom::render(results),
            Format::Junit => junit::render(results),
            Format::Tap => tap::render(results),
        }
    }
}

/// Returns the report for standard output, by default the score board, which names failed tests as
/// `names` says.
#[must_use]
pub fn shown(requests: &[Request], results: &Results, names: Names) -> String {
    let asked = requests.iter().find(|request| request.file.is_none());
    match asked.map_or(Format::Human, |request| request.format) {
        Format::Human => human::render(results, names),
        format => format.render(results),
    }
}

/// Writes the reports that go to files, even if one of them cannot be written.
///
/// # Errors
/// A message about each file that cannot be written.
pub fn write_files(requests: &[Request], results: &Results) -> Result<(), String> {
    let mut failures = Vec::new();
    for request in requests {
        if let Some(path) = &request.file {
            let text = request.format.render(results);
            let text = anstream::adapter::strip_str(&text).to_string();
            let written = Replacement::of(path).and_then(|file| file.write(text.as_bytes()));
            failures.extend(written.err().map(|error| cannot_write(path, &error)));
        }
    }
    if failures.is_empty() {
        Ok(())
    } else {
        Err(failures.join("; "))
    }
}

/// Checks that at most one report goes to standard output and that the files can be written.
/// Missing files are created; existing ones keep their content for now.
///
/// # Errors
/// A message about the first problem.
pub fn check(requests: &[Request]) -> Result<(), String> {
    if requests
        .iter()
        .filter(|request| request.file.is_none())
        .count()
        > 1
    {
        return Err("only one --report can go to standard output; use FORMAT=FILE".to_owned());
    }
    for path in requests.iter().filter_map(|request| request.file.as_ref()) {
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .map_err(|error| cannot_write(path, &error))?;
    }
    Ok(())
}

fn cannot_write(path: &Path, error: &io::Error) -> String {
    format!("cannot write {}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_a_format_and_perhaps_a_file() {
        let request: Request = "tap".parse().unwrap();
        assert_eq!((request.format, request.file), (Format::Tap, None));
        let request: Request = "json=a=b".parse().unwrap();
        assert_eq!(request.file, Some(PathBuf::from("a=b")));
        assert!("xml".parse::<Request>().unwrap_err().contains("junit"));
        assert!("json=".parse::<Request>().is_err());
    }

    #[test]
    fn one_report_at_most_goes_to_standard_output() {
        let requests = |texts: &[&str]| -> Vec<Request> {
            texts.iter().map(|text| text.parse().unwrap()).collect()
        };
        assert!(check(&requests(&["tap", "json=/dev/null"])).is_ok());
        assert!(check(&requests(&["tap", "json"])).is_err());
    }

    #[test]
    fn files_have_no_colours_and_standard_output_is_the_board() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("board.txt");
        let requests = [format!("human={}", file.display()).parse().unwrap()];
        let results = crate::results::tests::all_kinds();
        write_files(&requests, &results).unwrap();
        let shown = shown(&requests, &results, Names::Some);
        assert!(shown.contains('\x1b'));
        let written = std::fs::read_to_string(file).unwrap();
        assert_eq!(written, anstream::adapter::strip_str(&shown).to_string());
    }

    #[test]
    fn a_file_that_cannot_be_written_is_known_before_and_keeps_no_other_from_being_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("board.txt");
        let request = |format: &str, path: &Path| -> Request {
            format!("{format}={}", path.display()).parse().unwrap()
        };
        let requests = [
            request("json", &folder.path().join("no/such")),
            request("human", &file),
        ];
        assert!(check(&requests).unwrap_err().contains("no/such"));
        let written = write_files(&requests, &crate::results::tests::all_kinds());
        assert!(written.unwrap_err().contains("no/such"));
        assert!(file.exists());
    }
}
