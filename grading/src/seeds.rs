//! The seeds that tests are run with, as a user writes them: one, or a range.
//!
//! # Invariants
//!
//! There is at least one and at most [`MOST`].

use std::str::FromStr;

/// The most seeds, against typing mistakes.
const MOST: u64 = 1000;

/// Seeds, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seeds(Vec<u64>);

impl Seeds {
    /// Returns the seeds.
    #[must_use]
    pub fn numbers(&self) -> &[u64] {
        &self.0
    }
}

impl FromStr for Seeds {
    type Err = String;

    fn from_str(text: &str) -> Result<Seeds, String> {
        let number = |text: &str| {
            text.parse::<u64>()
                .map_err(|error| format!("'{text}': {error}"))
        };
        let Some((first, last)) = text.split_once("..") else {
            return Ok(Seeds(vec![number(text)?]));
        };
        let (first, last) = (number(first)?, number(last)?);
        if first > last {
            return Err(format!(
                "{first} to {last} is not a range of seeds; the smaller comes first"
            ));
        }
        if last - first >= MOST {
            return Err(format!("more than {MOST} seeds"));
        }
        Ok(Seeds((first..=last).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_or_from_one_to_another() {
        assert_eq!("7".parse(), Ok(Seeds(vec![7])));
        assert_eq!("7..9".parse(), Ok(Seeds(vec![7, 8, 9])));
        assert_eq!("7..7".parse(), Ok(Seeds(vec![7])));
        for bad in ["", "x", "1..", "3..2", "0..1000", "-1"] {
            assert!(bad.parse::<Seeds>().is_err(), "{bad}");
        }
    }
}
