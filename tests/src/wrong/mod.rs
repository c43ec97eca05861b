//! Wrong kernels: mistakes as students make them, each with the bundled test that shows it, to see what is
//! said about it.
//!
//! `wrong-kernels.toml` has them as data. They are built as breaks are: all in one copy of the sources, of
//! which a number says which one is on ([`class::breaks::schemata`]). `verdict` runs the test with one of
//! them, `document` writes what came of all for students.
//!
//! # Invariants
//!
//! Of those from [`bundled`]: names are unique, each one's place is in its file exactly
//! once, and its test is there.

pub mod document;
pub mod verdict;

use std::collections::BTreeSet;

use class::breaks::edit::Edit;
use serde::Deserialize;

use crate::bundled_tests;
use testkit::root;

/// A wrong kernel.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrongKernel {
    /// Its name.
    pub name: String,
    /// The mistake, in words that give no line of a solution away.
    pub mistake: String,
    /// The bundled test that shows it, SUITE/NAME.
    pub test: String,
    /// See [`Edit`].
    pub file: String,
    /// See [`Edit`].
    pub find: String,
    /// See [`Edit`].
    pub replace: String,
    /// See [`Edit`].
    pub within: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "kernel")]
    kernels: Vec<WrongKernel>,
}

impl WrongKernel {
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

/// All wrong kernels.
///
/// # Errors
/// Which of them is wrong in another way than it should be.
pub fn bundled() -> Result<Vec<WrongKernel>, String> {
    let File { kernels } = toml::from_str(include_str!("../../wrong-kernels.toml"))
        .map_err(|error| format!("wrong-kernels.toml: {error}"))?;
    let tests = bundled_tests().into_iter();
    let tests: BTreeSet<String> = tests
        .map(|(suite, test)| format!("{suite}/{}", test.name))
        .collect();
    let mut names = BTreeSet::new();
    for kernel in &kernels {
        if !names.insert(&kernel.name) {
            return Err(format!("two wrong kernels are called {}", kernel.name));
        }
        if !tests.contains(&kernel.test) {
            return Err(format!("{}: there is no test {}", kernel.name, kernel.test));
        }
        let fits = kernel.edit().check(&root());
        fits.map_err(|error| error.to_string())?;
    }
    Ok(kernels)
}
