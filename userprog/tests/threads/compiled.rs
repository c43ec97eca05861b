//! C programs for Linux without a C library, compiled for the i386.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use executables::linux::for_linux;
use tempfile::TempDir;
use toolchain::compiler::Compiler;

/// The folder of the sources, below the workspace.
const SOURCES: &str = "userprog/tests/threads/c";
/// Set where a test that is skipped is a test that failed.
const REQUIRED: &str = "VMLAB_REQUIRE_THREADS";

struct Workshop {
    compiler: Compiler,
    folder: TempDir,
}

/// The executable of a source with what the tests share; `None`, with a line about it, if there is no compiler.
pub(crate) fn program(name: &str) -> Option<Vec<u8>> {
    static WORKSHOP: LazyLock<Result<Workshop, String>> = LazyLock::new(workshop);
    match &*WORKSHOP {
        Ok(workshop) => Some(workshop.compile(name)),
        Err(why) if std::env::var_os(REQUIRED).is_some() => panic!("{why}"),
        Err(why) => {
            eprintln!("skipped: {why}");
            None
        }
    }
}

fn workshop() -> Result<Workshop, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("a crate of the workspace");
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let compiler = Compiler::find(root, folder.path()).map_err(|error| error.to_string())?;
    Ok(Workshop { compiler, folder })
}

impl Workshop {
    fn compile(&self, name: &str) -> Vec<u8> {
        let sources = ["threads", name].map(|name| PathBuf::from(format!("{SOURCES}/{name}.c")));
        let objects = sources.each_ref().map(|source| {
            let object = source.file_stem().expect("a source has a name");
            // Each test has its own, since tests run at once.
            let object = self.folder.path().join(name).join(object);
            let folder = object.parent().expect("it has just been joined");
            std::fs::create_dir_all(folder).unwrap();
            let flags = [format!("-I{SOURCES}")];
            let warnings = self.compiler.compile(source, &object, &flags).unwrap();
            assert_eq!(warnings, "");
            object
        });
        let executable = self.folder.path().join(name).join("executable");
        let script = Path::new("images/lib/link.ld");
        let objects = objects.each_ref().map(PathBuf::as_path);
        self.compiler.link(&objects, script, &executable).unwrap();
        for_linux(std::fs::read(executable).unwrap())
    }
}
