//! The rubric: the weights of sets of tests in the score.
//!
//! # Invariants
//!
//! A test belongs to at most one set; the weights are percentages and add up to 100.

use std::path::Path;

use glob::Pattern;
use serde::{Deserialize, Deserializer, Serialize, de};
use thiserror::Error;

/// The bundled rubric.
const BUNDLED: &str = include_str!("../rubric.toml");

/// Sets of tests with their weights.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rubric {
    set: Vec<Set>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    title: String,
    weight: u32,
    tests: Vec<Glob>,
}

#[derive(Clone, Debug)]
struct Glob(Pattern);

impl<'de> Deserialize<'de> for Glob {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Glob, D::Error> {
        let text = String::deserialize(from)?;
        Pattern::new(&text)
            .map(Glob)
            .map_err(|error| de::Error::custom(format!("'{text}': {error}")))
    }
}

/// The set that the points of a test count for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Share {
    /// A set of the rubric.
    Weighted {
        /// Its title.
        set: String,
        /// Per cent of the whole.
        weight: u32,
    },
    /// Nothing but extra points.
    Extra,
}

/// Why a file is not a rubric.
#[derive(Debug, Error)]
pub enum RubricError {
    /// It cannot be read.
    #[error("cannot read the rubric: {0}")]
    Unreadable(#[from] std::io::Error),
    /// It is not TOML, or has an unknown key or a bad pattern.
    #[error("{file}: {message}")]
    Format {
        /// The file.
        file: String,
        /// Where and what, over several lines.
        message: String,
    },
    /// The weights do not add up to 100.
    #[error("{file}: the weights add up to {sum}, not to 100")]
    Sum {
        /// The file.
        file: String,
        /// Their sum.
        sum: u64,
    },
}

impl Rubric {
    /// Returns the bundled rubric.
    ///
    /// # Errors
    /// [`RubricError`] says what is wrong with it.
    pub fn bundled() -> Result<Rubric, RubricError> {
        Rubric::parse("rubric.toml", BUNDLED)
    }

    /// Reads a rubric from a file.
    ///
    /// # Errors
    /// [`RubricError`] says what is wrong with it.
    pub fn read(path: &Path) -> Result<Rubric, RubricError> {
        Rubric::parse(
            &path.display().to_string(),
            &host::host_file::read_text(path)?,
        )
    }

    fn parse(file: &str, text: &str) -> Result<Rubric, RubricError> {
        let rubric: Rubric = toml::from_str(text).map_err(|error| RubricError::Format {
            file: file.to_owned(),
            message: error.to_string().trim_end().to_owned(),
        })?;
        let sum = rubric.set.iter().map(|set| u64::from(set.weight)).sum();
        if sum != 100 {
            let file = file.to_owned();
            return Err(RubricError::Sum { file, sum });
        }
        Ok(rubric)
    }

    /// Returns the set that a test counts for.
    #[must_use]
    pub fn share(&self, suite: &str, test: &str) -> Share {
        let name = format!("{suite}/{test}");
        let matches = |set: &&Set| set.tests.iter().any(|glob| glob.0.matches(&name));
        match self.set.iter().find(matches) {
            Some(set) => Share::Weighted {
                set: set.title.clone(),
                weight: set.weight,
            },
            None => Share::Extra,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_one_is_a_rubric() {
        Rubric::bundled().unwrap();
    }

    #[test]
    fn a_test_belongs_to_the_first_set_that_has_it_or_to_none() {
        let text = "[[set]]\ntitle = 'A'\nweight = 30\ntests = ['vm/bad-*']\n\
                    [[set]]\ntitle = 'B'\nweight = 70\ntests = ['vm/*']\n";
        let rubric = Rubric::parse("r.toml", text).unwrap();
        let weight = |suite, test| match rubric.share(suite, test) {
            Share::Weighted { weight, .. } => Some(weight),
            Share::Extra => None,
        };
        assert_eq!(weight("vm", "bad-pointer"), Some(30));
        assert_eq!(weight("vm", "page-linear"), Some(70));
        assert_eq!(weight("mine", "page-linear"), None);
    }

    #[test]
    fn weights_are_the_whole() {
        let text = "[[set]]\ntitle = 'A'\nweight = 60\ntests = ['a/*']\n";
        let error = Rubric::parse("r.toml", text).unwrap_err().to_string();
        assert_eq!(error, "r.toml: the weights add up to 60, not to 100");
    }

    #[test]
    fn a_bad_pattern_is_an_error_that_says_where() {
        let text = "[[set]]\ntitle = 'A'\nweight = 100\ntests = ['a[']\n";
        let error = Rubric::parse("r.toml", text).unwrap_err().to_string();
        assert!(error.contains("line 4") && error.contains("a["), "{error}");
    }
}
