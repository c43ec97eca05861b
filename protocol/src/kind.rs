//! Names of what a machine can be given of several kinds: a replacement policy, a slot allocator.
//!
//! # Invariants
//!
//! A [`KindName`] is one that a kind can have. Whether there is one, only the machine program
//! knows; it tells all in its [`Kinds`].

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, de};
use thiserror::Error;

use crate::settings::Settings;

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

/// Not a name that a kind can have.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("'{0}' is no name for it: such a name is made of small letters, digits and hyphens")]
pub struct NoKindName(String);

impl KindName {
    /// The name.
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

/// A machine was asked for something of which there is none.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("no {sort} is called '{name}'; there are {known}")]
pub struct UnknownKind {
    sort: &'static str,
    name: String,
    known: String,
}

impl Kinds {
    /// Looks whether there is all that a machine is to have.
    ///
    /// # Errors
    /// The first of which there is none.
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
    }
}
