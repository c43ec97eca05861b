//! What a run of a test is worth: passed, or why not.
//!
//! What always holds: only what the test asks for decides (never the time it took), and a failure
//! that is vmlab's own fault (a crash of the kernel, a hang that its work limit did not end, a
//! test that cannot be set up) is never shown as one of the student's program.

use std::time::Duration;

use crate::console_text::ConsoleText;
use crate::suite::{Order, Test};

/// How the process that ran one test ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ProcessEnd {
    /// It exited with this code.
    Exited(i32),
    /// The host ended it, for example by a signal.
    Crashed,
    /// The watchdog ended it after this time on the wall's clock.
    Watchdog(Duration),
    /// It could not be started.
    NotStarted(String),
}

/// What came out of the process that ran one test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Run {
    /// How it ended.
    pub end: ProcessEnd,
    /// The guest's console.
    pub console: Vec<u8>,
    /// Whether the console had more than the runner keeps.
    pub too_long: bool,
    /// What vmlab said about it.
    pub messages: String,
    /// Whether the guest was ended by its work limit.
    pub work_limit: bool,
}

/// The verdict on one test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// All as expected.
    Passed,
    /// The console shows something else.
    WrongOutput(Comparison),
    /// The console shows more than any test prints.
    TooMuchOutput,
    /// The guest did not end within its work.
    WorkLimit(Comparison),
    /// The emulated kernel crashed: its last messages.
    KernelBug(String),
    /// The emulated kernel hung: the watchdog ended it after this time.
    Hang(Duration),
    /// The test could not be run: why.
    SetUp(String),
}

/// Expected and actual console text, both as text with a line end after each line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Comparison {
    /// What should have come.
    pub expected: String,
    /// What came.
    pub actual: String,
}

impl Verdict {
    /// Judges a run of a test.
    pub fn of(test: &Test, run: &Run) -> Verdict {
        match &run.end {
            ProcessEnd::NotStarted(why) => return Verdict::SetUp(why.clone()),
            ProcessEnd::Watchdog(after) => return Verdict::Hang(*after),
            ProcessEnd::Exited(0 | 1) => {}
            ProcessEnd::Exited(2) => return Verdict::SetUp(run.messages.clone()),
            ProcessEnd::Exited(_) | ProcessEnd::Crashed => {
                return Verdict::KernelBug(run.messages.clone());
            }
        }
        if run.too_long {
            return Verdict::TooMuchOutput;
        }
        let (expected, actual) = compared(test, &run.console);
        let same = expected == actual;
        let comparison = Comparison {
            expected: expected.printable(),
            actual: actual.printable(),
        };
        match (run.work_limit, same) {
            (true, _) => Verdict::WorkLimit(comparison),
            (false, true) => Verdict::Passed,
            (false, false) => Verdict::WrongOutput(comparison),
        }
    }

    /// Whether the test gives its points.
    pub fn passed(&self) -> bool {
        *self == Verdict::Passed
    }

    /// Whether it is vmlab that failed, and not what it ran.
    pub fn is_our_bug(&self) -> bool {
        matches!(self, Verdict::KernelBug(_) | Verdict::Hang(_))
    }

    /// The verdict in a few words.
    pub fn summary(&self) -> String {
        match self {
            Verdict::Passed => "passed".to_owned(),
            Verdict::WrongOutput(_) => "the console differs from what is expected".to_owned(),
            Verdict::TooMuchOutput => "the console got far more than any test prints".to_owned(),
            Verdict::WorkLimit(_) => "did not end within its work limit".to_owned(),
            Verdict::KernelBug(_) => "the emulated kernel crashed: a bug of vmlab or of the \
                                      kernel code under test, not of this program"
                .to_owned(),
            Verdict::Hang(after) => format!(
                "the emulated kernel hung and was ended after {} s: a bug of vmlab or of the \
                 kernel code under test, not of this program",
                after.as_secs()
            ),
            Verdict::SetUp(_) => "could not be run".to_owned(),
        }
    }
}

