//! The manifests of a hand-out: fewer members of the workspace, and a feature for the tests of each
//! milestone that is left to do.
//!
//! # Invariants
//! Everything else stays as it is, to the byte. A manifest that is not written in the expected form
//! is an error, and never changed in part.

use std::collections::BTreeMap;

use thiserror::Error;
use toml::{Table, Value};

use crate::course::Course;
use crate::ids::{Milestone, Unsolved};

/// A manifest does not have the expected form.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{file}: {problem}")]
pub struct ManifestError {
    file: String,
    problem: String,
}

fn error(file: &str, problem: impl ToString) -> ManifestError {
    ManifestError {
        file: file.to_owned(),
        problem: problem.to_string(),
    }
}

fn parse(file: &str, text: &str) -> Result<Table, ManifestError> {
    text.parse()
        .map_err(|wrong: toml::de::Error| error(file, wrong.to_string().trim_end()))
}

/// The name of a package.
///
/// # Errors
/// That the manifest has none.
pub fn package(file: &str, text: &str) -> Result<String, ManifestError> {
    let table = parse(file, text)?;
    let name = table.get("package").and_then(|package| package.get("name"));
    let name = name.and_then(Value::as_str);
    name.map(str::to_owned)
        .ok_or_else(|| error(file, "no name of a package"))
}

/// The members of a workspace.
///
/// # Errors
/// That the manifest has no list of them.
pub fn members(text: &str) -> Result<Vec<String>, ManifestError> {
    let table = parse("Cargo.toml", text)?;
    let members = table.get("workspace").and_then(|one| one.get("members"));
    let members = members.and_then(Value::as_array);
    let members = members.ok_or_else(|| error("Cargo.toml", "no members of a workspace"))?;
    let names = members.iter().map(|one| one.as_str().map(str::to_owned));
    names
        .collect::<Option<_>>()
        .ok_or_else(|| error("Cargo.toml", "a member that is no text"))
}

/// The manifest of a workspace with these members.
///
/// # Errors
/// That its list of members cannot be replaced.
pub fn with_members(text: &str, members: &[String]) -> Result<String, ManifestError> {
    const START: &str = "\nmembers = [";
    let not_found = || error("Cargo.toml", "no line begins with `members = [`");
    let start = text.find(START).ok_or_else(not_found)? + START.len();
    let length = text[start..].find(']').ok_or_else(not_found)?;
    let list: Vec<String> = members.iter().map(|one| quoted(one)).collect();
    let list = list.join(", ");
    let new = format!("{}{list}{}", &text[..start], &text[start + length..]);
    match self::members(&new)? {
        read if read == members => Ok(new),
        _ => Err(error(
            "Cargo.toml",
            "the list of members is not the first `members`",
        )),
    }
}

/// The manifest of crate `vm` with a feature for each milestone that is left to do, which the tests of
/// that milestone require.
///
/// # Errors
/// That it has features already.
pub fn with_milestones(
    text: &str,
    course: &Course,
    unsolved: &Unsolved,
) -> Result<String, ManifestError> {
    const FILE: &str = "vm/Cargo.toml";
    if parse(FILE, text)?.contains_key("features") {
        return Err(error(FILE, "there are features already"));
    }
    let left = course.milestones.iter();
    let left: Vec<_> = left.filter(|stage| unsolved.has(stage.number)).collect();
    if left.is_empty() {
        return Ok(text.to_owned());
    }
    let mut new = text.to_owned();
    let mut features =
        String::from("\n# The tests of a milestone are built with its feature.\n[features]\n");
    let mut required: BTreeMap<&str, Vec<Milestone>> = BTreeMap::new();
    for stage in left {
        let below = course.stands_on(stage, unsolved);
        let below = list_of(below.into_iter());
        features += &format!("{} = {below}\n", stage.number.feature());
        for name in &stage.kernel_tests {
            required.entry(name).or_default().push(stage.number);
        }
    }
    for (name, milestones) in required {
        require(&mut new, name, &list_of(milestones.into_iter()));
    }
    new += &features;
    parse(FILE, &new)?;
    Ok(new)
}

