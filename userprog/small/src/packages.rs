//! Debian's packages for the i386, for tests that run real programs.
//!
//! # Invariants
//! Packages are fetched by `apt-get` with lists and a cache of its own, and taken apart; nothing is installed. A
//! folder of packages is complete or not there.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The files of these packages, in a folder of this name in `target`; they are fetched if it is not there.
///
/// # Errors
/// Why they cannot be had, in words.
pub fn files_of(packages: &[&str], target: &Path, name: &str) -> Result<PathBuf, String> {
    let folder = target.join(name);
    if !folder.exists() {
        let failed = |error: String| format!("{} cannot be fetched: {error}", packages.join(", "));
        fetch(packages, target, &folder).map_err(failed)?;
    }
    Ok(folder)
}

/// What was found for a test; `None`, with a line about it, if it cannot be had.
///
/// # Panics
/// If it cannot be had and this environment variable is set: where a test that is skipped is one that failed.
pub fn or_skipped<'a>(found: &'a Result<PathBuf, String>, required: &str) -> Option<&'a Path> {
    match found {
        Ok(path) => Some(path),
        Err(why) if std::env::var_os(required).is_some() => panic!("{why}"),
        Err(why) => {
            eprintln!("skipped: {why}");
            None
        }
    }
}

fn fetch(packages: &[&str], target: &Path, folder: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| error.to_string();
    std::fs::create_dir_all(target).map_err(failed)?;
    let apart = tempfile::tempdir_in(target).map_err(failed)?;
    let apart = apart.path();
    for part in ["lists/partial", "cache/archives/partial", "state"] {
        std::fs::create_dir_all(apart.join(part)).map_err(failed)?;
    }
    let options = options(apart);
    let apt = |words: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(options.iter().flat_map(|option| ["-o", option]));
        run(command.args(words).current_dir(apart))
    };
    // One list that is not there does not matter, if the packages are.
    let updated = apt(&["update"]);
    apt(&[&["download"], packages].concat()).map_err(|error| match updated {
        Ok(()) => error,
        Err(first) => format!("{first}; {error}"),
    })?;
    let files = apart.join("files");
    for entry in std::fs::read_dir(apart).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            run(Command::new("dpkg").arg("-x").arg(path).arg(&files))?;
        }
    }
    std::fs::rename(&files, folder).map_err(failed)
}

fn options(apart: &Path) -> [String; 8] {
    let at = |part: &str| apart.join(part).display().to_string();
    [
        "APT::Architecture=i386".to_owned(),
        "APT::Architectures::=i386".to_owned(),
        "APT::Sandbox::User=".to_owned(),
        "Acquire::Languages=none".to_owned(),
        format!("Dir::State={}", at("state")),
        format!("Dir::State::lists={}", at("lists")),
        "Dir::State::status=/dev/null".to_owned(),
        format!("Dir::Cache={}", at("cache")),
    ]
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!(
            "{command:?}: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        )),
    }
}
