//! Compiles C and assembly sources of users, with the same compilers and library as the bundled
//! programs.
//!
//! # Invariants
//!
//! A user's source is compiled as a bundled one with the same comments would be
//! ([`toolchain::declared`]). Compilers work in a temporary folder and write nothing beside the
//! source; debug information names the source by the path that the user gave, so that a report
//! about a line can be followed.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use protocol::similar::DidYouMean;
use thiserror::Error;
use toolchain::compiler::{Compiler, CompilerError};
use toolchain::declared::Declared;

use crate::host_file;
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
    /// No compiler was found.
    #[error(transparent)]
    NoCompiler(CompilerError),
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
#[must_use]
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
    let sources = Sources::of(source)?;
    let compiler = Compiler::find(root, root).map_err(CompileError::NoCompiler)?;

    let mut warnings = String::new();
    let mut objects = Vec::new();
    for (number, one) in sources.files.iter().enumerate() {
        let object = root.join(format!("program-{number}.o"));
        let said = compiler.compile(&one.absolute, &object, &one.flags());
        warnings += &said.map_err(|error| refused(&one.named, error.to_string()))?;
        objects.push(object);
    }
    objects.extend(library_objects(root));
    let objects: Vec<&Path> = objects.iter().map(PathBuf::as_path).collect();
    let script = root
        .join("images/lib")
        .join(format!("{}.ld", sources.layout));
    let executable = root.join("program");
    let said = compiler.link(&objects, &script, &executable);
    warnings += &said.map_err(|error| refused(source, error.to_string()))?;
    if !warnings.is_empty() {
        log::warn!("{}:\n{warnings}", source.display());
    }
    std::fs::read(executable).map_err(file_error)
}

fn refused(source: &Path, messages: String) -> CompileError {
    CompileError::Refused {
        source_file: source.to_owned(),
        messages,
    }
}

/// All that a program is compiled of.
struct Sources {
    /// The source that was named, and those that it names.
    files: Vec<SourceFile>,
    /// The linker script, of the library.
    layout: String,
}

/// One source.
struct SourceFile {
    /// Its path as the user's is.
    named: PathBuf,
    absolute: PathBuf,
    declared: Declared,
}

impl Sources {
    /// Reads what a source declares, and those that belong to it.
    fn of(source: &Path) -> Result<Sources, CompileError> {
        let first = SourceFile::read(source)?;
        let layout = layout_of(&first)?;
        let mut files = Vec::new();
        for name in &first.declared.also {
            let path = source.with_file_name(name);
            if !is_source(&path) {
                let messages = format!("'also: {name}': a source has the name NAME.c or NAME.S");
                return Err(refused(source, messages));
            }
            let one = SourceFile::read(&path)?;
            if one.declared.also.is_empty() {
                files.push(one);
            } else {
                let messages = "it is named by another source, and so names none itself (also:)";
                return Err(refused(&path, messages.to_owned()));
            }
        }
        files.insert(0, first);
        Ok(Sources { files, layout })
    }
}

/// The linker script that a source asks for.
fn layout_of(source: &SourceFile) -> Result<String, CompileError> {
    let layout = &source.declared.layout;
    let scripts = images::library()
        .iter()
        .filter_map(|(name, _)| name.strip_suffix(".ld"));
    let scripts: Vec<&str> = scripts.collect();
    if scripts.contains(&layout.as_str()) {
        return Ok(layout.clone());
    }
    let similar = DidYouMean::among(layout, scripts.iter().copied());
    let known = scripts.join(", ");
    let messages = format!("there is no layout '{layout}'{similar}; there are: {known}");
    Err(refused(&source.named, messages))
}

impl SourceFile {
    fn read(path: &Path) -> Result<SourceFile, CompileError> {
        let failed = |error| CompileError::File {
            source_file: path.to_owned(),
            error,
        };
        let absolute = path.canonicalize().map_err(failed)?;
        let bytes = host_file::read(&absolute).map_err(failed)?;
        Ok(SourceFile {
            named: path.to_owned(),
            absolute,
            declared: Declared::of(&String::from_utf8_lossy(&bytes)),
        })
    }

    /// What it is compiled with. Its own come last, so that they can take others back.
    fn flags(&self) -> Vec<String> {
        let mut flags = flags(&self.named, &self.absolute);
        flags.extend(self.declared.flags.iter().cloned());
        flags
    }
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

    /// Writes these files and compiles the first.
    fn compiled(files: &[(&str, &str)]) -> Result<Vec<u8>, CompileError> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        compile(&folder.path().join(files[0].0))
    }

    const TWO: &str = "// also: two.c three.S\nint two(void);\nint three(void);\n\
                       int main(void)\n{\n    return two() + three();\n}\n";
    const THREE: &str = ".globl three\nthree:\n    movl $3, %eax\n    ret\n";

    #[test]
    fn flags_are_those_of_each_source_and_several_make_one_program() {
        let defined = "// flags: -DNUMBER=2 -Werror\nint two(void);\nint two(void)\n{\n    return NUMBER;\n}\n";
        let elf = compiled(&[("one.c", TWO), ("two.c", defined), ("three.S", THREE)]).unwrap();
        assert_eq!(elf[..4], *b"\x7fELF");
        let error = compiled(&[
            ("one.c", TWO),
            ("two.c", "int two(void) { return x; }\n"),
            ("three.S", THREE),
        ]);
        let error = error.unwrap_err().to_string();
        assert!(error.contains("/two.c cannot be compiled:"), "{error}");
    }

    #[test]
    fn a_layout_is_one_of_the_librarys() {
        let source =
            |layout: &str| format!("// layout: {layout}\nint main(void)\n{{\n    return 0;\n}}\n");
        let entry = |elf: &[u8]| u32::from_le_bytes(elf[24..28].try_into().unwrap());
        let low = compiled(&[("a.c", &source("low"))]).unwrap();
        let usual = compiled(&[("a.c", &source("link"))]).unwrap();
        assert!(entry(&low) < 0x0804_8000 && entry(&usual) >= 0x0804_8000);
        let error = compiled(&[("a.c", &source("lwo"))])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("there is no layout 'lwo' (did you mean low?)"),
            "{error}"
        );
    }

    #[test]
    fn what_a_source_names_must_be_there_and_be_a_source() {
        let error = |files: &[(&str, &str)]| compiled(files).unwrap_err().to_string();
        assert!(error(&[("one.c", TWO)]).contains("cannot compile "));
        assert!(error(&[("a.c", "// also: b.txt\n")]).contains("NAME.c or NAME.S"));
        let circle = error(&[("a.c", "// also: b.c\n"), ("b.c", "// also: a.c\n")]);
        assert!(circle.contains("names none itself"), "{circle}");
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
