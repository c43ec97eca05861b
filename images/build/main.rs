//! Builds the user programs: `programs/SUITE/NAME.c` (or `.S`) and `lib/` to ELF32 executables in
//! `OUT_DIR/elf`, and writes `OUT_DIR/catalogue.rs`, which `src/lib.rs` includes.
//!
//! An executable is built again only if its source, a header, the library, the linker script or
//! the compiler changed. The executables are the same bytes on every run with one compiler: no
//! path of the host and no time gets into them.

mod catalogue;
mod jobs;
mod source;

use std::path::{Path, PathBuf};
use std::{env, fs};

use toolchain::compiler::Compiler;

use jobs::Job;
use source::Source;

/// The folders of one build.
struct Layout {
    /// The workspace: compilers run here, so that the paths they see are relative to it.
    root: PathBuf,
    /// This crate.
    images: PathBuf,
    /// Cargo's folder for what a build script makes.
    out: PathBuf,
}

fn main() {
    for input in ["build", "lib", "programs", "files", "workloads"] {
        println!("cargo:rerun-if-changed={input}");
    }
    println!("cargo:rerun-if-env-changed=VMLAB_CC");

    if let Err(message) = build() {
        eprintln!("\n{message}\n");
        std::process::exit(1);
    }
}

fn build() -> Result<(), String> {
    let layout = Layout::from_env();
    for folder in ["lib", "elf", "probe"] {
        let folder = layout.out.join(folder);
        fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }

    let compiler = Compiler::find(&layout.root, &layout.out.join("probe"));
    let compiler = compiler.map_err(|error| error.to_string())?;
    let stamp = jobs::Stamp::check(&layout.out, &compiler.identity())?;
    let lib = source::files(&layout.images.join("lib"))?;
    let headers = jobs::newest(
        lib.iter()
            .filter(|file| source::has_extension(file, &["h"])),
    );

    let objects: Vec<Job> = lib
        .iter()
        .filter(|file| source::has_extension(file, &["c", "S"]))
        .map(|file| Job::library_object(&layout, file, headers))
        .collect();
    jobs::run(&compiler, &stamp, &objects)?;

    let programs = Source::read_all(&layout.images)?;
    let library = jobs::newest(lib.iter());
    let objects: Vec<&Path> = objects.iter().map(|job| job.output.as_path()).collect();
    let links: Vec<Job> = programs
        .iter()
        .map(|program| Job::program(&layout, program, &objects, library))
        .collect();
    jobs::run(&compiler, &stamp, &links)?;
    stamp.write()?;

    let files = source::files(&layout.images.join("files"))?;
    let sources = source::all_texts(&layout.images)?;
    let catalogue = layout.out.join("catalogue.rs");
    let workloads = source::files(&layout.images.join("workloads"))?;
    catalogue::write(&catalogue, &programs, &files, &workloads, &lib, &sources)
}

impl Layout {
    fn from_env() -> Layout {
        let variable = |name| PathBuf::from(env::var_os(name).expect("cargo sets it"));
        let images = variable("CARGO_MANIFEST_DIR");
        Layout {
            root: images
                .parent()
                .expect("the crate is in the workspace")
                .to_path_buf(),
            images,
            out: variable("OUT_DIR"),
        }
    }
}
