//! Links the corrected emulator, which `./vmlab` builds, and says what to do if it is missing.
//!
//! A copy of its inputs is beside the library. If the folder `emu/unicorn` differs from that, the
//! library counts as missing.

use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let library = root.join("../../target/unicorn");
    for path in [
        "build.rs",
        "../unicorn/c",
        "../unicorn/corrections",
        "../unicorn/src",
        "../unicorn/originals.toml",
    ] {
        println!("cargo::rerun-if-changed={path}");
    }
    println!(
        "cargo::rerun-if-changed={}",
        library.join("inputs").display()
    );
    match (
        fs::read(library.join("inputs")),
        inputs(&root.join("../unicorn")),
    ) {
        (Ok(made_from), Ok(now)) if made_from == now => {}
        _ => {
            println!(
                "cargo::error=the emulator with its corrections is not built, or no longer up to date: run ./vmlab once in this checkout"
            );
            return;
        }
    }
    println!("cargo::rustc-link-search=native={}", library.display());
    println!("cargo::rustc-link-lib=static:+whole-archive=unicorn");
}

/// Returns the inputs of the library, as `emu/unicorn/src/inputs.rs` does.
fn inputs(folder: &Path) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    for files in ["c", "corrections", "src"] {
        let listing = fs::read_dir(folder.join(files))?;
        let mut paths: Vec<PathBuf> = listing
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        paths.sort();
        for path in paths {
            text.extend(fs::read(path)?);
        }
    }
    text.extend(fs::read(folder.join("originals.toml"))?);
    Ok(text)
}
