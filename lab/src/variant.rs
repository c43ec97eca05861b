//! Variants of the lab: small changes of the task, so that the solution of another year does not pass.
//!
//! A variant is a file of [`FOLDER`]. It changes the tree with its solutions, so that the changed tree
//! is one that can be graded, handed out and taught like any other.
//!
//! # Invariants
//! - What an edit looks for is in its file exactly once, an identifier to be renamed is somewhere, and
//!   a file to be added is not there yet. Otherwise nothing is changed.
//! - The same variants of the same tree, in whatever order they are named, are the same files.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::tree::{File, Files};

/// Where variants are, from the root of the tree; no hand-out has them.
pub const FOLDER: &str = "lab/variants/";

/// The name of a variant: that of its file, without the ending.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct VariantName(String);

/// A text cannot be the name of a variant.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("'{0}' is no name of a variant: those have small letters, digits and '-'")]
pub struct BadName(String);

impl FromStr for VariantName {
    type Err = BadName;

    fn from_str(text: &str) -> Result<VariantName, BadName> {
        let is_good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        match !text.is_empty() && text.chars().all(is_good) {
            true => Ok(VariantName(text.to_owned())),
            false => Err(BadName(text.to_owned())),
        }
    }
}

impl TryFrom<String> for VariantName {
    type Error = BadName;

    fn try_from(text: String) -> Result<VariantName, BadName> {
        text.parse()
    }
}

impl fmt::Display for VariantName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a variant changes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// What is different for a student, in a sentence.
    pub says: String,
    /// Texts to be replaced.
    #[serde(default, rename = "edit")]
    edits: Vec<Edit>,
    /// Identifiers to be renamed.
    #[serde(default, rename = "rename")]
    renames: Vec<Rename>,
    /// Files that are new.
    #[serde(default, rename = "add")]
    additions: Vec<Addition>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    file: String,
    find: String,
    replace: String,
}

/// An identifier that gets another name in all files of text below a folder.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rename {
    below: Vec<String>,
    from: String,
    to: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Addition {
    file: String,
    text: String,
}

/// Why a tree has no such variant.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum VariantError {
    /// There is no file for it.
    #[error("there is no variant {name}; {}", known(.there))]
    Unknown {
        /// What was asked for.
        name: VariantName,
        /// Those that there are.
        there: Vec<VariantName>,
    },
    /// Its file is not as it should be.
    #[error("{}: {problem}", path(.name))]
    Wrong {
        /// Which.
        name: VariantName,
        /// What is wrong.
        problem: String,
    },
}

fn known(there: &[VariantName]) -> String {
    match there {
        [] => format!("{FOLDER} has none"),
        some => {
            let names: Vec<String> = some.iter().map(ToString::to_string).collect();
            format!("{FOLDER} has {}", names.join(", "))
        }
    }
}

fn path(name: &VariantName) -> String {
    format!("{FOLDER}{name}.toml")
}

/// All variants of a tree, by their names.
///
/// # Errors
/// [`VariantError::Wrong`] for a file that is no variant.
pub fn all(files: &Files) -> Result<BTreeMap<VariantName, Variant>, VariantError> {
    let with_text = |name: VariantName| Ok((name.clone(), read(files, &name)?));
    names(files).into_iter().map(with_text).collect()
}

/// A variant of a tree.
fn read(files: &Files, name: &VariantName) -> Result<Variant, VariantError> {
    let text = files.get(&path(name)).and_then(File::text);
    let text = text.ok_or_else(|| VariantError::Unknown {
        name: name.clone(),
        there: names(files),
    })?;
    toml::from_str(text).map_err(|error| VariantError::Wrong {
        name: name.clone(),
        problem: error.to_string().trim_end().to_owned(),
    })
}

fn names(files: &Files) -> Vec<VariantName> {
    let paths = files.keys().filter_map(|path| path.strip_prefix(FOLDER));
    let stems = paths.filter_map(|path| path.strip_suffix(".toml"));
    stems.filter_map(|stem| stem.parse().ok()).collect()
}

/// Changes a tree into these variants of it.
///
/// # Errors
/// [`VariantError`].
pub fn apply(files: &Files, names: &[VariantName]) -> Result<Files, VariantError> {
    let mut ordered: Vec<&VariantName> = names.iter().collect();
    ordered.sort();
    ordered.dedup();
    let mut changed = files.clone();
    for name in ordered {
        let variant = read(files, name)?;
        variant
            .change(&mut changed)
            .map_err(|problem| VariantError::Wrong {
                name: name.clone(),
                problem,
            })?;
    }
    Ok(changed)
}

