//! Writes the Rust source of the catalogue: arrays that include the executables, the files, the
//! library and all sources.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use toolchain::declared::Declared;

use crate::source::{Source, has_extension, name_of};

/// Writes `target`; `sources` are relative to this crate, sorted. An identical file is left alone,
/// to avoid needless rebuilds.
pub(crate) fn write(
    target: &Path,
    programs: &[Source],
    files: &[PathBuf],
    workloads: &[PathBuf],
    lib: &[PathBuf],
    sources: &[PathBuf],
) -> Result<(), String> {
    let text =
        text(programs, files, workloads, lib, sources).expect("strings take all that is written");
    if fs::read_to_string(target).is_ok_and(|last| last == text) {
        return Ok(());
    }
    fs::write(target, text).map_err(|e| format!("{}: {e}", target.display()))
}

fn text(
    programs: &[Source],
    files: &[PathBuf],
    workloads: &[PathBuf],
    lib: &[PathBuf],
    sources: &[PathBuf],
) -> Result<String, std::fmt::Error> {
    let mut text = String::from("static PROGRAMS: &[Program] = &[\n");
    for program in programs {
        let Source {
            name,
            suite,
            declared,
            ..
        } = program;
        let Declared { needs, shows, .. } = declared;
        let source = format!("images/programs/{suite}/{}", name_of(&program.file));
        writeln!(text, "    Program {{")?;
        writeln!(text, "        name: {name:?},")?;
        writeln!(text, "        suite: {suite:?},")?;
        writeln!(
            text,
            "        elf: include_bytes!(concat!(env!(\"OUT_DIR\"), {:?})),",
            format!("/elf/{name}")
        )?;
        writeln!(text, "        needs: &{needs:?},")?;
        writeln!(text, "        shows: {shows:?},")?;
        writeln!(text, "        source: {source:?},")?;
        writeln!(text, "    }},")?;
    }
    writeln!(text, "];\n\nstatic FILES: &[(&str, &[u8])] = &[")?;
    for file in files {
        let name = name_of(file);
        let path = format!("/files/{name}");
        writeln!(
            text,
            "    ({name:?}, include_bytes!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?}))),"
        )?;
    }
    writeln!(text, "];\n\nstatic WORKLOADS: &[(&str, &str)] = &[")?;
    for file in workloads {
        let name = name_of(&file.with_extension(""));
        let path = format!("/workloads/{}", name_of(file));
        writeln!(
            text,
            "    ({name:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?}))),"
        )?;
    }
    writeln!(text, "];\n\nstatic LIBRARY: &[(&str, &[u8])] = &[")?;
    for file in lib {
        let name = name_of(file);
        let (name, root, path) = if has_extension(file, &["c", "S"]) {
            (format!("{name}.o"), "OUT_DIR", format!("/lib/{name}.o"))
        } else {
            (name.clone(), "CARGO_MANIFEST_DIR", format!("/lib/{name}"))
        };
        writeln!(
            text,
            "    ({name:?}, include_bytes!(concat!(env!({root:?}), {path:?}))),"
        )?;
    }
    writeln!(text, "];\n\nstatic SOURCES: &[(&str, &str)] = &[")?;
    for file in sources {
        let path = file.display().to_string();
        writeln!(
            text,
            "    ({:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {:?}))),",
            format!("images/{path}"),
            format!("/{path}")
        )?;
    }
    writeln!(text, "];")?;
    Ok(text)
}
