//! The programs that are measured on the machine, and how they are timed.
//!
//! # Invariants
//!
//! A program marks the start and end of what is measured by writing one byte to the console;
//! nothing else that is printed in between is one byte long.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use machine::disk::MemoryDisk;
use userprog::{Kernel, MachineOptions, RunEnd, RunStats};

use super::clock::Moment;
use super::code::{
    LOOP_PAGES, marked_load_store_loop, null_calls, only_exit, start_children, touch_pages,
};
use super::compute;
use super::elf::{DATA, executable};
use super::{BenchError, Quantity};
use host::guest_dir::GuestDir;
use host::guest_name::GuestName;
use host::program::GuestFile;

// A sample takes a millisecond or two, so most are not interrupted, however busy the host is.

/// Pages in the demand-zero measurement: one fault each.
const ZERO_PAGES: u32 = 16 * 1024;
/// Frames and pages in the swap measurement, and the number of passes over all pages.
const SWAP_FRAMES: u32 = 64;
const SWAP_PAGES: u32 = 512;
const SWAP_PASSES: u32 = 2;
/// Calls in the system-call measurement; processes and iterations in the other two.
const CALLS: u32 = 4000;
const CHILDREN: u32 = 16;
const ITERATIONS: u32 = 100_000;

/// Frames for what a program needs besides the pages that are measured.
const SPARE_FRAMES: u32 = 64;
/// Sectors of the swap disk, twice what the program swaps.
const SWAP_SECTORS: u64 = 2 * SWAP_PAGES as u64 * 8;
/// How many more of the counted events a run may have: faults on its code and stack, two marks...
const SLACK: u64 = 32;

/// The program that is measured.
const SUBJECT: &str = "subject";
/// The program that it starts.
const CHILD: &str = "child";

/// A machine with the program that is measured.
#[derive(Debug)]
pub struct Guest {
    quantity: Quantity,
    kernel: Kernel,
    marks: Marks,
    /// The number of times the program does it.
    count: u32,
    /// The number of times the program did it before the first mark.
    before: u32,
    _files: GuestDir,
}

/// The parameters of a measurement.
struct Plan {
    code: Vec<u8>,
    pages: u32,
    frames: u32,
    count: u32,
    /// The number of times it is done before the first mark.
    before: u32,
}

impl Plan {
    fn of(quantity: Quantity) -> Plan {
        let plan = |code, pages, count| {
            let frames = pages + SPARE_FRAMES;
            Plan {
                code,
                pages,
                frames,
                count,
                before: 0,
            }
        };
        match quantity {
            Quantity::DemandZeroFault | Quantity::NativeFault => {
                plan(touch_pages(DATA, ZERO_PAGES, 0, 1), ZERO_PAGES, ZERO_PAGES)
            }
            Quantity::SwapFault => Plan {
                frames: SWAP_FRAMES,
                ..plan(
                    touch_pages(DATA, SWAP_PAGES, 1, SWAP_PASSES),
                    SWAP_PAGES,
                    SWAP_PAGES * SWAP_PASSES,
                )
            },
            Quantity::NullSyscall => plan(null_calls(CALLS), 0, CALLS),
            Quantity::Process => plan(start_children(CHILD, CHILDREN), 0, CHILDREN),
            Quantity::Compute | Quantity::ComputeQemu => Plan {
                before: compute::FILLING + compute::BYTES,
                ..plan(compute::marked(), compute::PAGES, compute::BYTES)
            },
            Quantity::Loop | Quantity::BareLoop => Plan {
                before: LOOP_PAGES * 4096 / 4,
                ..plan(
                    marked_load_store_loop(DATA, ITERATIONS),
                    LOOP_PAGES,
                    ITERATIONS,
                )
            },
        }
    }
}

fn program(name: &str, code: &[u8], pages: u32) -> GuestFile {
    GuestFile {
        name: GuestName::new(name).expect("these names are short"),
        content: executable(code, pages),
    }
}

impl Guest {
    /// Makes the machine.
    ///
    /// # Errors
    /// [`BenchError`] if it cannot be made.
    pub fn new(quantity: Quantity) -> Result<Guest, BenchError> {
        let plan = Plan::of(quantity);
        let files = GuestDir::temporary()?;
        files.put(&program(SUBJECT, &plan.code, plan.pages))?;
        files.put(&program(CHILD, &only_exit(), 0))?;
        let marks = Marks::default();
        let options =
            MachineOptions::new(Box::new(MemoryDisk::new(SWAP_SECTORS))).frames(plan.frames);
        let output = Box::new(marks.clone());
        let kernel = Kernel::new(options, files.handle()?, output, Box::new(io::empty()))?;
        let Plan { count, before, .. } = plan;
        Ok(Guest {
            quantity,
            kernel,
            marks,
            count,
            before,
            _files: files,
        })
    }

    /// Returns the number of operations in one sample.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Takes one sample and returns the nanoseconds for one operation.
    ///
    /// # Errors
    /// [`BenchError`] if the program did not do what should be measured.
    pub fn sample(&mut self) -> Result<f64, BenchError> {
        self.marks.moments.borrow_mut().clear();
        let before = self.counted(&self.kernel.stats());
        let report = self.kernel.run(SUBJECT.as_bytes());
        if report.end != RunEnd::Exited(0) {
            return Err(self.wrong(format!("the program ended with {:?}", report.end)));
        }
        let done = self.counted(&report.stats) - before;
        let expected = u64::from(self.before + self.count);
        if done.abs_diff(expected) > expected / 20 + SLACK {
            return Err(self.wrong(format!("it was done {done} times, not {expected}")));
        }
        let [start, end] = self.marks.moments.borrow()[..] else {
            return Err(self.wrong("there are not two marks".to_owned()));
        };
        Ok(end.since(start).as_secs_f64() * 1e9 / f64::from(self.count))
    }

    /// Returns the number of operations according to the statistics.
    fn counted(&self, stats: &RunStats) -> u64 {
        match self.quantity {
            Quantity::DemandZeroFault | Quantity::NativeFault => stats.vm.minor_faults,
            Quantity::SwapFault => stats.vm.swap_reads.min(stats.vm.swap_writes),
            Quantity::NullSyscall => stats.system_calls,
            Quantity::Process => stats.processes,
            Quantity::Compute | Quantity::ComputeQemu => stats.work / compute::BLOCKS,
            Quantity::Loop | Quantity::BareLoop => stats.work,
        }
    }

    fn wrong(&self, what: String) -> BenchError {
        BenchError::Wrong {
            quantity: self.quantity,
            what,
        }
    }
}

/// A console that records the moments at which a single byte is written. Clones share one record.
#[derive(Clone, Default, Debug)]
pub(super) struct Marks {
    moments: Rc<RefCell<Vec<Moment>>>,
}

impl Marks {
    /// Takes the moments recorded so far.
    pub(super) fn take(&self) -> Vec<Moment> {
        self.moments.take()
    }
}

impl Write for Marks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() == 1 {
            self.moments.borrow_mut().push(Moment::now());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
