//! Trees that are made of this one, compiled.

use std::fs;
use std::path::Path;
use std::process::Command;

use lab::tree::Files;
use lab::write;

use testkit::root;

/// Has cargo check a package of a tree with these files, with `target` for what is built.
///
/// # Errors
/// The messages, warnings among them.
pub fn check(package: &str, files: &Files, target: &Path) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    for (path, file) in files {
        write::write_file(&folder.path().join(path), file).map_err(|error| error.to_string())?;
    }
    // What links the emulator takes that of this tree.
    let emulator = folder.path().join("target/unicorn");
    fs::create_dir_all(&emulator).map_err(|error| error.to_string())?;
    for name in ["inputs", "libunicorn.a"] {
        fs::copy(
            root().join("target/unicorn").join(name),
            emulator.join(name),
        )
        .map_err(|error| format!("{name} of the emulator: {error}"))?;
    }
    let output = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--locked", "--offline"])
        .args(["--package", package])
        .arg("--target-dir")
        .arg(target)
        .current_dir(folder.path())
        .output()
        .map_err(|error| error.to_string())?;
    let messages = String::from_utf8_lossy(&output.stderr);
    match output.status.success() && messages.is_empty() {
        true => Ok(()),
        false => Err(messages.into_owned()),
    }
}
