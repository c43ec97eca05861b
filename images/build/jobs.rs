//! Compiles what is out of date, on all cores.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;
use std::{env, fs, thread};

use toolchain::compiler::{Compiler, CompilerError};

use crate::Layout;
use crate::source::Source;

/// One file to make from one source file.
pub(crate) struct Job {
    source: PathBuf,
    flags: Vec<String>,
    /// The file to make: an object file, or an executable if there is a `link`.
    pub output: PathBuf,
    link: Option<Link>,
    /// The modification time of the newest other input.
    inputs: SystemTime,
}

/// The inputs of an executable besides its own object.
struct Link {
    objects: Vec<PathBuf>,
    script: PathBuf,
}

impl Job {
    /// Returns the job for a file of the library.
    pub(crate) fn library_object(layout: &Layout, file: &Path, headers: SystemTime) -> Job {
        let name = file.file_name().expect("a file").to_string_lossy();
        Job {
            source: relative(layout, file),
            flags: Vec::new(),
            output: layout.out.join("lib").join(format!("{name}.o")),
            link: None,
            inputs: headers,
        }
    }

    /// Returns the job for a program, linked with the whole library; the linker drops unused parts.
    pub(crate) fn program(
        layout: &Layout,
        program: &Source,
        lib: &[&Path],
        library: SystemTime,
    ) -> Job {
        let script = layout
            .images
            .join("lib")
            .join(format!("{}.ld", program.declared.layout));
        Job {
            source: relative(layout, &program.file),
            flags: program.declared.flags.clone(),
            output: layout.out.join("elf").join(&program.name),
            link: Some(Link {
                objects: lib.iter().map(|object| object.to_path_buf()).collect(),
                script,
            }),
            inputs: library.max(program.headers),
        }
    }

    fn is_done(&self, root: &Path) -> bool {
        let newest = self.inputs.max(modified(&root.join(&self.source)));
        fs::metadata(&self.output)
            .and_then(|made| made.modified())
            .is_ok_and(|made| made > newest)
    }

    /// Makes the output under a temporary name first, so that no partial file is left.
    fn make(&self, compiler: &Compiler) -> Result<String, CompilerError> {
        let object = self.output.with_extension("o.new");
        let mut warnings = compiler.compile(&self.source, &object, &self.flags)?;
        let made = match &self.link {
            None => object,
            Some(link) => {
                let executable = self.output.with_extension("new");
                let mut objects: Vec<&Path> = vec![&object];
                objects.extend(link.objects.iter().map(PathBuf::as_path));
                warnings += &compiler.link(&objects, &link.script, &executable)?;
                fs::remove_file(&object)?;
                executable
            }
        };
        fs::rename(&made, &self.output)?;
        Ok(warnings)
    }
}

/// Records the compiler and flags that made the files in `OUT_DIR`.
pub(crate) struct Stamp {
    file: PathBuf,
    identity: String,
    /// False if everything has to be rebuilt.
    valid: bool,
}

impl Stamp {
    /// Compares with the last build; no build counts as complete before `write`.
    pub(crate) fn check(out: &Path, identity: &str) -> Result<Stamp, String> {
        let file = out.join("compiler.txt");
        let valid = fs::read_to_string(&file).is_ok_and(|last| last == identity);
        if !valid && file.exists() {
            fs::remove_file(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        }
        Ok(Stamp {
            file,
            identity: identity.to_string(),
            valid,
        })
    }

    /// Marks the build as complete.
    pub(crate) fn write(&self) -> Result<(), String> {
        if self.valid {
            return Ok(());
        }
        fs::write(&self.file, &self.identity).map_err(|e| format!("{}: {e}", self.file.display()))
    }
}

/// Runs the jobs that are out of date. All failures are reported, not only the first.
pub(crate) fn run(compiler: &Compiler, stamp: &Stamp, jobs: &[Job]) -> Result<(), String> {
    let root = compiler.root();
    let open: Vec<&Job> = jobs
        .iter()
        .filter(|job| !(stamp.valid && job.is_done(root)))
        .collect();
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..workers().min(open.len()) {
            scope.spawn(|| {
                while let Some(job) = open.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = job.make(compiler);
                    results
                        .lock()
                        .expect("no worker panics")
                        .push((job, result));
                }
            });
        }
    });

    let mut failures = Vec::new();
    for (job, result) in results.into_inner().expect("no worker panics") {
        match result {
            Ok(warnings) => warnings
                .lines()
                .for_each(|line| println!("cargo:warning={line}")),
            Err(reason) => failures.push(format!("{}:\n{reason}", job.source.display())),
        }
    }
    failures.sort();
    if failures.is_empty() {
        Ok(())
    } else {
        Err(failures.join("\n"))
    }
}

/// Returns the number of jobs that cargo allows itself.
fn workers() -> usize {
    let cores = || thread::available_parallelism().map_or(1, |cores| cores.get());
    let allowed = env::var("NUM_JOBS").ok().and_then(|jobs| jobs.parse().ok());
    allowed.unwrap_or_else(cores).max(1)
}

/// Returns the modification time of the newest of `files`.
pub(crate) fn newest<'a>(files: impl Iterator<Item = &'a PathBuf>) -> SystemTime {
    files
        .map(|file| modified(file))
        .max()
        .unwrap_or(SystemTime::UNIX_EPOCH)
}

/// Returns the modification time of `file`; the current time if it is unknown, to force a rebuild.
fn modified(file: &Path) -> SystemTime {
    let time = fs::metadata(file).and_then(|metadata| metadata.modified());
    time.unwrap_or_else(|_| SystemTime::now())
}

/// Returns the path that compilers get, and that debug information has.
fn relative(layout: &Layout, file: &Path) -> PathBuf {
    let inside = file.strip_prefix(&layout.root);
    inside.expect("sources are in the workspace").to_path_buf()
}
