//! A folder in which submissions are compiled, one after the other.
//!
//! ```text
//! vm/src           the kernel that is compiled; userprog, driver link to the tree's own
//! out              the output of rustc, including the machine program
//! increments       the incremental state of rustc
//! base             the same after the hand-out's kernel: each submission begins with it
//! ```
//!
//! # Invariants
//! - Arguments and folder of rustc are the same each time; only the files in `vm/src` differ.
//! - Nothing is left of one submission when the next is compiled.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::symlink;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use host::process_group::ProcessGroup;
use nix::sys::signal::Signal;
use thiserror::Error;

use super::messages;
use super::recipe::{CRATES, Recipe, RustcCall};
use crate::boxed::{self, CPU_LIMIT, Limits, MEMORY_LIMIT, NOTHING, Openings, SYSTEM};
use crate::sources::Sources;

/// The wall-clock time that one crate may take, on a busy host.
const PATIENCE: Duration = Duration::from_secs(300);

/// A folder to compile in.
#[derive(Debug)]
pub struct BuildFolder {
    folder: PathBuf,
    root: PathBuf,
    recipe: Recipe,
    sysroot: PathBuf,
    walls_required: bool,
}

/// Why no machine program was made.
#[derive(Debug, Error)]
pub enum NotBuilt {
    /// The compiler refused it.
    #[error("it does not compile:\n{0}")]
    Errors(String),
    /// The compiler took too long.
    #[error("compiling it takes more than {} s of a core", CPU_LIMIT.as_secs())]
    Time,
    /// It needed too much memory, or made the compiler fail in another way.
    #[error("the compiler gave up, with {} GiB of memory at most:\n{said}", MEMORY_LIMIT >> 30)]
    GaveUp {
        /// The last messages.
        said: String,
    },
    /// The host failed, not the submission.
    #[error("{what}: {error}")]
    Host {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        error: io::Error,
    },
}

impl BuildFolder {
    /// Creates the folder, if needed, for submissions to the tree with this root; with `walls_required` the
    /// compiler is not started if the host cannot build all walls.
    ///
    /// # Errors
    /// The host's.
    pub fn new(
        folder: &Path,
        root: &Path,
        recipe: Recipe,
        walls_required: bool,
    ) -> Result<BuildFolder, NotBuilt> {
        let sysroot = sysroot(&recipe.steps[0].rustc)?;
        let place = BuildFolder {
            folder: folder.to_owned(),
            root: root.to_owned(),
            recipe,
            sysroot,
            walls_required,
        };
        fs::create_dir_all(place.at("tmp")).map_err(host("cannot make a folder to compile in"))?;
        for name in ["userprog", "driver"] {
            let link = place.at(name);
            if !link.is_symlink() {
                symlink(root.join(name), &link).map_err(host("cannot link to the tree"))?;
            }
        }
        Ok(place)
    }

    /// Compiles the hand-out's own kernel, unless it was done before, and keeps the incremental state.
    ///
    /// # Errors
    /// Why it cannot be compiled.
    pub fn prepare(&self, pristine: &Sources) -> Result<(), NotBuilt> {
        let key = self
            .recipe
            .key(pristine)
            .map_err(host("cannot read what cargo has compiled"))?;
        let base = self.at("base");
        if fs::read(base.join("key")).is_ok_and(|there| there == key.as_bytes()) {
            return Ok(());
        }
        self.clear(&["base", "increments"])?;
        self.compile_all(pristine)?;
        let kept = host("cannot keep what was compiled");
        fs::rename(self.at("increments"), &base)
            .and_then(|()| fs::write(base.join("key"), key))
            .map_err(kept)
    }

    /// Compiles a submission, and returns the path of its machine program.
    ///
    /// # Errors
    /// Why there is none.
    pub fn compile(&self, sources: &Sources) -> Result<PathBuf, NotBuilt> {
        self.clear(&["increments"])?;
        copy_tree(&self.at("base"), &self.at("increments"))
            .map_err(host("cannot begin with what was compiled"))?;
        self.compile_all(sources)
    }

    /// Checks that a failure is the submission's: that the hand-out's own kernel still compiles.
    ///
    /// # Errors
    /// Why it does not compile either: a full disk, a tree that was moved or changed.
    pub fn is_sound(&self, pristine: &Sources) -> Result<(), NotBuilt> {
        self.compile(pristine).map(drop)
    }

