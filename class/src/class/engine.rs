//! Where submissions are graded: here, on hosts that a command reaches, or as an array job of Slurm.
//!
//! # Invariants
//! Each engine does the same for a submission: it calls `vmlab-class one`, which leaves a record. The record is the
//! same bytes on every engine.

use std::fmt::Write as _;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use std::{env, io, thread};

use host::process_group::ProcessGroup;
use indicatif::{ProgressBar, ProgressStyle};

use super::results::ResultsFolder;
use crate::plan::Plan;

/// The progress bar while a class is graded.
const BAR: &str = "{bar:30} {pos}/{len} {elapsed}, {eta} to go  {msg}";
/// The most tasks of a job array, in Slurm's default configuration.
const MOST_TASKS: usize = 1000;
/// Interval at which the progress of a job array is polled.
const LOOK: Duration = Duration::from_millis(500);

/// Where submissions are graded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Engine {
    /// Here, several at a time.
    Local(NonZeroUsize),
    /// By a shell command for each, in which `{host}` and `{command}` are replaced; one at a time for each host.
    Command {
        /// The command.
        template: String,
        /// The hosts.
        hosts: Vec<String>,
    },
    /// With `sbatch`.
    Slurm {
        /// The limit of submissions at a time, if there is one.
        at_once: Option<NonZeroUsize>,
        /// Its options.
        options: Vec<String>,
    },
}

/// The submissions to grade.
#[derive(Debug)]
pub struct Work<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The absolute path of the folder of results.
    pub results: &'a Path,
    /// The numbers of the submissions.
    pub numbers: Vec<usize>,
    /// Whether they are graded even if they were graded before.
    pub again: bool,
}

fn bar(length: u64) -> ProgressBar {
    let style = ProgressStyle::with_template(BAR).expect("it is valid");
    ProgressBar::new(length).with_style(style)
}

impl Engine {
    /// Grades the submissions, and returns what went wrong for each that has no grade.
    ///
    /// # Errors
    /// The host's.
    pub fn grade(&self, work: &Work<'_>) -> io::Result<Vec<String>> {
        let bar = bar(work.numbers.len() as u64);
        let failures = match self {
            Engine::Local(at_once) => {
                let here = |_: usize, number: usize| work.command(number);
                work.each(at_once.get(), &bar, &here)
            }
            Engine::Command { template, hosts } => {
                let there =
                    |worker: usize, number: usize| work.shell(template, &hosts[worker], number);
                work.each(hosts.len(), &bar, &there)
            }
            Engine::Slurm { at_once, options } => work.slurm(*at_once, options, &bar),
        };
        bar.finish_and_clear();
        failures
    }
}

