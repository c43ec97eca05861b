//! What the tests of the whole share: running a test of a bundled suite on a machine of choice,
//! in this process, and looking at everything that came of it; and breaking the kernel on purpose,
//! for what tests catch (`breaks`) and for what is said about it (`wrong`); submissions that are made up
//! (`submissions`); trees made of this one (`handouts`).

pub mod breaks;
pub mod handouts;
pub mod submissions;
pub mod wrong;

use std::cell::RefCell;
use std::error::Error;
use std::fmt::Write;
use std::process::ExitCode;
use std::rc::Rc;

use grading::console_text::ConsoleText;
use grading::suite::{Suite, Test};
use host::program::{Program, bundled};
use machine::paging::KernelHalf;
use machine::work::Work;
use userprog::{MachineEvent, RunReport};
use vm::event::Detail;
use vm::reference_string::ReferenceString;
use vm::touches::RecordingOptions;
use vm::{AliasPolicy, PolicyKind};

/// How a program of this crate ends that tried something: 0 if all is as it should be, 1 if not, and 2 with a message if
/// it could not be tried.
#[must_use]
pub fn tried(program: &str, good: Result<bool, Box<dyn Error>>) -> ExitCode {
    match good {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("{program}: {error}");
            ExitCode::from(2)
        }
    }
}

/// More work than any bundled program does on the smallest machine.
const MAX_WORK: Work = Work(4_000_000_000);
/// Four times the well-known 4 MiB: lets the largest programs run on the smallest machines.
const SLOTS: u32 = 4 * 1024;
/// More references than any bundled program's string has.
const MOST_REFERENCES: usize = 16 << 20;

/// The machine a test runs on.
#[derive(Clone, Copy, Debug)]
pub struct Machine {
    /// User frames.
    pub frames: u32,
    /// Swap slots.
    pub slots: u32,
    /// What ring 3 has of the kernel's half.
    pub kernel_half: KernelHalf,
    /// How the kernel touches user memory.
    pub alias: AliasPolicy,
    /// Who is evicted.
    pub policy: PolicyKind,
    /// The seed of time slices and of policies that draw lots.
    pub seed: u64,
    /// How much guest work a disk takes for a page.
    pub disk_latency: u64,
    /// Whether the reference string is recorded.
    pub recorded: bool,
}

impl Machine {
    /// The default machine, with so many frames.
    #[must_use]
    pub fn with_frames(frames: u32) -> Machine {
        Machine {
            frames,
            slots: SLOTS,
            kernel_half: KernelHalf::default(),
            alias: AliasPolicy::default(),
            policy: PolicyKind::default(),
            seed: 0,
            disk_latency: 0,
            recorded: false,
        }
    }
}

/// All that came of a run.
#[derive(Debug)]
pub struct Outcome {
    /// What the console showed.
    pub console: Vec<u8>,
    /// How it ended, and the statistics.
    pub report: RunReport,
    /// Every event of the virtual memory, a line each.
    pub log: String,
    /// The reference string, if it was recorded.
    pub string: Option<ReferenceString>,
}

/// All tests of all bundled suites, with their suite's name.
///
/// # Panics
/// If a suite file has an error.
#[must_use]
pub fn bundled_tests() -> Vec<(String, Test)> {
    let suites = Suite::bundled().unwrap_or_else(|error| panic!("{error}"));
    let named = suites.into_iter().flat_map(|suite| {
        let name = suite.name;
        suite
            .tests
            .into_iter()
            .map(move |test| (name.clone(), test))
    });
    named.collect()
}

/// Whether a test shows the same on machines of any size: not if it is about a small pool of the kernel's.
#[must_use]
pub fn is_for_any_machine(test: &Test) -> bool {
    test.settings.base.kernel_pages.is_none()
}

/// The test of this name.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn bundled_test(name: &str) -> Test {
    let found = bundled_tests()
        .into_iter()
        .find(|(_, test)| test.name == name);
    found
        .unwrap_or_else(|| panic!("no suite has a test {name}"))
        .1
}

/// Runs a test on a machine and judges it.
///
/// # Errors
/// What keeps it from being run, or how the console differs.
pub fn check(test: &Test, machine: Machine) -> Result<Outcome, String> {
    let outcome = run(test, machine).map_err(|error| format!("{machine:?}: {error}"))?;
    judge(test, &outcome.console).map_err(|error| format!("{machine:?}: {error}"))?;
    Ok(outcome)
}

/// Runs a test's program on a machine.
///
/// # Errors
/// What keeps it from being run.
pub fn run(test: &Test, machine: Machine) -> Result<Outcome, String> {
    let program = Program::find(&test.program).map_err(|error| error.to_string())?;
    let mut files = program.files;
    for name in &test.put {
        files.extend(bundled(name).ok_or_else(|| format!("there is no {name} to put"))?);
    }
    let log = Rc::new(RefCell::new(String::new()));
    let mut guest = small::Machine::with_swap(u64::from(machine.slots) * 8)
        .input(test.input.as_bytes())
        .options(|options| {
            options
                .frames(machine.frames)
                .kernel_half(machine.kernel_half)
                .alias(machine.alias)
                .policy(machine.policy)
                .seed(machine.seed)
                .disk_latency(Work(machine.disk_latency))
                .max_work(MAX_WORK)
        });
    for file in &files {
        guest = guest.file(file.name.as_str(), &file.content);
    }
    let command_line = [std::slice::from_ref(&test.program), &test.args[..]]
        .concat()
        .join(" ");
    let recording = RecordingOptions {
        fewest_frames: 8,
        limit: MOST_REFERENCES,
    };
    let lines = Rc::clone(&log);
    let recorder = move |work, event: &MachineEvent<'_>| {
        writeln!(lines.borrow_mut(), "{work} {event}").expect("strings take all that is written");
    };
    let mut touches = None;
    let done = guest.run_by(|kernel| {
        kernel.record(Detail::Entries, Box::new(recorder));
        touches = machine.recorded.then(|| kernel.record_touches(recording));
        kernel.run(command_line.as_bytes())
    });
    let touches = touches.transpose().map_err(|error| error.to_string())?;
    let string = touches.map(|touches| touches.take()).transpose();
    Ok(Outcome {
        console: done.console,
        report: done.report,
        log: log.take(),
        string: string.map_err(|error| error.to_string())?,
    })
}

/// Whether a console shows what a test expects.
///
/// # Errors
/// Expected and actual text, if it does not.
pub fn judge(test: &Test, console: &[u8]) -> Result<(), String> {
    let expected = ConsoleText::for_test(&test.expect, test);
    let actual = ConsoleText::for_test(&String::from_utf8_lossy(console), test);
    if expected == actual {
        return Ok(());
    }
    let (expected, actual) = (expected.printable(), actual.printable());
    Err(format!(
        "expected\n{expected}\nbut the console shows\n{actual}"
    ))
}
