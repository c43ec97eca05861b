//! Names of files in the guest's file directory, as used on the host.
//!
//! A [`GuestName`] is text that the kernel accepts as well: it is 1 to 14 bytes long and never
//! leads out of the directory.

use std::fmt;
use std::path::Path;

use thiserror::Error;

/// The most bytes that a name may have.
pub const MAX_NAME: usize = 14;

/// The name of a file as the guest sees it.
///
/// # Examples
///
/// ```
/// use host::guest_name::GuestName;
///
/// assert_eq!(GuestName::new("words.txt")?.as_str(), "words.txt");
/// for refused in ["", "a-name-too-long", "folder/file", ".."] {
///     assert!(GuestName::new(refused).is_err(), "{refused}");
/// }
/// # Ok::<(), host::guest_name::NameError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct GuestName(String);

/// The text is not a valid name for a guest's file.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("'{0}' cannot be the name of a guest's file: names have 1 to {MAX_NAME} bytes and no '/'")]
pub struct NameError(String);

impl GuestName {
    /// Checks a name.
    ///
    /// # Errors
    /// The kernel would refuse it.
    pub fn new(name: &str) -> Result<GuestName, NameError> {
        let fits = (1..=MAX_NAME).contains(&name.len());
        let leads_away = name.contains(['/', '\0']) || name == "." || name == "..";
        if fits && !leads_away {
            Ok(GuestName(name.to_owned()))
        } else {
            Err(NameError(name.to_owned()))
        }
    }

    /// Returns the base name of a path on the host.
    ///
    /// # Errors
    /// It has none, or the kernel would refuse it.
    pub fn of_path(path: &Path) -> Result<GuestName, NameError> {
        match path.file_name().and_then(|name| name.to_str()) {
            Some(name) => GuestName::new(name),
            None => Err(NameError(path.display().to_string())),
        }
    }

    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GuestName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fourteen_bytes_are_the_most() {
        assert!(GuestName::new("page-merge-par").is_ok());
        assert!(GuestName::new("page-merge-parr").is_err());
        assert!(GuestName::new("").is_err());
    }

    #[test]
    fn no_name_leads_out_of_the_directory() {
        for name in ["..", ".", "a/b", "/etc", "a\0b"] {
            assert!(GuestName::new(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_path_gives_its_last_part() {
        assert_eq!(
            GuestName::of_path(Path::new("/tmp/x/prog"))
                .unwrap()
                .as_str(),
            "prog"
        );
        assert!(GuestName::of_path(Path::new("/")).is_err());
    }
}
