//! A test's constraint on the statistics: `NAME RELATION NUMBER`, as in `swap_writes <= 10`.
//!
//! # Invariants
//!
//! The name is one that `vmlab run --stats=json` prints as a number.

use std::fmt;
use std::str::FromStr;

use protocol::similar::DidYouMean;
use protocol::stats;

/// One constraint.
///
/// # Examples
///
/// ```
/// use grading::suite::Constraint;
///
/// let few: Constraint = "swap_writes <= 1_000".parse()?;
/// assert_eq!(few.name(), "swap_writes");
/// assert!(few.holds(1000) && !few.holds(1001));
/// let unknown = "swaps <= 10".parse::<Constraint>().unwrap_err();
/// assert_eq!(unknown, "there is no number 'swaps' in the statistics");
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Constraint {
    name: String,
    relation: Relation,
    number: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Relation {
    Equal,
    NotEqual,
    AtMost,
    AtLeast,
    Less,
    More,
}

const RELATIONS: [(&str, Relation); 6] = [
    ("==", Relation::Equal),
    ("!=", Relation::NotEqual),
    ("<=", Relation::AtMost),
    (">=", Relation::AtLeast),
    ("<", Relation::Less),
    (">", Relation::More),
];

impl Constraint {
    /// Returns the name of the statistic.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns whether a number satisfies the constraint.
    #[must_use]
    pub fn holds(&self, value: u64) -> bool {
        match self.relation {
            Relation::Equal => value == self.number,
            Relation::NotEqual => value != self.number,
            Relation::AtMost => value <= self.number,
            Relation::AtLeast => value >= self.number,
            Relation::Less => value < self.number,
            Relation::More => value > self.number,
        }
    }
}

impl FromStr for Constraint {
    type Err = String;

    fn from_str(text: &str) -> Result<Constraint, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let [name, relation, number] = words[..] else {
            return Err(format!(
                "'{text}' is not of the form 'NAME <= NUMBER' (or ==, !=, >=, <, >)"
            ));
        };
        if !stats::is_name(name) {
            let similar = DidYouMean::among(name, stats::names());
            return Err(format!(
                "there is no number '{name}' in the statistics{similar}"
            ));
        }
        let relation = RELATIONS.iter().find(|(word, _)| *word == relation);
        let relation = relation.ok_or_else(|| format!("'{text}': no such comparison"))?;
        let number = number.replace('_', "").parse();
        Ok(Constraint {
            name: name.to_owned(),
            relation: relation.1,
            number: number.map_err(|error| format!("'{text}': {error}"))?,
        })
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = RELATIONS
            .iter()
            .find(|(_, relation)| *relation == self.relation)
            .map_or("?", |(word, _)| word);
        write!(f, "{} {word} {}", self.name, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_comparison_compares() {
        for (text, good, bad) in [
            ("work == 5", 5, 6),
            ("work != 5", 6, 5),
            ("work <= 5", 5, 6),
            ("work >= 5", 5, 4),
            ("work < 5", 4, 5),
            ("work > 5", 6, 5),
        ] {
            let constraint: Constraint = text.parse().unwrap();
            assert!(constraint.holds(good) && !constraint.holds(bad), "{text}");
            assert_eq!(constraint.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_constraint_is_refused() {
        for (text, what) in [
            ("work", "form"),
            ("work <= 5 6", "form"),
            ("wrok <= 5", "wrok"),
            ("work =< 5", "comparison"),
            ("work <= -1", "invalid digit"),
        ] {
            let error = text.parse::<Constraint>().unwrap_err();
            assert!(error.contains(what), "{error}");
        }
    }
}
