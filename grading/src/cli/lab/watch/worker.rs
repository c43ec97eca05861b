//! The thread that builds the kernel and runs tests on it, one run at a time.
//!
//! # Invariants
//! - Tests run with the program that the launcher has just built, never with this one.
//! - A new order ends the current run with all its processes, and so does the end of the interface.

use std::fs;
use std::io;
use std::panic::resume_unwind;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use std::thread::{self, JoinHandle};

use super::again::Again;
use super::child::{self, Line};
use super::failure::{Failure, printable};
use super::ground::Ground;
use super::libtest::{Libtest, Said};
use super::news::{Ended, Failed, News, Scope};
use crate::report::{self, causes};
use crate::results::Results;
use host::process_group;

/// The report of `vmlab grade`, relative to the root of the tree.
const REPORT: &str = "target/lab/watch.json";

/// The thread and everything it has started, which end when this is dropped.
pub(super) struct Worker {
    orders: Option<Sender<Scope>>,
    thread: Option<JoinHandle<()>>,
    news: Sender<News>,
}

impl Worker {
    /// Starts the thread.
    pub(super) fn start(ground: Arc<Ground>, news: Sender<News>) -> Worker {
        let (orders, receiver) = mpsc::channel();
        let work = Work {
            ground,
            orders: receiver,
            news: news.clone(),
        };
        Worker {
            orders: Some(orders),
            thread: Some(thread::spawn(move || work.serve())),
            news,
        }
    }

    /// Orders a new build and run, whatever is running.
    pub(super) fn order(&self, scope: Scope) {
        if let Some(orders) = &self.orders {
            // `check` notices a thread that has ended.
            let _ = orders.send(scope);
        }
    }

    /// Makes the report of a run, in parallel to everything else.
    pub(super) fn report(&self, again: Again) {
        again.report(self.news.clone());
    }

    /// Propagates a panic of the thread, which ends for no other reason.
    pub(super) fn check(&mut self) {
        if self.thread.as_ref().is_some_and(JoinHandle::is_finished) {
            self.end();
        }
    }

    /// Ends the thread and everything it has started.
    pub(super) fn end(&mut self) {
        self.orders = None;
        let ended = self.thread.take().map(JoinHandle::join);
        process_group::end_all();
        if let Some(Err(panic)) = ended
            && !thread::panicking()
        {
            resume_unwind(panic);
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.end();
    }
}

/// Why a run is abandoned.
enum Stop {
    /// Another was ordered.
    Newer(Scope),
    /// The interface has ended.
    Over,
}

/// The standard error of a command that was run to its end, and how it ended.
struct Ran {
    status: ExitStatus,
    said: Vec<String>,
}

struct Work {
    ground: Arc<Ground>,
    orders: Receiver<Scope>,
    news: Sender<News>,
}

impl Work {
    fn serve(&self) {
        let mut next = self.orders.recv().ok();
        while let Some(scope) = next {
            next = match self.carry_out(scope) {
                Ok(()) => self.orders.recv().ok(),
                Err(Stop::Newer(scope)) => Some(scope),
                Err(Stop::Over) => None,
            };
        }
    }

    fn carry_out(&self, scope: Scope) -> Result<(), Stop> {
        self.tell(News::Begun(scope));
        match self.ground.next() {
            Ok(next) => self.tell(News::Next(next)),
            Err(error) => self.tell(News::Note(format!("what is next is not known: {error}"))),
        }
        if self.bundled_tests(scope)? {
            self.kernel_tests()?;
        }
        self.tell(News::Done);
        Ok(())
    }

    /// Builds and runs the bundled tests. Returns whether that reached a verdict.
    fn bundled_tests(&self, scope: Scope) -> Result<bool, Stop> {
        let tests = match scope {
            Scope::Milestone => &self.ground.tests,
            Scope::All => &self.ground.all_tests,
        };
        if tests.is_empty() {
            return Ok(true);
        }
        let file = match self.new_report() {
            Ok(file) => file,
            Err(error) => return Ok(self.broken(vec![format!("{REPORT}: {error}")])),
        };
        let mut command = Command::new(self.ground.root.join("vmlab"));
        command.args(["grade", "--verbose", "--report"]);
        command.arg(format!("json={REPORT}"));
        if scope == Scope::Milestone {
            command.args(tests.iter().map(|test| format!("--only={test}")));
        }
        let ran = self.run(&mut command, |line| match line {
            Line::Out(_) => None,
            Line::Error(line) => ended(&line).map(News::Test),
        })?;
        let ran = match ran {
            Ok(ran) => ran,
            Err(error) => return Ok(self.broken(vec![format!("./vmlab cannot be run: {error}")])),
        };
        // The report is created when the arguments are parsed, so without one nothing was built.
        let Ok(text) = fs::read_to_string(&file) else {
            self.tell(News::NotBuilt(compiler_words(&ran.said)));
            return Ok(false);
        };
        match report::read(&text) {
            Ok(results) => {
                self.tell(News::TestsDone(self.failures(&results)));
                Ok(true)
            }
            Err(_) => Ok(self.broken(ran.said)),
        }
    }

    /// Returns the path of the report, after removing that of the last run.
    fn new_report(&self) -> io::Result<PathBuf> {
        let report = self.ground.root.join(REPORT);
        if let Some(folder) = report.parent() {
            fs::create_dir_all(folder)?;
        }
        match fs::remove_file(&report) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(report),
        }
    }

