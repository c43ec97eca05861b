//! Compiles C and assembly sources of users, with the same compilers and library as the bundled
//! programs.
//!
//! # Invariants
//!
//! Compilers work in a temporary folder and write nothing next to the source. Debug information has
//! the path of the source as the user gave it, so that reported lines can be found.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use images::compiler::Compiler;
use thiserror::Error;

use crate::scratch::Scratch;

/// Why a source cannot be compiled.
#[derive(Debug, Error)]
pub enum CompileError {
    /// The source does not exist, or the temporary folder cannot be used.
    #[error("cannot compile {}: {error}", source_file.display())]
    File {
        /// The source.
        source_file: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// No compiler was found; the text says what to do.
    #[error("{0}")]
    NoCompiler(String),
    /// The compiler or the linker refused it.
    #[error("{} cannot be compiled:\n{messages}", source_file.display())]
    Refused {
        /// The source.
        source_file: PathBuf,
        /// Their messages.
        messages: String,
    },
}

/// Returns whether a file has to be compiled, by its name.
pub fn is_source(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "c" || extension == "S")
}

/// Compiles a source to an executable. The compiler's warnings are logged.
///
/// # Errors
/// [`CompileError`]
pub fn compile(source: &Path) -> Result<Vec<u8>, CompileError> {
    let file_error = |error| CompileError::File {
        source_file: source.to_owned(),
        error,
    };
    let scratch = Scratch::new().map_err(file_error)?;
    let root = scratch.path();
    unpack_library(root).map_err(file_error)?;
    let absolute = source.canonicalize().map_err(file_error)?;
    let compiler = Compiler::find(root, root).map_err(CompileError::NoCompiler)?;

    let refused = |messages| CompileError::Refused {
        source_file: source.to_owned(),
        messages,
    };
    let flags = flags(source, &absolute);
    let (object, executable) = (root.join("program.o"), root.join("program"));
    let mut warnings = compiler
        .compile(&absolute, &object, &flags)
        .map_err(refused)?;
    let mut objects = vec![object];
    objects.extend(library_objects(root));
    let objects: Vec<&Path> = objects.iter().map(PathBuf::as_path).collect();
    let script = root.join("images/lib/link.ld");
    warnings += &compiler
        .link(&objects, &script, &executable)
        .map_err(refused)?;
    if !warnings.is_empty() {
        log::warn!("{}:\n{warnings}", source.display());
    }
    std::fs::read(executable).map_err(file_error)
}

/// Returns flags to find headers in the source's folder, and to keep the user's path in debug
/// information.
fn flags(source: &Path, absolute: &Path) -> Vec<String> {
    let folder = |path: &Path| {
        let folder = path.parent().unwrap_or(path).to_owned();
        if folder == Path::new("") {
            PathBuf::from(".")
        } else {
            folder
        }
    };
    let (own, named) = (folder(absolute), folder(source));
    vec![
        format!("-I{}", own.display()),
        format!("-ffile-prefix-map={}={}", own.display(), named.display()),
    ]
}

fn unpack_library(root: &Path) -> io::Result<()> {
    let folder = root.join("images/lib");
    std::fs::create_dir_all(&folder)?;
    for (name, content) in images::library() {
        std::fs::write(folder.join(name), content)?;
    }
    Ok(())
}

fn library_objects(root: &Path) -> impl Iterator<Item = PathBuf> {
    images::library()
        .iter()
        .filter(|(name, _)| Path::new(name).extension() == Some(OsStr::new("o")))
        .map(move |(name, _)| root.join("images/lib").join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_with_a_header_of_its_own_becomes_an_executable() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("prog.c");
        std::fs::write(folder.path().join("mine.h"), "#define TEXT \"text\"\n").unwrap();
        let text = "#include <test.h>\n#include \"mine.h\"\nTEST { msg(TEXT); }\n";
        std::fs::write(&source, text).unwrap();
        let elf = compile(&source).unwrap();
        assert_eq!(elf[..4], *b"\x7fELF");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_the_compiler_says_names_the_file_and_the_line() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("wrong.c");
        std::fs::write(&source, "int main(void)\n{\n    return x;\n}\n").unwrap();
        let error = compile(&source).unwrap_err().to_string();
        assert!(error.contains("wrong.c cannot be compiled:"), "{error}");
        assert!(error.contains("wrong.c:3:"), "{error}");
    }

    #[test]
    fn a_source_that_is_not_there_is_an_error() {
        let error = compile(Path::new("no-such.c")).unwrap_err().to_string();
        assert!(error.starts_with("cannot compile no-such.c: "), "{error}");
    }
}
