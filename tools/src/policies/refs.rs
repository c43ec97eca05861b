//! Reference strings as files: one page per line, or the output of
//! `valgrind --tool=lackey --trace-mem=yes`.
//!
//! # Invariants
//!
//! A string that is written reads back as the same string. A line that is neither a page nor an
//! access is never skipped, but an error with its number.

use std::io::{self, BufRead, Read, Write};

use thiserror::Error;
use vm::Access;
use vm::reference_string::{Builder, ReferenceString};

/// The most references that are read: 256 MiB.
const MOST_REFERENCES: usize = 64 << 20;
/// The number of address bits that are the offset in a page.
const OFFSET_BITS: u32 = 12;
/// The most bytes of a line, including its newline; only comments may be longer.
const MOST_LINE_BYTES: u64 = 200;
/// The most bytes of an access; no instruction has a larger one.
const MOST_BYTES: u64 = 1 << 16;

/// Why a file is not a reference string.
#[derive(Debug, Error)]
pub enum RefsError {
    /// It cannot be read.
    #[error("{0}")]
    Unreadable(#[from] io::Error),
    /// A line is not understood.
    #[error(
        "line {line}: '{text}' is neither a page number (7 or 0x1f) nor an access as valgrind's \
         lackey prints it (' L 1ffe80,4')"
    )]
    Line {
        /// Its number, from 1.
        line: usize,
        /// Its text, or the beginning of it.
        text: String,
    },
    /// A line is too long.
    #[error("line {0} has more than {MOST_LINE_BYTES} bytes; is it text?")]
    LongLine(usize),
    /// It has no reference.
    #[error("there is no reference in it")]
    Empty,
    /// It has too many references.
    #[error("it has more than {MOST_REFERENCES} references")]
    TooLong,
}

/// Reads a string. Empty lines, comments (`#`) and valgrind's own messages (`==`) are ignored.
///
/// # Errors
/// [`RefsError`]
pub fn read(mut from: impl BufRead) -> Result<ReferenceString, RefsError> {
    let mut string = Builder::default();
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        let mut line = from.by_ref().take(MOST_LINE_BYTES);
        if line.read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim();
        if line.limit() == 0 && !bytes.ends_with(b"\n") {
            if !is_comment(text) {
                return Err(RefsError::LongLine(number));
            }
            from.skip_until(b'\n')?;
        }
        add_line(&mut string, text).ok_or_else(|| RefsError::Line {
            line: number,
            text: text.chars().take(40).collect(),
        })?;
        if string.len() > MOST_REFERENCES {
            return Err(RefsError::TooLong);
        }
    }
    if string.is_empty() {
        return Err(RefsError::Empty);
    }
    Ok(string.finish())
}

/// Writes a string, one page per line.
///
/// # Errors
/// Those of writing to the file.
pub fn write(string: &ReferenceString, mut to: impl Write) -> io::Result<()> {
    for one in string.references() {
        writeln!(to, "{:#07x}", string.name(one.page()))?;
    }
    to.flush()
}

/// Adds the references of a line; None if it is not understood.
fn add_line(string: &mut Builder, line: &str) -> Option<()> {
    if line.is_empty() || is_comment(line) {
        return Some(());
    }
    let access = match line.split_whitespace().next()? {
        "I" => Access::Fetch,
        "L" => Access::Read,
        // A modification is a load and a store.
        "S" | "M" => Access::Write,
        page => {
            string.push(number(page).filter(|_| page == line)?, Access::Read);
            return Some(());
        }
    };
    let (addr, bytes) = line[1..].trim().split_once(',')?;
    let addr = u64::from_str_radix(addr, 16).ok()?;
    let bytes: u64 = bytes.parse().ok()?;
    if !(1..=MOST_BYTES).contains(&bytes) {
        return None;
    }
    let end = addr.checked_add(bytes - 1)?;
    for page in addr >> OFFSET_BITS..=end >> OFFSET_BITS {
        string.push(page, access);
    }
    Some(())
}

/// Returns whether a line is a comment or one of valgrind's own messages, which may be long.
fn is_comment(line: &str) -> bool {
    ["#", "==", "--"].iter().any(|mark| line.starts_with(mark))
}

fn number(text: &str) -> Option<u64> {
    let digits = text.strip_prefix("0x").or(text.strip_prefix("0X"));
    match digits {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use proptest::prelude::*;

    use super::*;

    fn pages(text: &str) -> Vec<(u64, bool)> {
        let string = read(text.as_bytes()).unwrap();
        let named = string.references().iter();
        named
            .map(|one| (string.name(one.page()), one.is_store()))
            .collect()
    }

    #[test]
    fn pages_are_decimal_or_hexadecimal() {
        let text = "# a comment\n7\n\n0x1F\r\n  12 \n";
        assert_eq!(pages(text), [(7, false), (0x1f, false), (12, false)]);
    }

    #[test]
    fn lackey_tells_fetches_loads_stores_and_accesses_over_a_border() {
        let text = "==12== Lackey, an example Valgrind tool\n\
                    I  0400d7d4,8\n L 1ffeffe7e0,8\n S 05001000,4\n M 04000ffe,4\n";
        let expected = [
            (0x400d, false),
            (0x01ff_effe, false),
            (0x5001, true),
            (0x4000, true),
            (0x4001, true),
        ];
        assert_eq!(pages(text), expected);
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (text, line) in [
            ("1\n2\nthree\n", 3),
            ("1 2\n", 1),
            ("-1\n", 1),
            ("0x\n", 1),
            (" L 1ffe\n", 1),
            (" L zz,4\n", 1),
            (" L 1ffe,0\n", 1),
            ("1\n S 10,99999999999\n", 2),
            ("I  ffffffffffffffff,2\n", 1),
            ("\u{fffd}\n", 1),
        ] {
            match read(text.as_bytes()) {
                Err(RefsError::Line { line: found, .. }) => assert_eq!(found, line, "{text:?}"),
                other => panic!("{text:?}: {other:?}"),
            }
        }
        assert!(matches!(read(&b"# 1\n"[..]), Err(RefsError::Empty)));
    }

    #[test]
    fn only_comments_may_be_long() {
        let comment = format!("#{}\n7", "x".repeat(1000));
        assert_eq!(pages(&comment), [(7, false)]);
        let endless = BufReader::new(io::repeat(0));
        assert!(matches!(read(endless), Err(RefsError::LongLine(1))));
        let second = format!("7\n{:>200}\n", 8);
        assert!(matches!(
            read(second.as_bytes()),
            Err(RefsError::LongLine(2))
        ));
        assert_eq!(pages(&format!("{:>199}\n", 8)), [(8, false)]);
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(names in prop::collection::vec(0..1u64 << 50, 1..50)) {
            let string = ReferenceString::of_loads(names);
            let mut file = Vec::new();
            write(&string, &mut file).unwrap();
            prop_assert_eq!(read(&file[..]).unwrap(), string);
        }

        #[test]
        fn no_file_is_too_strange(bytes: Vec<u8>) {
            let _ = read(&bytes[..]);
        }
    }
}
