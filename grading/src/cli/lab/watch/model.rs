//! The state of the interface, and how it reacts to news and keys.
//!
//! # Invariants
//! - Nothing here touches the host: actions are returned as an [`Effect`].
//! - The selected failure is one of [`Model::failures`] if there are any. Failures keep the order in
//!   which they were reported, where those that others need come first.
//! - A test's result stays until there is a newer one, and counts as old from the start of a run.

use std::path::PathBuf;

use lab::ids::TaskId;

use super::ground::Next;
use super::keys::Wish;
use super::news::{Ended, Failed, News, Scope};

/// The phase of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    /// The kernel is being built.
    Building,
    /// Bundled tests run.
    Tests,
    /// Crate `vm`'s own tests are built and run.
    KernelTests,
    /// The run is over, with a verdict.
    Done,
    /// The kernel does not compile; the compiler's messages.
    NotBuilt(Vec<String>),
    /// There is no verdict; the messages.
    Broken(Vec<String>),
}

/// A test and its last result.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Test {
    /// SUITE/NAME.
    pub id: String,
    /// Whether it passed in its last run.
    pub passed: Option<bool>,
    /// Whether that was in the current or last run.
    pub is_new: bool,
}

/// Counts of tests.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Counts {
    /// The number of tests.
    pub all: usize,
    /// The number of those that passed.
    pub passed: usize,
    /// The number of those that failed.
    pub failed: usize,
}

/// The content of the largest part of the screen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Panel {
    /// Why the selected test failed, or why there is no verdict.
    Failure,
    /// Hints for a task.
    Hint(String),
    /// What the keys mean.
    Keys,
}

/// An action outside of the model.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Effect {
    /// Build, and run tests.
    Run(Scope),
    /// Fetch hints for a task: one more if they are on screen.
    Hint {
        /// The task.
        task: TaskId,
        /// Whether to show one more.
        more: bool,
    },
    /// Make the report of a test's run.
    Report {
        /// The test.
        id: String,
        /// The command line that repeats it.
        again: String,
    },
    /// Run a test's program under gdb.
    Debug {
        /// The test.
        id: String,
        /// The command line that repeats it.
        again: String,
    },
    /// Open a report, at this path relative to the root, in a browser.
    Open(PathBuf),
    /// End.
    Quit,
}

/// The whole state.
pub(super) struct Model {
    /// The milestone, in words.
    pub title: String,
    /// The phase of the current or last run.
    pub phase: Phase,
    /// The tests that are run.
    pub tests: Vec<Test>,
    /// Crate `vm`'s own tests, in the current or last run.
    pub kernel: Counts,
    /// What to write next.
    pub next: Option<Next>,
    /// What is shown.
    pub panel: Panel,
    /// The number of lines of it that are scrolled past.
    pub scroll: usize,
    /// The last note.
    pub note: Option<String>,
    /// Whether the failures of crate `vm`'s own tests are of the current or last run.
    pub kernel_is_new: bool,
    failures: Vec<Failed>,
    kernel_failures: Vec<Failed>,
    selected: Option<String>,
    milestone_tests: Vec<String>,
    all_tests: Vec<String>,
}

impl Model {
    /// Returns the state before anything was run.
    pub(super) fn new(
        title: String,
        milestone_tests: Vec<String>,
        all_tests: Vec<String>,
    ) -> Model {
        Model {
            title,
            phase: Phase::Building,
            tests: Vec::new(),
            kernel: Counts::default(),
            next: None,
            panel: Panel::Failure,
            scroll: 0,
            note: None,
            kernel_is_new: false,
            failures: Vec::new(),
            kernel_failures: Vec::new(),
            selected: None,
            milestone_tests,
            all_tests,
        }
    }

    /// Counts the bundled tests by their results in the current or last run.
    pub(super) fn counts(&self) -> Counts {
        let new = || self.tests.iter().filter(|test| test.is_new);
        let with = |result| new().filter(|test| test.passed == Some(result)).count();
        Counts {
            all: self.tests.len(),
            passed: with(true),
            failed: with(false),
        }
    }

    /// Returns the failures, those of programs first.
    pub(super) fn failures(&self) -> impl Iterator<Item = &Failed> {
        self.failures.iter().chain(&self.kernel_failures)
    }

    /// Returns the selected failure.
    pub(super) fn selected(&self) -> Option<&Failed> {
        let selected = self.selected.as_ref()?;
        self.failures().find(|failed| failed.id == *selected)
    }

    /// Returns whether all tests of the last run passed.
    pub(super) fn all_passed(&self) -> bool {
        let (tests, kernel) = (self.counts(), self.kernel);
        self.phase == Phase::Done && tests.passed == tests.all && kernel.passed == kernel.all
    }

