//! Where busybox comes from.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use host::packages;

/// Set where a test that is skipped is a test that failed.
const REQUIRED: &str = "VMLAB_REQUIRE_BUSYBOX";

/// The program; `None`, with a line about it, if it cannot be had or the host cannot run it.
pub(crate) fn busybox() -> Option<&'static Path> {
    static FOUND: LazyLock<Result<PathBuf, String>> = LazyLock::new(find);
    testkit::or_skipped(&FOUND, REQUIRED)
}

fn find() -> Result<PathBuf, String> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let files = packages::files_of(&["busybox-static"], target, "busybox-static-i386")
        .map_err(|error| error.to_string())?;
    let program = files.join("bin/busybox");
    let runs = Command::new(&program).arg("true").status();
    match runs {
        Ok(status) if status.success() => Ok(program),
        _ => Err("this host runs no i386 programs".to_owned()),
    }
}
