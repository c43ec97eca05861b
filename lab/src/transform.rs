//! Makes the text that a file has in a hand-out.
//!
//! # Invariants
//! Of a milestone that is left to do no solution line is in the text; no text has a mark.

use crate::ids::Unsolved;
use crate::regions::{Part, TaskPart, example};

/// How a crate names the function that replaces unwritten code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Home {
    /// Crate `vm`, whose own it is.
    Vm,
    /// A crate that imports `vm`.
    Above,
}

impl Home {
    /// That of a file.
    #[must_use]
    pub fn of(path: &str) -> Home {
        if path.starts_with("vm/src/") {
            Home::Vm
        } else {
            Home::Above
        }
    }

    fn not_yet(self) -> &'static str {
        match self {
            Home::Vm => "crate::lab::not_yet",
            Home::Above => "vm::lab::not_yet",
        }
    }
}

/// The text that a file has in a hand-out.
///
/// # Examples
///
/// ```
/// use lab::ids::Unsolved;
/// use lab::regions::parts;
/// use lab::transform::{Home, text};
///
/// let source = "\
/// fn three() -> u32 {
///     // lab 4.1: say what comes after two
///     2 + 1
///     // lab end
/// }
/// ";
/// let parts = parts("vm/src/three.rs", source)?;
/// let left = text(&parts, Home::Vm, &Unsolved(["4".parse()?].into()));
/// assert!(left.contains(r#"crate::lab::not_yet("4.1: say what comes after two")"#));
/// let solved = text(&parts, Home::Vm, &Unsolved::default());
/// assert_eq!(solved, "fn three() -> u32 {\n    2 + 1\n}\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn text(parts: &[Part], home: Home, unsolved: &Unsolved) -> String {
    let mut lines: Vec<String> = Vec::new();
    // Something was just removed: leave no two blank lines in its place.
    let mut gap = false;
    for (index, part) in parts.iter().enumerate() {
        let put = match part {
            Part::Plain(plain) => plain.clone(),
            Part::Task(task) if unsolved.has(task.id.milestone) => {
                stand_in(task, home, parts.get(index + 1))
            }
            Part::Task(TaskPart { solution, .. }) => solution.clone(),
            Part::Only { milestone, .. } if unsolved.has(*milestone) => Vec::new(),
            Part::Only { solution, .. } => solution.clone(),
            Part::Tests {
                milestone,
                attribute,
            } if unsolved.has(*milestone) => gated(attribute, &milestone.feature()),
            Part::Tests { attribute, .. } => vec![attribute.clone()],
            Part::Example { milestone, indent } if unsolved.has(*milestone) => {
                example_to_come(indent, &milestone.feature())
            }
            Part::Example { indent, .. } => vec![example(indent)],
        };
        if put.is_empty() {
            gap = true;
            continue;
        }
        let skipped = match gap {
            true => close_gap(&mut lines, &put),
            false => 0,
        };
        lines.extend(put.into_iter().skip(skipped));
        gap = false;
    }
    lines.iter().flat_map(|line| [line, "\n"]).collect()
}

/// Removes a superfluous blank line before `next`, and returns the number of lines of `next` to skip.
fn close_gap(lines: &mut Vec<String>, next: &[String]) -> usize {
    let after_blank = lines
        .last()
        .is_none_or(|line| is_blank(line) || line.ends_with('{'));
    if after_blank && is_blank(&next[0]) {
        return 1;
    }
    if closes(&next[0]) && lines.last().is_some_and(|line| is_blank(line)) {
        lines.pop();
    }
    0
}

/// Returns what replaces a solution; `next` is what follows it.
fn stand_in(task: &TaskPart, home: Home, next: Option<&Part>) -> Vec<String> {
    let TaskPart {
        id, title, indent, ..
    } = task;
    if let Some(given) = &task.given {
        let indented = given.iter().map(|line| match line.is_empty() {
            true => String::new(),
            false => format!("{indent}{line}"),
        });
        return indented.collect();
    }
    // As the value of its block it has no semicolon, like any other.
    let end = match is_last_of_block(next) {
        true => "",
        false => ";",
    };
    let call = home.not_yet();
    vec![format!("{indent}{call}(\"{id}: {}\"){end}", escaped(title))]
}

fn is_last_of_block(next: Option<&Part>) -> bool {
    let Some(Part::Plain(lines)) = next else {
        return false;
    };
    lines
        .iter()
        .find(|line| !is_blank(line))
        .is_some_and(|line| closes(line))
}

/// The attribute of tests that are built for a milestone only.
fn gated(attribute: &str, feature: &str) -> Vec<String> {
    let indent = &attribute[..attribute.len() - attribute.trim_start().len()];
    match attribute.trim() {
        "#[cfg(test)]" => {
            vec![format!(
                "{indent}#[cfg(all(test, feature = \"{feature}\"))]"
            )]
        }
        _ => vec![
            format!("{indent}#[cfg(feature = \"{feature}\")]"),
            attribute.to_owned(),
        ],
    }
}