    /// Updates the state for what has happened.
    pub(super) fn learn(&mut self, news: News) -> Option<Effect> {
        match news {
            News::Saved => return Some(Effect::Run(Scope::Milestone)),
            News::Begun(scope) => self.begin(scope),
            News::Next(next) => self.next = Some(next),
            News::Test(ended) => {
                self.phase = Phase::Tests;
                self.note_end(ended);
            }
            News::TestsDone(failures) => {
                self.failures = failures;
                self.phase = Phase::KernelTests;
                self.select_again();
            }
            News::KernelTests(count) => self.kernel.all += count,
            News::KernelTest(Ended { passed: true, .. }) => self.kernel.passed += 1,
            News::KernelTest(Ended { passed: false, .. }) => self.kernel.failed += 1,
            News::KernelTestsDone(failures) => {
                self.kernel_failures = failures;
                self.kernel_is_new = true;
                self.select_again();
            }
            News::NotBuilt(said) => self.stop(Phase::NotBuilt(said)),
            News::Broken(said) => self.stop(Phase::Broken(said)),
            News::Done if matches!(self.phase, Phase::NotBuilt(_) | Phase::Broken(_)) => {}
            News::Done => self.phase = Phase::Done,
            News::Report(Ok(file)) => {
                self.note = Some(format!("the report is in {}", file.display()));
                return Some(Effect::Open(file));
            }
            News::Report(Err(why)) => self.note = Some(format!("there is no report: {why}")),
            News::Note(note) => self.note = Some(note),
        }
        None
    }

    /// Reacts to a key, and clears the note.
    pub(super) fn obey(&mut self, wish: Wish) -> Option<Effect> {
        self.note = None;
        match wish {
            Wish::Quit => return Some(Effect::Quit),
            Wish::Rerun => return Some(Effect::Run(Scope::Milestone)),
            Wish::RunAll => return Some(Effect::Run(Scope::All)),
            Wish::Hint => return self.hint(),
            Wish::Report => {
                let (id, again) = self.repeatable()?;
                self.note = Some(format!("making the report of {id}..."));
                return Some(Effect::Report { id, again });
            }
            Wish::Debug => {
                let (id, again) = self.repeatable()?;
                return Some(Effect::Debug { id, again });
            }
            Wish::Previous => self.select(|at| at.saturating_sub(1)),
            Wish::Next => self.select(|at| at + 1),
            Wish::Up => self.scroll = self.scroll.saturating_sub(SCROLL),
            Wish::Down => self.scroll += SCROLL,
            Wish::Keys => self.show(Panel::Keys),
            Wish::Back => self.show(Panel::Failure),
        }
        None
    }

    /// Shows something else, from its beginning.
    pub(super) fn show(&mut self, panel: Panel) {
        self.panel = panel;
        self.scroll = 0;
    }

    /// Limits scrolling, so that some lines are always shown.
    pub(super) fn limit_scroll(&mut self, lines: usize) {
        self.scroll = self.scroll.min(lines.saturating_sub(1));
    }

    fn begin(&mut self, scope: Scope) {
        self.phase = Phase::Building;
        self.kernel = Counts::default();
        self.kernel_is_new = false;
        let ids = match scope {
            Scope::Milestone => &self.milestone_tests,
            Scope::All => &self.all_tests,
        };
        let last = |id: &String| self.tests.iter().find(|test| test.id == *id)?.passed;
        let tests = ids.iter().map(|id| Test {
            id: id.clone(),
            passed: last(id),
            is_new: false,
        });
        self.tests = tests.collect();
    }

    fn note_end(&mut self, Ended { id, passed }: Ended) {
        if let Some(test) = self.tests.iter_mut().find(|test| test.id == id) {
            test.passed = Some(passed);
            test.is_new = true;
        }
    }

    /// Ends a run without a verdict, and shows the reason.
    fn stop(&mut self, phase: Phase) {
        self.phase = phase;
        self.show(Panel::Failure);
    }

    /// Selects the first failure if the selected test no longer fails.
    fn select_again(&mut self) {
        if self.selected().is_none() {
            let first = self.failures().next().map(|failed| failed.id.clone());
            self.selected = first;
            self.scroll = 0;
        }
    }

    fn select(&mut self, other: impl Fn(usize) -> usize) {
        let selected = self.selected.as_ref();
        let position = self
            .failures()
            .position(|failed| Some(&failed.id) == selected);
        let Some(at) = position else { return };
        let last = self.failures().count() - 1;
        let failed = self.failures().nth(other(at).min(last));
        let id = failed.map(|failed| failed.id.clone());
        self.selected = id;
        self.show(Panel::Failure);
    }

    /// Returns the selected failure, if its program can be run again.
    fn repeatable(&mut self) -> Option<(String, String)> {
        let why_not = match self.selected() {
            None => "no failure is selected",
            Some(failed) => match &failed.why.again {
                Some(again) => return Some((failed.id.clone(), again.clone())),
                None => "a test of crate vm has no program",
            },
        };
        self.note = Some(why_not.to_owned());
        None
    }

    fn hint(&mut self) -> Option<Effect> {
        let Some(task) = self.next.as_ref().and_then(|next| next.task) else {
            self.note = Some("no task is left; `vmlab lab hint M.N` has hints for any".to_owned());
            return None;
        };
        let more = matches!(self.panel, Panel::Hint(_));
        Some(Effect::Hint { task, more })
    }
}

/// The number of lines that a key scrolls.
const SCROLL: usize = 5;
