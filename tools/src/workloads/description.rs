//! What is said of a workload: `images/workloads/NAME.toml`.
//!
//! # Invariants
//!
//! A bundled workload names a set of packages that there is, and each of its files has a name that a guest can have.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

use super::input::Made;
use driver::guest::Guest;
use host::guest_name::{GuestName, NameError};
use host::packages::{Catalogue, NoCatalogue, Set};
use host::program::{GuestFile, Program, ProgramError};
use host::sha256::Sum;
use host::shell::quoted;
use protocol::settings::Frames;
use protocol::similar::DidYouMean;

/// A real program, its input, and what both show.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Workload {
    /// Its name, that of its file.
    #[serde(skip)]
    pub name: String,
    /// What it does, in a few words.
    pub title: String,
    /// The set of packages that its program is in.
    pub packages: String,
    /// The program, by its path in the packages.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// How it finds its libraries.
    pub linking: Linking,
    /// Numbers of frames that show something.
    pub frames: Vec<Frames>,
    /// The SHA-256 sum of what it prints, followed by its result if that is a file.
    pub output: Sum,
    /// The file that it writes.
    pub result: Option<String>,
    /// What it shows about replacement.
    pub shows: String,
    /// Its files.
    #[serde(rename = "input", default)]
    pub inputs: Vec<Input>,
}

/// A file that a workload finds.
#[derive(Clone, Debug, Deserialize)]
pub struct Input {
    /// Its name.
    pub name: String,
    /// How it is made.
    #[serde(flatten)]
    pub made: Made,
}

/// How a program finds its libraries.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Linking {
    /// It has them in it.
    Static,
    /// Its dynamic linker looks for them in the packages.
    Dynamic,
}

/// Why there is no such workload, or why it cannot be run.
#[derive(Debug, Error)]
pub enum WorkloadError {
    /// There is none of this name.
    #[error("there is no workload '{name}'{similar}; `vmlab workloads list` shows all")]
    Unknown {
        /// The name.
        name: String,
        /// What may have been meant.
        similar: DidYouMean,
    },
    /// Its description is wrong.
    #[error("images/workloads/{name}.toml: {error}")]
    Wrong {
        /// Its name.
        name: String,
        /// What is wrong.
        error: Box<toml::de::Error>,
    },
    /// A file of it has a name that no guest can have.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Nothing is known of its packages.
    #[error("there are no packages '{0}' in images/packages.toml")]
    NoPackages(String),
    /// The list of packages is wrong.
    #[error(transparent)]
    Catalogue(#[from] NoCatalogue),
    /// Its packages were not fetched.
    #[error(
        "the packages of {name} are not in {}; `vmlab workloads fetch` fetches them", folder.display()
    )]
    NotFetched {
        /// Its name.
        name: String,
        /// Where they were looked for.
        folder: PathBuf,
    },
    /// Its program cannot be read.
    #[error(transparent)]
    Program(#[from] ProgramError),
}

impl Workload {
    /// Reads a description.
    ///
    /// # Errors
    /// [`WorkloadError::Wrong`] if something is missing, misspelt or out of its range.
    pub fn read(name: &str, text: &str) -> Result<Workload, WorkloadError> {
        let read = toml::from_str::<Workload>(text);
        let workload = read.map_err(|error| WorkloadError::Wrong {
            name: name.to_owned(),
            error: Box::new(error),
        })?;
        Ok(Workload {
            name: name.to_owned(),
            ..workload
        })
    }

    /// Returns all bundled workloads, sorted by name.
    ///
    /// # Errors
    /// One of them is wrong.
    pub fn all() -> Result<Vec<Workload>, WorkloadError> {
        let bundled = images::workloads().iter();
        bundled
            .map(|(name, text)| Workload::read(name, text))
            .collect()
    }

    /// Returns the workloads of these names, in their order; all, if there are no names.
    ///
    /// # Errors
    /// There is none of a name.
    pub fn named(names: &[String]) -> Result<Vec<Workload>, WorkloadError> {
        let all = Workload::all()?;
        if names.is_empty() {
            return Ok(all);
        }
        let find = |name: &String| {
            let found = all.iter().find(|workload| workload.name == *name);
            found.cloned().ok_or_else(|| WorkloadError::Unknown {
                name: name.clone(),
                similar: DidYouMean::among(name, all.iter().map(|workload| &*workload.name)),
            })
        };
        names.iter().map(find).collect()
    }

