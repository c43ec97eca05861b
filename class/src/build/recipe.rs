//! Cargo's calls of rustc for each crate that is compiled again for a submission.
//!
//! # Invariants
//! A recipe has one step for each crate of [`CRATES`], in that order, and is up to date with the tree: each step made
//! the very file that cargo would use now. Cargo keeps what it compiled with other settings, and finds it again without
//! compiling, so that it has nothing to do is not enough.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, io};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::hash::Hash;
use crate::json;
use crate::sources::Sources;

/// The crates that depend on `vm`, and itself, as rustc names them, in the order in which they are compiled.
pub const CRATES: [&str; 4] = ["vm", "userprog", "driver", "vmlab_machine"];

/// The program that cargo calls instead of rustc.
const RECORDER: &str = "vmlab-rustc";
/// The variable with the folder that it writes to.
const FOLDER: &str = "VMLAB_RECIPE";
/// Keeps what is compiled for it apart from what `./vmlab` compiles: cargo's own number for such builds, said aloud.
const APART: &str = "profile.release.package.vm.codegen-units=256";
/// The packages that `./vmlab class` builds: a smaller set would have other features, and be rebuilt.
const PACKAGES: [&str; 3] = ["grading", "driver", "class"];

/// One call of rustc.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RustcCall {
    /// The compiler.
    pub rustc: String,
    /// Its arguments.
    pub words: Vec<String>,
    /// The variables that cargo set for it.
    pub variables: BTreeMap<String, String>,
}

impl RustcCall {
    /// Returns the files of the crates of [`CRATES`] that this one is compiled with.
    fn own_libraries(&self) -> impl Iterator<Item = &Path> {
        let named = self.words.iter().filter_map(|word| word.split_once('='));
        let own = named.filter(|(name, _)| CRATES.contains(name));
        own.map(|(_, file)| Path::new(file))
    }

    /// Returns what cargo appends to the name of the crate for its file.
    fn suffix(&self) -> &str {
        let options = self.words.iter();
        let mut suffixes = options.filter_map(|word| word.strip_prefix("extra-filename="));
        suffixes.next().unwrap_or_default()
    }
}

/// All calls.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Recipe {
    /// One step per crate.
    pub steps: Vec<RustcCall>,
}

/// Why there is no recipe.
#[derive(Debug, Error)]
pub enum RecipeError {
    /// Cargo or git cannot be started, a file cannot be read.
    #[error("{what}: {error}")]
    Host {
        /// What was tried.
        what: String,
        /// Why it failed.
        error: io::Error,
    },
    /// The tree itself does not compile.
    #[error("the machine program of this tree does not compile: run ./vmlab grade in it")]
    NotBuilt,
    /// Cargo compiled nothing, and nothing was recorded before.
    #[error("it is unknown how cargo compiles {0}: remove the folder target and run this again")]
    Missing(&'static str),
    /// The recorded recipe is damaged.
    #[error("{} is damaged: remove the folder target/class and run this again", .0.display())]
    Damaged(PathBuf),
}

impl Recipe {
    /// Returns the recipe of the tree with this root, which is compiled first if needed.
    ///
    /// # Errors
    /// [`RecipeError`]
    pub fn of(root: &Path) -> Result<Recipe, RecipeError> {
        let folder = root.join("target/class/recipe");
        fs::create_dir_all(&folder).map_err(host("cannot make target/class/recipe"))?;
        let made = cargo(root, &folder, "build")?;
        if !is_record_of(&folder, &made) {
            // It was compiled before without a record, or after that with other settings.
            cargo(root, &folder, "clean")?;
            cargo(root, &folder, "build")?;
        }
        let steps = CRATES.iter().map(|name| read(&folder, name));
        Ok(Recipe {
            steps: steps.collect::<Result<_, _>>()?,
        })
    }
}

impl Recipe {
    /// Returns a hash of all that the incremental state of a kernel depends on, which begins with this hand-out.
    ///
    /// # Errors
    /// A library that cargo has compiled cannot be read.
    pub fn key(&self, pristine: &Sources) -> io::Result<String> {
        let mut hash = Hash::default();
        hash.add(&json::compact(&self.steps));
        hash.add_sources(pristine);
        // The tree's own crates contain the hashes of all that they were compiled with, down to the emulator.
        for library in self
            .steps
            .last()
            .into_iter()
            .flat_map(RustcCall::own_libraries)
        {
            hash.add(&fs::read(library)?);
        }
        Ok(hash.text())
    }

