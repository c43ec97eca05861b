//! `vmlab lab time`: measures the time from a change of the kernel to a verdict on it.
//!
//! # Invariants
//! The changed file is restored at the end, however it ends, except by a signal.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, io};

use clap::Args;

use host::command::{UsageError, print};
use protocol::exit::{Exit, PRINT_CODES};

/// The test whose verdict is measured.
const TEST: &str = "vm/page-linear";

/// Measures the time from a change of the kernel to the verdict of a test
#[derive(Args)]
#[command(after_help = format!("\
Each round adds a function to the end of FILE, calls `./vmlab grade --only {TEST}`
and then, with another such function, `cargo check -p vm`. The smallest times are printed,
and the ratio of the first to the second. `--all` runs the whole suite as well. A first
round, which does not count, builds what was not built yet. FILE is restored at the end.

Examples:
  vmlab lab time
  vmlab lab time --all
  vmlab lab time vm/src/residency/leave.rs --rounds 5

{PRINT_CODES}"))]
pub(super) struct TimeArgs {
    /// The file of crate vm that is changed
    #[arg(value_name = "FILE", default_value = "vm/src/lib.rs")]
    file: PathBuf,

    /// The number of rounds
    #[arg(long, value_name = "N", default_value = "3", value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,

    /// Also measure the time to the verdict of all tests
    #[arg(long)]
    all: bool,
}

impl TimeArgs {
    /// Measures.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        let root = root(&env::current_dir()?)?;
        let mut changed = Changed::new(root.join(&self.file))?;
        let mut ends = vec![
            End::new(
                format!("the verdict of {TEST}"),
                grade(&root, &["--only", TEST]),
            ),
            End::new(
                "the end of cargo check -p vm".to_owned(),
                cargo_check(&root),
            ),
        ];
        if self.all {
            ends.push(End::new(
                "the verdict of all tests".to_owned(),
                grade(&root, &[]),
            ));
        }
        let mut changes = 0_u32..;
        for round in 0..=self.rounds {
            for end in &mut ends {
                changed.change(changes.next().unwrap_or_default())?;
                let took = time(&mut end.command)?;
                if round > 0 {
                    end.best = end.best.min(took);
                }
            }
        }
        changed.put_back()?;
        print(&table(&self.file, &ends))?;
        Ok(Exit::Success)
    }
}

/// An event that ends a measurement.
struct End {
    what: String,
    command: Command,
    best: Duration,
}

impl End {
    fn new(what: String, command: Command) -> End {
        let best = Duration::MAX;
        End {
            what,
            command,
            best,
        }
    }
}

/// Returns the times, each with its ratio to the second, which is the check.
fn table(file: &Path, ends: &[End]) -> String {
    let check = ends[1].best.as_secs_f64();
    let mut text = format!("from a change of {} to\n", file.display());
    for End { what, best, .. } in ends {
        let best = best.as_secs_f64();
        let ratio = best / check;
        text += &format!("  {what:<33}  {best:6.2} s  {ratio:5.1} times the check\n");
    }
    text
}

/// Returns the root of the tree around a folder, which has the launcher and crate vm.
fn root(folder: &Path) -> Result<PathBuf, UsageError> {
    let is_root = |at: &&Path| at.join("vmlab").is_file() && at.join("vm/Cargo.toml").is_file();
    let root = folder.ancestors().find(is_root);
    let root =
        root.ok_or("there is no ./vmlab and no vm/Cargo.toml here or above: call it in the tree")?;
    Ok(root.to_owned())
}

fn grade(root: &Path, which: &[&str]) -> Command {
    let mut command = Command::new(root.join("vmlab"));
    command.current_dir(root).arg("grade").args(which);
    command
}

fn cargo_check(root: &Path) -> Command {
    let mut command = Command::new("cargo");
    let args = ["check", "--locked", "--release", "--quiet", "-p", "vm"];
    command.current_dir(root).args(args);
    command
}

/// Measures a command. A failed test is a verdict, too.
fn time(command: &mut Command) -> Result<Duration, UsageError> {
    let start = Instant::now();
    let output = command.stdin(Stdio::null()).output()?;
    let took = start.elapsed();
    match output.status.code() {
        Some(0 | 1) => Ok(took),
        _ => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(format!("{command:?} did not reach a verdict:\n{said}").into())
        }
    }
}

/// A source file that is changed for a while.
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

    /// Puts another function at its end.
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
            log::error!("{} could not be restored: {error}", self.path.display());
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
    fn times_stand_beside_that_of_a_check() {
        let took = |what: &str, millis| End {
            what: what.to_owned(),
            command: Command::new("true"),
            best: Duration::from_millis(millis),
        };
        let text = table(
            Path::new("vm/src/lib.rs"),
            &[took("a", 2200), took("b", 500)],
        );
        let lines = Vec::from_iter(text.lines());
        assert_eq!(lines[0], "from a change of vm/src/lib.rs to");
        assert!(
            lines[1].ends_with("  2.20 s    4.4 times the check"),
            "{text}"
        );
        assert!(
            lines[2].ends_with("  0.50 s    1.0 times the check"),
            "{text}"
        );
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
