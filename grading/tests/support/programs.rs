//! The programs that are tested.
//!
//! What always holds: they are those of the sources as they are. Cargo builds the programs of a package for its own
//! tests; those of the others, which `vmlab` starts, are built here.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The machine program.
pub fn machine() -> PathBuf {
    static MACHINE: OnceLock<PathBuf> = OnceLock::new();
    MACHINE.get_or_init(build).clone()
}

/// Builds the other programs where the first is; in most cases cargo has nothing to do.
fn build() -> PathBuf {
    let vmlab = Path::new(env!("CARGO_BIN_EXE_vmlab"));
    let folder = vmlab.parent().expect("a program is in a folder");
    let target = folder.parent().expect("a profile's folder is in another");
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") => "dev",
        Some(name) => name,
        None => panic!("{} is not where cargo builds", vmlab.display()),
    };
    let status = Command::new(env!("CARGO"))
        .args([
            "build",
            "--locked",
            "--quiet",
            "--package",
            "driver",
            "--package",
            "tools",
        ])
        .args(["--profile", profile, "--target-dir"])
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(
        status.expect("cargo starts").success(),
        "it cannot be built"
    );
    folder.join("vmlab-machine")
}
