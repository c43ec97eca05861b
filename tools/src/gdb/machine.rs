//! The machine that is debugged, which can start anew.
//!
//! # Invariants
//!
//! A machine that has started anew does what it did before, as its files, options and keyboard are
//! the same.

use std::path::Path;

use machine::work::Work;
use userprog::{Kernel, Pid, RunReport};

use super::tape::Tape;
use super::watching::Watching;
use driver::console::Screen;
use driver::guest::Guest;
use driver::run;
use host::command::UsageError;
use host::guest_dir::GuestDir;
use host::guest_name::GuestName;
use protocol::settings::Settings;

/// What a run begins with.
pub struct Origin<'a> {
    /// The user's choices.
    pub settings: Settings,
    /// Where the swap disk is kept; None for memory.
    pub swap_file: Option<&'a Path>,
    /// The guest's files.
    pub dir: &'a GuestDir,
    /// What runs, and what was put into them for it.
    pub guest: &'a Guest,
    /// The guest's console.
    pub screen: Screen,
}

/// A machine whose run has begun.
pub struct Machine<'a> {
    origin: Origin<'a>,
    tape: Tape,
    /// What it did and when it is to pause for that.
    pub watching: Watching,
    /// It itself.
    pub kernel: Kernel,
}

impl<'a> Machine<'a> {
    /// Begins a run.
    ///
    /// # Errors
    /// What is in the way of a machine; or, as the inner result, the report of a run that is over
    /// since its program cannot be loaded.
    pub fn begin(origin: Origin<'a>) -> Result<Result<Machine<'a>, RunReport>, UsageError> {
        let tape = Tape::new(origin.screen.clone());
        let watching = Watching::default();
        let mut kernel = boot(&origin, &tape, &watching)?;
        if let Err(report) = kernel.begin(origin.guest.command_line().as_bytes()) {
            return Ok(Err(*report));
        }
        Ok(Ok(Machine {
            origin,
            tape,
            watching,
            kernel,
        }))
    }

    /// What is in one of the guest's files, if it is there.
    pub fn file(&self, name: &GuestName) -> Option<Vec<u8>> {
        self.origin.dir.get(name).ok()
    }

    /// Shows what the guest has printed so far, and no note that it runs.
    pub fn hold(&self) {
        self.origin.screen.close();
    }

    /// Whether the run can start anew: only if its files can be made what they were.
    pub fn can_restart(&self) -> bool {
        self.origin.dir.is_temporary()
    }

    /// Starts the run anew.
    ///
    /// # Errors
    /// What is in the way.
    pub fn restart(&mut self) -> Result<(), UsageError> {
        self.kernel.cut_power();
        self.tape.rewind();
        self.watching.forget();
        self.origin.dir.clear()?;
        self.origin.guest.put_into(self.origin.dir)?;
        self.kernel = boot(&self.origin, &self.tape, &self.watching)?;
        let line = self.origin.guest.command_line();
        match self.kernel.begin(line.as_bytes()) {
            Ok(_) => Ok(()),
            Err(_) => Err("the program could be loaded before, and now it cannot".into()),
        }
    }

    /// The process in whose turn the run stands still, or the first that is alive.
    pub fn current(&self) -> Option<Pid> {
        let alive = self.kernel.alive();
        self.kernel.current().or(alive.first().copied())
    }

    /// Takes back everything that makes the run pause.
    pub fn let_go(&mut self) {
        self.kernel.set_breakpoints(Default::default());
        self.kernel.set_watches(&[]);
        self.kernel.no_step();
        self.kernel.pause_at_kills(false);
        self.kernel.pause_at(Work::MAX);
        self.watching.break_on_nothing();
    }
}

fn boot(origin: &Origin, tape: &Tape, watching: &Watching) -> Result<Kernel, UsageError> {
    let machine = run::Machine {
        settings: &origin.settings,
        swap_file: origin.swap_file,
        files: origin.dir.handle()?,
        listeners: Vec::new(),
    };
    let mut kernel = run::power_on(machine, Box::new(tape.clone()), Box::new(tape.clone()))?;
    watching.attach(&mut kernel, origin.dir.handle()?);
    Ok(kernel)
}