/// Expected and actual text in the form in which the test compares them.
fn compared(test: &Test, console: &[u8]) -> (ConsoleText, ConsoleText) {
    let expected = ConsoleText::of_text(&test.expect);
    let actual = ConsoleText::of_bytes(console);
    match test.order {
        Order::Exact => (expected, actual),
        Order::Any => (expected.sorted(), actual.sorted()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::Suite;

    fn test(order: &str) -> Test {
        let text = format!(
            "[suite]\nname = 's'\ntitle = 'S'\n[[test]]\nname = 'hello'\nshows = 'x'\npoints = 1\n\
             {order}\nexpect = '''\n(hello) a\n(hello) b\nhello: exit(0)\n'''\n"
        );
        Suite::parse("s.toml", &text).unwrap().tests.remove(0)
    }

    fn run(console: &str) -> Run {
        Run {
            end: ProcessEnd::Exited(0),
            console: console.as_bytes().to_vec(),
            too_long: false,
            messages: String::new(),
            work_limit: false,
        }
    }

    #[test]
    fn the_expected_lines_pass_whatever_the_exit_code_of_the_guest() {
        let mut run = run("(hello) a\n(hello) b\nhello: exit(0)\n");
        assert_eq!(Verdict::of(&test(""), &run), Verdict::Passed);
        run.end = ProcessEnd::Exited(1);
        assert_eq!(Verdict::of(&test(""), &run), Verdict::Passed);
    }

    #[test]
    fn fault_lines_do_not_count() {
        let run = run(
            "(hello) a\nPage fault at 0x0: not present error reading page in user context.\n\
             (hello) b\nhello: dying due to interrupt 0x0e (#PF Page-Fault Exception).\n\
             hello: exit(0)\n",
        );
        assert_eq!(Verdict::of(&test(""), &run), Verdict::Passed);
    }

    #[test]
    fn order_counts_unless_the_test_leaves_it_open() {
        let run = run("(hello) b\n(hello) a\nhello: exit(0)\n");
        assert!(matches!(
            Verdict::of(&test(""), &run),
            Verdict::WrongOutput(_)
        ));
        assert_eq!(Verdict::of(&test("order = 'any'"), &run), Verdict::Passed);
    }

    #[test]
    fn without_order_each_line_still_comes_as_often_as_expected() {
        let run = run("(hello) a\n(hello) a\n(hello) b\nhello: exit(0)\n");
        assert!(matches!(
            Verdict::of(&test("order = 'any'"), &run),
            Verdict::WrongOutput(_)
        ));
    }

    #[test]
    fn missing_and_additional_lines_fail() {
        for console in [
            "(hello) a\nhello: exit(0)\n",
            "",
            "(hello) a\n(hello) b\nhello: exit(0)\nx",
        ] {
            assert!(matches!(
                Verdict::of(&test(""), &run(console)),
                Verdict::WrongOutput(_)
            ));
        }
    }

    #[test]
    fn work_limit_watchdog_crash_and_set_up_are_told_apart() {
        let good = run("(hello) a\n(hello) b\nhello: exit(0)\n");
        let ended = |end| {
            Verdict::of(
                &test(""),
                &Run {
                    end,
                    ..good.clone()
                },
            )
        };
        let limited = Run {
            work_limit: true,
            ..good.clone()
        };
        assert!(matches!(
            Verdict::of(&test(""), &limited),
            Verdict::WorkLimit(_)
        ));
        let minute = Duration::from_secs(60);
        assert_eq!(ended(ProcessEnd::Watchdog(minute)), Verdict::Hang(minute));
        assert!(matches!(
            ended(ProcessEnd::Exited(3)),
            Verdict::KernelBug(_)
        ));
        assert!(matches!(ended(ProcessEnd::Crashed), Verdict::KernelBug(_)));
        assert!(matches!(ended(ProcessEnd::Exited(2)), Verdict::SetUp(_)));
        assert!(matches!(
            ended(ProcessEnd::NotStarted("x".into())),
            Verdict::SetUp(_)
        ));
    }
}
