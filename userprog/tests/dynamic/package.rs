//! Where dynamic programs come from: a folder of Debian's packages for the i386.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use host::packages;

/// Set where a test that is skipped is a test that failed.
const REQUIRED: &str = "VMLAB_REQUIRE_DYNAMIC";
/// Programs, and the libraries that they need.
const PACKAGES: [&str; 22] = [
    "libc6",
    "libc-bin",
    "libacl1",
    "libattr1",
    "libgmp10",
    "liblzma5",
    "libpcre2-8-0",
    "libreadline8",
    "libselinux1",
    "libtinfo6",
    "bc",
    "coreutils",
    "dash",
    "diffutils",
    "grep",
    "gzip",
    "hello",
    "mawk",
    "pigz",
    "sed",
    "xz-utils",
    "zlib1g",
];

/// The folder; `None`, with a line about it, if it cannot be had or the host cannot run its programs.
pub(crate) fn root() -> Option<&'static Path> {
    static FOUND: LazyLock<Result<PathBuf, String>> = LazyLock::new(find);
    testkit::or_skipped(&FOUND, REQUIRED)
}

/// Where a program is in the root, below its `bin` or `usr/bin`.
pub(crate) fn program(root: &Path, name: &str) -> PathBuf {
    let places = ["bin", "usr/bin", "sbin", "usr/sbin"];
    let mut paths = places.iter().map(|place| root.join(place).join(name));
    let found = paths.find(|path| path.exists());
    found.unwrap_or_else(|| panic!("{name} is in no package"))
}

/// The host's command that runs a program of the root with the root's dynamic linker and libraries.
pub(crate) fn native(root: &Path, name: &str) -> Command {
    let mut command = Command::new(linker(root));
    let folders = ["lib/i386-linux-gnu", "usr/lib/i386-linux-gnu"];
    let folders = folders.map(|folder| root.join(folder).display().to_string());
    command.args(["--library-path", &folders.join(":"), "--argv0", name]);
    command.arg(program(root, name));
    command
}

fn linker(root: &Path) -> PathBuf {
    root.join("lib/ld-linux.so.2")
}

fn find() -> Result<PathBuf, String> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let root =
        packages::files_of(&PACKAGES, target, "dynamic-i386-2").map_err(|e| e.to_string())?;
    // Where packages have all of it in /usr, the base system has this link.
    if !root.join("lib").exists() {
        std::os::unix::fs::symlink("usr/lib", root.join("lib")).map_err(|e| e.to_string())?;
    }
    let runs = native(&root, "hello").output();
    match runs {
        Ok(output) if output.status.success() => Ok(root),
        _ => Err("this host runs no dynamic i386 programs".to_owned()),
    }
}
