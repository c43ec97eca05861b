//! Files for tests: temporary folders, and the tree itself.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// Returns the root of the tree that is tested.
///
/// # Panics
/// Never: this crate is in a folder of that root.
#[must_use]
pub fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().expect("a member of the workspace").to_owned()
}

/// Makes a temporary folder of files: their paths in it, and their texts.
///
/// # Panics
/// If the file system refuses.
#[track_caller]
#[must_use]
pub fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in files {
        write(&folder.path().join(path), text);
    }
    folder
}

/// Writes a file, and makes the folders that it is in.
///
/// # Panics
/// If the file system refuses.
#[track_caller]
pub fn write(path: &Path, text: impl AsRef<[u8]>) {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).expect("the folder is ours");
    }
    fs::write(path, text).expect("the folder is ours");
}

/// Writes a file that can be executed.
///
/// # Panics
/// If the file system refuses.
#[track_caller]
pub fn write_script(path: &Path, text: &str) {
    write(path, text);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(path, mode).expect("the file is ours");
    }
}

/// Returns the paths from a folder of all files in it and in its folders, in order; links are followed.
///
/// # Panics
/// If the folder cannot be read, or a name is no text.
#[track_caller]
#[must_use]
pub fn files_below(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let entry = entry.expect("the folder can be read");
        let name = entry.file_name().into_string().expect("a name is text");
        if entry.path().is_dir() {
            let inner = files_below(&entry.path());
            found.extend(inner.iter().map(|path| format!("{name}/{path}")));
        } else {
            found.push(name);
        }
    }
    found.sort();
    found
}
