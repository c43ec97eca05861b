//! C programs for Linux without a C library, compiled for the i386 with what they share (`c/linux.c`): the calls,
//! and a report.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use tempfile::TempDir;
use toolchain::compiler::Compiler;

use crate::linux::for_linux;

/// The folder of what all programs share, below the workspace.
const SHARED: &str = "userprog/executables/c";

/// A folder of sources.
#[derive(Clone, Copy, Debug)]
pub struct Sources {
    /// Where it is, below the workspace.
    pub folder: &'static str,
    /// A source, without its `.c`, that is linked with each of them.
    pub with: Option<&'static str>,
    /// The environment variable that makes a test fail that would be skipped.
    pub required: &'static str,
}

struct Workshop {
    compiler: Compiler,
    folder: TempDir,
}

impl Sources {
    /// The executable of a source; `None`, with a line about it, if there is no compiler.
    ///
    /// # Panics
    /// If the compiler refuses or warns, or if it is missing and may not be.
    #[must_use]
    pub fn program(&self, name: &str) -> Option<Vec<u8>> {
        static WORKSHOP: LazyLock<Result<Workshop, String>> = LazyLock::new(workshop);
        match &*WORKSHOP {
            Ok(workshop) => Some(workshop.compile(self, name)),
            Err(why) if std::env::var_os(self.required).is_some() => panic!("{why}"),
            Err(why) => {
                eprintln!("skipped: {why}");
                None
            }
        }
    }

    /// The sources of a program, which is linked of them in this order.
    fn of(&self, name: &str) -> Vec<PathBuf> {
        let own = self.with.into_iter().chain([name]);
        let own = own.map(|name| Path::new(self.folder).join(name).with_extension("c"));
        let shared = Path::new(SHARED).join("linux.c");
        std::iter::once(shared).chain(own).collect()
    }
}

fn workshop() -> Result<Workshop, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("a crate in a folder of the workspace");
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let compiler = Compiler::find(root, folder.path()).map_err(|error| error.to_string())?;
    Ok(Workshop { compiler, folder })
}

impl Workshop {
    fn compile(&self, sources: &Sources, name: &str) -> Vec<u8> {
        // Each has its own, since tests run at once.
        let scratch = tempfile::tempdir_in(self.folder.path()).expect("there is room");
        let flags = [SHARED, sources.folder].map(|folder| format!("-I{folder}"));
        let compile = |source: PathBuf| {
            let object = scratch
                .path()
                .join(source.file_stem().expect("it has a name"));
            let said = self.compiler.compile(&source, &object, &flags);
            assert_eq!(said.unwrap_or_else(|error| panic!("{error}")), "");
            object
        };
        let objects: Vec<PathBuf> = sources.of(name).into_iter().map(compile).collect();
        let objects: Vec<&Path> = objects.iter().map(PathBuf::as_path).collect();
        let executable = scratch.path().join("executable");
        let script = Path::new("images/lib/link.ld");
        let linked = self.compiler.link(&objects, script, &executable);
        linked.unwrap_or_else(|error| panic!("{error}"));
        for_linux(fs::read(executable).expect("it has just been linked"))
    }
}
