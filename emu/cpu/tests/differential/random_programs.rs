//! No program breaks the machine, and all do the same in every page state, and with each
//! instruction in a block of its own.
//!
//! # Invariants
//!
//! Programs run in a child process, which reports which one is next. One that ends the process, or
//! does not end, is reported with its bytes, and the next ones are tried.
//!
//! `VMLAB_FUZZ_PROGRAMS` is the number of programs, or `VMLAB_FUZZ_SECONDS` the time; `VMLAB_SEED`
//! selects them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::compare::bytes;
use crate::outcome::End;
use crate::pages::Page;
use crate::program_machine::{Final, Pace, ProgramMachine};
use crate::programs::{self, Program};
use crate::{FLOATS, floats, forms, setting};
use bare::Random;

/// The number of programs for a child.
const BATCH: u64 = 500;
/// The time after which a child counts as hanging.
const PATIENCE: Duration = Duration::from_secs(60);
/// The number of dead children after which the test gives up.
const ENOUGH_DEATHS: u64 = 40;
/// The environment variable with a child's programs: the first, the one after the last, and the
/// file for the next one.
const CHILD: &str = "VMLAB_FUZZ_CHILD";

/// Failures by kind: the number and the first of each.
type Findings = BTreeMap<String, (u64, String)>;

#[test]
fn random_programs_harm_nobody_and_do_the_same_in_every_page_state() {
    if let Ok(orders) = std::env::var(CHILD) {
        return run_as_child(&orders);
    }
    let folder = tempfile::tempdir().unwrap();
    let next = folder.path().join("next");
    let count = setting("VMLAB_FUZZ_PROGRAMS", 300);
    let seconds = setting("VMLAB_FUZZ_SECONDS", 0);
    let begin = Instant::now();
    let mut findings = Findings::new();
    let (mut first, mut deaths) = (0, 0);
    let more = |first| match seconds {
        0 => first < count,
        _ => begin.elapsed().as_secs() < seconds,
    };
    while more(first) && deaths < ENOUGH_DEATHS {
        let last = match seconds {
            0 => count.min(first + BATCH),
            _ => first + BATCH,
        };
        first = match run_child(first, last, &next, &mut findings) {
            Ok(()) => last,
            Err(end) => {
                deaths += 1;
                let at: u64 = fs::read_to_string(&next).unwrap().trim().parse().unwrap();
                let program = with_number(at, &forms::all());
                note(
                    &mut findings,
                    &format!("{end} ({})", program.kind),
                    &describe(at, &program),
                );
                at + 1
            }
        };
    }
    let text: String = findings
        .iter()
        .map(|(kind, (count, first))| format!("{kind}: {count} times, first\n    {first}\n"))
        .collect();
    assert!(findings.is_empty(), "{first} programs\n{text}");
    println!("{first} programs");
}

fn note(findings: &mut Findings, kind: &str, detail: &str) {
    let new = || (0, detail.to_string());
    findings.entry(kind.to_string()).or_insert_with(new).0 += 1;
}