/// The manifest of crate `vm` without its examples. Text between two empty lines is one item.
///
/// # Errors
/// That an example is left even so.
pub fn without_examples(text: &str) -> Result<String, ManifestError> {
    let parts = text.trim_end().split("\n\n");
    let kept = parts.filter(|part| !part.lines().any(|line| line == "[[example]]"));
    let kept = kept.collect::<Vec<_>>().join("\n\n") + "\n";
    match parse("vm/Cargo.toml", &kept)?.contains_key("example") {
        false => Ok(kept),
        true => Err(error(
            "vm/Cargo.toml",
            "an example that is not a part of its own",
        )),
    }
}

/// Has a test or example require features: in its table if it has one, else in a new one.
fn require(text: &mut String, name: &str, features: &str) {
    let requirement = format!("required-features = {features}\n");
    let line = format!("]]\nname = {}\n", quoted(name));
    match text.find(&line) {
        Some(at) => text.insert_str(at + line.len(), &requirement),
        None => {
            let name = quoted(name);
            *text += &format!("\n[[test]]\nname = {name}\n{requirement}");
        }
    }
}

fn list_of(milestones: impl Iterator<Item = Milestone>) -> String {
    let names: Vec<String> = milestones.map(|one| quoted(&one.feature())).collect();
    format!("[{}]", names.join(", "))
}

/// Returns a text as a TOML string.
#[must_use]
pub fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toy;

    const VM: &str = "[package]\nname = \"vm\"\n\n[[example]]\nname = \"show\"\ntest = true\n";

    #[test]
    fn the_tests_of_a_milestone_require_its_feature() {
        let text = with_milestones(VM, &toy::course(), &toy::from("1")).unwrap();
        let expected = r#"[package]
name = "vm"

[[example]]
name = "show"
required-features = ["milestone-2"]
test = true

[[test]]
name = "swapping"
required-features = ["milestone-2"]

# The tests of a milestone are built with its feature.
[features]
milestone-1 = []
milestone-2 = ["milestone-1"]
milestone-3 = ["milestone-1", "milestone-2"]
"#;
        assert_eq!(text, expected);
    }

    #[test]
    fn tests_of_solved_milestones_require_nothing() {
        let text = with_milestones(VM, &toy::course(), &toy::from("3")).unwrap();
        assert!(
            !text.contains("required") && text.ends_with("milestone-3 = []\n"),
            "{text}"
        );
        let none = with_milestones(VM, &toy::course(), &Unsolved::default()).unwrap();
        assert_eq!(none, VM);
    }

    #[test]
    fn examples_go_with_what_is_said_of_them() {
        let text = without_examples(&format!("{VM}\n# Another.\n[[example]]\nname = \"b\"\n"));
        assert_eq!(text.unwrap(), "[package]\nname = \"vm\"\n");
        let error = without_examples("example = []\n").unwrap_err().to_string();
        assert_eq!(
            error,
            "vm/Cargo.toml: an example that is not a part of its own"
        );
    }

    #[test]
    fn only_the_list_of_members_changes() {
        let text = "[workspace]\nmembers = [\n    \"a\",\n    \"b\",\n]\nexclude = [\"c\"]\n";
        assert_eq!(members(text).unwrap(), ["a", "b"]);
        let expected = "[workspace]\nmembers = [\"b\"]\nexclude = [\"c\"]\n";
        assert_eq!(with_members(text, &["b".into()]).unwrap(), expected);
    }

    #[test]
    fn a_manifest_of_another_make_is_refused() {
        let message = |result: Result<String, ManifestError>| result.unwrap_err().to_string();
        let features = format!("{VM}\n[features]\n");
        assert_eq!(
            message(with_milestones(&features, &toy::course(), &toy::from("1"))),
            "vm/Cargo.toml: there are features already"
        );
        assert_eq!(
            message(with_members("[workspace]\nmembers=[]\n", &[])),
            "Cargo.toml: no line begins with `members = [`"
        );
        assert_eq!(
            message(package("a/Cargo.toml", "[workspace]\n")),
            "a/Cargo.toml: no name of a package"
        );
    }
}
