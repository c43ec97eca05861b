//! A parser for the lines of the fault log.
//!
//! ```text
//! line    = work clause
//! clause  = word *(key "=" value) [": " what]
//! what    = clause *(", " clause)         of a fault
//!         | clause                        of another event
//!         | text to the end of the line   of "killed" and "refused"
//! ```
//!
//! # Invariants
//!
//! Parsing loses nothing of the line. A value has no space in it.

use machine::addr::{Page, VirtAddr};
use userprog::Pid;

/// A line of the fault log.
///
/// # Examples
///
/// ```
/// use driver::fault_log::line::Line;
///
/// let line = Line::parse(
///     "5111 fault n=3 pid=1 addr=0xbfffffb0 page=slot:4: swap-in slot=4 frame=9, \
///      evict frame=9 pid=1 page=0x0807b000: swap-out slot=0",
/// )
/// .expect("it is in the grammar");
/// assert_eq!(line.work, 5111);
/// assert_eq!(line.event.field("page"), Some("slot:4"));
/// let [swap_in, evict] = &line.event.then[..] else { panic!("two things came of it") };
/// assert_eq!(swap_in.word, "swap-in");
/// assert_eq!(evict.then[0].field("slot"), Some("0"));
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// The guest work at which it happened.
    pub work: u64,
    /// What happened.
    pub event: Clause,
}

/// A word, its fields, and what followed from it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Clause {
    /// The kind of event: `fault`, `swap-in`...
    pub word: String,
    /// Keys and values, in order.
    pub fields: Vec<(String, String)>,
    /// What followed from it.
    pub then: Vec<Clause>,
    /// The reason, in words.
    pub why: Option<String>,
}

impl Line {
    /// Reads a line; `None` if it is not in the grammar.
    #[must_use]
    pub fn parse(line: &str) -> Option<Line> {
        let (work, event) = line.trim().split_once(' ')?;
        Some(Line {
            work: work.parse().ok()?,
            event: Clause::parse(event)?,
        })
    }
}

impl Clause {
    fn parse(text: &str) -> Option<Clause> {
        let (head, what) = match text.split_once(": ") {
            Some((head, what)) => (head, Some(what)),
            None => (text, None),
        };
        let mut words = head.split(' ');
        let word = words.next().filter(|word| !word.is_empty())?.to_owned();
        let fields = words.map(|field| {
            let (key, value) = field.split_once('=')?;
            Some((key.to_owned(), value.to_owned()))
        });
        let mut clause = Clause {
            fields: fields.collect::<Option<_>>()?,
            word,
            ..Clause::default()
        };
        match (clause.word.as_str(), what) {
            (_, None) => {}
            ("killed" | "refused", Some(why)) => clause.why = Some(why.to_owned()),
            ("fault", Some(what)) => {
                clause.then = what.split(", ").map(Clause::parse).collect::<Option<_>>()?;
            }
            (_, Some(what)) => clause.then = vec![Clause::parse(what)?],
        }
        Some(clause)
    }

    /// Returns the value of a field.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&str> {
        let field = self.fields.iter().find(|(found, _)| found == key);
        field.map(|(_, value)| value.as_str())
    }

    /// Returns whether it, or what followed from it, is about a page of a process.
    #[must_use]
    pub fn is_about(&self, pid: Pid, page: Page) -> bool {
        let is_its = self.field("pid") == Some(pid.to_string().as_str());
        is_its && self.names(page) || self.then.iter().any(|clause| clause.is_about(pid, page))
    }

    /// Returns whether its own fields name the page.
    fn names(&self, page: Page) -> bool {
        let is_on = |key| self.field(key).and_then(address).map(VirtAddr::page) == Some(page);
        let pages = self.field("pages").and_then(|pages| pages.split_once('-'));
        let in_range = |(start, end)| {
            let (start, end) = (address(start)?, address(end)?);
            Some((start..end).contains(&page.start()))
        };
        is_on("addr") || is_on("page") || pages.and_then(in_range) == Some(true)
    }
}

/// Parses an address in the form of the log, `0x08048000`.
fn address(value: &str) -> Option<VirtAddr> {
    let digits = value.strip_prefix("0x")?;
    u32::from_str_radix(digits, 16).ok().map(VirtAddr)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_about_the_pages_that_it_names_and_not_where_eip_and_esp_are() {
        let line = "5111 fault n=3 pid=1 eip=0x08048abc addr=0xbfffffb0 esp=0x08099000 \
            page=slot:4: swap-in slot=4 frame=9, evict frame=9 pid=2 page=0x0807b000: swap-out \
            slot=0";
        let about = |line: &str, pid, addr| {
            let line = Line::parse(line).unwrap();
            line.event.is_about(Pid(pid), VirtAddr(addr).page())
        };
        assert!(about(line, 1, 0xbfff_f123));
        assert!(about(line, 2, 0x0807_bfff));
        for (pid, addr) in [
            (2, 0xbfff_f123),
            (1, 0x0807_b000),
            (1, 0x0804_8abc),
            (1, 0x0809_9000),
        ] {
            assert!(!about(line, pid, addr), "{pid} {addr:#x}");
        }
        let line = "7 unmap pid=1 pages=0x10000000-0x10002000";
        assert!(about(line, 1, 0x1000_1fff) && !about(line, 1, 0x1000_2000));
        assert!(!about(line, 2, 0x1000_0000));
    }

    #[test]
    fn a_fault_that_displaced_a_page_is_read_whole() {
        let line = Line::parse(
            "      5111 fault n=3 pid=1 addr=0xbfffffb0 page=slot:4: swap-in slot=4 frame=9, \
             evict frame=9 pid=1 page=0x0807b000: swap-out slot=0",
        );
        let event = line.unwrap().event;
        let [swap_in, evict] = &event.then[..] else {
            panic!("{event:?}")
        };
        assert_eq!(
            (event.field("page"), swap_in.field("slot")),
            (Some("slot:4"), Some("4"))
        );
        assert_eq!(
            (evict.word.as_str(), evict.then[0].word.as_str()),
            ("evict", "swap-out")
        );
    }

    #[test]
    fn why_a_process_was_killed_is_a_text() {
        let line = Line::parse("7 fault n=1 pid=1: killed: out of memory: no frame can be freed");
        let then = &line.unwrap().event.then;
        assert_eq!(then[0].word, "killed");
        assert_eq!(
            then[0].why.as_deref(),
            Some("out of memory: no frame can be freed")
        );
    }

    #[test]
    fn what_is_not_in_the_grammar_is_no_line() {
        for text in ["", "fault", "x fault", "1 fault n", "1  fault n=1"] {
            assert_eq!(Line::parse(text), None, "{text:?}");
        }
    }
}
