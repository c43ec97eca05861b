//! The machine under the debugger, which can restart from the beginning.
//!
//! # Invariants
//!
//! A machine that was restarted does what it did before, as its files, options and keyboard input
//! are the same.

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

/// What a run starts from.
#[derive(Debug)]
pub struct Origin<'a> {
    /// The user's choices.
    pub settings: Settings,
    /// Where the swap disk is kept; None for memory.
    pub swap_file: Option<&'a Path>,
    /// The guest's files.
    pub dir: &'a GuestDir,
    /// The program, and what was copied to those files for it.
    pub guest: &'a Guest,
    /// The guest's console.
    pub screen: Screen,
}

/// A machine whose run has begun.
pub(super) struct Machine<'a> {
    origin: Origin<'a>,
    tape: Tape,
    /// Its past events, and those at which it pauses.
    pub watching: Watching,
    /// The kernel, with the machine it runs on.
    pub kernel: Kernel,
}

impl<'a> Machine<'a> {
    /// Begins a run.
    ///
    /// # Errors
    /// The machine cannot be made. The inner error is the report of a run that is over because its
    /// program cannot be loaded.
    pub(super) fn begin(origin: Origin<'a>) -> Result<Result<Machine<'a>, RunReport>, UsageError> {
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

    /// Returns the content of one of the guest's files, if it exists.
    pub(super) fn file(&self, name: &GuestName) -> Option<Vec<u8>> {
        self.origin.dir.get(name).ok()
    }

    /// Shows what the guest has printed so far, and stops notes that it is running.
    pub(super) fn hold(&self) {
        self.origin.screen.close();
    }

    /// Returns whether the run can be restarted, which needs its files in their original state.
    pub(super) fn can_restart(&self) -> bool {
        self.origin.dir.is_temporary()
    }

    /// Restarts the run.
    ///
    /// # Errors
    /// The files cannot be restored, or the machine cannot be made.
    pub(super) fn restart(&mut self) -> Result<(), UsageError> {
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

    /// Returns the process whose turn it is, or the first that is alive.
    pub(super) fn current(&self) -> Option<Pid> {
        let alive = self.kernel.alive();
        self.kernel.current().or(alive.first().copied())
    }

    /// Removes everything that makes the run pause.
    pub(super) fn let_go(&mut self) {
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
    watching.attach(&mut kernel, origin.dir.programs()?);
    Ok(kernel)
}
