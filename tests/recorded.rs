//! A run whose reference string is recorded is the same as one that is not, and brings pages in no
//! less often than OPT does for that string.

use libtest_mimic::{Arguments, Failed, Trial};
use tests::{Machine, Outcome, bundled_test, run};
use vm::optimum::{lru, opt};
use vm::replacement::{aging, clock};
use vm::{AliasPolicy, PolicyKind};

/// Programs that swap, fork, copy on write, share, map files, give advice, pin, change their code.
const PROGRAMS: [&str; 17] = [
    "code-evict",
    "fork-code",
    "fork-cow",
    "fork-mmap",
    "fork-pinned",
    "fork-stack",
    "fork-swap",
    "limit-swap",
    "madv-dontneed",
    "madv-pageout",
    "madv-willneed",
    "map-private",
    "mmap-shuffle",
    "mmap-twice",
    "page-linear",
    "page-parallel",
    "share-code",
];

fn main() {
    let trials = PROGRAMS.into_iter().map(|program| {
        Trial::test(program, move || {
            check(program, 9, clock::POLICY, AliasPolicy::UserAddress)?;
            check(program, 24, aging::POLICY, AliasPolicy::Sync)
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

fn check(program: &str, frames: u32, policy: PolicyKind, alias: AliasPolicy) -> Result<(), Failed> {
    let machine = |recorded| Machine {
        policy,
        alias,
        recorded,
        seed: 3,
        ..Machine::with_frames(frames)
    };
    let test = bundled_test(program);
    let (plain, recorded) = (run(&test, machine(false))?, run(&test, machine(true))?);
    let seen = |outcome: &Outcome| {
        let (console, log) = (outcome.console.clone(), outcome.log.clone());
        (outcome.report.clone(), console, log)
    };
    if seen(&plain) != seen(&recorded) {
        let (plain, recorded) = (plain.report, recorded.report);
        return Err(format!("{frames} {policy}: {plain:?} and recorded {recorded:?}").into());
    }
    let string = recorded.string.expect("it was recorded");
    let loads = recorded.report.stats.vm.loads;
    let (opt, lru) = (opt(frames as usize, &string), lru(frames as usize, &string));
    if opt > loads || opt > lru || opt == 0 {
        return Err(format!("{frames} {policy}: OPT {opt}, LRU {lru}, real {loads}").into());
    }
    Ok(())
}
