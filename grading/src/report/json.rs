//! The complete results as JSON. `docs/lab.md` documents the fields.
//!
//! # Invariants
//!
//! Results that are written and read again are equal. `version` changes when the meaning of a field
//! changes.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::results::{Points, Results, SetScore};

const VERSION: u32 = 1;

#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    score: f64,
    points: Points,
    extra: Option<Points>,
    passed: usize,
    sets: Vec<SetScore>,
    #[serde(flatten)]
    results: &'a Results,
}

#[derive(Deserialize)]
struct Read {
    version: u32,
    #[serde(flatten)]
    results: Results,
}

/// Why a text is not a report.
#[derive(Debug, Error)]
pub enum ReadError {
    /// Not JSON, or not of this form.
    #[error("this is not a report of `vmlab grade --report json`: {0}")]
    Format(#[from] serde_json::Error),
    /// Of another version of vmlab.
    #[error("this report has version {0}, and this vmlab reads version {VERSION}")]
    Version(u32),
}

/// Writes results.
pub(super) fn render(results: &Results) -> String {
    let written = Written {
        version: VERSION,
        score: results.score(),
        points: results.points(),
        extra: results.extra(),
        passed: results.passed(),
        sets: results.sets(),
        results,
    };
    let json = serde_json::to_string_pretty(&written).expect("results are plain data");
    format!("{json}\n")
}

/// Reads results.
///
/// # Errors
/// [`ReadError`]
pub fn read(text: &str) -> Result<Results, ReadError> {
    let read: Read = serde_json::from_str(text)?;
    if read.version == VERSION {
        Ok(read.results)
    } else {
        Err(ReadError::Version(read.version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::all_kinds;

    #[test]
    fn what_is_written_can_be_read() {
        let results = all_kinds();
        assert_eq!(read(&render(&results)).unwrap(), results);
    }

    #[test]
    fn the_documented_fields_are_there() {
        let json: serde_json::Value = serde_json::from_str(&render(&all_kinds())).unwrap();
        assert_eq!(json["version"], 1);
        assert_eq!(json["passed"], 2);
        assert_eq!(json["all_tests"], 7);
        assert_eq!(json["extra"]["max"], 6);
        assert_eq!(json["sets"][0]["weight"], 50);
        assert_eq!(json["tests"][0]["verdict"]["is"], "passed");
        let failed = &json["tests"][1];
        assert_eq!(failed["verdict"]["is"], "failed");
        assert_eq!(failed["verdict"]["why"][0]["about"], "console");
        assert_eq!(failed["share"]["weighted"]["weight"], 50);
        assert_eq!(json["tests"][3]["share"], "extra");
        let lab = include_str!("../../../docs/lab.md");
        for fields in [&json, failed] {
            for name in fields.as_object().unwrap().keys() {
                assert!(
                    lab.contains(&format!("| `{name}` |")),
                    "{name} is not documented"
                );
            }
        }
    }

    #[test]
    fn what_is_no_report_is_refused() {
        assert!(read("{}").is_err());
        let other = render(&all_kinds()).replacen("\"version\": 1", "\"version\": 2", 1);
        assert!(matches!(read(&other), Err(ReadError::Version(2))));
    }
}
