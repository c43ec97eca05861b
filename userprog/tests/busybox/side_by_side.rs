//! One command under Linux and under this kernel.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use machine::paging::KernelHalf;
use machine::work::Work;
use small::Machine;
use userprog::{Abi, RunEnd};
use vm::AliasPolicy;

/// A machine to compare Linux with.
#[derive(Clone, Copy)]
struct Kind {
    frames: u32,
    half: KernelHalf,
    alias: AliasPolicy,
}

/// The machines: under pressure, and with room for all but a flushed TLB at each entry into the kernel.
const MACHINES: [Kind; 2] = [
    Kind {
        frames: 64,
        half: KernelHalf::Shared,
        alias: AliasPolicy::Sync,
    },
    Kind {
        frames: 300,
        half: KernelHalf::Isolated,
        alias: AliasPolicy::UserAddress,
    },
];
/// Folders of what Linux has elsewhere; there they are empty.
const APART: [&str; 2] = ["bin", "etc"];
/// The guest's files.
type Files = BTreeMap<String, Vec<u8>>;

/// A command, what it finds and what is typed.
#[derive(Clone)]
pub struct Case {
    words: Vec<String>,
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
    /// An applet and its arguments.
    pub fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Case {
        Case {
            words: words.into_iter().map(str::to_owned).collect(),
            files: Files::new(),
            input: Vec::new(),
        }
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
    pub fn differences(&self, busybox: &Path) -> Vec<String> {
        let native = self.native(busybox);
        let compare = |kind: Kind| {
            let guest = self.guest(busybox, kind);
            let what = native.difference_of(&guest)?;
            Some(format!(
                "{:?} with {} frames: {what}",
                self.words, kind.frames
            ))
        };
        MACHINES.into_iter().filter_map(compare).collect()
    }

    fn native(&self, busybox: &Path) -> Outcome {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        fs::copy(busybox, here.join("busybox")).unwrap();
        self.put_files(here);
        for folder in APART {
            fs::create_dir(here.join(folder)).unwrap();
        }
        let aside = tempfile::tempdir().unwrap();
        let (input, output) = (aside.path().join("in"), aside.path().join("out"));
        fs::write(&input, &self.input).unwrap();
        let written = File::create(&output).unwrap();
        let status = Command::new("./busybox")
            .args(&self.words)
            .current_dir(here)
            .env_clear()
            .envs([("HOME", "/"), ("PATH", "/bin:/"), ("TERM", "dumb")])
            .stdin(File::open(input).unwrap())
            .stdout(Stdio::from(written.try_clone().unwrap()))
            .stderr(Stdio::from(written))
            .status()
            .unwrap();
        Outcome {
            status: status.code(),
            output: fs::read(output).unwrap(),
            files: files_in(here),
        }
    }

    fn guest(&self, busybox: &Path, kind: Kind) -> Outcome {
        let program = fs::read(busybox).unwrap();
        let machine = Machine::new();
        // As Linux has them: a shell for programs that start one, and what root is called.
        for folder in APART {
            fs::create_dir(machine.path().join(folder)).unwrap();
        }
        let mut machine = machine
            .file("busybox", &program)
            .file("bin/sh", &program)
            .file("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n")
            .file("etc/group", b"root:x:0:\n")
            .input(&self.input)
            .options(|options| {
                let options = options.frames(kind.frames).kernel_half(kind.half);
                let options = options.alias(kind.alias).abi(Abi::Linux);
                options.max_work(Work(5_000_000_000))
            });
        for (name, content) in &self.files {
            machine = machine.file(name, content);
        }
        let mut words = vec!["busybox".to_owned()];
        words.extend(self.words.iter().cloned());
        let done = machine.run(&words.join("\0"));
        Outcome {
            status: match done.report.end {
                RunEnd::Exited(status) => Some(status),
                _ => None,
            },
            output: done.console,
            files: files_in(done.folder.path()),
        }
    }

    fn put_files(&self, folder: &Path) {
        for (name, content) in &self.files {
            fs::write(folder.join(name), content).unwrap();
            File::options()
                .write(true)
                .open(folder.join(name))
                .and_then(|file| file.set_modified(start()))
                .unwrap();
        }
    }
}

impl Outcome {
    fn difference_of(&self, guest: &Outcome) -> Option<String> {
        if self == guest {
            return None;
        }
        if self.status != guest.status {
            return Some(format!(
                "exits with {:?}, not {:?}; its output:\n{}",
                guest.status,
                self.status,
                shown(&guest.output)
            ));
        }
        if self.output != guest.output {
            let at = self
                .output
                .iter()
                .zip(&guest.output)
                .take_while(|(a, b)| a == b);
            return Some(format!(
                "output differs at byte {} of {}:\n{}",
                at.count(),
                self.output.len(),
                shown(&guest.output)
            ));
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
    String::from_utf8_lossy(&output[..output.len().min(500)]).into_owned()
}

/// All files but the program, by their paths; directories have a '/' at their end.
fn files_in(folder: &Path) -> Files {
    let mut files = Files::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if APART.contains(&name.as_str()) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            let inside = files_in(&entry.path()).into_iter();
            files.extend(inside.map(|(inner, content)| (format!("{name}/{inner}"), content)));
            files.insert(format!("{name}/"), Vec::new());
        } else if name != "busybox" {
            files.insert(name, fs::read(entry.path()).unwrap());
        }
    }
    files
}
