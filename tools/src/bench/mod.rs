//! What things cost on the machine: page faults, system calls, processes, instructions; beside
//! them a page fault of the host and the same instructions in a bare Unicorn and in QEMU.
//!
//! # Invariants
//!
//! A number is the time between two marks that a program makes before and after it does the thing
//! many times, over how often; the statistics of the run prove that it was done that often.
//! Measurements take turns, so that a change of the host's speed meets all of them, and medians are
//! given. Time is that of a core of the host: waiting for one does not count.

mod bare;
mod clock;
mod code;
mod compute;
mod elf;
mod guest;
mod native;
mod qemu;
mod report;
mod scale;

use std::collections::BTreeMap;
use std::time::Duration;

use thiserror::Error;

pub use guest::Guest;
pub use report::Results;

use self::qemu::Qemu;
use host::guest_dir::GuestDirError;
use host::waiting::Waiting;

/// Why nothing could be measured.
#[derive(Debug, Error)]
pub enum BenchError {
    /// The guest's files.
    #[error(transparent)]
    Files(#[from] GuestDirError),
    /// The machine could not be made.
    #[error("cannot make a machine: {0}")]
    Machine(#[from] userprog::MachineError),
    /// A program did not do what it is measured for.
    #[error("the measurement of {quantity:?} failed: {what}")]
    Wrong {
        /// What should have been measured.
        quantity: Quantity,
        /// What came instead.
        what: String,
    },
    /// No memory for native faults.
    #[error("cannot map memory for native page faults: {0}")]
    Native(std::io::Error),
    /// The bare Unicorn.
    #[error("the bare Unicorn failed: {0:?}")]
    Bare(unicorn_engine::unicorn_const::uc_error),
    /// QEMU is not there, or does not do what it is asked for.
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
    /// A process from exec() to wait().
    Process,
    /// An iteration of the load/store loop.
    Loop,
    /// A page fault of the host, as for [`Quantity::DemandZeroFault`].
    NativeFault,
    /// An iteration of the load/store loop in a bare Unicorn.
    BareLoop,
    /// One byte of page-shuffle's inner work.
    Compute,
    /// The same in QEMU.
    ComputeQemu,
}

impl Quantity {
    /// All, in the order in which they take turns.
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

    /// Of how many rounds one has a sample: QEMU has to start twice for one.
    fn rounds_a_sample(self) -> usize {
        match self {
            Quantity::ComputeQemu => 8,
            _ => 1,
        }
    }
}

/// How many rounds are made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effort {
    /// As few as give numbers at all.
    Quick,
    /// Enough for medians that stay within a few per cent.
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
/// Silence before a note says that this runs.
const SILENCE: Duration = Duration::from_secs(2);

/// Something that can be measured again and again.
pub enum Subject {
    /// What a guest does.
    Guest(Box<Guest>),
    /// The host's page faults.
    Native,
    /// The loop in a bare Unicorn.
    Bare,
    /// A program in QEMU.
    Qemu(Box<Qemu>),
}

impl Subject {
    /// Gets ready to measure.
    ///
    /// # Errors
    /// [`BenchError`] if there can be no machine; [`BenchError::Qemu`] if there is no QEMU.
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

    /// How many of the things one sample is made of.
    pub fn count(&self) -> u32 {
        match self {
            Subject::Guest(guest) => guest.count(),
            Subject::Native => NATIVE_PAGES,
            Subject::Bare => BARE_ITERATIONS,
            Subject::Qemu(qemu) => qemu.bytes(),
        }
    }

    /// Measures once: nanoseconds for one.
    ///
    /// # Errors
    /// [`BenchError`] if it could not be done.
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

/// Measures everything.
///
/// # Errors
/// [`BenchError`] of the first thing that could not be measured. Without a QEMU there are no numbers
/// of one.
pub fn measure(effort: Effort) -> Result<Results, BenchError> {
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
    Ok(Results::of(samples, qemu, scale::measure()?))
}
