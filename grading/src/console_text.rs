//! The console text that a verdict compares.
//!
//! # Invariants
//!
//! - Lines that checkers like Pintos' ignore are removed: the page-fault line and "dying due to
//!   interrupt" unless a test asks for them, the register dump always.
//! - Blank lines around the text and white space at the ends of lines do not count.
//! - Bytes that are not UTF-8 are shown, not lost.

use crate::printable::printable;
use crate::suite::{Compare, Order, Test};

/// The lines of a console that are compared, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConsoleText {
    lines: Vec<String>,
}

impl ConsoleText {
    /// Returns the text that a guest printed.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> ConsoleText {
        ConsoleText::of_text(&String::from_utf8_lossy(bytes))
    }

    /// Returns the same for the text in a suite file.
    #[must_use]
    pub fn of_text(text: &str) -> ConsoleText {
        ConsoleText::without(text, |line| is_fault(line) || is_dump(line))
    }

    /// Returns the text in the form in which a test compares it.
    #[must_use]
    pub fn for_test(text: &str, test: &Test) -> ConsoleText {
        let compared = ConsoleText::without(text, |line| {
            is_dump(line)
                || (test.faults == Compare::Any && is_fault(line))
                || (test.exits == Compare::Any && is_exit(line))
        });
        match test.order {
            Order::Exact => compared,
            Order::Processes => compared.by_process(),
            Order::Any => compared.sorted(),
        }
    }

    fn without(text: &str, is_ignored: impl Fn(&str) -> bool) -> ConsoleText {
        let mut lines: Vec<String> = text
            .lines()
            .map(|line| line.trim_end().to_owned())
            .filter(|line| !is_ignored(line))
            .skip_while(|line| line.is_empty())
            .collect();
        while lines.last().is_some_and(|line| line.is_empty()) {
            lines.pop();
        }
        ConsoleText { lines }
    }

    /// Returns the lines.
    #[must_use]
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Sorts the lines alphabetically, for output in any order.
    #[must_use]
    pub fn sorted(mut self) -> ConsoleText {
        self.lines.sort();
        self
    }

    /// Groups the lines by process, in their order; processes in alphabetical order.
    fn by_process(mut self) -> ConsoleText {
        // A stable sort: lines of one name keep their order.
        self.lines
            .sort_by(|one, other| process(one).cmp(process(other)));
        self
    }

    /// Returns the text with every control character made visible, each line terminated.
    #[must_use]
    pub fn printable(&self) -> String {
        let mut text = String::new();
        for line in &self.lines {
            text += &printable(line);
            text.push('\n');
        }
        text
    }
}

/// Returns whether a line is the kernel's message about an exception of a program.
fn is_fault(line: &str) -> bool {
    let fault = line.starts_with("Page fault at ") && line.ends_with("context.");
    fault || line.contains(": dying due to interrupt 0x")
}

/// `NAME: exit(STATUS)`
fn is_exit(line: &str) -> bool {
    let status = line
        .strip_suffix(')')
        .and_then(|line| Some(line.rsplit_once(": exit(")?.1));
    status.is_some_and(|status| status.parse::<i32>().is_ok())
}

/// Returns the name of the process that a line is from: `(NAME) message` or `NAME: exit(STATUS)`.
fn process(line: &str) -> &str {
    match line.strip_prefix('(') {
        Some(rest) => rest.split_once(')').map_or("", |(name, _)| name),
        None => line.split_once(": ").map_or("", |(name, _)| name),
    }
}

/// Returns whether a line is part of the register dump of a program that died.
fn is_dump(line: &str) -> bool {
    let dump = [
        ["Interrupt 0x", " at eip="],
        [" cr2=", " error="],
        [" eax=", " edx="],
        [" esi=", " ebp="],
        [" cs=", " ss="],
    ];
    dump.iter()
        .any(|[start, later]| line.starts_with(start) && line.contains(later))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KILLED: &str = "\
(bad-read) begin
Page fault at 0x00000000: not present error reading page in user context.
bad-read: dying due to interrupt 0x0e (#PF Page-Fault Exception).
Interrupt 0x0e (#PF Page-Fault Exception) at eip=0x804809c
 cr2=00000000 error=00000004
 eax=00000000 ebx=00000000 ecx=0000000e edx=00000027
 esi=00000000 edi=00000000 esp=bfffff7c ebp=bfffffa8
 cs=001b ds=0023 es=0023 ss=0023
bad-read: exit(-1)
";

    #[test]
    fn fault_lines_and_register_dump_are_passed_over() {
        let text = ConsoleText::of_text(KILLED);
        assert_eq!(text.lines(), ["(bad-read) begin", "bad-read: exit(-1)"]);
    }

    fn for_test(text: &str, openness: &str) -> Vec<String> {
        let suite = format!(
            "[suite]\nname = 's'\ntitle = 'S'\n[[test]]\nname = 'hello'\nshows = 'x'\n\
             points = 1\nexpect = ''\n{openness}\n"
        );
        let suite = crate::suite::Suite::parse("s.toml", &suite).unwrap();
        let text = ConsoleText::for_test(text, &suite.tests[0]);
        text.lines().to_vec()
    }

    #[test]
    fn a_test_can_ask_for_fault_lines_and_pass_over_exits() {
        let lines = for_test(KILLED, "faults = 'exact'\nexits = 'any'");
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[1].starts_with("Page fault at 0x00000000"));
        assert!(lines[2].contains("dying due to"));
    }

    #[test]
    fn the_lines_of_each_process_keep_their_order() {
        let text = "(b) 2\n(a) 2\n(a) 1\na: exit(0)\n(b) 1\n";
        let lines = for_test(text, "order = 'processes'");
        assert_eq!(lines, ["(a) 2", "(a) 1", "a: exit(0)", "(b) 2", "(b) 1"]);
    }

    #[test]
    fn lines_of_a_program_that_only_look_similar_stay() {
        let text = ConsoleText::of_text("Page fault at noon\n cs=1\nInterrupt 0x\n");
        assert_eq!(text.lines().len(), 3);
    }

    #[test]
    fn blank_lines_around_and_white_space_at_line_ends_do_not_count() {
        assert_eq!(
            ConsoleText::of_text("\n\na  \r\n\nb\n\n"),
            ConsoleText::of_text("a\n\nb")
        );
        assert_ne!(ConsoleText::of_text("a\nb"), ConsoleText::of_text("a\n\nb"));
    }

    #[test]
    fn bytes_that_are_no_text_are_shown() {
        let text = ConsoleText::of_bytes(b"a\xff\x1b[31m\n");
        assert_eq!(text.printable(), "a\u{fffd}\\u{1b}[31m\n");
    }
}
