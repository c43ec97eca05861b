//! What a student sees of a wrong kernel.
//!
//! # Invariants
//!
//! A verdict is the same whenever it is asked for; lines of sources, which move with every change
//! of them, are no part of it.

use std::process::{Command, Stdio};

use class::breaks::schemata::{Copy, NUMBER};

use super::WrongKernel;

/// How many lines are shown below the first.
const LINES: usize = 14;

/// What the score board says about the failure of a kernel's test, without its last events; `number` is the kernel's
/// place among all, from 1.
///
/// # Errors
/// What keeps the test from being run, or that it passes.
pub fn of(copy: &Copy, number: usize, kernel: &WrongKernel) -> Result<String, String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let output = Command::new(&copy.program)
        .args(["grade", "--jobs=1", &format!("--only={}", kernel.test)])
        .env(NUMBER, number.to_string())
        // Where `vmlab grade` keeps which tests failed.
        .current_dir(scratch.path())
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot start {}: {error}", copy.program.display()))?;
    let board = String::from_utf8_lossy(&output.stdout);
    let mut lines = board.lines().skip_while(|line| !line.starts_with("FAIL "));
    let Some(first) = lines.next() else {
        return Err(format!("{} passes {}", kernel.name, kernel.test));
    };
    let is_told = |line: &&str| {
        !line
            .trim_start()
            .starts_with("last events of the fault log")
    };
    let below = lines.take_while(|line| !line.is_empty());
    let below: Vec<&str> = below.take_while(is_told).take(LINES).collect();
    let whole = [&[first], &below[..]].concat().join("\n");
    Ok(steady(&whole))
}

/// Lines of sources, and numbers of the host's threads, as `N`.
fn steady(text: &str) -> String {
    [".rs:", "thread 'main' ("]
        .iter()
        .fold(text.to_owned(), |text, before| {
            let mut parts = text.split(before);
            let mut steady = parts.next().unwrap_or_default().to_owned();
            for part in parts {
                let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
                steady += &format!("{before}N{rest}");
            }
            steady
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_sources_and_threads_are_no_part_of_a_verdict() {
        assert_eq!(
            steady("panicked at vm/src/a.rs:12: no\n  in f (vm/src/b.rs:7)\nthread 'main' (9) has"),
            "panicked at vm/src/a.rs:N: no\n  in f (vm/src/b.rs:N)\nthread 'main' (N) has"
        );
    }
}
