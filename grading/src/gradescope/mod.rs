//! The upload for Gradescope: a folder with `setup.sh`, `run_autograder` and a copy of the project,
//! to be put into a zip file.
//!
//! # Invariants
//!
//! The folder must be new or empty, so that nothing is overwritten. The copy has no build output,
//! no git history and no symbolic links.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use host::shell::quoted;

const SETUP: &str = include_str!("setup.sh");
const RUN: &str = include_str!("run_autograder");

/// Folders that are not copied, wherever they are in the project.
const LEFT_OUT: [&str; 3] = ["target", ".git", ".vmlab"];

/// Why the upload cannot be made.
#[derive(Debug, Error)]
pub enum UploadError {
    /// The folder is not empty.
    #[error("{} is there already and is not empty; name another folder", .0.display())]
    NotEmpty(PathBuf),
    /// There is no project to copy.
    #[error(
        "{} is not the project's folder, which has a file 'vmlab' and a Cargo.toml; \
         run this there, or name it with --project", .0.display()
    )]
    NoProject(PathBuf),
    /// A folder that students submit is not in the project.
    #[error("there is no folder '{0}' in the project (--submit)")]
    NoFolder(String),
    /// A file cannot be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// Writes the upload into `target`. `submitted` are the folders of `project` that students submit.
///
/// # Errors
/// [`UploadError`]; what was written until then stays.
pub fn write(target: &Path, project: &Path, submitted: &[String]) -> Result<(), UploadError> {
    if !project.join("vmlab").is_file() || !project.join("Cargo.toml").is_file() {
        return Err(UploadError::NoProject(project.to_owned()));
    }
    let missing = submitted
        .iter()
        .find(|folder| !project.join(folder).is_dir());
    if let Some(missing) = missing {
        return Err(UploadError::NoFolder(missing.clone()));
    }
    make_empty(target)?;
    let folders: Vec<String> = submitted.iter().map(|folder| quoted(folder)).collect();
    write_script(&target.join("setup.sh"), SETUP)?;
    let run = RUN.replace("@FOLDERS@", &folders.join(" "));
    write_script(&target.join("run_autograder"), &run)?;
    let except = target.canonicalize().map_err(at(target))?;
    copy(project, &target.join("project"), &except)
}

fn make_empty(target: &Path) -> Result<(), UploadError> {
    fs::create_dir_all(target).map_err(at(target))?;
    let mut entries = fs::read_dir(target).map_err(at(target))?;
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(UploadError::NotEmpty(target.to_owned())),
    }
}

fn write_script(path: &Path, text: &str) -> Result<(), UploadError> {
    fs::write(path, text).map_err(at(path))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).map_err(at(path))?;
    }
    Ok(())
}

/// Copies a folder without what is left out and the folder `except`.
fn copy(from: &Path, to: &Path, except: &Path) -> Result<(), UploadError> {
    fs::create_dir(to).map_err(at(to))?;
    for entry in fs::read_dir(from).map_err(at(from))? {
        let entry = entry.map_err(at(from))?;
        let (path, name) = (entry.path(), entry.file_name());
        let kind = entry.file_type().map_err(at(&path))?;
        let is_left_out = LEFT_OUT.iter().any(|left_out| name == *left_out);
        if is_left_out || kind.is_symlink() || path.canonicalize().is_ok_and(|p| p == except) {
            continue;
        }
        if kind.is_dir() {
            copy(&path, &to.join(name), except)?;
        } else if kind.is_file() {
            fs::copy(&path, to.join(name)).map_err(at(&path))?;
        }
    }
    Ok(())
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> UploadError {
    let path = path.to_owned();
    move |error| UploadError::File { path, error }
}