    /// Returns the version of the compiler.
    ///
    /// # Errors
    /// That it cannot be started.
    pub fn compiler(&self) -> Result<String, RecipeError> {
        let mut command = Command::new(&self.steps[0].rustc);
        let output = command
            .arg("-V")
            .output()
            .map_err(host("cannot start rustc"))?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// Returns whether the recorded steps make these files.
fn is_record_of(folder: &Path, made: &str) -> bool {
    // The program is of the same package as the library before it, and has no name of its own in cargo's messages.
    let libraries = &CRATES[..CRATES.len() - 1];
    let is_there = |name: &&str| file(folder, name).is_file();
    let makes_them = libraries.iter().all(|name| {
        let step = read(folder, name).ok();
        step.is_some_and(|step| made.contains(&format!("/lib{name}{}.rmeta\"", step.suffix())))
    });
    CRATES.iter().all(is_there) && makes_them
}

/// Has cargo build what a submission needs, or clean it. Returns its messages, which name the files that were made.
fn cargo(root: &Path, folder: &Path, what: &str) -> Result<String, RecipeError> {
    let recorder = env::current_exe().map_err(host("cannot find this program"))?;
    let packages: &[&str] = match what {
        "clean" => &["vm", "userprog", "driver"],
        _ => &PACKAGES,
    };
    let mut command = Command::new("cargo");
    command
        .args([what, "--release", "--locked", "--quiet", "--config", APART])
        .args(packages.iter().flat_map(|package| ["--package", package]))
        .arg("--target-dir")
        .arg(root.join("target"))
        .current_dir(root)
        .env("RUSTC_WRAPPER", recorder.with_file_name(RECORDER))
        .env(FOLDER, folder)
        .env_remove("CARGO_BUILD_TARGET")
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    if what == "build" {
        command.arg("--message-format=json-render-diagnostics");
    }
    let output = command.output().map_err(host("cannot start cargo"))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(RecipeError::NotBuilt),
    }
}

/// Records one call of rustc, if it belongs to a recipe and recording was requested.
///
/// # Errors
/// It cannot be written.
pub fn note(rustc: &OsStr, words: &[OsString]) -> io::Result<()> {
    let (Some(folder), Some(name)) = (env::var_os(FOLDER), crate_name(words)) else {
        return Ok(());
    };
    let text = |word: &OsStr| word.to_string_lossy().into_owned();
    let of_cargo = env::vars_os().map(|(name, value)| (text(&name), text(&value)));
    let step = RustcCall {
        rustc: text(rustc),
        words: words.iter().map(|word| text(word)).collect(),
        variables: of_cargo
            .filter(|(name, _)| is_for_the_crate(name))
            .collect(),
    };
    let json = json::readable(&step);
    fs::write(file(Path::new(&folder), name), json)
}

/// Returns the crate that is compiled, if it is one of [`CRATES`].
fn crate_name(words: &[OsString]) -> Option<&'static str> {
    let at = words.iter().position(|word| word == "--crate-name")?;
    let name = words.get(at + 1)?;
    CRATES.into_iter().find(|known| name == known)
}

/// Returns whether a crate may read a variable while it is compiled. Others that cargo sets are about cargo.
fn is_for_the_crate(name: &str) -> bool {
    let about = [
        "CARGO_PKG_",
        "CARGO_BIN_",
        "CARGO_CRATE_",
        "CARGO_MANIFEST_",
    ];
    name == "OUT_DIR" || about.iter().any(|prefix| name.starts_with(prefix))
}

fn read(folder: &Path, name: &'static str) -> Result<RustcCall, RecipeError> {
    let path = file(folder, name);
    let text = fs::read(&path).map_err(|_| RecipeError::Missing(name))?;
    serde_json::from_slice(&text).map_err(|_| RecipeError::Damaged(path))
}

fn file(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.json"))
}

fn host(what: &str) -> impl FnOnce(io::Error) -> RecipeError {
    let what = what.to_owned();
    |error| RecipeError::Host { what, error }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<OsString> {
        text.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn a_record_of_other_settings_is_none() {
        let folder = tempfile::tempdir().unwrap();
        for name in CRATES {
            let suffix = format!("-C extra-filename=-{name}1");
            let step = RustcCall {
                rustc: "rustc".to_owned(),
                words: suffix.split(' ').map(str::to_owned).collect(),
                variables: BTreeMap::new(),
            };
            let json = serde_json::to_vec(&step).unwrap();
            fs::write(file(folder.path(), name), json).unwrap();
        }
        let made = |vm: &str| {
            let files = [vm, "userprog1", "driver1"].map(|name| {
                let library = name.trim_end_matches(char::is_numeric);
                format!("{{\"filenames\":[\"/t/lib{library}.rlib\",\"/t/deps/lib{library}-{name}.rmeta\"]}}\n")
            });
            files.concat()
        };
        assert!(is_record_of(folder.path(), &made("vm1")));
        assert!(!is_record_of(folder.path(), &made("vm2")));
        fs::remove_file(file(folder.path(), CRATES[3])).unwrap();
        assert!(!is_record_of(folder.path(), &made("vm1")));
    }

    #[test]
    fn what_was_compiled_is_of_no_use_when_a_crate_of_the_tree_or_the_hand_out_changes() {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("libuserprog-1.rlib");
        let step = RustcCall {
            rustc: "rustc".to_owned(),
            words: vec![
                "--extern".to_owned(),
                format!("userprog={}", library.display()),
                "--extern".to_owned(),
                "serde=/no/such/file".to_owned(),
            ],
            variables: BTreeMap::new(),
        };
        let recipe = Recipe { steps: vec![step] };
        let key = |bytes: &[u8], kernel: &[u8]| {
            fs::write(&library, bytes).unwrap();
            let path = "vm/src/lib.rs".to_owned();
            recipe
                .key(&Sources::from([(path, kernel.to_vec())]))
                .unwrap()
        };
        let first = key(b"one", b"kernel");
        assert_eq!(key(b"one", b"kernel"), first);
        assert_ne!(key(b"two", b"kernel"), first);
        assert_ne!(key(b"one", b"another"), first);
        fs::remove_file(&library).unwrap();
        assert!(recipe.key(&Sources::default()).is_err());
    }

    #[test]
    fn only_crates_of_a_machine_are_written_down() {
        assert_eq!(
            crate_name(&words("--crate-name vm --edition=2024 a.rs")),
            Some("vm")
        );
        assert_eq!(crate_name(&words("--crate-name serde a.rs")), None);
        assert_eq!(crate_name(&words("-vV")), None);
        assert_eq!(crate_name(&words("a.rs --crate-name")), None);
    }

    #[test]
    fn what_cargo_says_about_itself_is_no_part_of_a_recipe() {
        for name in ["CARGO_PKG_NAME", "OUT_DIR", "CARGO_MANIFEST_DIR"] {
            assert!(is_for_the_crate(name), "{name}");
        }
        for name in [
            "CARGO",
            "CARGO_MAKEFLAGS",
            "CARGO_HOME",
            "HOME",
            "VMLAB_RECIPE",
        ] {
            assert!(!is_for_the_crate(name), "{name}");
        }
    }
}
