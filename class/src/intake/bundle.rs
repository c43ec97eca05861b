//! A git bundle as a submission: the tree of one commit in it.
//!
//! # Invariants
//! - No work tree is ever checked out; no object is asked for that is not a wanted file, and none before its
//!   size is known from the list of the tree.
//! - The list is read as it comes and stops at the limit of entries: a tree may contain itself many times over.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{ChildStdin, ChildStdout};

use super::container::{Container, Wanted};
use super::git::{Repository, Running, damaged};
use super::listing::{Kind, Listing};
use super::reading::{Reading, check_size};
use super::refusal::Refusal;

/// The branch that the wanted one becomes in the repository here.
const TAKEN: &str = "refs/heads/taken";
/// A line of the list of a tree has this many bytes at most: git's own limit of paths is 4096.
const LINE_BYTES: u64 = 8192;

/// A bundle, fetched into a repository.
pub(super) struct Bundle {
    repository: Repository,
    branch: String,
    blobs: Vec<Blob>,
}

/// A file of the tree.
struct Blob {
    object: String,
    size: u64,
}

impl Bundle {
    /// Fetches one branch.
    ///
    /// # Errors
    /// The branch is ambiguous, or git refuses the bundle.
    pub(super) fn new(bytes: &[u8]) -> Result<Bundle, Refusal> {
        let repository = Repository::new(bytes)?;
        let heads = repository.run(&["bundle", "list-heads", "bundle"])?;
        let branch = pick(&String::from_utf8_lossy(&heads))?;
        let refspec = format!("{branch}:{TAKEN}");
        let words = ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules"];
        repository.run(&[&words[..], &["--no-write-fetch-head", "bundle", &refspec]].concat())?;
        Ok(Bundle {
            repository,
            branch,
            blobs: Vec::new(),
        })
    }

    /// The branch that was taken, in words.
    pub(super) fn note(&self) -> String {
        let name = self.branch.strip_prefix("refs/heads/");
        match name {
            Some(name) => format!("branch {name} of the git bundle"),
            None => format!("{} of the git bundle", self.branch),
        }
    }

    /// Adds one entry: `MODE TYPE OBJECT SIZE\tPATH`.
    fn add(&mut self, line: &[u8], listing: &mut Listing) -> Result<(), Refusal> {
        let strange = || damaged("git lists what cannot be understood".to_owned());
        let tab = line.iter().position(|&byte| byte == b'\t');
        let (facts, path) = line.split_at(tab.ok_or_else(strange)?);
        let facts = std::str::from_utf8(facts).map_err(|_| strange())?;
        let facts: Vec<&str> = facts.split_ascii_whitespace().collect();
        let [mode, _, object, size] = facts[..] else {
            return Err(strange());
        };
        listing.add(&path[1..], kind(mode), self.blobs.len())?;
        self.blobs.push(Blob {
            object: object.to_owned(),
            // A submodule has none, and is no wanted file.
            size: size.parse().unwrap_or_default(),
        });
        Ok(())
    }
}

/// The branch to take from the list of a bundle's references, a line `OBJECT NAME` each.
fn pick(heads: &str) -> Result<String, Refusal> {
    let names = heads.lines().filter_map(|line| line.split_once(' '));
    let mut names: Vec<&str> = names.map(|(_, name)| name).collect();
    names.sort_unstable();
    names.dedup();
    for wanted in ["HEAD", "refs/heads/main", "refs/heads/master"] {
        if names.contains(&wanted) {
            return Ok(wanted.to_owned());
        }
    }
    names.retain(|name| name.starts_with("refs/heads/"));
    match names.as_slice() {
        [only] => Ok((*only).to_owned()),
        [] => Err(Refusal::WhichBranch {
            branches: "none".to_owned(),
        }),
        several => Err(Refusal::WhichBranch {
            branches: several.join(", "),
        }),
    }
}

fn kind(mode: &str) -> Kind {
    match mode {
        "120000" => Kind::Link,
        "160000" => Kind::Other("is a submodule"),
        _ => Kind::File,
    }
}

fn broken(error: io::Error) -> Refusal {
    Refusal::damaged("git bundle", error)
}

impl Container for Bundle {
    fn list(&mut self, listing: &mut Listing) -> Result<(), Refusal> {
        let words = ["ls-tree", "-r", "-z", "--long", "--full-tree", TAKEN];
        let mut running = self.repository.start(&words)?;
        let mut lines = BufReader::new(pipe(running.0.stdout.take())?);
        let mut line = Vec::new();
        while read_line(&mut lines, &mut line)? {
            self.add(&line, listing)?;
        }
        match running.0.wait() {
            Ok(status) if status.success() => Ok(()),
            _ => Err(damaged("git cannot list its files".to_owned())),
        }
    }

    fn read(&mut self, wanted: &Wanted, reading: &mut Reading) -> Result<(), Refusal> {
        for (id, target) in wanted {
            check_size(target, self.blobs[*id].size)?;
        }
        let mut objects = Objects::start(&self.repository)?;
        for (id, target) in wanted {
            objects.read(&self.blobs[*id], target, reading)?;
        }
        Ok(())
    }
}

/// Reads to the next NUL byte, without it. False at the end.
fn read_line(lines: &mut impl BufRead, line: &mut Vec<u8>) -> Result<bool, Refusal> {
    line.clear();
    let mut limited = lines.take(LINE_BYTES);
    limited.read_until(0, line).map_err(broken)?;
    match line.pop() {
        None => Ok(false),
        Some(0) => Ok(true),
        Some(_) => Err(damaged("it has a path of more than 4096 bytes".to_owned())),
    }
}

/// A process of git that outputs the contents of objects, one after another.
struct Objects {
    /// Written in turn with reading `answers`, so that neither blocks on a full pipe.
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    _running: Running,
}

impl Objects {
    fn start(repository: &Repository) -> Result<Objects, Refusal> {
        let mut running = repository.start(&["cat-file", "--batch"])?;
        Ok(Objects {
            questions: pipe(running.0.stdin.take())?,
            answers: BufReader::new(pipe(running.0.stdout.take())?),
            _running: running,
        })
    }

    /// Reads one: the answer is a line `OBJECT blob SIZE`, the contents, and a line end.
    fn read(&mut self, blob: &Blob, target: &str, reading: &mut Reading) -> Result<(), Refusal> {
        let Blob { object, size } = blob;
        writeln!(self.questions, "{object}").map_err(broken)?;
        let mut line = String::new();
        let mut limited = (&mut self.answers).take(LINE_BYTES);
        limited.read_line(&mut line).map_err(broken)?;
        if line != format!("{object} blob {size}\n") {
            return Err(damaged(format!("{target} is missing in it")));
        }
        reading.take(target, (&mut self.answers).take(*size), broken)?;
        let mut end = [0];
        self.answers.read_exact(&mut end).map_err(broken)
    }
}

fn pipe<T>(pipe: Option<T>) -> Result<T, Refusal> {
    pipe.ok_or_else(|| damaged("git has no pipe".to_owned()))
}
