//! Names of interchangeable parts of a machine: replacement policies and slot allocators.
//!
//! # Invariants
//!
//! A [`KindName`] is a well-formed name. Only the machine program knows which names exist; it lists
//! them in its [`Kinds`].

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, de};
use thiserror::Error;

use crate::settings::Settings;
use crate::similar::DidYouMean;

/// The name of a kind.
///
/// # Examples
///
/// ```
/// use protocol::kind::KindName;
///
/// let policy: KindName = "ws-clock".parse()?;
/// assert_eq!(policy.as_str(), "ws-clock");
/// assert!("WS Clock".parse::<KindName>().is_err());
/// # Ok::<(), protocol::kind::NoKindName>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KindName(String);

/// The name is not well-formed.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("'{0}' is not a valid name: names consist of lower-case letters, digits and hyphens")]
pub struct NoKindName(String);

impl KindName {
    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KindName {
    type Err = NoKindName;

    fn from_str(name: &str) -> Result<KindName, NoKindName> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !name.is_empty() && name.chars().all(allowed) {
            Ok(KindName(name.to_owned()))
        } else {
            Err(NoKindName(name.to_owned()))
        }
    }
}

impl fmt::Display for KindName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for KindName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<KindName, D::Error> {
        String::deserialize(from)?
            .parse()
            .map_err(de::Error::custom)
    }
}

/// All kinds that a machine program knows, by their names.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Kinds {
    /// Replacement policies.
    pub policies: Vec<String>,
    /// Slot allocators.
    pub slot_allocators: Vec<String>,
}

/// A machine was requested with an unknown policy or slot allocator.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("no {sort} is called '{name}'{similar}; there are {known}")]
pub struct UnknownKind {
    sort: &'static str,
    name: String,
    similar: DidYouMean,
    known: String,
}

impl Kinds {
    /// Checks that all kinds that the settings name exist.
    ///
    /// # Errors
    /// The first that is unknown.
    pub fn check(&self, settings: &Settings) -> Result<(), UnknownKind> {
        let allocator = &settings.base.slot_allocator;
        find(
            "replacement policy",
            &self.policies,
            settings.policy.as_ref(),
        )?;
        find("slot allocator", &self.slot_allocators, allocator.as_ref())
    }
}

fn find(
    sort: &'static str,
    known: &[String],
    wanted: Option<&KindName>,
) -> Result<(), UnknownKind> {
    match wanted {
        Some(KindName(name)) if !known.contains(name) => Err(UnknownKind {
            sort,
            name: name.clone(),
            similar: DidYouMean::among(name, known.iter().map(String::as_str)),
            known: known.join(", "),
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_small_letters_digits_and_hyphens() {
        assert!("ws-clock2".parse::<KindName>().is_ok());
        for bad in ["", "Clock", "a b", "a_b", "ä"] {
            assert!(bad.parse::<KindName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn what_there_is_not_is_told_with_what_there_is() {
        let kinds = Kinds {
            policies: vec!["clock".to_owned(), "fifo".to_owned()],
            ..Kinds::default()
        };
        let with = |name: &str| Settings {
            policy: name.parse().ok(),
            ..Settings::default()
        };
        assert_eq!(kinds.check(&with("fifo")), Ok(()));
        assert_eq!(
            kinds.check(&with("lru")).unwrap_err().to_string(),
            "no replacement policy is called 'lru'; there are clock, fifo"
        );
        assert_eq!(
            kinds.check(&with("colck")).unwrap_err().to_string(),
            "no replacement policy is called 'colck' (did you mean clock?); there are clock, fifo"
        );
    }
}