    /// Returns its set of packages.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn set<'a>(&self, catalogue: &'a Catalogue) -> Result<&'a Set, WorkloadError> {
        let set = catalogue.set(&self.packages);
        set.ok_or_else(|| WorkloadError::NoPackages(self.packages.clone()))
    }

    /// Returns the folder of its packages among those that were fetched into `packages`.
    ///
    /// # Errors
    /// They are not there.
    pub fn files(&self, packages: &Path) -> Result<PathBuf, WorkloadError> {
        let catalogue = Catalogue::bundled()?;
        let found = self.set(&catalogue)?.found(packages);
        found.ok_or_else(|| WorkloadError::NotFetched {
            name: self.name.clone(),
            folder: packages.to_owned(),
        })
    }

    /// Returns the guest: the program, from the folder of its packages, with its input.
    ///
    /// # Errors
    /// The program cannot be read, or a file cannot have its name.
    pub fn guest(&self, files: &Path) -> Result<Guest, WorkloadError> {
        let program = Program::of_file(&files.join(&self.program))?;
        let inputs = self.inputs.iter().map(Input::file);
        let inputs = inputs.collect::<Result<Vec<_>, _>>()?;
        Ok(Guest::new(program, self.arguments.clone(), inputs))
    }

    /// The command line as people would type it in a shell.
    #[must_use]
    pub fn command_line(&self) -> String {
        let program = self.program.file_name().unwrap_or_default();
        format!(
            "{} {}",
            quoted(&program.to_string_lossy()),
            self.arguments_quoted()
        )
    }

    /// The arguments as people would type them in a shell.
    #[must_use]
    pub fn arguments_quoted(&self) -> String {
        let words = self.arguments.iter().map(|word| quoted(word));
        words.collect::<Vec<_>>().join(" ")
    }
}

impl Input {
    fn file(&self) -> Result<GuestFile, NameError> {
        Ok(GuestFile {
            name: GuestName::new(&self.name)?,
            content: self.made.content(),
        })
    }
}

impl fmt::Display for Linking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Linking::Static => "static",
            Linking::Dynamic => "dynamic",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bundled_workload_has_packages_and_files_that_a_guest_can_have() {
        let catalogue = Catalogue::bundled().unwrap();
        let all = Workload::all().unwrap();
        assert!(all.len() >= 10, "{}", all.len());
        for workload in all {
            assert!(workload.set(&catalogue).is_ok(), "{}", workload.name);
            assert!(!workload.frames.is_empty(), "{}", workload.name);
            assert!(workload.shows.len() > 100, "{}", workload.name);
            for input in &workload.inputs {
                assert!(!input.file().unwrap().content.is_empty());
            }
            if let Some(result) = &workload.result {
                assert!(GuestName::new(result).is_ok(), "{}", workload.name);
            }
        }
    }

    #[test]
    fn what_is_misspelt_or_out_of_range_is_refused() {
        let (name, good) = images::workloads()[0];
        assert!(Workload::read(name, good).is_ok());
        let refused = |text: &str| Workload::read(name, text).unwrap_err().to_string();
        let misspelt = refused(&format!("titel = 'x'\n{good}"));
        assert!(misspelt.starts_with(&format!("images/workloads/{name}.toml")));
        let few = good.replacen("frames = [", "frames = [7, ", 1);
        assert!(refused(&few).contains("8 to"), "{}", refused(&few));
        let sum = good.replacen("output = \"", "output = \"x", 1);
        assert!(refused(&sum).contains("64 hexadecimal digits"));
    }

    #[test]
    fn a_misspelt_name_is_answered_with_the_one_that_there_is() {
        let refused = Workload::named(&["srot".to_owned()]).unwrap_err();
        assert!(refused.to_string().contains("sort"), "{refused}");
    }

    #[test]
    fn packages_that_were_not_fetched_are_told_with_the_way_out() {
        let nowhere = Path::new("no-such-folder");
        let refused = Workload::all().unwrap()[0].files(nowhere).unwrap_err();
        assert!(refused.to_string().contains("vmlab workloads fetch"));
    }
}
