//! How a user writes how much memory: a number of pages, or a size.
//!
//! # Invariants
//!
//! A size is a whole number of pages; nothing is rounded.

use machine::addr::PAGE_SIZE;
use thiserror::Error;

/// The units that a size can have, for `--help`.
pub const UNITS: &str = "\
Units of `--frames` and `--swap-slots`:
  64     so many pages, of 4 KiB each
  512K   KiB, 1024 bytes each: 128 pages
  4M     MiB, 1024 KiB each: 1024 pages
  1G     GiB, 1024 MiB each: 262144 pages";

/// The letters of the units, with the bytes of each.
const LETTERS: [(char, u64); 3] = [('K', 1 << 10), ('M', 1 << 20), ('G', 1 << 30)];

/// Why a text says no number of pages.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum PagesError {
    /// It is neither a number nor a size, or too large.
    #[error("'{0}' is neither a number of pages, as 64, nor a size, as 512K, 4M or 1G")]
    NoSize(String),
    /// It is the size of a part of a page.
    #[error("{size} is no whole number of pages of 4 KiB; {near}")]
    NotWhole {
        /// The size.
        size: String,
        /// The sizes next to it that are.
        near: String,
    },
}

/// Reads a number of pages, or a size.
///
/// # Errors
/// What is wrong with it, and how it is written.
pub fn parse(text: &str) -> Result<u32, PagesError> {
    let no_size = || PagesError::NoSize(text.to_owned());
    let unit = LETTERS.iter().find(|(letter, _)| text.ends_with(*letter));
    let Some((letter, bytes)) = unit else {
        return text.parse().map_err(|_| no_size());
    };
    let number = &text[..text.len() - letter.len_utf8()];
    let number: u64 = number.parse().map_err(|_| no_size())?;
    let size = number.checked_mul(*bytes).ok_or_else(no_size)?;
    let page = u64::from(PAGE_SIZE);
    if size % page != 0 {
        let (below, above) = (
            size / page * (page / 1024),
            size.div_ceil(page) * (page / 1024),
        );
        let near = match below {
            0 => format!("{above}K is"),
            _ => format!("{below}K or {above}K is"),
        };
        let size = text.to_owned();
        return Err(PagesError::NotWhole { size, near });
    }
    u32::try_from(size / page).map_err(|_| no_size())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_so_many_pages() {
        for (text, pages) in [
            ("64", 64),
            ("0", 0),
            ("512K", 128),
            ("4M", 1024),
            ("1G", 1 << 18),
        ] {
            assert_eq!(parse(text), Ok(pages), "{text}");
        }
    }

    #[test]
    fn nothing_is_rounded() {
        assert_eq!(
            parse("10K").unwrap_err().to_string(),
            "10K is no whole number of pages of 4 KiB; 8K or 12K is"
        );
    }

    #[test]
    fn what_is_no_size_is_told_how_one_is_written() {
        for text in [
            "",
            "K",
            "many",
            "-1",
            "4m",
            "4MB",
            "1.5M",
            "0x10",
            "99999999999",
            "18014398509481985K",
            "é",
        ] {
            let refused = parse(text).unwrap_err();
            assert!(refused.to_string().contains("4M"), "{refused}");
        }
    }
}
