//! Breaks of the kernel: slips of one expression, each of which a good test notices.
//!
//! `breaks.toml` has them as data; what each does to the sources is an [`edit`]. To try them,
//! [`schemata`] makes a copy of the sources in which each place has both what is right and what is
//! broken, and a number from the environment says which is run: so one build has all of them.
//!
//! # Invariants
//!
//! Of [`Break`]s that were read: names are unique, each one's place is in its file exactly once, and
//! each that a program can notice has a sentence for students whose tests do not.

pub mod edit;
mod files;
pub mod schemata;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fmt, io};

use lab::ids::Milestone;
use serde::Deserialize;
use thiserror::Error;

use edit::{Edit, EditError};

/// Where the breaks are, from the root of the tree.
pub const PATH: &str = "class/breaks.toml";

/// A break.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Break {
    /// Its name.
    pub name: String,
    /// The part of the kernel that it breaks.
    pub part: String,
    /// The file, from the root of the workspace.
    pub file: String,
    /// The expression that is replaced.
    pub find: String,
    /// What is put in its place, of the same type.
    pub replace: String,
    /// A longer text with the expression, where that alone is not unique.
    pub within: Option<String>,
    /// What is wrong then.
    pub says: String,
    /// The milestone in whose code it is; none if the code is given.
    pub milestone: Option<Milestone>,
    /// What a student is told whose tests do not notice it.
    pub hint: Option<String>,
    /// Whether it is not on the list that students get.
    #[serde(default)]
    pub hidden: bool,
    /// Whether it is one of the few that the note on what tests catch shows in full.
    #[serde(default)]
    pub shown: bool,
    /// The test of the code that catches it, and that alone is tried, if no program can notice it.
    pub caught_by: Option<CodeTest>,
}

/// A test in Rust.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeTest {
    /// The package that it is in.
    pub package: String,
    /// The file or folder in the package's `tests`; none for one beside the code.
    pub file: Option<String>,
    /// Its name in there, with modules.
    pub name: String,
}

impl fmt::Display for CodeTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "{}/tests/{file}: {}", self.package, self.name),
            None => write!(f, "{}: {}", self.package, self.name),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "break")]
    breaks: Vec<Break>,
}

/// Which break is wrong, and how.
#[derive(Debug, Error)]
pub enum BreaksError {
    /// There is no file of them.
    #[error("{}: {error}", path.display())]
    Unreadable {
        /// Where it was looked for.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The file is not of the expected form.
    #[error("{PATH}: {0}")]
    Form(#[from] toml::de::Error),
    /// Two have this name.
    #[error("{PATH}: two breaks are called {0}")]
    Twice(String),
    /// The one of this name says nothing to students.
    #[error("{PATH}: {0} has no hint for students")]
    NoHint(String),
    /// One does not fit the sources.
    #[error(transparent)]
    Edit(#[from] EditError),
}

/// Reads the breaks of the tree with this root.
///
/// # Errors
/// Which of them is wrong, and how.
pub fn read(root: &Path) -> Result<Vec<Break>, BreaksError> {
    let path = root.join(PATH);
    let read = std::fs::read_to_string(&path);
    let text = read.map_err(|error| BreaksError::Unreadable { path, error })?;
    let breaks = parse(&text)?;
    for one in &breaks {
        one.edit().check(root)?;
    }
    Ok(breaks)
}

/// Reads a file of breaks, without a look at the sources.
fn parse(text: &str) -> Result<Vec<Break>, BreaksError> {
    let File { breaks } = toml::from_str(text)?;
    let mut names = BTreeSet::new();
    for one in &breaks {
        if !names.insert(&one.name) {
            return Err(BreaksError::Twice(one.name.clone()));
        }
        if one.hint.is_none() && one.caught_by.is_none() {
            return Err(BreaksError::NoHint(one.name.clone()));
        }
    }
    Ok(breaks)
}

impl Break {
    /// What it does to the sources.
    #[must_use]
    pub fn edit(&self) -> Edit {
        Edit {
            name: self.name.clone(),
            file: self.file.clone(),
            find: self.find.clone(),
            replace: self.replace.clone(),
            within: self.within.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = r#"
[[break]]
name = "a"
part = "swap"
file = "x.rs"
find = "f()"
replace = "g()"
says = "f is g"
"#;

    #[test]
    fn a_break_that_programs_notice_needs_a_sentence_for_students() {
        assert!(matches!(parse(ONE), Err(BreaksError::NoHint(name)) if name == "a"));
        let with_hint = format!("{ONE}hint = \"Look at f.\"\nmilestone = 4\n");
        assert_eq!(parse(&with_hint).unwrap().len(), 1);
        let of_code = format!("{ONE}caught_by = {{ package = \"vm\", name = \"t\" }}\n");
        assert_eq!(parse(&of_code).unwrap()[0].milestone, None);
    }

    #[test]
    fn two_breaks_of_one_name_are_refused() {
        let two = format!("{ONE}hint = \"x\"\n{ONE}hint = \"y\"\n");
        assert!(matches!(parse(&two), Err(BreaksError::Twice(name)) if name == "a"));
    }
}
