//! `Cargo.lock` for fewer members of the workspace.
//!
//! # Invariants
//! Versions do not change. The rest is written as cargo writes it, so that cargo finds nothing to
//! change with `--locked`: unused packages are removed, and if only one version of a package is
//! left, it is named without its version.

use std::collections::BTreeSet;

use serde::Deserialize;
use thiserror::Error;

/// The first line of each package.
const START: &str = "[[package]]\n";

/// The text is not a lock file, or lacks something.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("Cargo.lock: {0}")]
pub struct LockError(String);

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    source: Option<String>,
    #[serde(default)]
    dependencies: Vec<String>,
}

impl Package {
    /// Whether a dependency's text (`NAME`, `NAME VERSION` or `NAME VERSION (SOURCE)`) means it.
    fn is_meant(&self, dependency: &str) -> bool {
        let mut words = dependency.split(' ');
        words.next() == Some(&self.name) && words.next().is_none_or(|word| word == self.version)
    }
}

/// The text of the lock file for a workspace that has only these packages of our own.
///
/// # Errors
/// The text is not a lock file, or lacks a package.
pub fn reduced(text: &str, members: &BTreeSet<String>) -> Result<String, LockError> {
    let mut blocks = text.split(START);
    let head = blocks.next().unwrap_or_default();
    let blocks: Vec<&str> = blocks.collect();
    let packages = blocks
        .iter()
        .map(|block| toml::from_str(block).map_err(|error| LockError(error.to_string())))
        .collect::<Result<Vec<Package>, _>>()?;
    let kept = used(&packages, members)?;
    let unique = unique_names(&packages, &kept);
    let mut new = head.to_owned();
    for &index in &kept {
        new += START;
        for line in blocks[index].split_inclusive('\n') {
            new += &renamed(line, &unique);
        }
    }
    // The last block has no empty line after it.
    new.truncate(new.trim_end().len());
    new.push('\n');
    Ok(new)
}

/// The packages that the members need, themselves among them.
fn used(packages: &[Package], members: &BTreeSet<String>) -> Result<BTreeSet<usize>, LockError> {
    let mut waiting = Vec::new();
    for name in members {
        let is_it = |package: &Package| package.source.is_none() && package.name == *name;
        let found = packages.iter().position(is_it);
        waiting.push(found.ok_or_else(|| LockError(format!("there is no package {name}")))?);
    }
    let mut used = BTreeSet::new();
    while let Some(index) = waiting.pop() {
        if used.insert(index) {
            for dependency in &packages[index].dependencies {
                let found = packages.iter().position(|one| one.is_meant(dependency));
                waiting
                    .push(found.ok_or_else(|| LockError(format!("no package is {dependency}")))?);
            }
        }
    }
    Ok(used)
}

/// Returns the names of which only one package is left.
fn unique_names<'a>(packages: &'a [Package], kept: &BTreeSet<usize>) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut twice = BTreeSet::new();
    for &index in kept {
        let name = packages[index].name.as_str();
        if !seen.insert(name) {
            twice.insert(name);
        }
    }
    seen.difference(&twice).copied().collect()
}

/// A line, without the version of a dependency that needs none any more.
fn renamed(line: &str, unique: &BTreeSet<&str>) -> String {
    let dependency = line
        .strip_prefix(" \"")
        .and_then(|rest| rest.strip_suffix("\",\n"));
    match dependency.and_then(|text| text.split_once(' ')) {
        Some((name, _)) if unique.contains(name) => format!(" \"{name}\",\n"),
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toy;

    fn lock() -> String {
        toy::files()["Cargo.lock"].text().unwrap().to_owned()
    }

    fn names(list: &[&str]) -> BTreeSet<String> {
        list.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn nothing_changes_while_all_members_are_there() {
        let all = names(&["vm", "userprog", "secret"]);
        assert_eq!(reduced(&lock(), &all).unwrap(), lock());
    }

    #[test]
    fn what_only_others_needed_is_gone_and_a_single_version_is_not_named() {
        let expected = r#"version = 4

[[package]]
name = "log"
version = "1.0.0"
source = "registry+x"

[[package]]
name = "userprog"
version = "0.1.0"
dependencies = [
 "vm",
]

[[package]]
name = "vm"
version = "0.1.0"
dependencies = [
 "log",
]
"#;
        assert_eq!(
            reduced(&lock(), &names(&["vm", "userprog"])).unwrap(),
            expected
        );
    }

    #[test]
    fn a_member_that_is_not_locked_is_an_error() {
        let error = reduced(&lock(), &names(&["new"])).unwrap_err().to_string();
        assert_eq!(error, "Cargo.lock: there is no package new");
    }
}