    fn compile_all(&self, sources: &Sources) -> Result<PathBuf, NotBuilt> {
        self.clear(&["vm", "out"])?;
        write_all(&self.folder, sources).map_err(host("cannot write the submission"))?;
        for name in ["increments", "out"] {
            fs::create_dir_all(self.at(name)).map_err(host("cannot make a folder"))?;
        }
        for step in &self.recipe.steps {
            self.run(step)?;
        }
        let made = fs::read_dir(self.at("out")).map_err(host("cannot read what was made"))?;
        let mut made = made.filter_map(|entry| Some(entry.ok()?.path()));
        let is_program = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(CRATES[3]) && path.extension().is_none()
        };
        let program = made.find(is_program);
        program.ok_or_else(|| NotBuilt::GaveUp {
            said: "it made no program".to_owned(),
        })
    }

    /// Calls rustc for one crate.
    fn run(&self, step: &RustcCall) -> Result<(), NotBuilt> {
        let said = self.at("messages");
        let messages = File::create(&said).map_err(host("cannot keep what the compiler says"))?;
        let mut command = boxed::command(&self.openings(), &self.sysroot.join("bin/rustc"))
            .map_err(host("cannot find this program"))?;
        command
            .args(words(step))
            .current_dir(&self.folder)
            .env_clear()
            .envs(&step.variables)
            .envs([("PATH", "/usr/local/bin:/usr/bin:/bin"), ("LANG", "C")])
            .env("TMPDIR", self.at("tmp"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(messages);
        let status = wait(&mut command)?;
        if status.success() {
            return Ok(());
        }
        let said = fs::read(&said).map_err(host("cannot read what the compiler said"))?;
        Err(why(status, &String::from_utf8_lossy(&said)))
    }

    /// What the compiler may open.
    fn openings(&self) -> Openings {
        let ours = [
            "target/release",
            "target/unicorn",
            "userprog",
            "driver",
            "emu/unicorn/empty",
        ];
        let ours = ours.iter().map(|name| self.root.join(name));
        let read = ours.chain(SYSTEM.iter().map(PathBuf::from));
        Openings {
            read: read.chain([self.sysroot.clone()]).collect(),
            write: vec![self.folder.clone(), PathBuf::from(NOTHING)],
            required: self.walls_required,
            limits: Limits::Final,
        }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn clear(&self, names: &[&str]) -> Result<(), NotBuilt> {
        for name in names {
            match fs::remove_dir_all(self.at(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(host("cannot clear the folder to compile in")(error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Returns the arguments of rustc: those of cargo, adapted to the folder of submissions.
fn words(step: &RustcCall) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in &step.words {
        let before = words.last().map_or("", String::as_str);
        let changed = match word.split_once('=') {
            // Messages are for people here.
            Some(("--error-format" | "--json", _)) => continue,
            Some(("incremental", _)) => "incremental=increments".to_owned(),
            Some((name, library)) if before == "--extern" && CRATES.contains(&name) => {
                let file = Path::new(library).file_name().unwrap_or_default();
                format!("{name}=out/{}", file.to_string_lossy())
            }
            _ if before == "--out-dir" => "out".to_owned(),
            _ => word.clone(),
        };
        words.push(changed);
    }
    let (out, warnings) = ("-Ldependency=out".to_owned(), "--color=never".to_owned());
    // Optimizing across codegen units takes a third of the time, and makes tests only a tenth faster.
    words.extend([
        out,
        warnings,
        "-Clto=off".to_owned(),
        "-Funsafe_code".to_owned(),
    ]);
    words
}

fn wait(command: &mut Command) -> Result<ExitStatus, NotBuilt> {
    let failed = || host("cannot run the compiler");
    let mut process = ProcessGroup::start(command).map_err(failed())?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match process.leader.try_wait().map_err(failed())? {
            Some(status) => return Ok(status),
            None if Instant::now() > deadline => return Err(NotBuilt::Time),
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

fn why(status: ExitStatus, said: &str) -> NotBuilt {
    match (status.code(), status.signal()) {
        (Some(1), _) => NotBuilt::Errors(messages::errors(said)),
        // The box exits with this code if it cannot build the walls; rustc does not use it.
        (Some(2), _) => NotBuilt::Host {
            what: "the compiler cannot be started",
            error: io::Error::other(said.trim_end().to_owned()),
        },
        (_, Some(signal))
            if signal == Signal::SIGXCPU as i32 || signal == Signal::SIGKILL as i32 =>
        {
            NotBuilt::Time
        }
        _ => NotBuilt::GaveUp {
            said: messages::errors(said),
        },
    }
}

/// Returns the folder of the compiler's own files.
fn sysroot(rustc: &str) -> Result<PathBuf, NotBuilt> {
    let mut command = Command::new(rustc);
    command.args(["--print", "sysroot"]).stdin(Stdio::null());
    let output = command.output().map_err(host("cannot start rustc"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(PathBuf::from(text.trim_end()))
}

fn write_all(folder: &Path, sources: &Sources) -> io::Result<()> {
    for (path, bytes) in sources {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, bytes)?;
    }
    Ok(())
}

/// Copies a folder. Hard links would be faster, but rustc writes through them.
fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy_tree(&entry.path(), &to)?,
            false => drop(fs::copy(entry.path(), &to)?),
        }
    }
    Ok(())
}

fn host(what: &'static str) -> impl FnOnce(io::Error) -> NotBuilt {
    move |error| NotBuilt::Host { what, error }
}