    fn failures(&self, results: &Results) -> Vec<Failed> {
        let causes = causes::of(results).into_iter();
        let tests = causes.flat_map(|cause| cause.tests);
        tests
            .map(|test| Failed {
                id: test.id(),
                why: Failure::of_test(test, &self.ground.root),
            })
            .collect()
    }

    /// Runs crate `vm`'s own tests.
    fn kernel_tests(&self) -> Result<(), Stop> {
        let mut libtest = Libtest::default();
        let mut command = Command::new("cargo");
        command.args(self.ground.kernel_test_words());
        let ran = self.run(&mut command, |line| match line {
            Line::Out(line) => libtest.line(&line).map(|said| match said {
                Said::Running(count) => News::KernelTests(count),
                Said::Ended { name, passed } => News::KernelTest(Ended {
                    id: kernel_test(&name),
                    passed,
                }),
            }),
            Line::Error(_) => None,
        })?;
        match ran {
            Ok(ran) => self.judge_kernel_tests(&ran, libtest),
            Err(error) => {
                self.broken(vec![format!("cargo cannot be run: {error}")]);
            }
        }
        Ok(())
    }

    fn judge_kernel_tests(&self, ran: &Ran, libtest: Libtest) {
        let passed = ran.status.success();
        if let Err(error) = self.ground.note_kernel_tests(passed) {
            self.tell(News::Note(format!("what passed cannot be kept: {error}")));
        }
        let said = compiler_words(&ran.said);
        self.tell(match (libtest.has_begun(), libtest.failures()) {
            (false, _) if !passed => News::NotBuilt(said),
            // A test has ended the whole process, for example by infinite recursion.
            (true, failures) if !passed && failures.is_empty() => News::Broken(said),
            (_, failures) => {
                let failures = failures.into_iter().map(|(name, printed)| Failed {
                    id: kernel_test(&name),
                    why: Failure::of_kernel_test(&printed, &self.ground.root),
                });
                News::KernelTestsDone(failures.collect())
            }
        });
    }

    /// Runs a command in the root of the tree; `news` returns the news that a line is.
    fn run(
        &self,
        command: &mut Command,
        mut news: impl FnMut(Line) -> Option<News>,
    ) -> Result<io::Result<Ran>, Stop> {
        let mut said = Vec::new();
        let mut stop = None;
        command
            .current_dir(&self.ground.root)
            .env("CARGO_TERM_COLOR", "never");
        let each = |line: Line| {
            if let Line::Error(text) = &line {
                said.push(printable(text));
            }
            if let Some(news) = news(line) {
                self.tell(news);
            }
        };
        let ended = child::run(command, each, || {
            stop = self.stop();
            stop.is_some()
        });
        match (ended, stop) {
            (_, Some(stop)) => Err(stop),
            (Err(error), None) => Ok(Err(error)),
            (Ok(status), None) => {
                let status = status.expect("nothing has stopped it");
                Ok(Ok(Ran { status, said }))
            }
        }
    }

    /// Returns whether another run was ordered, or the interface has ended.
    fn stop(&self) -> Option<Stop> {
        let mut stop = None;
        loop {
            match self.orders.try_recv() {
                Ok(scope) => stop = Some(Stop::Newer(scope)),
                Err(TryRecvError::Empty) => return stop,
                Err(TryRecvError::Disconnected) => return Some(Stop::Over),
            }
        }
    }

    /// Reports that there is no verdict, and returns false.
    fn broken(&self, said: Vec<String>) -> bool {
        self.tell(News::Broken(said));
        false
    }

    fn tell(&self, news: News) {
        // If nobody listens any more, there will be no more orders either.
        let _ = self.news.send(news);
    }
}

/// Returns the name used here for one of crate `vm`'s own tests.
fn kernel_test(name: &str) -> String {
    format!("cargo/{name}")
}

/// Returns the test whose end a line of `vmlab grade --verbose` reports.
fn ended(line: &str) -> Option<Ended> {
    let mut words = line.split(' ');
    let passed = match words.next()? {
        "PASS" => true,
        "FAIL" => false,
        _ => return None,
    };
    let id = words.next()?.to_owned();
    Some(Ended { id, passed })
}

/// Returns the messages from the compiler's first error on; all of them if there is none.
fn compiler_words(said: &[String]) -> Vec<String> {
    let first = said.iter().position(|line| line.starts_with("error"));
    said[first.unwrap_or(0)..].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_about_tests_are_told_from_others() {
        let end = |id: &str, passed| {
            let id = id.to_owned();
            Some(Ended { id, passed })
        };
        assert_eq!(
            ended("PASS vm/page-linear 0.31 s"),
            end("vm/page-linear", true)
        );
        assert_eq!(
            ended("FAIL vm/mmap-read 1.00 s"),
            end("vm/mmap-read", false)
        );
        assert_eq!(ended("vmlab: building..."), None);
    }

    #[test]
    fn errors_come_before_warnings() {
        let said = ["warning: unused", " --> a", "error[E0308]: no", " --> b"].map(str::to_owned);
        assert_eq!(compiler_words(&said), said[2..]);
        assert_eq!(compiler_words(&said[..2]), said[..2]);
    }
}
