//! Files of the host that the user named, which are read whole.
//!
//! # Invariants
//!
//! Only a regular file is opened, so that reading comes to an end: a device may yield bytes
//! forever, and a pipe may wait for a writer.

use std::path::Path;
use std::{fs, io};

/// Returns the content of the file.
///
/// # Errors
/// Those of reading it; or it is not a regular file.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    check(path)?;
    fs::read(path)
}

/// Returns the text in the file.
///
/// # Errors
/// Those of [`read`]; or it is not text.
pub fn read_text(path: &Path) -> io::Result<String> {
    check(path)?;
    fs::read_to_string(path)
}

fn check(path: &Path) -> io::Result<()> {
    if fs::metadata(path)?.is_file() {
        Ok(())
    } else {
        Err(io::Error::other(
            "it is not a regular file; copy its content into one",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_might_never_end_is_refused() {
        for path in ["/dev/zero", "/dev"] {
            let refused = read(Path::new(path)).unwrap_err();
            assert!(refused.to_string().contains("regular file"), "{refused}");
            assert!(read_text(Path::new(path)).is_err());
        }
        let missing = read(Path::new("no-such-file")).unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    }
}
