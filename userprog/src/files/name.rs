//! Names of files as guests may use them.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use thiserror::Error;

/// The longest name in bytes.
pub const MAX_NAME: usize = 14;

/// The most bytes that a component of a path may have.
const MAX_COMPONENT: usize = 255;
/// The most bytes that a path may have.
const MAX_PATH: usize = 4095;

/// The name is not valid for a file of the guest.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("not a name of 1 to 14 bytes without '/'")]
pub struct BadName;

/// The name of a file of the guest's: for Pintos' calls one component of 1 to 14 bytes, for Linux' a path of
/// several. No component is empty, "." or ".." or has a zero in it, so that no name leads out of the guest's
/// directory, whatever it says.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FileName(Box<[u8]>);

impl FileName {
    /// Checks a name.
    ///
    /// # Errors
    /// [`BadName`] if it is not valid.
    pub fn new(bytes: &[u8]) -> Result<FileName, BadName> {
        let fits = (1..=MAX_NAME).contains(&bytes.len());
        let plain = !bytes.iter().any(|byte| matches!(byte, b'/' | 0));
        if fits && plain && bytes != b"." && bytes != b".." {
            Ok(FileName(bytes.into()))
        } else {
            Err(BadName)
        }
    }

    /// Checks a path from the guest's directory on, without a '/' at either end.
    ///
    /// # Errors
    /// [`BadName`] if no file can have it.
    pub fn of_path(path: &[u8]) -> Result<FileName, BadName> {
        let good = |component: &[u8]| {
            (1..=MAX_COMPONENT).contains(&component.len())
                && !component.contains(&0)
                && component != b"."
                && component != b".."
        };
        let fits = path.len() <= MAX_PATH && path.split(|byte| *byte == b'/').all(good);
        fits.then(|| FileName(path.into())).ok_or(BadName)
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the name as a path in the host's directory.
    #[must_use]
    pub fn as_path(&self) -> &Path {
        Path::new(OsStr::from_bytes(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_1_to_14_bytes_are_good_whatever_the_bytes_say() {
        for good in [
            &b"a"[..],
            b"fourteen-bytes",
            b"...",
            b"..a",
            b" ",
            b"\xff\n",
            b"a\\b",
            b"~",
        ] {
            assert!(FileName::new(good).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn paths_are_good_whose_components_are_names() {
        let long = [b'a'; 255];
        for good in [&b"a"[..], b"fifteen-bytes-x", b"a/b", b"..a/b", &long] {
            assert!(FileName::of_path(good).is_ok(), "{good:?}");
        }
        for bad in [
            &b""[..],
            b"/",
            b"/a",
            b"a/",
            b"a//b",
            b"../a",
            b"a/..",
            b"a/./b",
            b"nul\0/a",
            &[b'a'; 256],
        ] {
            assert_eq!(FileName::of_path(bad), Err(BadName), "{bad:?}");
        }
    }

    #[test]
    fn names_that_lead_elsewhere_or_do_not_fit_are_bad() {
        for bad in [
            &b""[..],
            b"fifteen-bytes-x",
            b".",
            b"..",
            b"/",
            b"/etc",
            b"a/b",
            b"../up",
            b"dir/",
            b"nul\0",
        ] {
            assert_eq!(FileName::new(bad), Err(BadName), "{bad:?}");
        }
    }
}
