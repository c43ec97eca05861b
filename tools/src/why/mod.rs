//! The history of one page: what is at an address, and how it got there.
//!
//! [`history`] listens to a run and keeps the steps, `follow` interprets events for the page, and
//! `words` has the wording.
//!
//! # Invariants
//!
//! The page is followed in every process where the address is valid, so that the history of a
//! forked process begins with that of its ancestors. Each step has the line of the fault log that
//! it was derived from.

mod follow;
pub mod history;
mod track;
mod words;

use std::str::FromStr;

use machine::addr::VirtAddr;

use host::debug_info::DebugInfo;
use protocol::similar::DidYouMean;

/// An address as a user writes it: a number, or the name of something in the program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// This address.
    Address(VirtAddr),
    /// An offset from the start of the symbol with this name.
    Symbol {
        /// The name.
        name: String,
        /// The offset in bytes.
        offset: u32,
    },
}

impl Target {
    /// Returns why a program of this name has no such address; `None` if it has.
    #[must_use]
    pub fn refusal(&self, program: &DebugInfo, program_name: &str) -> Option<String> {
        let Target::Symbol { name, offset } = self else {
            return None;
        };
        let Some(start) = program.address(name) else {
            let similar = DidYouMean::among(name, program.names());
            return Some(format!(
                "nothing in {program_name} has the name {name}{similar}; `nm` lists the symbols of a \
                 program, and an address in hexadecimal begins with a digit, such as 0x0804b000"
            ));
        };
        match start.checked_add(*offset) {
            Some(_) => None,
            None => Some(format!(
                "{name} is at {start:#010x} in {program_name}, and {offset:#x} bytes behind it is \
                 beyond the last address, 0xffffffff"
            )),
        }
    }

    /// Returns the address in a program that was moved by so much; `None` if nothing there has the name, or the address is
    /// beyond the last one.
    #[must_use]
    pub fn in_program(&self, program: &DebugInfo, moved_by: u32) -> Option<VirtAddr> {
        match self {
            Target::Address(address) => Some(*address),
            Target::Symbol { name, offset } => {
                let address = program.address(name)?.wrapping_add(moved_by);
                Some(VirtAddr(address.checked_add(*offset)?))
            }
        }
    }
}

/// Parses an address in hexadecimal, with or without `0x`.
///
/// # Errors
/// A description of the format, if the text is not an address.
pub fn hexadecimal(text: &str) -> Result<VirtAddr, String> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let digits = digits.unwrap_or(text);
    let all_digits = digits.chars().all(|c| c.is_ascii_hexdigit());
    let number = u32::from_str_radix(digits, 16).ok().filter(|_| all_digits);
    number.map(VirtAddr).ok_or_else(|| {
        "an address is a hexadecimal number of at most 8 digits, such as 0x08048000".into()
    })
}

/// `0x0804b000`, `804b000`, `data`, `data+0x1000`, `data+4096`. Text that begins with a digit is a
/// number, anything else a name.
impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Target, String> {
        if text.starts_with(|first: char| first.is_ascii_digit()) {
            return hexadecimal(text).map(Target::Address);
        }
        let (name, offset) = text.split_once('+').unwrap_or((text, "0"));
        let offset = match offset.strip_prefix("0x") {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => offset.parse(),
        };
        let starts_as_name =
            name.starts_with(|first: char| first.is_alphabetic() || "_.".contains(first));
        match offset {
            Ok(offset) if starts_as_name => Ok(Target::Symbol {
                name: name.to_owned(),
                offset,
            }),
            _ => Err(format!(
                "'{text}' is not an address: write hexadecimal, such as 0x0804b000, or the name of a \
                 variable or function, such as data or data+0x1000"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_number_or_a_name_with_an_offset() {
        let symbol = |name: &str, offset| Target::Symbol {
            name: name.to_owned(),
            offset,
        };
        for (text, target) in [
            ("0x0804B000", Target::Address(VirtAddr(0x0804_b000))),
            ("804b000", Target::Address(VirtAddr(0x0804_b000))),
            ("data", symbol("data", 0)),
            ("data+0x1000", symbol("data", 0x1000)),
            ("_start+16", symbol("_start", 16)),
        ] {
            assert_eq!(text.parse(), Ok(target));
        }
        for text in [
            "",
            "0x",
            "12+4",
            "0x+5",
            "0x123456789",
            "data+",
            "data+x",
            "+4",
        ] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}
