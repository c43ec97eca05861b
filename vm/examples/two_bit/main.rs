//! A replacement policy from outside the crate, compared with those of the crate: on a reference
//! string, and on a small virtual memory with the same accesses.
//!
//! ```sh
//! cargo run -p vm --example two_bit                       # all policies
//! cargo run -p vm --example two_bit -- --policy two-bit   # one of them
//! ```
//!
//! `policy.rs` is the whole policy; one line in [`main`] registers it.

mod policy;
#[cfg(test)]
mod tests;

use std::fmt::Write;
use std::process::ExitCode;

use kit::Machine;
use machine::addr::PAGE_SIZE;
use machine::mmu::Access;
use vm::registry::Unknown;
use vm::simulator::{PageNumber, Simulator};
use vm::{POLICIES, PolicyKind, VmOptions};

const FRAMES: u32 = 8;
const SLOTS: u64 = 64;
/// Pages that are used again and again.
const WANTED: PageNumber = 4;
/// The other pages.
const OTHERS: PageNumber = 16;

fn main() -> ExitCode {
    POLICIES.register(policy::POLICY);
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let kinds = match words[..] {
        [] => Ok(POLICIES.all()),
        ["--policy", name] => find(name),
        _ => {
            eprintln!("usage: two_bit [--policy POLICY]");
            return ExitCode::from(2);
        }
    };
    match kinds {
        Ok(kinds) => {
            print!("{}", table(&kinds));
            ExitCode::SUCCESS
        }
        Err(unknown) => {
            eprintln!("two_bit: {unknown}");
            ExitCode::from(2)
        }
    }
}

fn find(name: &str) -> Result<Vec<PolicyKind>, Unknown> {
    POLICIES.find(name).map(|kind| vec![kind])
}

/// Returns a table of the pages loaded under each policy.
fn table(kinds: &[PolicyKind]) -> String {
    let mut table = format!("{:<16}{:>8}{:>8}\n", "policy", "string", "vm");
    for kind in kinds {
        let (string, vm) = (loads_of_string(*kind), loads_of_vm(*kind));
        writeln!(table, "{:<16}{string:>8}{vm:>8}", kind.name).expect("a String takes all");
    }
    table
}

/// Returns the accesses. Ten times: work on the wanted pages, with one of the others now and then,
/// and a scan of half of the others.
fn accesses() -> Vec<(PageNumber, Access)> {
    let mut others = (WANTED..WANTED + OTHERS).cycle();
    let mut other = move || (others.next().expect("it has no end"), Access::Read);
    let mut accesses = Vec::new();
    for _ in 0..10 {
        for _ in 0..OTHERS {
            accesses.extend((0..WANTED).map(|page| (page, Access::Write)));
            accesses.push(other());
        }
        accesses.extend((0..OTHERS / 2).map(|_| other()));
    }
    accesses
}

/// Counts the loads of a simulated pool of frames.
fn loads_of_string(kind: PolicyKind) -> u64 {
    let mut simulator = Simulator::new(kind, FRAMES);
    for (page, access) in accesses() {
        simulator.touch(page, access);
    }
    simulator.faults
}

/// Counts the loads of a process in a virtual memory with page tables, a TLB and a swap disk.
fn loads_of_vm(kind: PolicyKind) -> u64 {
    let options = VmOptions {
        policy: kind,
        ..VmOptions::default()
    };
    let mut machine = Machine::new(FRAMES, SLOTS, options);
    let start = 0x1000_0000;
    let space = machine.space();
    machine.zeros(space, start, WANTED + OTHERS);
    for (page, access) in accesses() {
        let addr = start + page * PAGE_SIZE;
        match access {
            Access::Write => machine
                .store(space, addr, page as u8)
                .expect("it is mapped"),
            Access::Read | Access::Fetch => {
                let byte = machine.load(space, addr).expect("it is mapped");
                assert_eq!(byte, 0, "only wanted pages are stored to");
            }
        }
    }
    machine.vm.check_invariants();
    machine.vm.stats().loads
}
