//! All that the library is made from, as one text: if it is the same, the library is up to date.
//!
//! The launcher and `emu/cpu/build.rs` make the same text: the files of this folder's `src`, `c` and
//! `corrections` and `originals.toml`, in the order of their paths, one after the other.

use std::path::Path;

use crate::Error;

/// The name of the copy beside the library.
pub(crate) const COPY: &str = "inputs";

/// Folders whose files are inputs, in their order.
const FOLDERS: [&str; 3] = ["c", "corrections", "src"];

/// The text.
///
/// # Errors
/// If a file cannot be read.
pub(crate) fn text(home: &Path) -> Result<Vec<u8>, Error> {
    let mut text = Vec::new();
    for folder in FOLDERS {
        let folder = home.join(folder);
        let listing = std::fs::read_dir(&folder).map_err(Error::io(&folder))?;
        let mut paths = Vec::new();
        for entry in listing {
            paths.push(entry.map_err(Error::io(&folder))?.path());
        }
        paths.sort();
        for path in paths {
            text.extend(std::fs::read(&path).map_err(Error::io(&path))?);
        }
    }
    let originals = home.join("originals.toml");
    text.extend(std::fs::read(&originals).map_err(Error::io(&originals))?);
    Ok(text)
}
