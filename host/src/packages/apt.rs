//! `apt-get` and `dpkg`, with lists and a cache of their own in a temporary folder.
//!
//! # Invariants
//!
//! Nothing of the host's own lists or packages is changed. The temporary folder goes in the end, whatever happens.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{Architecture, PackagesError, at};

/// The folder where one set of packages is fetched and taken apart.
pub(super) struct Apt {
    apart: TempDir,
    options: Vec<String>,
}

impl Apt {
    /// Prepares to fetch packages for an architecture, from `source` (a line as in `sources.list`) or from the host's
    /// own sources. The folder is made beside the result, so that this can be moved.
    pub(super) fn new(
        target: &Path,
        architecture: Architecture,
        source: Option<&str>,
    ) -> Result<Apt, PackagesError> {
        fs::create_dir_all(target).map_err(at(target))?;
        let apart = tempfile::tempdir_in(target).map_err(at(target))?;
        for part in [
            "lists/partial",
            "cache/archives/partial",
            "state",
            "files",
            "fetched",
        ] {
            let folder = apart.path().join(part);
            fs::create_dir_all(&folder).map_err(at(&folder))?;
        }
        let place = |part: &str| apart.path().join(part).display().to_string();
        let mut options = vec![
            format!("APT::Architecture={architecture}"),
            format!("APT::Architectures::={architecture}"),
            "APT::Sandbox::User=".to_owned(),
            "Acquire::Languages=none".to_owned(),
            "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false".to_owned(),
            format!("Dir::State={}", place("state")),
            format!("Dir::State::lists={}", place("lists")),
            "Dir::State::status=/dev/null".to_owned(),
            format!("Dir::Cache={}", place("cache")),
        ];
        if let Some(source) = source {
            let list = apart.path().join("sources.list");
            fs::write(&list, format!("{source}\n")).map_err(at(&list))?;
            options.push(format!("Dir::Etc::sourcelist={}", list.display()));
            options.push("Dir::Etc::sourceparts=/dev/null".to_owned());
        }
        Ok(Apt { apart, options })
    }

    /// Fetches the lists of packages.
    pub(super) fn update(&self) -> Result<(), PackagesError> {
        self.get(&["update"])
    }

    /// Fetches a package, `NAME` or `NAME=VERSION`, and returns its file.
    pub(super) fn download(&self, package: &str) -> Result<PathBuf, PackagesError> {
        let folder = self.apart.path().join("fetched");
        self.get(&["download", package])?;
        let mut entries = fs::read_dir(&folder).map_err(at(&folder))?;
        let file = match entries.next() {
            Some(entry) => entry.map_err(at(&folder))?.path(),
            None => return Err(failed("apt-get", "it has fetched nothing".to_owned())),
        };
        // So that the next one is alone in the folder.
        let kept = self.apart.path().join(file.file_name().unwrap_or_default());
        fs::rename(&file, &kept).map_err(at(&file))?;
        Ok(kept)
    }

    /// Adds the files of a package to those of the set.
    pub(super) fn take_apart(&self, file: &Path) -> Result<(), PackagesError> {
        let files = self.apart.path().join("files");
        run("dpkg", Command::new("dpkg").arg("-x").arg(file).arg(files))
    }

    /// Has the files of the set appear as this folder.
    pub(super) fn finish(self, folder: &Path) -> Result<(), PackagesError> {
        match fs::rename(self.apart.path().join("files"), folder) {
            // Another process was as fast.
            Err(_) if folder.exists() => Ok(()),
            renamed => renamed.map_err(at(folder)),
        }
    }

    fn get(&self, words: &[&str]) -> Result<(), PackagesError> {
        let mut command = Command::new("apt-get");
        command.args(self.options.iter().flat_map(|option| ["-o", option]));
        command.current_dir(self.apart.path().join("fetched"));
        run("apt-get", command.args(words))
    }
}

fn run(name: &'static str, command: &mut Command) -> Result<(), PackagesError> {
    let output = command.output().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => PackagesError::NoCommand { command: name },
        _ => failed(name, error.to_string()),
    })?;
    match output.status.success() {
        true => Ok(()),
        false => Err(failed(name, said(&output.stderr))),
    }
}

/// What a command said when it failed, as one line.
fn said(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("; ")
}

fn failed(command: &'static str, said: String) -> PackagesError {
    PackagesError::Failed { command, said }
}
