//! `vmlab lab time`: how long it takes from a change of the kernel to a verdict on it.
//!
//! What always holds: when it is over, however it ended short of a signal, the file that was changed is as
//! it was.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, io};

use clap::Args;

use host::command::{UsageError, print};
use protocol::exit::{Exit, PRINT_CODES};

/// The test whose verdict is waited for.
const TEST: &str = "vm/page-linear";

/// Measures the time from a change of the kernel to the verdict of a test
#[derive(Args)]
#[command(after_help = format!("\
Each round adds a function to the end of FILE, calls `./vmlab grade --only {TEST}`
and then, with another such function, `cargo check -p vm`; the smallest times are printed,
and their ratio. A round before those that count builds what was not built yet. FILE is
put back in the end.

Examples:
  vmlab lab time
  vmlab lab time vm/src/residency/leave.rs --rounds 5

{PRINT_CODES}"))]
pub struct TimeArgs {
    /// The file of crate vm that is changed
    #[arg(value_name = "FILE", default_value = "vm/src/lib.rs")]
    file: PathBuf,

    /// How often
    #[arg(long, value_name = "N", default_value = "3", value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
}

impl TimeArgs {
    /// Measures.
    pub fn execute(&self) -> Result<Exit, UsageError> {
        let root = root(&env::current_dir()?)?;
        let mut changed = Changed::new(root.join(&self.file))?;
        let (mut verdict, mut check) = (Duration::MAX, Duration::MAX);
        for round in 0..=self.rounds {
            changed.change(2 * round)?;
            let until_verdict = time(&mut grade(&root))?;
            changed.change(2 * round + 1)?;
            let until_checked = time(&mut cargo_check(&root))?;
            if round > 0 {
                verdict = verdict.min(until_verdict);
                check = check.min(until_checked);
            }
        }
        changed.put_back()?;
        let ratio = verdict.as_secs_f64() / check.as_secs_f64();
        print(&format!(
            "from {} to the verdict of {TEST}  {:.2} s\nto the end of cargo check -p vm  {:.2} s\nratio  {ratio:.1}\n",
            self.file.display(),
            verdict.as_secs_f64(),
            check.as_secs_f64(),
        ))?;
        Ok(Exit::Success)
    }
}

/// The tree around a folder: it has the launcher and crate vm.
fn root(folder: &Path) -> Result<PathBuf, UsageError> {
    let is_root = |at: &&Path| at.join("vmlab").is_file() && at.join("vm/Cargo.toml").is_file();
    let root = folder.ancestors().find(is_root);
    let root =
        root.ok_or("there is no ./vmlab and no vm/Cargo.toml here or above: call it in the tree")?;
    Ok(root.to_owned())
}

fn grade(root: &Path) -> Command {
    let mut command = Command::new(root.join("vmlab"));
    command.current_dir(root).args(["grade", "--only", TEST]);
    command
}

fn cargo_check(root: &Path) -> Command {
    let mut command = Command::new("cargo");
    let args = ["check", "--locked", "--release", "--quiet", "-p", "vm"];
    command.current_dir(root).args(args);
    command
}

/// How long a command takes. That the test fails is a verdict like another.
fn time(command: &mut Command) -> Result<Duration, UsageError> {
    let start = Instant::now();
    let output = command.stdin(Stdio::null()).output()?;
    let took = start.elapsed();
    match output.status.code() {
        Some(0 | 1) => Ok(took),
        _ => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(format!("{command:?} did not come to a verdict:\n{said}").into())
        }
    }
}

/// A source file with something added to it.
struct Changed {
    path: PathBuf,
    was: String,
}

impl Changed {
    fn new(path: PathBuf) -> Result<Changed, UsageError> {
        match fs::read_to_string(&path) {
            Ok(was) => Ok(Changed { path, was }),
            Err(error) => Err(format!("{}: {error}", path.display()).into()),
        }
    }

    /// Has another function at its end.
    fn change(&self, number: u32) -> io::Result<()> {
        let function = format!(
            "\n/// Put here by `vmlab lab time`.\npub fn timed() -> u32 {{\n    {number}\n}}\n"
        );
        fs::write(&self.path, self.was.clone() + &function)
    }

    fn put_back(&mut self) -> io::Result<()> {
        fs::write(&self.path, &self.was)
    }
}

impl Drop for Changed {
    fn drop(&mut self) {
        if let Err(error) = self.put_back() {
            log::error!("{} could not be put back: {error}", self.path.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_is_as_it_was_in_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("evict.rs");
        fs::write(&path, "//! Evicts.\n").unwrap();
        let changed = Changed::new(path.clone()).unwrap();
        changed.change(7).unwrap();
        assert!(fs::read_to_string(&path).unwrap().contains("    7\n"));
        drop(changed);
        assert_eq!(fs::read_to_string(&path).unwrap(), "//! Evicts.\n");
    }

    #[test]
    fn outside_of_a_tree_it_says_where_to_call_it() {
        let folder = tempfile::tempdir().unwrap();
        assert!(
            root(folder.path())
                .unwrap_err()
                .to_string()
                .contains("call it in the tree")
        );
    }

    #[test]
    fn a_command_without_a_verdict_is_an_error_with_its_words() {
        let mut command = Command::new("sh");
        let error = time(command.args(["-c", "echo no >&2; exit 2"])).unwrap_err();
        assert!(error.to_string().ends_with("verdict:\nno\n"));
    }
}