impl Work<'_> {
    /// Runs commands on workers, each for one submission after the other.
    fn each(
        &self,
        workers: usize,
        bar: &ProgressBar,
        command: &(dyn Fn(usize, usize) -> io::Result<Command> + Sync),
    ) -> io::Result<Vec<String>> {
        let next = AtomicUsize::new(0);
        let failures = Mutex::new(Vec::new());
        let work = |worker: usize| {
            while let Some(&number) = self.numbers.get(next.fetch_add(1, Ordering::Relaxed)) {
                bar.set_message(self.student(number).to_owned());
                let ended = command(worker, number).and_then(|mut command| run(&mut command));
                if let Err(why) = ended {
                    let mut failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
                    failures.push((number, format!("{}: {why}", self.student(number))));
                }
                bar.inc(1);
            }
        };
        thread::scope(|scope| {
            let work = &work;
            for worker in 0..workers.min(self.numbers.len()) {
                scope.spawn(move || work(worker));
            }
        });
        let mut failures = failures
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        failures.sort();
        Ok(failures.into_iter().map(|(_, why)| why).collect())
    }

    fn student(&self, number: usize) -> &str {
        &self.plan.submissions[number].student
    }

    /// Returns the command that grades a submission on any engine.
    fn words(&self) -> io::Result<Vec<String>> {
        let text = |path: &Path| {
            let text = path.to_str().map(str::to_owned);
            text.ok_or_else(|| io::Error::other(format!("{}: not UTF-8", path.display())))
        };
        let places = self.plan.root.join("target/class");
        let mut words = vec![text(&env::current_exe()?)?, "one".to_owned()];
        words.extend(self.again.then(|| "--again".to_owned()));
        words.extend(["--places".to_owned(), text(&places)?, text(self.results)?]);
        Ok(words)
    }

    fn command(&self, number: usize) -> io::Result<Command> {
        let words = self.words()?;
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).arg(number.to_string());
        Ok(command)
    }

    fn shell(&self, template: &str, host: &str, number: usize) -> io::Result<Command> {
        let mut words = self.words()?;
        words.push(number.to_string());
        let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        let line = template
            .replace("{host}", host)
            .replace("{command}", &words.join(" "));
        let mut command = Command::new("sh");
        command.args(["-c", &line]);
        Ok(command)
    }

    /// Runs them with Slurm, as tasks of job arrays. Tasks of a node that fails are queued again.
    fn slurm(
        &self,
        at_once: Option<NonZeroUsize>,
        options: &[String],
        bar: &ProgressBar,
    ) -> io::Result<Vec<String>> {
        let limit = at_once.map_or_else(String::new, |limit| format!("%{limit}"));
        let done = ResultsFolder::new(self.results).clear_done()?;
        let folder = self.results.join(".work");
        let mut failures = Vec::new();
        for tasks in self.numbers.chunks(MOST_TASKS) {
            let mut script = String::from("#!/bin/sh\nset -- ");
            for number in tasks {
                let _ = write!(script, "{number} ");
            }
            let words: Vec<String> = self.words()?.iter().map(|word| quoted(word)).collect();
            let _ = writeln!(
                script,
                "\nshift \"$SLURM_ARRAY_TASK_ID\"\nexec {} \"$1\"",
                words.join(" ")
            );
            fs::write(folder.join("slurm.sh"), script)?;
            let mut command = Command::new("sbatch");
            command
                .args([
                    "--wait",
                    "--requeue",
                    "--job-name=vmlab",
                    "--output=/dev/null",
                ])
                .arg(format!("--array=0-{}{limit}", tasks.len() - 1))
                .arg(format!("--error={}/slurm-%a.messages", folder.display()))
                .args(options)
                .arg(folder.join("slurm.sh"))
                .stdin(Stdio::null())
                .stdout(Stdio::null());
            let not_started = |error| {
                io::Error::other(format!(
                    "cannot start sbatch, the command of Slurm: {error}"
                ))
            };
            let mut sbatch = ProcessGroup::start(&mut command).map_err(not_started)?;
            while sbatch.leader.try_wait()?.is_none() {
                bar.set_position(fs::read_dir(&done)?.count() as u64);
                thread::sleep(LOOK);
            }
            for (task, &number) in tasks.iter().enumerate() {
                if !done.join(number.to_string()).is_file() {
                    let said =
                        fs::read(folder.join(format!("slurm-{task}.messages"))).unwrap_or_default();
                    let said = String::from_utf8_lossy(&said).into_owned();
                    failures.push(format!(
                        "{}: its task of Slurm left no grade\n{said}",
                        self.student(number)
                    ));
                }
            }
        }
        Ok(failures)
    }
}

/// Runs a command to its end. Its output is the error, if it failed.
fn run(command: &mut Command) -> io::Result<()> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut process = ProcessGroup::start(command)?;
    let mut said = Vec::new();
    if let Some(mut messages) = process.leader.stderr.take() {
        io::Read::read_to_end(&mut messages, &mut said)?;
    }
    match process.leader.wait()? {
        status if status.success() => Ok(()),
        status => Err(io::Error::other(format!(
            "{status}\n{}",
            String::from_utf8_lossy(&said)
        ))),
    }
}

/// Quotes a word for a shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_a_quoted_word_as_one() {
        let word = "it's $HOME \"and\" `more` \\ of\nit";
        let output = Command::new("sh")
            .args(["-c", &format!("printf %s {}", quoted(word))])
            .output()
            .unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), word);
    }

    #[test]
    fn what_a_command_says_when_it_fails_is_told() {
        let mut command = Command::new("sh");
        let error = run(command.args(["-c", "echo because >&2; exit 3"])).unwrap_err();
        assert!(error.to_string().contains("because"), "{error}");
    }
}
