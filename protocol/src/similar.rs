//! What may have been meant by a name that there is not.
//!
//! # Invariants
//!
//! What is suggested is one of the names that there are, and differs from what was written in a
//! third of its letters at most; of several that are equally near, the first is taken. What is
//! written is never suggested itself.

use std::fmt;

/// Behind a name in a message: nothing, or ` (did you mean NAME?)`.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct DidYouMean(Option<String>);

impl DidYouMean {
    /// The nearest of the names, if one is near enough.
    pub fn among<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> DidYouMean {
        let distance = |name: &str| strsim::damerau_levenshtein(written, name);
        let most = written.chars().count().div_ceil(3);
        let near = names.into_iter().map(|name| (distance(name), name));
        let is_near = |distance, name: &str| distance <= most && distance < name.chars().count();
        let near = near.filter(|&(distance, name)| distance > 0 && is_near(distance, name));
        let nearest = near.min_by_key(|(distance, _)| *distance);
        DidYouMean(nearest.map(|(_, name)| name.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl fmt::Display for DidYouMean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, " (did you mean {name}?)"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(written: &str) -> String {
        let names = ["page-linear", "page-shuffle", "hello", "rm"];
        DidYouMean::among(written, names).to_string()
    }

    #[test]
    fn a_slip_of_the_hand_is_found() {
        for (written, name) in [
            ("page-liner", "page-linear"),
            ("page-lniear", "page-linear"),
            ("pageshuffle", "page-shuffle"),
            ("Hello", "hello"),
            ("helo", "hello"),
        ] {
            assert_eq!(meant(written), format!(" (did you mean {name}?)"));
        }
    }

    #[test]
    fn what_is_like_nothing_that_there_is_gets_no_suggestion() {
        for written in ["", "x", "xy", "no-such-program", "page"] {
            assert_eq!(meant(written), "", "{written}");
        }
    }
}