/// The beginning of an example that is run for a milestone only, and to be read before.
fn example_to_come(indent: &str, feature: &str) -> Vec<String> {
    let with = format!("feature = \"{feature}\"");
    vec![
        format!("{indent}#[cfg_attr({with}, doc = \"```\")]"),
        format!("{indent}#[cfg_attr(not({with}), doc = \"```ignore\")]"),
    ]
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

fn closes(line: &str) -> bool {
    line.trim_start().starts_with('}')
}

/// A title within a string of Rust.
fn escaped(title: &str) -> String {
    title.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regions::parts;

    fn transformed(lines: &[&str], unsolved: &[&str]) -> Vec<String> {
        let unsolved = Unsolved(unsolved.iter().map(|one| one.parse().unwrap()).collect());
        let parts = parts("a.rs", &lines.join("\n")).unwrap();
        let text = text(&parts, Home::Vm, &unsolved);
        text.lines().map(str::to_owned).collect()
    }

    const TASK: [&str; 6] = [
        "fn a() -> u32 {",
        "    // lab 4.3: say \"done\"",
        "    let x = 1;",
        "    x + 1",
        "    // lab end",
        "}",
    ];

    #[test]
    fn a_solution_is_there_where_its_milestone_is_solved() {
        let expected = ["fn a() -> u32 {", "    let x = 1;", "    x + 1", "}"];
        assert_eq!(transformed(&TASK, &["3", "5"]), expected);
    }

    #[test]
    fn a_task_that_is_left_is_one_call() {
        let call = "    crate::lab::not_yet(\"4.3: say \\\"done\\\"\")";
        assert_eq!(transformed(&TASK, &["4"]), ["fn a() -> u32 {", call, "}"]);
    }

    #[test]
    fn before_more_statements_the_call_is_a_statement() {
        let lines = [
            "{",
            "    // lab 1.1: x",
            "    a();",
            "    // lab end",
            "    b();",
            "}",
        ];
        let call = "    crate::lab::not_yet(\"1.1: x\");";
        assert_eq!(transformed(&lines, &["1"]), ["{", call, "    b();", "}"]);
    }

    #[test]
    fn a_crate_above_names_the_crate() {
        let parts = parts("userprog/src/a.rs", &TASK.join("\n")).unwrap();
        let unsolved = Unsolved(["4".parse().unwrap()].into());
        let text = text(&parts, Home::of("userprog/src/a.rs"), &unsolved);
        assert!(text.contains("    vm::lab::not_yet(\"4.3"), "{text}");
    }

    #[test]
    fn a_given_body_stands_where_the_mark_stood() {
        let lines = [
            "{",
            "    // lab 1.1: x",
            "    a();",
            "    // lab given",
            "    // | // Until 1.1: b.",
            "    // | if b() {",
            "    // |     c();",
            "    // |",
            "    // | }",
            "    // lab end",
            "}",
        ];
        let until = "    // Until 1.1: b.";
        let expected = ["{", until, "    if b() {", "        c();", "", "    }", "}"];
        assert_eq!(transformed(&lines, &["1"]), expected);
        assert_eq!(transformed(&lines, &[]), ["{", "    a();", "}"]);
    }

    #[test]
    fn what_vanishes_leaves_no_gap() {
        let only = ["// lab 1 only", "x", "// lab end"];
        let between = [&["a", ""], &only[..], &["", "b"]].concat();
        assert_eq!(transformed(&between, &["1"]), ["a", "", "b"]);
        let first = [&["{"], &only[..], &["", "b", "}"]].concat();
        assert_eq!(transformed(&first, &["1"]), ["{", "b", "}"]);
        let last = [&["{", "a", ""], &only[..], &["}"]].concat();
        assert_eq!(transformed(&last, &["1"]), ["{", "a", "}"]);
        assert_eq!(transformed(&last, &["2"]), ["{", "a", "", "x", "}"]);
    }

    #[test]
    fn tests_are_built_with_their_milestone() {
        let module = ["// lab 4 tests", "#[cfg(test)]", "mod tests;"];
        let gated = "#[cfg(all(test, feature = \"milestone-4\"))]";
        assert_eq!(transformed(&module, &["4"]), [gated, "mod tests;"]);
        assert_eq!(transformed(&module, &[]), &module[1..]);
        let one = ["    // lab 4 tests", "    #[test]", "    fn a() {}"];
        let feature = "    #[cfg(feature = \"milestone-4\")]";
        assert_eq!(transformed(&one, &["4"]), [feature, one[1], one[2]]);
    }

    #[test]
    fn an_example_is_run_with_its_milestone_and_read_before() {
        let lines = ["// lab 4 example", "/// ```", "/// a();", "/// ```"];
        let run = "#[cfg_attr(feature = \"milestone-4\", doc = \"```\")]";
        let read = "#[cfg_attr(not(feature = \"milestone-4\"), doc = \"```ignore\")]";
        let left = transformed(&lines, &["4"]);
        assert_eq!(left, [run, read, lines[2], lines[3]]);
        assert_eq!(transformed(&lines, &[]), &lines[1..]);
    }
}
