//! What guests do while they are measured.

use std::io;
use std::time::{Duration, Instant};

use emu::disk::MemoryDisk;
use userprog::{Kernel, MachineOptions, RunEnd, RunStats};

use super::code::{LOOP_PAGES, load_store_loop, null_calls, start_children, touch_pages};
use super::elf::{DATA, executable};
use super::{BenchError, Quantity};
use crate::guest_dir::GuestDir;
use crate::guest_name::GuestName;
use crate::program::GuestFile;

/// Pages in the demand-zero measurement: one fault each.
const ZERO_PAGES: u32 = 4096;
/// Frames and pages in the swap measurement, and how often all pages are gone through.
const SWAP_FRAMES: u32 = 64;
const SWAP_PAGES: u32 = 512;
const SWAP_PASSES: u32 = 8;
const CALLS: u32 = 20_000;
const CHILDREN: u32 = 64;
const ITERATIONS: u32 = 1_000_000;

/// Frames for what a program needs beside the pages that are measured.
const SPARE_FRAMES: u32 = 64;
/// Sectors of the swap disk, twice what is swapped.
const SWAP_SECTORS: u64 = 2 * SWAP_PAGES as u64 * 8;

/// Does the thing many times.
const FULL: &str = "full";
/// The same program without the thing.
const BASE: &str = "base";
/// Ends at once.
const CHILD: &str = "child";

/// A machine with the two programs whose difference is measured.
pub struct Guest {
    quantity: Quantity,
    kernel: Kernel,
    /// How often the full program does it, and the base does not.
    count: u32,
    _files: GuestDir,
}

/// What differs between measurements.
struct Plan {
    full: Vec<u8>,
    base: Vec<u8>,
    pages: u32,
    frames: u32,
    count: u32,
}

impl Plan {
    fn of(quantity: Quantity) -> Plan {
        let touch = |pages, passes| touch_pages(DATA, pages, passes);
        let plan = |full, base, pages, count| {
            Plan { full, base, pages, frames: pages + SPARE_FRAMES, count }
        };
        match quantity {
            Quantity::SwapFault => Plan {
                full: touch(SWAP_PAGES, 1 + SWAP_PASSES),
                base: touch(SWAP_PAGES, 1),
                pages: SWAP_PAGES,
                frames: SWAP_FRAMES,
                count: SWAP_PAGES * SWAP_PASSES,
            },
            Quantity::NullSyscall => plan(null_calls(CALLS), null_calls(0), 0, CALLS),
            Quantity::Process => {
                plan(start_children(CHILD, CHILDREN), start_children(CHILD, 0), 0, CHILDREN)
            }
            Quantity::Loop | Quantity::BareLoop => {
                let code = |iterations| load_store_loop(DATA, iterations).0;
                // The base goes round once over all pages, so that it has the same page faults.
                let once = LOOP_PAGES * 4096 / 4;
                plan(code(once + ITERATIONS), code(once), LOOP_PAGES, ITERATIONS)
            }
            Quantity::DemandZeroFault | Quantity::NativeFault => {
                plan(touch(ZERO_PAGES, 1), touch(0, 0), ZERO_PAGES, ZERO_PAGES)
            }
        }
    }
}

impl Guest {
    /// Makes the machine.
    ///
    /// # Errors
    /// [`BenchError`] if there can be none.
    pub fn new(quantity: Quantity) -> Result<Guest, BenchError> {
        let plan = Plan::of(quantity);
        let files = GuestDir::temporary()?;
        let programs =
            [(FULL, plan.full), (BASE, plan.base), (CHILD, touch_pages(DATA, 0, 0))];
        for (name, code) in programs {
            let name = GuestName::new(name).expect("these names are short");
            files.put(&GuestFile { name, content: executable(&code, plan.pages) })?;
        }
        let swap = Box::new(MemoryDisk::new(SWAP_SECTORS));
        let options = MachineOptions::new(swap).frames(plan.frames);
        let output = Box::new(io::sink());
        let kernel = Kernel::new(options, files.handle()?, output, Box::new(io::empty()))?;
        Ok(Guest { quantity, kernel, count: plan.count, _files: files })
    }

    /// How many of the things one sample is made of.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Measures once: nanoseconds for one.
    ///
    /// # Errors
    /// [`BenchError`] if the programs did not do what is measured.
    pub fn sample(&mut self) -> Result<f64, BenchError> {
        let base = self.run(BASE)?;
        let full = self.run(FULL)?;
        let done = full.count - base.count;
        if done != u64::from(self.count) {
            return Err(self.wrong(format!("it was done {done} times, not {}", self.count)));
        }
        let nanoseconds = (full.elapsed.as_secs_f64() - base.elapsed.as_secs_f64()) * 1e9;
        Ok(nanoseconds / f64::from(self.count))
    }

    fn run(&mut self, program: &str) -> Result<Timed, BenchError> {
        let before = self.kernel.stats();
        let start = Instant::now();
        let report = self.kernel.run(program.as_bytes());
        let elapsed = start.elapsed();
        if report.end != RunEnd::Exited(0) {
            return Err(self.wrong(format!("the program ended so: {:?}", report.end)));
        }
        let count = self.counted(&report.stats) - self.counted(&before);
        Ok(Timed { elapsed, count })
    }

    /// What the statistics say about how often it was done.
    fn counted(&self, stats: &RunStats) -> u64 {
        match self.quantity {
            Quantity::DemandZeroFault | Quantity::NativeFault => stats.vm.minor_faults,
            Quantity::SwapFault => stats.vm.swap_reads.min(stats.vm.swap_writes),
            Quantity::NullSyscall => stats.system_calls,
            Quantity::Process => stats.processes,
            Quantity::Loop | Quantity::BareLoop => stats.work,
        }
    }

    fn wrong(&self, what: String) -> BenchError {
        BenchError::Wrong { quantity: self.quantity, what }
    }
}

struct Timed {
    elapsed: Duration,
    count: u64,
}
