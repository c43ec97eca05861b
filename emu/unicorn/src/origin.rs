//! Where cargo keeps the emulator's source: the crate `unicorn-engine-sys`, which has it all.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::Error;

const CRATE: &str = "unicorn-engine-sys";

/// The folder of this crate, with the corrections.
pub(crate) fn home() -> PathBuf {
    let home = std::env::var_os("CARGO_MANIFEST_DIR");
    home.map_or_else(|| PathBuf::from("emu/unicorn"), PathBuf::from)
}

/// The folder of the crate in cargo's registry, which is fetched if it is not there.
///
/// # Errors
/// If cargo cannot get it, or the workspace uses another version.
pub(crate) fn find(version: &str) -> Result<PathBuf, Error> {
    let metadata = metadata(&["--offline"]).or_else(|_| metadata(&[]))?;
    let packages = metadata["packages"].as_array().map(Vec::as_slice);
    let found = packages
        .unwrap_or_default()
        .iter()
        .find(|package| package["name"] == CRATE);
    let found =
        found.ok_or_else(|| Error::Origin(format!("the workspace has no crate {CRATE}")))?;
    if found["version"] != version {
        return Err(Error::Origin(format!(
            "the workspace uses {CRATE} {}, but the corrections in emu/unicorn are for {version}: pin that \
             version, or go through them",
            found["version"].as_str().unwrap_or("of no version")
        )));
    }
    let manifest = found["manifest_path"].as_str().map(PathBuf::from);
    let folder = manifest.and_then(|manifest| manifest.parent().map(PathBuf::from));
    folder.ok_or_else(|| Error::Origin(format!("cargo does not say where {CRATE} is")))
}

fn metadata(more: &[&str]) -> Result<Value, Error> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--locked", "--format-version", "1"])
        .args([
            "--manifest-path".as_ref(),
            home().join("Cargo.toml").as_os_str(),
        ])
        .args(more)
        .output()
        .map_err(|error| Error::Origin(format!("cargo does not run: {error}")))?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        return Err(Error::Origin(format!(
            "cargo cannot get {CRATE}: {}",
            reason.trim()
        )));
    }
    let parsed = serde_json::from_slice(&output.stdout);
    parsed
        .map_err(|error| Error::Origin(format!("what cargo says of {CRATE} is not JSON: {error}")))
}
