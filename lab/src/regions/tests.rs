use super::*;

fn of(lines: &[&str]) -> Result<Vec<Part>, String> {
    parts("a.rs", &lines.join("\n")).map_err(|error| error.to_string())
}

fn owned(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|&line| line.to_owned()).collect()
}

#[test]
fn each_line_is_in_one_part() {
    let found = of(&[
        "fn a() {",
        "    // lab 4.3: do it",
        "    done();",
        "    // lab given",
        "    // | // Until 4.3: later.",
        "    // | later();",
        "    // lab end",
        "}",
        "// lab 4 only",
        "fn b() {}",
        "// lab end",
        "    // lab 4 example",
        "    /// ```",
        "    /// b();",
        "// lab 4 tests",
        "#[cfg(test)]",
        "mod tests {}",
    ]);
    let four = "4".parse().unwrap();
    let expected = vec![
        Part::Plain(owned(&["fn a() {"])),
        Part::Task(TaskPart {
            id: "4.3".parse().unwrap(),
            title: "do it".into(),
            indent: "    ".into(),
            line: 2,
            solution: owned(&["    done();"]),
            given: Some(owned(&["// Until 4.3: later.", "later();"])),
        }),
        Part::Plain(owned(&["}"])),
        Part::Only {
            milestone: four,
            solution: owned(&["fn b() {}"]),
        },
        Part::Example {
            milestone: four,
            indent: "    ".into(),
        },
        Part::Plain(owned(&["    /// b();"])),
        Part::Tests {
            milestone: four,
            attribute: "#[cfg(test)]".into(),
        },
        Part::Plain(owned(&["mod tests {}"])),
    ];
    assert_eq!(found, Ok(expected));
}

#[test]
fn an_error_says_in_which_line() {
    for (lines, message) in [
        (
            &["", "// lab 4.3: x", "a();"][..],
            "a.rs:2: no `// lab end` follows this mark",
        ),
        (
            &["// lab 4.3: x", "// lab 4 only", "// lab end"],
            "a.rs:2: a mark within the one of line 1; `// lab end` is missing before it",
        ),
        (
            &["a();", "// lab end"],
            "a.rs:2: `// lab end`, and nothing has begun",
        ),
        (
            &["// lab given"],
            "a.rs:1: `// lab given` belongs between a task's mark and its end, once",
        ),
        (
            &["// lab 4.1: x", "// lab given", "// lab given"],
            "a.rs:3: `// lab given` belongs between a task's mark and its end, once",
        ),
        (
            &["// lab 4.1: x", "// lab given", "a();"],
            "a.rs:3: after `// lab given` each line begins with `// | `",
        ),
        (
            &["// lab 4.1: x", "// lab given", "// | a();", "// lab end"],
            "a.rs:1: `// lab given` is followed by `// | // Until 4.1:`, and what is done until then",
        ),
        (
            &["// lab 4 tests", "", "#[cfg(test)]"],
            "a.rs:1: `// lab M tests` stands directly above `#[cfg(test)]` or `#[test]`",
        ),
        (
            &["// lab 4 example", "/// b();"],
            "a.rs:1: `// lab M example` stands directly above `/// ````, with which an example begins",
        ),
        (
            &["", "// lab x"],
            "a.rs:2: 'x' is no mark: M.N: TITLE, given, M only, M tests, M example and end are",
        ),
    ] {
        assert_eq!(of(lines), Err(message.to_owned()));
    }
}
