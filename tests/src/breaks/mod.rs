//! Breaks of the kernel: slips of one line, each of which a bundled test catches, or else a test of the
//! code itself.
//!
//! `breaks.toml` has them as data; what each does to the sources is an `edit`. To try them, `schemata`
//! makes a copy of the sources in which each place has both what is right and what is broken, and a number from the environment says
//! which is run: so one build tries all. `trial` runs the bundled tests with one break, `note`
//! writes what came of all of them.
//!
//! # Invariants
//!
//! Of [`Break`]s from [`bundled`]: names are unique, and each one's place is in
//! its file exactly once.

pub mod code_test;
pub mod edit;
pub mod note;
pub mod schemata;
pub mod trial;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use code_test::CodeTest;
use edit::Edit;

/// A break.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize)]
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
    /// Whether it is one of the few that the note shows in full.
    #[serde(default)]
    pub shown: bool,
    /// The test of the code that catches it, and that alone is tried, if no bundled one shows it.
    pub caught_by: Option<CodeTest>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "break")]
    breaks: Vec<Break>,
}

/// The root of the workspace.
pub fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().expect("a member of the workspace").to_owned()
}

/// All breaks.
///
/// # Errors
/// Which of them is wrong, and how.
pub fn bundled() -> Result<Vec<Break>, String> {
    let File { breaks } = toml::from_str(include_str!("../../breaks.toml"))
        .map_err(|error| format!("breaks.toml: {error}"))?;
    let mut names = BTreeSet::new();
    for one in &breaks {
        if !names.insert(&one.name) {
            return Err(format!("two breaks are called {}", one.name));
        }
        one.edit().check(&root())?;
    }
    Ok(breaks)
}

impl Break {
    /// What it does to the sources.
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
