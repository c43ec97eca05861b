//! Finds a compiler that makes freestanding 32-bit x86 executables, and runs it.
//!
//! # Invariants
//!
//! Compilers run in a root folder that has the library in `images/lib`, and sources there are named
//! relative to it.
//!
//! Neither name nor version of a compiler decides: each candidate compiles and links a tiny
//! program, and the first that succeeds is taken.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::{env, fs, io};

use thiserror::Error;

/// The flags of every compilation, for all compilers.
///
/// An i686 has neither MMX nor SSE: a program that needs them has a `flags:` line.
const FLAGS: &[&str] = &[
    "-std=gnu17",
    "-march=i686",
    "-O2",
    "-g",
    "-Wall",
    "-Wextra",
    "-ffreestanding",
    "-ffunction-sections",
    "-fdata-sections",
    "-fno-pic",
    "-fno-stack-protector",
    "-fno-stack-clash-protection",
    "-fcf-protection=none",
    "-fno-asynchronous-unwind-tables",
    "-fno-omit-frame-pointer",
];

/// The flags of every link, as the linker itself takes them.
const LINK_FLAGS: &[&str] = &[
    "-static",
    "--gc-sections",
    "--build-id=none",
    "-zmax-page-size=4096",
    "-znoexecstack",
];

const PROBE: &str = "#include <stdint.h>\n#include <stdarg.h>\n\
    void _start(int argc, char **argv);\n\
    void _start(int argc, char **argv) { *(uint64_t *)argv = (uint64_t)argc << 3; }\n";

const MISSING: &str = "\
No C compiler was found that makes 32-bit x86 programs, as vmlab's user programs are. Install one:
  Debian, Ubuntu on x86:   apt-get install gcc
  Debian, Ubuntu on ARM:   apt-get install gcc-i686-linux-gnu
  Fedora:                  dnf install gcc
  Arch:                    pacman -S gcc
  macOS:                   brew install i686-elf-gcc
or clang with lld on any system. Or name one: VMLAB_CC=/path/to/compiler (gcc or clang).";

/// Why there is no executable, or no compiler.
#[derive(Debug, Error)]
pub enum CompilerError {
    /// No candidate works; several lines.
    #[error("{wanted}\nTried:{tried}")]
    NoneWorks {
        /// What to install.
        wanted: &'static str,
        /// What was tried, and why it does not work.
        tried: String,
    },
    /// The one that `VMLAB_CC` names does not work.
    #[error("VMLAB_CC={name} makes no 32-bit x86 programs. Tried:{tried}")]
    NamedFails {
        /// Its name.
        name: String,
        /// What was tried, and why it does not work.
        tried: String,
    },
    /// The compiler or the linker refuses, with these messages.
    #[error("{0}")]
    Refused(String),
    /// It failed without a message.
    #[error("ended with {0}")]
    Failed(ExitStatus),
    /// It cannot be started, or its files cannot be written.
    #[error(transparent)]
    Host(#[from] io::Error),
}

/// A compiler that works.
#[derive(Debug)]
pub struct Compiler {
    /// The program and the arguments that select the target.
    command: Vec<OsString>,
    linker: Linker,
    version: String,
    /// The folder of the compiler's own headers.
    headers: PathBuf,
    root: PathBuf,
}

#[derive(Debug)]
enum Linker {
    /// The compiler calls the linker, as gcc does.
    Driver,
    /// We call it: `clang` for a bare-metal target would look for a gcc.
    Direct(PathBuf),
}

impl Compiler {
    /// Finds the first candidate that works: `VMLAB_CC`, then gcc under its usual names, then
    /// clang.
    ///
    /// `root` is the folder in which it will run; `scratch` is one for trying it out.
    ///
    /// # Errors
    /// None works: what was tried and what to install.
    pub fn find(root: &Path, scratch: &Path) -> Result<Compiler, CompilerError> {
        let named = env::var("VMLAB_CC")
            .ok()
            .filter(|name| !name.trim().is_empty());
        let candidates = match &named {
            Some(name) => {
                let words: Vec<&str> = name.split_whitespace().collect();
                let mut candidates = gcc(&words, root);
                candidates.extend(clang(&words, root));
                candidates
            }
            None => usual_candidates(root),
        };
        let mut tried = String::new();
        for compiler in candidates {
            match compiler.probe(scratch) {
                Ok(()) => return Ok(compiler),
                Err(reason) => tried.push_str(&format!("\n  {}: {reason}", compiler.name())),
            }
        }
        if tried.is_empty() {
            tried.push_str(" none could be started.");
        }
        Err(match named {
            Some(name) => CompilerError::NamedFails { name, tried },
            None => CompilerError::NoneWorks {
                wanted: MISSING,
                tried,
            },
        })
    }

    /// Returns a text that changes whenever executables could come out differently.
    #[must_use]
    pub fn identity(&self) -> String {
        let linker = match &self.linker {
            Linker::Driver => String::new(),
            Linker::Direct(path) => path.display().to_string(),
        };
        format!(
            "{:?} {} {FLAGS:?} {LINK_FLAGS:?} {linker}",
            self.command, self.version
        )
    }

