//! The programs that `vmlab` starts, which have to be next to it.
//!
//! # Invariants
//!
//! They exist when a test needs them. Testing the whole workspace builds them, since their packages
//! have tests that run them; testing this package alone in a new folder builds them here. They may
//! then be out of date, which is good enough for tests of the grader; a test of the kernel is its
//! own machine program.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Returns the path of the machine program; that of the tools is in the same folder.
pub(crate) fn machine() -> PathBuf {
    static MACHINE: OnceLock<PathBuf> = OnceLock::new();
    MACHINE
        .get_or_init(|| {
            let folder = Path::new(env!("CARGO_BIN_EXE_vmlab")).parent();
            let folder = folder.expect("a program is in a folder");
            let programs = ["vmlab-machine", "vmlab-tools"];
            if !programs
                .iter()
                .all(|program| folder.join(program).is_file())
            {
                build(folder);
            }
            folder.join("vmlab-machine")
        })
        .clone()
}

/// Builds them with cargo in the folder of a profile.
fn build(folder: &Path) {
    let target = folder.parent().expect("a profile's folder is in another");
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") => "dev",
        Some(name) => name,
        None => panic!("{} is not where cargo builds", folder.display()),
    };
    let packages = ["--package", "driver", "--package", "tools"];
    let status = Command::new(env!("CARGO"))
        .args(["build", "--locked", "--quiet"])
        .args(packages)
        .args(["--profile", profile, "--target-dir"])
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(status.expect("cargo starts").success(), "not built");
}
