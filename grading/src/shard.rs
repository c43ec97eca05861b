//! A part of all tests, for one of several machines.
//!
//! # Invariants
//!
//! The parts of a whole are disjoint, cover the whole, and depend on nothing but the order of the
//! tests.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The part `index` of `count`, from 1.
///
/// # Examples
///
/// ```
/// use grading::shard::Shard;
///
/// let second: Shard = "2/3".parse()?;
/// let tests: Vec<usize> = (1..=7).filter(|number| second.has(*number)).collect();
/// assert_eq!(tests, [2, 5]);
/// assert!("4/3".parse::<Shard>().is_err());
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Shard {
    /// The part, from 1.
    pub index: usize,
    /// The number of parts.
    pub count: usize,
}

impl Shard {
    /// Returns whether the test with this number, from 1, is in the part. Tests are dealt out one
    /// by one, since long ones are next to each other.
    #[must_use]
    pub fn has(self, number: usize) -> bool {
        number % self.count == self.index % self.count
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let refusal = || format!("'{text}' is not of the form I/N with I from 1 to N, as in 1/4");
        let (index, count) = text.split_once('/').ok_or_else(refusal)?;
        let index = index.parse().map_err(|_| refusal())?;
        let count = count.parse().map_err(|_| refusal())?;
        if (1..=count).contains(&index) {
            Ok(Shard { index, count })
        } else {
            Err(refusal())
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_test_is_in_one_part() {
        for count in 1..6 {
            for number in 1..20 {
                let parts = (1..=count).filter(|&index| Shard { index, count }.has(number));
                assert_eq!(parts.count(), 1, "{number} of {count}");
            }
        }
    }

    #[test]
    fn only_parts_of_a_whole_can_be_asked_for() {
        assert_eq!("2/3".parse(), Ok(Shard { index: 2, count: 3 }));
        for bad in ["0/3", "4/3", "1", "1/0", "a/b", ""] {
            assert!(bad.parse::<Shard>().is_err(), "{bad}");
        }
    }
}
