//! Benchmarks of the machine: page faults, system calls, processes, instructions; for comparison a
//! page fault of the host, and the same instructions in a bare Unicorn and in QEMU; real programs here and in QEMU.
//!
//! # Invariants
//!
//! A program makes a mark before and after it does something many times; the result is the time
//! between the marks divided by the number of times, which the statistics of the run confirm.
//! Measurements take turns, so that a change in the host's speed affects all of them, and results
//! are medians. Time is CPU time of the host: waiting for a core does not count.

mod bare;
mod clock;
mod code;
mod compute;
mod elf;
mod guest;
mod native;
mod qemu;
mod real;
mod report;
mod scale;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use thiserror::Error;

pub use guest::Guest;
pub use report::Results;

use self::qemu::Qemu;
use host::guest_dir::GuestDirError;
use host::waiting::Waiting;

/// Why a measurement failed.
#[derive(Debug, Error)]
pub enum BenchError {
    /// The folder of the guest's files failed.
    #[error(transparent)]
    Files(#[from] GuestDirError),
    /// The machine could not be made.
    #[error("cannot make a machine: {0}")]
    Machine(#[from] userprog::MachineError),
    /// A program did not do what should be measured.
    #[error("the measurement of {quantity:?} failed: {what}")]
    Wrong {
        /// What should have been measured.
        quantity: Quantity,
        /// What happened instead.
        what: String,
    },
    /// Memory for native faults could not be mapped.
    #[error("cannot map memory for native page faults: {0}")]
    Native(std::io::Error),
    /// The bare Unicorn failed.
    #[error("the bare Unicorn failed: {0:?}")]
    Bare(unicorn_engine::unicorn_const::uc_error),
    /// A real program did not do what should be measured.
    #[error("the measurement of real programs failed: {0}")]
    Real(String),
    /// QEMU is missing or failed.
    #[error("QEMU: {0}")]
    Qemu(#[from] qemu::QemuError),
}

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Quantity {
    /// A store to a page that was never touched.
    DemandZeroFault,
    /// A store to a page in swap while all frames hold dirty pages: one page out, one in.
    SwapFault,
    /// A system call that does nothing.
    NullSyscall,
    /// A process, from exec() to wait().
    Process,
    /// An iteration of the load/store loop.
    Loop,
    /// A page fault of the host, as for [`Quantity::DemandZeroFault`].
    NativeFault,
    /// An iteration of the load/store loop in a bare Unicorn.
    BareLoop,
    /// One byte of page-shuffle's inner loop.
    Compute,
    /// The same in QEMU.
    ComputeQemu,
}

impl Quantity {
    /// All quantities, in the order in which they take turns.
    pub const ALL: [Quantity; 9] = [
        Quantity::DemandZeroFault,
        Quantity::NativeFault,
        Quantity::SwapFault,
        Quantity::NullSyscall,
        Quantity::Process,
        Quantity::Loop,
        Quantity::BareLoop,
        Quantity::Compute,
        Quantity::ComputeQemu,
    ];

    /// Returns the number of rounds per sample: QEMU is sampled rarely, since each sample starts it
    /// twice.
    fn rounds_a_sample(self) -> usize {
        match self {
            Quantity::ComputeQemu => 8,
            _ => 1,
        }
    }
}

/// The number of rounds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effort {
    /// As few as possible.
    Quick,
    /// Enough for medians that vary by no more than a few per cent.
    Full,
}

impl Effort {
    fn rounds(self) -> usize {
        match self {
            Effort::Quick => 31,
            Effort::Full => 101,
        }
    }
}

/// Native faults in one sample.
const NATIVE_PAGES: u32 = 16 * 1024;
/// Iterations of the bare loop in one sample.
const BARE_ITERATIONS: u32 = 20_000;
/// Time before a note says that the benchmark is running.
const SILENCE: Duration = Duration::from_secs(2);

/// Something that can be measured again and again.
#[derive(Debug)]
pub enum Subject {
    /// A program on the machine.
    Guest(Box<Guest>),
    /// The host's page faults.
    Native,
    /// The loop in a bare Unicorn.
    Bare,
    /// A program in QEMU.
    Qemu(Box<Qemu>),
}

impl Subject {
    /// Prepares a measurement.
    ///
    /// # Errors
    /// [`BenchError`] if the machine cannot be made; [`BenchError::Qemu`] if there is no QEMU.
    pub fn new(quantity: Quantity) -> Result<Subject, BenchError> {
        match quantity {
            Quantity::ComputeQemu => Ok(Subject::Qemu(Box::new(Qemu::new()?))),
            Quantity::NativeFault => Ok(Subject::Native),
            Quantity::BareLoop => Ok(Subject::Bare),
            Quantity::DemandZeroFault
            | Quantity::SwapFault
            | Quantity::NullSyscall
            | Quantity::Process
            | Quantity::Loop
            | Quantity::Compute => Ok(Subject::Guest(Box::new(Guest::new(quantity)?))),
        }
    }

    /// Returns the number of operations in one sample.
    #[must_use]
    pub fn count(&self) -> u32 {
        match self {
            Subject::Guest(guest) => guest.count(),
            Subject::Native => NATIVE_PAGES,
            Subject::Bare => BARE_ITERATIONS,
            Subject::Qemu(qemu) => qemu.bytes(),
        }
    }

    /// Takes one sample and returns the nanoseconds for one operation.
    ///
    /// # Errors
    /// [`BenchError`] if the measurement failed.
    pub fn sample(&mut self) -> Result<f64, BenchError> {
        let elapsed = match self {
            Subject::Guest(guest) => return guest.sample(),
            Subject::Native => {
                native::anonymous_faults(NATIVE_PAGES).map_err(BenchError::Native)?
            }
            Subject::Bare => bare::load_store(BARE_ITERATIONS).map_err(BenchError::Bare)?,
            Subject::Qemu(qemu) => qemu.elapsed()?,
        };
        Ok(elapsed.as_secs_f64() * 1e9 / f64::from(self.count()))
    }
}

/// Measures everything; programs of packages are looked for in a folder of those that were fetched.
///
/// # Errors
/// [`BenchError`] of the first measurement that failed. A missing QEMU is no error: its numbers are
/// left out.
pub fn measure(effort: Effort, packages: &Path) -> Result<Results, BenchError> {
    let _note = Waiting::start("vmlab: measuring", SILENCE);
    let mut subjects = Vec::new();
    let mut qemu = String::new();
    for quantity in Quantity::ALL {
        match Subject::new(quantity) {
            Ok(subject) => {
                if let Subject::Qemu(program) = &subject {
                    qemu = program.name().to_owned();
                }
                subjects.push((quantity, subject));
            }
            Err(BenchError::Qemu(why)) => qemu = why.to_string(),
            Err(error) => return Err(error),
        }
    }
    let mut samples: BTreeMap<Quantity, Vec<f64>> = BTreeMap::new();
    for round in 0..=effort.rounds() {
        for (quantity, subject) in &mut subjects {
            if round % quantity.rounds_a_sample() != 0 {
                continue;
            }
            let sample = subject.sample()?;
            // The first round only warms everything up.
            if round > 0 {
                samples.entry(*quantity).or_default().push(sample);
            }
        }
    }
    let real = real::measure(effort, packages)?;
    Ok(Results::of(samples, qemu, scale::measure()?, real))
}
