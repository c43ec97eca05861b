//! Interned texts: each is stored once.
//!
//! # Invariants
//!
//! Equal texts have equal numbers, and numbers follow the order in which texts were first added.

use std::collections::BTreeMap;

/// A text, by its number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Text(pub u32);

/// All texts of a recording.
#[derive(Clone, Default, Debug)]
pub struct Texts {
    all: Vec<String>,
    numbers: BTreeMap<String, Text>,
}

impl Texts {
    /// Returns the number of a text, which is added if it is new.
    pub fn number(&mut self, text: &str) -> Text {
        if let Some(known) = self.numbers.get(text) {
            return *known;
        }
        let number = Text(self.all.len() as u32);
        self.all.push(text.to_owned());
        self.numbers.insert(text.to_owned(), number);
        number
    }

    /// Returns the text with a number.
    #[must_use]
    pub fn get(&self, number: Text) -> &str {
        &self.all[number.0 as usize]
    }

    /// Returns all texts, indexed by number.
    #[must_use]
    pub fn all(&self) -> &[String] {
        &self.all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_once() {
        let mut texts = Texts::default();
        let first = texts.number("a");
        assert_ne!(texts.number("b"), first);
        assert_eq!(texts.number("a"), first);
        assert_eq!((texts.get(first), texts.all().len()), ("a", 2));
    }
}
