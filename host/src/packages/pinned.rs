//! Packages in one version each, known by their SHA-256 sums: `images/packages.toml`.
//!
//! # Invariants
//!
//! Whoever has a folder of a set has the same bytes as everybody else. A set with another pin is another folder, so
//! an outdated one is never taken for it.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

use super::apt::Apt;
use super::{PackagesError, at};
use crate::sha256::Sum;

/// All sets that there are.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// Where they are fetched, a line as in `sources.list`. It need not be trusted, since all sums are known.
    pub source: String,
    /// The sets.
    #[serde(rename = "set")]
    pub sets: Vec<Set>,
}

/// Packages that are used together.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Set {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub about: String,
    /// What its programs run on.
    pub architecture: Architecture,
    /// The packages.
    #[serde(rename = "package")]
    pub packages: Vec<Package>,
}

/// One package.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version, with the epoch if it has one.
    pub version: String,
    /// The SHA-256 sum of its file.
    pub sha256: Sum,
}

/// An architecture by Debian's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Architecture {
    /// 32-bit x86, as the machine is.
    I386,
    /// 64-bit x86.
    Amd64,
}

/// Why there is no catalogue.
#[derive(Debug, Error)]
#[error("the catalogue of packages is wrong: {0}")]
pub struct NoCatalogue(#[from] toml::de::Error);

impl Catalogue {
    /// Returns the catalogue in `images/packages.toml`.
    ///
    /// # Errors
    /// It cannot be read, which only a mistake in that file can cause.
    pub fn bundled() -> Result<Catalogue, NoCatalogue> {
        Ok(toml::from_str(images::PACKAGES)?)
    }

    /// Returns the set of a name.
    #[must_use]
    pub fn set(&self, name: &str) -> Option<&Set> {
        self.sets.iter().find(|set| set.name == name)
    }

    /// Fetches a set into `target`, unless it is there, and returns its folder; `say` is told of each step.
    ///
    /// # Errors
    /// [`PackagesError`] if it cannot be had.
    pub fn fetch(
        &self,
        set: &Set,
        target: &Path,
        say: &dyn Fn(&str),
    ) -> Result<PathBuf, PackagesError> {
        if let Some(folder) = set.found(target) {
            return Ok(folder);
        }
        let folder = target.join(set.folder());
        let apt = Apt::new(target, set.architecture, Some(&self.source))?;
        let mut is_updated = false;
        for package in &set.packages {
            let file = match by_hand(target, package) {
                Some(file) => file,
                None => {
                    let gone = |error: PackagesError| package.gone(error, target);
                    if !is_updated {
                        say(&format!("reading the list of packages of {}", self.source));
                        apt.update()?;
                        is_updated = true;
                    }
                    say(&format!("fetching {package} for {}", set.architecture));
                    let file = apt.download(&package.pin()).map_err(gone)?;
                    package.check(&file)?;
                    file
                }
            };
            apt.take_apart(&file)?;
        }
        apt.finish(&folder)?;
        Ok(folder)
    }
}

impl Set {
    /// Returns the folder of the set in `target`, if it was fetched.
    #[must_use]
    pub fn found(&self, target: &Path) -> Option<PathBuf> {
        let folder = target.join(self.folder());
        folder.exists().then_some(folder)
    }

    fn folder(&self) -> String {
        let sums = self
            .packages
            .iter()
            .map(|package| package.sha256.to_string());
        let all = Sum::of(sums.collect::<String>().as_bytes()).to_string();
        format!("{}-{}", self.name, &all[..12])
    }
}

impl Package {
    /// Checks that a file is this package.
    ///
    /// # Errors
    /// [`PackagesError::OtherSum`] if it is not.
    fn check(&self, file: &Path) -> Result<(), PackagesError> {
        let found = Sum::of(&fs::read(file).map_err(at(file))?);
        match found == self.sha256 {
            true => Ok(()),
            false => Err(PackagesError::OtherSum {
                package: Box::new(self.clone()),
                found,
            }),
        }
    }

    /// The words by which `apt-get` knows this version.
    fn pin(&self) -> String {
        format!("{}={}", self.name, self.version)
    }

    /// A host without apt-get stays one; all else that fails may be the version's fault.
    fn gone(&self, error: PackagesError, folder: &Path) -> PackagesError {
        match error {
            PackagesError::Failed { said, .. } => PackagesError::Gone {
                package: Box::new(self.clone()),
                said,
                folder: folder.to_owned(),
            },
            other => other,
        }
    }
}

/// Returns the file of a package that somebody has put into the folder.
fn by_hand(target: &Path, package: &Package) -> Option<PathBuf> {
    let entries = fs::read_dir(target).ok()?;
    let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.find(|path| {
        path.extension().is_some_and(|extension| extension == "deb") && package.check(path).is_ok()
    })
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Architecture::I386 => "i386",
            Architecture::Amd64 => "amd64",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(content: &[u8]) -> Package {
        Package {
            name: "some".to_owned(),
            version: "1:2-3".to_owned(),
            sha256: Sum::of(content),
        }
    }

    #[test]
    fn a_package_with_another_sum_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("some.deb");
        fs::write(&file, "changed").unwrap();
        let refused = package(b"original").check(&file).unwrap_err();
        let text = refused.to_string();
        assert!(text.starts_with("some 1:2-3 was refused"), "{text}");
        assert!(text.contains(&Sum::of(b"changed").to_string()), "{text}");
        assert!(package(b"changed").check(&file).is_ok());
    }

    #[test]
    fn a_file_put_there_by_hand_is_known_by_its_sum() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("any-name.deb");
        fs::write(&file, "original").unwrap();
        fs::write(folder.path().join("other.txt"), "another").unwrap();
        assert_eq!(by_hand(folder.path(), &package(b"original")), Some(file));
        assert_eq!(by_hand(folder.path(), &package(b"another")), None);
        assert_eq!(by_hand(&folder.path().join("none"), &package(b"")), None);
    }

    #[test]
    fn a_version_that_is_gone_is_told_with_the_way_out() {
        let said = "E: Version '1' was not found".to_owned();
        let error = PackagesError::Failed {
            command: "apt-get",
            said,
        };
        let text = package(b"x").gone(error, Path::new("here")).to_string();
        for part in [
            "was not found",
            "snapshot.debian.org/package/some",
            "into here",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn another_pin_is_another_folder() {
        let mut set = Set {
            name: "set".to_owned(),
            about: String::new(),
            architecture: Architecture::I386,
            packages: vec![package(b"one")],
        };
        let first = set.folder();
        set.packages[0].sha256 = Sum::of(b"two");
        assert_ne!(first, set.folder());
    }

    #[test]
    fn the_catalogue_is_whole_and_its_names_are_distinct() {
        let catalogue = Catalogue::bundled().unwrap();
        let mut names: Vec<&str> = catalogue.sets.iter().map(|set| &*set.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), catalogue.sets.len());
        for set in &catalogue.sets {
            assert!(!set.packages.is_empty() && !set.about.is_empty());
            let word = |text: &str| !text.is_empty() && !text.contains(char::is_whitespace);
            for package in &set.packages {
                assert!(word(&package.name) && word(&package.version), "{package}");
            }
        }
    }
}