impl Variant {
    /// Changes a tree, or says why it cannot.
    fn change(&self, files: &mut Files) -> Result<(), String> {
        for edit in &self.edits {
            edit.make(files)?;
        }
        // After the edits, whose texts are in the names of the tree that they were written for.
        for rename in &self.renames {
            rename.make(files)?;
        }
        for Addition { file, text } in &self.additions {
            let old = files.insert(file.clone(), File::plain(text.clone()));
            if old.is_some() {
                return Err(format!("{file} is there already"));
            }
        }
        Ok(())
    }
}

impl Edit {
    fn make(&self, files: &mut Files) -> Result<(), String> {
        let file = files.get_mut(&self.file);
        let file = file.ok_or_else(|| format!("there is no file {}", self.file))?;
        let text = file.text().unwrap_or_default();
        match text.matches(&self.find).count() {
            1 => {
                file.bytes = text.replace(&self.find, &self.replace).into_bytes();
                Ok(())
            }
            count => Err(format!(
                "in {} this stands {count} times, not once: {}",
                self.file,
                self.find.trim().lines().next().unwrap_or_default()
            )),
        }
    }
}

impl Rename {
    fn make(&self, files: &mut Files) -> Result<(), String> {
        let mut found = false;
        for (path, file) in files.iter_mut() {
            let is_meant = self.below.iter().any(|folder| path.starts_with(folder));
            let Some(text) = file.text().filter(|_| is_meant) else {
                continue;
            };
            if let Some(renamed) = renamed(text, &self.from, &self.to) {
                file.bytes = renamed.into_bytes();
                found = true;
            }
        }
        match found {
            true => Ok(()),
            false => Err(format!(
                "{} is nowhere below {}",
                self.from,
                self.below.join(", ")
            )),
        }
    }
}

/// A text in which an identifier has another name; None if it is not in there.
fn renamed(text: &str, from: &str, to: &str) -> Option<String> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut new = String::with_capacity(text.len());
    let mut copied = 0;
    for (start, _) in text.match_indices(from) {
        let end = start + from.len();
        let is_part = text[..start].ends_with(is_word) || text[end..].starts_with(is_word);
        if !is_part {
            new += &text[copied..start];
            new += to;
            copied = end;
        }
    }
    new += &text[copied..];
    (copied > 0).then_some(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VARIANT: &str = r#"
says = "The hand goes the other way."

[[edit]]
file = "vm/src/hand.rs"
find = "hand + 1"
replace = "hand - 1"

[[rename]]
below = ["vm/src/", "docs/"]
from = "victim"
to = "prey"

[[add]]
file = "suite.toml"
text = "new"
"#;

    fn tree(variant: &str) -> Files {
        let files = [
            (
                "vm/src/hand.rs",
                "fn victim() { hand + 1; find_victim(); victim }",
            ),
            ("docs/lab.md", "The `victim`."),
            ("README.md", "A victim."),
            ("lab/variants/back.toml", variant),
        ];
        let plain = |(path, text): (&str, &str)| (path.to_owned(), File::plain(text.to_owned()));
        files.into_iter().map(plain).collect()
    }

    fn applied(variant: &str) -> Result<Files, String> {
        apply(&tree(variant), &["back".parse().unwrap()]).map_err(|error| error.to_string())
    }

    #[test]
    fn a_variant_edits_renames_whole_words_and_adds_files() {
        let files = applied(VARIANT).unwrap();
        let text = |path: &str| files[path].text().unwrap();
        assert_eq!(
            text("vm/src/hand.rs"),
            "fn prey() { hand - 1; find_victim(); prey }"
        );
        assert_eq!(text("docs/lab.md"), "The `prey`.");
        assert_eq!(text("README.md"), "A victim.");
        assert_eq!(text("suite.toml"), "new");
    }

    #[test]
    fn a_variant_that_the_tree_has_outgrown_says_where() {
        let with = |from: &str, to: &str| applied(&VARIANT.replace(from, to)).unwrap_err();
        assert_eq!(
            with("find = \"hand + 1\"", "find = \"hand + 2\""),
            "lab/variants/back.toml: in vm/src/hand.rs this stands 0 times, not once: hand + 2"
        );
        assert_eq!(
            with("from = \"victim\"", "from = \"vic\""),
            "lab/variants/back.toml: vic is nowhere below vm/src/, docs/"
        );
        assert_eq!(
            with("suite.toml", "README.md"),
            "lab/variants/back.toml: README.md is there already"
        );
        assert!(with("says", "syas").contains("unknown field `syas`"));
    }

    #[test]
    fn an_unknown_variant_is_told_with_those_there_are() {
        let error = apply(&tree(VARIANT), &["forth".parse().unwrap()]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no variant forth; lab/variants/ has back"
        );
        assert!("../x".parse::<VariantName>().is_err());
    }

    #[test]
    fn a_variant_named_twice_is_applied_once() {
        let name: VariantName = "back".parse().unwrap();
        let twice = apply(&tree(VARIANT), &[name.clone(), name.clone()]).unwrap();
        assert_eq!(twice, apply(&tree(VARIANT), &[name]).unwrap());
    }
}
