//! Parses the output of `cargo test` line by line: the number of tests, how each ends, the output
//! of failed ones.

/// The output so far.
#[derive(Default)]
pub(super) struct Libtest {
    /// The tests that failed, with their output.
    failures: Vec<(String, Vec<String>)>,
    has_begun: bool,
    /// Whether the next lines are the last failure's.
    is_in_failure: bool,
}

/// The meaning of a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Said {
    /// This many tests begin.
    Running(usize),
    /// A test has ended.
    Ended {
        /// Its name.
        name: String,
        /// Whether it passed.
        passed: bool,
    },
}

impl Libtest {
    /// Takes a line of standard output.
    pub(super) fn line(&mut self, line: &str) -> Option<Said> {
        if let Some(name) = title(line) {
            self.failures.push((name.to_owned(), Vec::new()));
            self.is_in_failure = true;
            return None;
        }
        self.is_in_failure &= line != "failures:";
        match self.failures.last_mut() {
            Some((_, printed)) if self.is_in_failure => {
                printed.push(line.to_owned());
                None
            }
            _ => {
                let count = count(line);
                self.has_begun |= count.is_some();
                count.map(Said::Running).or_else(|| ended(line))
            }
        }
    }

    /// Returns whether any tests have begun: if not, they were not built.
    pub(super) fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Returns the tests that failed, with their output.
    pub(super) fn failures(self) -> Vec<(String, Vec<String>)> {
        self.failures
    }
}

/// Returns the test whose output begins with this line.
fn title(line: &str) -> Option<&str> {
    line.strip_prefix("---- ")?.strip_suffix(" stdout ----")
}

fn count(line: &str) -> Option<usize> {
    let rest = line.strip_prefix("running ")?;
    let number = rest.strip_suffix(" tests").or(rest.strip_suffix(" test"))?;
    number.parse().ok()
}

fn ended(line: &str) -> Option<Said> {
    let (name, word) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    let passed = match word {
        "FAILED" => false,
        word if word == "ok" || word.starts_with("ignored") => true,
        _ => return None,
    };
    let name = name.to_owned();
    Some(Said::Ended { name, passed })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "
running 2 tests
test swap::tests::a ... ok
test swap::tests::b - should panic ... FAILED

failures:

---- swap::tests::b - should panic stdout ----
thread 'b' panicked at vm/src/a.rs:3:5:
test x ... ok


failures:
    swap::tests::b

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out

running 1 test
test c ... ignored, it is slow
";

    #[test]
    fn tests_and_what_failed_ones_print_are_found() {
        let mut libtest = Libtest::default();
        let said: Vec<Said> = PRINTED
            .lines()
            .filter_map(|line| libtest.line(line))
            .collect();
        let ended = |name: &str, passed| Said::Ended {
            name: name.to_owned(),
            passed,
        };
        let expected = [
            Said::Running(2),
            ended("swap::tests::a", true),
            ended("swap::tests::b - should panic", false),
            Said::Running(1),
            ended("c", true),
        ];
        assert_eq!(said, expected);
        let [(name, printed)] = &libtest.failures()[..] else {
            panic!("one has failed")
        };
        assert_eq!(name, "swap::tests::b - should panic");
        let lines = [
            "thread 'b' panicked at vm/src/a.rs:3:5:",
            "test x ... ok",
            "",
            "",
        ];
        assert_eq!(*printed, lines);
    }
}
