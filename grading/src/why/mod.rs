//! The history of one page: what an address is, and how it came to be what it is.
//!
//! [`history`] listens to a run and keeps the steps, `follow` says what an event means for the page,
//! `words` says it in sentences.
//!
//! What always holds: the page is followed in every process in which the address names something,
//! so that the history of a process made by fork begins with that of its parents; each step has the
//! line of the fault log that it was read from.

mod follow;
pub mod history;
mod track;
mod words;

use std::str::FromStr;

use emu::addr::VirtAddr;

use crate::debug_info::DebugInfo;

/// An address as a user writes it: a number, or the name of something in the program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// This address.
    Address(VirtAddr),
    /// So many bytes behind the start of what has this name.
    Symbol {
        /// The name.
        name: String,
        /// Bytes.
        offset: u32,
    },
}

impl Target {
    /// The address in a program; `None` if nothing there has the name.
    pub fn in_program(&self, program: &DebugInfo) -> Option<VirtAddr> {
        match self {
            Target::Address(address) => Some(*address),
            Target::Symbol { name, offset } => {
                Some(VirtAddr(program.address(name)?.checked_add(*offset)?))
            }
        }
    }
}

/// `0x0804b000`, `data`, `data+0x1000`, `data+4096`.
impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Target, String> {
        let refusal = || {
            format!(
                "'{text}' is no address: it is hexadecimal, as 0x0804b000, or the name of a \
                 variable or function, as data or data+0x1000"
            )
        };
        let hexadecimal = |text: &str| {
            text.strip_prefix("0x")
                .map(|digits| u32::from_str_radix(digits, 16))
        };
        if let Some(number) = hexadecimal(text) {
            return number
                .map(|number| Target::Address(VirtAddr(number)))
                .map_err(|_| refusal());
        }
        let (name, offset) = text.split_once('+').unwrap_or((text, "0"));
        let offset = hexadecimal(offset).unwrap_or_else(|| offset.parse());
        let starts_as_name =
            name.starts_with(|first: char| first.is_alphabetic() || "_.".contains(first));
        match offset {
            Ok(offset) if starts_as_name => Ok(Target::Symbol {
                name: name.to_owned(),
                offset,
            }),
            _ => Err(refusal()),
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
            ("data", symbol("data", 0)),
            ("data+0x1000", symbol("data", 0x1000)),
            ("_start+16", symbol("_start", 16)),
        ] {
            assert_eq!(text.parse(), Ok(target));
        }
        for text in ["", "0x", "12", "0x123456789", "data+", "data+x", "+4"] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}
