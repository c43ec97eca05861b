//! Where busybox comes from.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// Set where a test that is skipped is a test that failed.
const REQUIRED: &str = "VMLAB_REQUIRE_BUSYBOX";

/// The program; `None`, with a line about it, if it cannot be had or the host cannot run it.
pub fn busybox() -> Option<&'static Path> {
    static FOUND: LazyLock<Result<PathBuf, String>> = LazyLock::new(find);
    match &*FOUND {
        Ok(path) => Some(path),
        Err(why) if std::env::var_os(REQUIRED).is_some() => panic!("{why}"),
        Err(why) => {
            eprintln!("skipped: {why}");
            None
        }
    }
}

fn find() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("busybox-i386");
    let program = folder.join("busybox");
    if !program.exists() {
        fetch(&folder, &program)?;
    }
    let runs = Command::new(&program).arg("true").status();
    match runs {
        Ok(status) if status.success() => Ok(program),
        _ => Err("this host runs no i386 programs".to_owned()),
    }
}

/// Has apt-get download the package, with lists and a cache that are nobody else's.
fn fetch(folder: &Path, program: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("busybox cannot be fetched: {error}");
    std::fs::create_dir_all(folder).map_err(failed)?;
    let apart = tempfile::tempdir_in(folder).map_err(failed)?;
    for part in ["lists/partial", "cache/archives/partial", "state"] {
        std::fs::create_dir_all(apart.path().join(part)).map_err(failed)?;
    }
    let at = |part: &str| apart.path().join(part).display().to_string();
    let options = [
        "APT::Architecture=i386".to_owned(),
        "APT::Architectures::=i386".to_owned(),
        "APT::Sandbox::User=".to_owned(),
        "Acquire::Languages=none".to_owned(),
        format!("Dir::State={}", at("state")),
        format!("Dir::State::lists={}", at("lists")),
        format!("Dir::State::status={}", "/dev/null"),
        format!("Dir::Cache={}", at("cache")),
    ];
    let apt = |words: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(options.iter().flat_map(|option| ["-o", option]));
        run(command.args(words).current_dir(apart.path()))
    };
    // One list that is not there does not matter, if the package is.
    let updated = apt(&["update"]);
    apt(&["download", "busybox-static"]).map_err(|error| match updated {
        Ok(()) => error,
        Err(first) => format!("{first}; {error}"),
    })?;
    let entries = std::fs::read_dir(apart.path()).map_err(failed)?;
    let package = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .ok_or("apt-get downloaded no package")?;
    let into = apart.path().join("files");
    run(Command::new("dpkg").arg("-x").arg(package).arg(&into))?;
    std::fs::rename(into.join("bin/busybox"), program).map_err(failed)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!(
            "{command:?}: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        )),
    }
}
