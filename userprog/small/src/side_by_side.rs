//! A real program under Linux and under this kernel.
//!
//! # Invariants
//! - Both find the same files, of the same time, and the same input and environment.
//! - What is compared is the exit status, each byte of output, and the files that are left.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use machine::work::Work;
use userprog::{Abi, RunEnd};

use crate::{Done, Machine};

/// What the machine may do.
const WORK: Work = Work(5_000_000_000);
/// How much of an output, or of a line of it, is shown.
const SHOWN: usize = 500;
/// How many lines are shown that differ.
const MOST_LINES: usize = 40;

/// Files by their paths; directories have a '/' at their end.
type Files = BTreeMap<String, Vec<u8>>;

/// A command, what it finds and what is typed.
#[derive(Clone, Debug)]
pub struct Case {
    words: Vec<String>,
    files: Files,
    input: Vec<u8>,
}

/// What came of it.
#[derive(PartialEq, Debug)]
pub struct Outcome {
    /// What it exited with; `None` if it was killed.
    status: Option<i32>,
    /// Standard output and standard error.
    output: Vec<u8>,
    files: Files,
}

impl Case {
    /// A command of these words.
    pub fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Case {
        Case {
            words: words.into_iter().map(str::to_owned).collect(),
            files: Files::new(),
            input: Vec::new(),
        }
    }

    /// Has it find a file.
    #[must_use]
    pub fn file(mut self, name: &str, content: &[u8]) -> Case {
        self.files.insert(name.to_owned(), content.to_vec());
        self
    }

    /// Has this typed.
    #[must_use]
    pub fn input(mut self, input: &[u8]) -> Case {
        self.input = input.to_vec();
        self
    }

    /// Its words.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Runs a command of the host's in a folder, with a PATH; `apart` are files that do not count.
    ///
    /// # Panics
    /// If a file cannot be written or read, or the command cannot be run.
    pub fn native(
        &self,
        command: &mut Command,
        path: &str,
        folder: &Path,
        apart: &[&str],
    ) -> Outcome {
        for (name, content) in &self.files {
            fs::write(folder.join(name), content).unwrap();
            let file = File::options().write(true).open(folder.join(name));
            file.unwrap().set_modified(start()).unwrap();
        }
        let aside = tempfile::tempdir().unwrap();
        let (input, output) = (aside.path().join("in"), aside.path().join("out"));
        fs::write(&input, &self.input).unwrap();
        let written = File::create(&output).unwrap();
        let status = command
            .current_dir(folder)
            .env_clear()
            .envs([("HOME", "/"), ("PATH", path), ("TERM", "dumb")])
            .stdin(File::open(input).unwrap())
            .stdout(Stdio::from(written.try_clone().unwrap()))
            .stderr(Stdio::from(written))
            .status()
            .unwrap();
        Outcome {
            status: status.code(),
            output: fs::read(output).unwrap(),
            files: files_in(folder, apart),
        }
    }

    /// Runs words on a machine that has its program.
    #[must_use]
    pub fn guest(&self, machine: Machine, words: &[String]) -> Done {
        let machine = machine
            .input(&self.input)
            .options(|options| options.abi(Abi::Linux).max_work(WORK));
        let put =
            |machine: Machine, (name, content): (&String, &Vec<u8>)| machine.file(name, content);
        let machine = self.files.iter().fold(machine, put);
        machine.run(&words.join("\0"))
    }
}

impl Outcome {
    /// What came of a run; `apart` are files that do not count.
    #[must_use]
    pub fn of(done: Done, apart: &[&str]) -> Outcome {
        Outcome {
            status: match done.report.end {
                RunEnd::Exited(status) => Some(status),
                _ => None,
            },
            files: files_in(done.folder.path(), apart),
            output: done.console,
        }
    }

    /// How this kernel's differs from Linux' own.
    #[must_use]
    pub fn difference_of(&self, guest: &Outcome) -> Option<String> {
        if self == guest {
            return None;
        }
        if self.status != guest.status {
            return Some(format!(
                "exits with {:?}, not {:?}; its output ends:\n{}\n{}",
                guest.status,
                self.status,
                shown(&guest.output[guest.output.len().saturating_sub(SHOWN)..]),
                lines_that_differ(&self.output, &guest.output)
            ));
        }
        if self.output != guest.output {
            return Some(lines_that_differ(&self.output, &guest.output));
        }
        let names = self.files.keys().chain(guest.files.keys());
        let different: Vec<&String> = names
            .filter(|name| self.files.get(*name) != guest.files.get(*name))
            .collect();
        Some(format!("files differ: {different:?}"))
    }
}

/// The time of all files under this kernel.
fn start() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000)
}

/// The beginning of an output.
fn shown(output: &[u8]) -> String {
    String::from_utf8_lossy(&output[..output.len().min(SHOWN)]).into_owned()
}

/// The first lines in which what a guest has printed differs from what it was to print.
fn lines_that_differ(native: &[u8], guest: &[u8]) -> String {
    let lines = |output: &[u8]| -> Vec<String> {
        let lines = output.split(|byte| *byte == b'\n');
        lines.map(shown).collect()
    };
    let (native, guest) = (lines(native), lines(guest));
    let mut text = format!(
        "output differs, {} lines and not {}",
        guest.len(),
        native.len()
    );
    let nothing = String::new();
    let pairs = (0..native.len().max(guest.len())).map(|index| {
        let line = |lines: &'_ [String]| lines.get(index).unwrap_or(&nothing).clone();
        (index + 1, line(&guest), line(&native))
    });
    for (number, guest, native) in pairs.filter(|(_, a, b)| a != b).take(MOST_LINES) {
        text.push_str(&format!("\n{number}: {guest}\n  and not {native}"));
    }
    text
}

/// All files in a folder but some.
fn files_in(folder: &Path, apart: &[&str]) -> Files {
    let mut files = Files::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if apart.contains(&name.as_str()) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            let inside = files_in(&entry.path(), &[]).into_iter();
            files.extend(inside.map(|(inner, content)| (format!("{name}/{inner}"), content)));
            files.insert(format!("{name}/"), Vec::new());
        } else {
            files.insert(name, fs::read(entry.path()).unwrap());
        }
    }
    files
}
