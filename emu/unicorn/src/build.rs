//! Configures and compiles the corrected source, and puts the library into the target folder.
//!
//! The work is done in a temporary folder: the emulator's own configuration cannot stand a path with
//! spaces, and cmake's files name the place where they were made, so that a checkout that was moved
//! with its target folder could not go on with them.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::apply::write_source;
use crate::origin::home;
use crate::{Error, inputs};

/// Where the library goes, below the target folder.
const FOLDER: &str = "unicorn";
const LIBRARY: &str = "libunicorn.a";

/// Builds the library, unless what is there was made from the same.
///
/// # Errors
/// See [`Error`](enum@Error).
pub(crate) fn build(target: &Path) -> Result<(), Error> {
    let folder = target.join(FOLDER);
    std::fs::create_dir_all(&folder).map_err(Error::io(&folder))?;
    let inputs = inputs::text(&home())?;
    let up_to_date =
        std::fs::read(folder.join(inputs::COPY)).is_ok_and(|made_from| made_from == inputs);
    if up_to_date && folder.join(LIBRARY).is_file() {
        return Ok(());
    }
    let work = work_folder()?;
    eprintln!("corrected-unicorn: building the emulator: one or two minutes");
    write_source(&work.path().join("source"))?;
    compile(work.path())?;
    // The copy of the inputs comes last: it says that the library is whole.
    install(
        &work.path().join("out/lib").join(LIBRARY),
        &folder.join(LIBRARY),
    )?;
    let copy = folder.join(inputs::COPY);
    std::fs::write(&copy, inputs).map_err(Error::io(&copy))
}

/// A temporary folder whose path has no white space.
fn work_folder() -> Result<tempfile::TempDir, Error> {
    let usual = std::env::temp_dir();
    let spaced = usual.to_string_lossy().contains(char::is_whitespace);
    let place = if spaced { PathBuf::from("/tmp") } else { usual };
    tempfile::Builder::new()
        .prefix("corrected-unicorn-")
        .tempdir_in(&place)
        .map_err(Error::io(&place))
}

fn compile(work: &Path) -> Result<(), Error> {
    let cmake = || {
        let mut command = Command::new("cmake");
        command.current_dir(work);
        command
    };
    let mut configure = cmake();
    configure.args(["-S", "source", "-B", "build"]).args([
        "-DCMAKE_BUILD_TYPE=Release",
        // What it makes of guests' code is as fast as with -O3, and it is built in a sixth less time.
        "-DCMAKE_C_FLAGS_RELEASE=-O2 -DNDEBUG",
        "-DCMAKE_INSTALL_LIBDIR=lib",
        "-DUNICORN_ARCH=x86",
        "-DBUILD_SHARED_LIBS=OFF",
        "-DUNICORN_BUILD_TESTS=OFF",
        "-DUNICORN_INSTALL=ON",
    ]);
    // Whole, since cmake takes a relative path from elsewhere.
    configure.arg(format!(
        "-DCMAKE_INSTALL_PREFIX={}",
        work.join("out").display()
    ));
    run(configure)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut make = cmake();
    make.args(["--build", "build", "--target", "install", "--parallel"]);
    make.arg(cores.to_string());
    run(make)
}

/// Runs a command, tells how far it is, and keeps what it says for the case that it fails.
fn run(mut command: Command) -> Result<(), Error> {
    const KEPT: usize = 30;
    let program = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command
        .spawn()
        .map_err(|error| Error::Build(format!("{program} does not run: {error}")))?;
    let mut last = Vec::new();
    let mut told = 0;
    for line in BufReader::new(child.stdout.take().expect("it is piped")).lines() {
        let Ok(line) = line else { break };
        if let Some(percent) = percent(&line).filter(|percent| *percent >= told + 25) {
            told = percent;
            eprintln!("corrected-unicorn: {percent} %");
        }
        last.push(line);
        if last.len() > KEPT {
            last.remove(0);
        }
    }
    let status = child
        .wait()
        .map_err(|error| Error::Build(format!("{program}: {error}")))?;
    if status.success() {
        return Ok(());
    }
    let said = last.join("\n");
    Err(Error::Build(format!("{program} failed; it said:\n{said}")))
}

/// How far make or ninja is: `[ 42%] ...` or `[42/99] ...`.
fn percent(line: &str) -> Option<u32> {
    let (progress, _) = line.strip_prefix('[')?.split_once(']')?;
    if let Some(percent) = progress.trim().strip_suffix('%') {
        return percent.parse().ok();
    }
    let (done, all) = progress.split_once('/')?;
    let (done, all): (u32, u32) = (done.parse().ok()?, all.parse().ok()?);
    (all > 0).then(|| done * 100 / all)
}

/// Copies a file so that it is there whole or not at all.
fn install(from: &Path, to: &Path) -> Result<(), Error> {
    let half = to.with_extension("new");
    std::fs::copy(from, &half).map_err(Error::io(from))?;
    std::fs::rename(&half, to).map_err(Error::io(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_of_make_and_ninja_is_understood() {
        assert_eq!(percent("[ 42%] Building C object"), Some(42));
        assert_eq!(percent("[50/200] Building C object"), Some(25));
        assert_eq!(percent("-- Configuring done"), None);
        assert_eq!(percent("[x] y"), None);
    }
}