    /// Compiles `source` to the object file `object`. Returns the compiler's warnings.
    ///
    /// # Errors
    /// The compiler's messages.
    pub fn compile(
        &self,
        source: &Path,
        object: &Path,
        flags: &[String],
    ) -> Result<String, CompilerError> {
        let mut command = Command::new(&self.command[0]);
        command
            .current_dir(&self.root)
            .args(&self.command[1..])
            .args(FLAGS);
        // Debug information names our files relative to the workspace, wherever that is, and the
        // compiler's own headers (such as stdint.h) without a folder.
        for (folder, name) in [(&self.root, "=."), (&self.headers, "=compiler")] {
            let mut map = OsString::from("-ffile-prefix-map=");
            map.push(folder);
            map.push(name);
            command.arg(map);
        }
        command.arg("-Iimages/lib").args(flags);
        command.arg("-c").arg(source).arg("-o").arg(object);
        output_of(&mut command)
    }

    /// Links object files by the linker script `script`. Returns the linker's warnings.
    ///
    /// # Errors
    /// The linker's messages.
    pub fn link(
        &self,
        objects: &[&Path],
        script: &Path,
        output: &Path,
    ) -> Result<String, CompilerError> {
        let mut command = match &self.linker {
            Linker::Driver => {
                let mut command = Command::new(&self.command[0]);
                command
                    .args(&self.command[1..])
                    .args(["-nostdlib", "-static"]);
                command.args(LINK_FLAGS.iter().map(|flag| format!("-Wl,{flag}")));
                command
            }
            Linker::Direct(path) => {
                let mut command = Command::new(path);
                command.args(["-m", "elf_i386"]).args(LINK_FLAGS);
                command
            }
        };
        command.current_dir(&self.root).arg("-T").arg(script);
        output_of(command.args(objects).arg("-o").arg(output))
    }

    /// Returns the folder in which it runs; source paths are relative to it.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn name(&self) -> String {
        let words: Vec<_> = self
            .command
            .iter()
            .map(|word| word.to_string_lossy())
            .collect();
        words.join(" ")
    }

    fn probe(&self, folder: &Path) -> Result<(), CompilerError> {
        let source = folder.join("probe.c");
        let object = folder.join("probe.o");
        fs::write(&source, PROBE)?;
        self.compile(&source, &object, &[])?;
        let script = self.root.join("images/lib/link.ld");
        self.link(&[&object], &script, &folder.join("probe"))?;
        Ok(())
    }
}

/// Runs a command and returns its standard error, on success and on failure.
fn output_of(command: &mut Command) -> Result<String, CompilerError> {
    let output = command.output()?;
    let errors = String::from_utf8_lossy(&output.stderr).trim().to_string();
    if output.status.success() {
        Ok(errors)
    } else if errors.is_empty() {
        Err(CompilerError::Failed(output.status))
    } else {
        Err(CompilerError::Refused(errors))
    }
}

fn usual_candidates(root: &Path) -> Vec<Compiler> {
    let gccs = [
        "gcc",
        "i686-linux-gnu-gcc",
        "x86_64-linux-gnu-gcc",
        "i686-elf-gcc",
        "x86_64-elf-gcc",
    ];
    let mut found: Vec<Compiler> = gccs.iter().flat_map(|name| gcc(&[name], root)).collect();
    found.extend(clang(&["clang"], root));
    found
}

/// Returns `words` as a gcc: one candidate, or none if it cannot be started.
fn gcc(words: &[&str], root: &Path) -> Vec<Compiler> {
    candidate(words, &["-m32"], Linker::Driver, root)
        .into_iter()
        .collect()
}

/// Returns `words` as a clang, once with each available linker.
fn clang(words: &[&str], root: &Path) -> Vec<Compiler> {
    let target = [
        "--target=i386-unknown-none-elf",
        "-Wno-unused-command-line-argument",
    ];
    linkers()
        .into_iter()
        .filter_map(|linker| candidate(words, &target, Linker::Direct(linker), root))
        .collect()
}

fn candidate(words: &[&str], target: &[&str], linker: Linker, root: &Path) -> Option<Compiler> {
    let first_line = |option| {
        let output = Command::new(words.first()?)
            .args(&words[1..])
            .arg(option)
            .output()
            .ok()?;
        String::from_utf8_lossy(&output.stdout)
            .lines()
            .next()
            .map(str::to_string)
    };
    Some(Compiler {
        command: words.iter().chain(target).map(OsString::from).collect(),
        linker,
        version: first_line("--version")?,
        headers: PathBuf::from(first_line("-print-file-name=include")?),
        root: root.to_path_buf(),
    })
}

/// Returns `ld.lld` on the path, and the linker of the Rust toolchain.
fn linkers() -> Vec<PathBuf> {
    let mut found = vec![PathBuf::from("ld.lld")];
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| OsStr::new("rustc").to_owned());
    let output = Command::new(rustc)
        .args(["--print", "target-libdir"])
        .output();
    if let Ok(output) = output {
        let libraries = String::from_utf8_lossy(&output.stdout).trim().to_string();
        found.push(PathBuf::from(libraries).with_file_name("bin/gcc-ld/ld.lld"));
    }
    found
}
