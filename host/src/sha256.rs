//! SHA-256 sums, by which files and outputs are known.
//!
//! # Invariants
//!
//! A sum is written as 64 lowercase hexadecimal digits, and reads as it is written.

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, de};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// The SHA-256 sum of some bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sum([u8; 32]);

/// A text that is no sum.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("a SHA-256 sum has 64 hexadecimal digits, unlike {0:?}")]
pub struct NoSum(String);

/// Sums up what is written to it.
#[derive(Clone, Default, Debug)]
pub struct Summing(Sha256);

impl Sum {
    /// Returns the sum of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Sum {
        Sum(Sha256::digest(bytes).into())
    }
}

impl Summing {
    /// Adds bytes, as writing does.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Returns the sum of all that was written.
    #[must_use]
    pub fn sum(self) -> Sum {
        Sum(self.0.finalize().into())
    }
}

impl Write for Summing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.add(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Sum {
    type Err = NoSum;

    fn from_str(text: &str) -> Result<Sum, NoSum> {
        let refused = || NoSum(text.to_owned());
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 64 || !text.bytes().all(is_digit) {
            return Err(refused());
        }
        let mut sum = [0; 32];
        for (at, byte) in sum.iter_mut().enumerate() {
            let digits = &text[2 * at..2 * at + 2];
            *byte = u8::from_str_radix(digits, 16).map_err(|_| refused())?;
        }
        Ok(Sum(sum))
    }
}

impl<'de> Deserialize<'de> for Sum {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Sum, D::Error> {
        String::deserialize(from)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_reads_as_it_is_written() {
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Sum::of(b"abc").to_string(), known);
        assert_eq!(known.parse(), Ok(Sum::of(b"abc")));
        let mut parts = Summing::default();
        parts.write_all(b"a").unwrap();
        parts.write_all(b"bc").unwrap();
        assert_eq!(parts.sum(), Sum::of(b"abc"));
    }

    #[test]
    fn what_is_not_64_digits_is_no_sum() {
        let long = "a".repeat(65);
        let signed = format!("+{}", "a".repeat(63));
        let capital = "A".repeat(64);
        for text in ["", "abc", &long, &signed, &capital, &"é".repeat(32)] {
            assert!(text.parse::<Sum>().is_err(), "{text}");
        }
    }
}