/// Runs programs in a child. Returns its findings, or how the child ended early.
fn run_child(first: u64, last: u64, next: &Path, findings: &mut Findings) -> Result<(), String> {
    let output = tempfile::tempfile().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", "--test-threads=1"])
        .arg(format!(
            "{}::{NAME}",
            module_path!().split_once("::").unwrap().1
        ))
        .env(CHILD, format!("{first} {last} {}", next.display()))
        .stdout(Stdio::from(output.try_clone().unwrap()))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begin = Instant::now();
    let end = loop {
        match child.try_wait().unwrap() {
            Some(status) if status.success() => break Ok(()),
            Some(status) => break Err(format!("the process ends with {status}")),
            None if begin.elapsed() > PATIENCE => {
                child.kill().unwrap();
                child.wait().unwrap();
                break Err("does not end".to_string());
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let mut text = vec![0; output.metadata().unwrap().len() as usize];
    output.read_exact_at(&mut text, 0).unwrap();
    for line in String::from_utf8_lossy(&text).lines() {
        if let Some((kind, detail)) = line
            .strip_prefix(FOUND)
            .and_then(|rest| rest.split_once('\t'))
        {
            note(findings, kind, detail);
        }
    }
    end
}

/// The name of the one test here, for the child.
const NAME: &str = "random_programs_harm_nobody_and_do_the_same_in_every_page_state";
/// The prefix of a child's findings.
const FOUND: &str = "found\t";

fn run_as_child(orders: &str) {
    let mut orders = orders.splitn(3, ' ');
    let mut number = || orders.next().unwrap().parse::<u64>().unwrap();
    let (first, last) = (number(), number());
    let next = fs::File::create(orders.next().unwrap()).unwrap();
    let forms = forms::all();
    let mut machine = ProgramMachine::new(&floats(&mut Random::new(0)));
    println!();
    for number in first..last {
        next.write_all_at(format!("{number:<20}").as_bytes(), 0)
            .unwrap();
        let program = with_number(number, &forms);
        let tell = |kind: &str, how: &str| {
            let what = describe(number, &program);
            println!("{FOUND}{kind} ({})\t{how}; {what}", program.kind);
        };
        for (kind, how) in try_all_ways(&mut machine, &program) {
            tell(&kind, &how);
        }
    }
}

/// Runs a program as a whole, with its pages in other states, and in single steps. Returns the
/// differences by kind.
pub(crate) fn try_all_ways(
    machine: &mut ProgramMachine,
    program: &Program,
) -> Vec<(String, String)> {
    let resident = [Page::Resident; 6];
    let whole = match machine.run(program, &resident, Pace::Free) {
        Ok(whole) => whole,
        Err(kind) => return vec![(kind, String::new())],
    };
    let missing = |states| (states, Pace::Free, "pages that are missing change");
    let stepped = (resident, Pace::Stepped, "the ends of blocks change");
    let ways = program.states.into_iter().map(missing).chain([stepped]);
    ways.filter_map(
        |(states, pace, why)| match machine.run(program, &states, pace) {
            Ok(other) => {
                let (part, how) = differs(&whole, &other)?;
                Some((format!("{why} {part}"), how))
            }
            Err(kind) => Some((kind, String::new())),
        },
    )
    .collect()
}

/// Returns the part in which the final states differ, and how. One at its work limit may be
/// anywhere.
fn differs(whole: &Final, other: &Final) -> Option<(&'static str, String)> {
    let states = [whole, other];
    let is_at_the_limit = |state: &&Final| state.end == End::Endless;
    if whole == other || states.iter().any(is_at_the_limit) {
        return None;
    }
    let (part, how) = match () {
        () if whole.end != other.end => {
            ("the end", states.map(|state| format!("{:x?}", state.end)))
        }
        () if whole.registers != other.registers => (
            "registers",
            states.map(|state| format!("{:x?}", state.registers)),
        ),
        () if whole.float != other.float => (
            "x87 or SSE",
            states.map(|state| format!("{:x?}", state.float)),
        ),
        () => {
            let all = states.map(|state| state.memory.concat());
            let at = (0..all[0].len()).find(|at| all[0][*at] != all[1][*at]);
            let at = at.expect("memory is all that is left");
            (
                "memory",
                all.map(|bytes| format!("{at:#x}: {:02x}", bytes[at])),
            )
        }
    };
    let [old, new] = how;
    Some((part, format!("expected {old}, got {new}")))
}

fn with_number(number: u64, forms: &[forms::Form]) -> Program {
    programs::program(setting("VMLAB_SEED", 1) << 40 | number, forms, FLOATS)
}

fn describe(number: u64, program: &Program) -> String {
    let code = &program.code[..program.code.len().min(160)];
    format!(
        "program {number} at {:#x}, {} bytes: {}; registers {:x?}, eflags {:#x}, states {:?}",
        program.start,
        program.code.len(),
        bytes(code),
        program.general,
        program.eflags,
        program.states[1],
    )
}
