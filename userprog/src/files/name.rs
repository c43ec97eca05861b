//! Names of files as guests may use them.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use thiserror::Error;

/// The longest name in bytes.
pub const MAX_NAME: usize = 14;

/// The name is not valid for a file of the guest.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("not a name of 1 to 14 bytes without '/'")]
pub struct BadName;

/// The name of a file in the guest's directory: 1 to 14 bytes, none of them '/' or zero, and
/// neither "." nor "..". Such a name is always a single component of a path on the host.
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

    /// Returns the name as a path in the host's directory.
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
