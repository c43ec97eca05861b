//! Where hand-outs are made, built and graded.
//!
//! # Invariants
//!
//! Files that stay the same are not touched, so cargo builds only what differs.

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use grading::results::Results;
use lab::source::Source;
use lab::tree::Files;
use lab::write;
use testkit::root;

/// The folder where hand-outs are made and built.
pub(crate) struct Workbench<'a> {
    /// What they are made of.
    pub source: &'a Source,
    folder: PathBuf,
}

impl<'a> Workbench<'a> {
    /// The emulator is the one of this tree, which is not built anew.
    pub(crate) fn new(
        source: &'a Source,
        folder: PathBuf,
    ) -> Result<Workbench<'a>, Box<dyn Error>> {
        let (from, to) = (root().join("target/unicorn"), folder.join("target/unicorn"));
        fs::create_dir_all(&to)?;
        for name in ["inputs", "libunicorn.a"] {
            fs::copy(from.join(name), to.join(name))
                .map_err(|error| format!("{name} of the emulator, run ./vmlab once: {error}"))?;
        }
        Ok(Workbench { source, folder })
    }

    /// Makes the folder have these files and, but for what was built, no other.
    pub(crate) fn put(&self, files: &Files) -> Result<(), Box<dyn Error>> {
        let list = self.folder.join("target/files");
        let before = match list.exists() {
            true => fs::read_to_string(&list)?,
            false => String::new(),
        };
        for path in before.lines().filter(|&path| !files.contains_key(path)) {
            fs::remove_file(self.folder.join(path))?;
        }
        for (path, file) in files {
            let target = self.folder.join(path);
            if !fs::read(&target).is_ok_and(|bytes| bytes == file.bytes) {
                write::write_file(&target, file)?;
            }
        }
        let names = files.keys().map(|path| format!("{path}\n"));
        Ok(fs::write(list, names.collect::<String>())?)
    }

    /// Whether cargo succeeds; what it prints goes to standard error.
    fn cargo(&self, words: &[&str]) -> Result<bool, Box<dyn Error>> {
        let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(words)
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", self.folder.join("target"))
            .stdin(Stdio::null())
            .stdout(std::io::stderr())
            .status()?;
        Ok(status.success())
    }

    /// Whether the tests of crate `vm` pass, with these words for cargo besides.
    pub(crate) fn test_vm(&self, words: &[&str]) -> Result<bool, Box<dyn Error>> {
        let test = ["test", "--locked", "--package", "vm"];
        self.cargo(&[&test, words].concat())
    }

    /// Builds the command of the hand-out.
    pub(crate) fn build(&self) -> Result<(), Box<dyn Error>> {
        let words = [
            "build",
            "--release",
            "--locked",
            "--package",
            "grading",
            "--package",
            "driver",
        ];
        match self.cargo(&[&words[..], &["--bin", "vmlab", "--bin", "vmlab-machine"]].concat())? {
            true => Ok(()),
            false => {
                let folder = self.folder.display();
                Err(format!("the hand-out in {folder} cannot be built").into())
            }
        }
    }

    /// What `vmlab grade` of the hand-out comes to with these tests, or with all if there are none.
    pub(crate) fn grade(&self, tests: &[&str]) -> Result<Results, Box<dyn Error>> {
        let report = self.folder.join("target/results.json");
        let mut vmlab = Command::new(self.folder.join("target/release/vmlab"));
        vmlab.arg("grade").current_dir(&self.folder);
        vmlab.arg(format!("--report=json={}", report.display()));
        vmlab.args(tests.iter().flat_map(|test| ["--only", test]));
        let status = vmlab.stdout(Stdio::null()).status()?;
        match status.code() {
            Some(2) => Err("vmlab grade refuses to run the tests".into()),
            _ => Ok(serde_json::from_slice(&fs::read(&report)?)?),
        }
    }
}
