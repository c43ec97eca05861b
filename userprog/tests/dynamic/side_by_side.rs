//! One dynamic program under Linux and under this kernel.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use machine::work::Work;
use small::{Done, Machine};
use userprog::{Abi, RunEnd};

use crate::package::{self, native};

/// The machines: with no more frames than one instruction may need, under pressure, and with room for all.
const FRAMES: [u32; 4] = [8, 16, 64, 4096];
/// What the machine may do.
const WORK: Work = Work(5_000_000_000);
/// The environment of a guest's first program.
const ENVIRONMENT: [(&str, &str); 3] =
    [("HOME", "/"), ("PATH", "/bin:/usr/bin:/"), ("TERM", "dumb")];

/// The guest's files.
type Files = BTreeMap<String, Vec<u8>>;

/// How a program starts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    /// Its interpreter is started in its place.
    Dynamic,
    /// It moves itself to where it is.
    StaticPie,
}

/// A program with its arguments, what it finds and what is typed.
#[derive(Clone)]
pub struct Case {
    words: Vec<String>,
    start: Start,
    files: Files,
    input: Vec<u8>,
}

/// What came of it.
#[derive(PartialEq)]
struct Outcome {
    /// What it exited with; `None` if it was killed.
    status: Option<i32>,
    /// Standard output and standard error.
    output: Vec<u8>,
    files: Files,
}

impl Case {
    /// A program and its arguments.
    pub fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Case {
        Case {
            words: words.into_iter().map(str::to_owned).collect(),
            start: Start::Dynamic,
            files: Files::new(),
            input: Vec::new(),
        }
    }

    /// It is a static position-independent program.
    pub fn static_pie(self) -> Case {
        let start = Start::StaticPie;
        Case { start, ..self }
    }

    /// Has it find a file.
    pub fn file(mut self, name: &str, content: &[u8]) -> Case {
        self.files.insert(name.to_owned(), content.to_vec());
        self
    }

    /// Has this typed.
    pub fn input(mut self, input: &[u8]) -> Case {
        self.input = input.to_vec();
        self
    }

    /// How this kernel differs from Linux.
    pub fn differences(&self, root: &Path) -> Vec<String> {
        let native = self.native(root);
        let compare = |frames: u32| {
            let guest = self.guest(root, frames, None);
            let guest = self.outcome(guest);
            let what = native.difference_of(&guest)?;
            Some(format!("{:?} with {frames} frames: {what}", self.words))
        };
        FRAMES.into_iter().filter_map(compare).collect()
    }

    /// A run under this kernel.
    pub fn guest(&self, root: &Path, frames: u32, aslr: Option<u64>) -> Done {
        let name = &self.words[0];
        let program = fs::read(package::program(root, name)).unwrap();
        let below = Dir::open_ambient_dir(root, ambient_authority()).unwrap();
        let mut machine = Machine::new()
            .file(name, &program)
            .input(&self.input)
            .options(|options| {
                let options = options.frames(frames).root(below).max_work(WORK);
                match aslr {
                    None => options.abi(Abi::Linux),
                    Some(seed) => options.abi(Abi::Linux).aslr(seed),
                }
            });
        for (name, content) in &self.files {
            machine = machine.file(name, content);
        }
        machine.run(&self.words.join("\0"))
    }

    fn outcome(&self, done: Done) -> Outcome {
        Outcome {
            status: match done.report.end {
                RunEnd::Exited(status) => Some(status),
                _ => None,
            },
            files: self.files_in(done.folder.path()),
            output: done.console,
        }
    }

    fn native(&self, root: &Path) -> Outcome {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        for (name, content) in &self.files {
            fs::write(here.join(name), content).unwrap();
            let file = File::options().write(true).open(here.join(name));
            // That of all files under this kernel.
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
            file.unwrap().set_modified(time).unwrap();
        }
        let aside = tempfile::tempdir().unwrap();
        let (input, output) = (aside.path().join("in"), aside.path().join("out"));
        fs::write(&input, &self.input).unwrap();
        let written = File::create(&output).unwrap();
        let name = &self.words[0];
        let mut command = match self.start {
            Start::Dynamic => native(root, name),
            Start::StaticPie => Command::new(package::program(root, name)),
        };
        let status = command
            .args(&self.words[1..])
            .current_dir(here)
            .env_clear()
            .envs(ENVIRONMENT)
            .stdin(File::open(input).unwrap())
            .stdout(Stdio::from(written.try_clone().unwrap()))
            .stderr(Stdio::from(written))
            .status()
            .unwrap();
        Outcome {
            status: status.code(),
            output: fs::read(output).unwrap(),
            files: self.files_in(here),
        }
    }

    /// The files in a folder but the program.
    fn files_in(&self, folder: &Path) -> Files {
        let entries = fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let others = names.filter(|name| *name != self.words[0]);
        others
            .map(|name| (name.clone(), fs::read(folder.join(name)).unwrap()))
            .collect()
    }
}

impl Outcome {
    fn difference_of(&self, guest: &Outcome) -> Option<String> {
        let shown = |output: &[u8]| {
            let begin = &output[..output.len().min(500)];
            String::from_utf8_lossy(begin).into_owned()
        };
        let (own, other) = (shown(&self.output), shown(&guest.output));
        if self.status != guest.status {
            let (status, expected) = (guest.status, self.status);
            return Some(format!(
                "exits with {status:?}, not {expected:?}; its output:\n{other}"
            ));
        }
        if self.output != guest.output {
            return Some(format!("writes\n{other}\nand not\n{own}"));
        }
        (self.files != guest.files).then(|| "leaves other files".to_owned())
    }
}
