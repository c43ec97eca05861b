//! What the commands share that run a program to look into it: the machine, its files, and where
//! the program's console goes.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use userprog::{Kernel, RunReport};

use crate::console::Screen;
use crate::guest::Guest;
use crate::listener::Listener;
use crate::run::{self, Machine, power_on};
use host::command::UsageError;
use host::guest_dir::GuestDir;
use protocol::settings::{Base, Settings};

/// The machine and its files.
#[derive(Args)]
pub struct MachineArgs {
    #[command(flatten)]
    settings: Settings,

    /// Seed of all that is random in the machine [default: 0]
    #[arg(long, value_name = "N", help_heading = "Machine")]
    seed: Option<u64>,

    /// Keep the swap disk in this file. It is made if it is not there; an existing one must have
    /// the size of the swap disk
    #[arg(long, value_name = "FILE", help_heading = "Machine")]
    swap_file: Option<PathBuf>,

    /// The folder that holds the guest's files, made if it is not there [default: a temporary one]
    #[arg(long, value_name = "DIR", help_heading = "Files")]
    fs: Option<PathBuf>,

    /// Put a file of the host into the guest's files first, or a bundled one by its name; a source
    /// (.c or .S) is compiled. May be given several times
    #[arg(long, value_name = "HOST[:GUEST]", help_heading = "Files")]
    put: Vec<String>,
}

/// A program with its files and its machine, ready to be run.
pub struct Prepared {
    /// The guest's files.
    pub dir: GuestDir,
    /// The command line as the guest's kernel takes it.
    pub command_line: String,
    /// The user's choices.
    pub settings: Settings,
    /// Where the swap disk is kept; None for memory.
    pub swap_file: Option<PathBuf>,
}

impl MachineArgs {
    /// Finds the program, and puts it with its files where the machine finds them.
    pub fn prepare(&self, program: &str, args: &[String]) -> Result<Prepared, UsageError> {
        self.prepare_guest(&self.guest(program, args)?)
    }

    /// Finds the program, and touches nothing yet.
    pub fn guest(&self, program: &str, args: &[String]) -> Result<Guest, UsageError> {
        Guest::find(program, args, &self.put)
    }

    /// Puts a program that was found with its files where the machine finds them.
    pub fn prepare_guest(&self, guest: &Guest) -> Result<Prepared, UsageError> {
        let dir = match &self.fs {
            Some(path) => GuestDir::at(path)?,
            None => GuestDir::temporary()?,
        };
        guest.put_into(&dir)?;
        Ok(Prepared {
            dir,
            command_line: guest.command_line(),
            settings: self.settings(),
            swap_file: self.swap_file.clone(),
        })
    }

    /// The files that are put, as the user named them.
    pub fn put(&self) -> &[String] {
        &self.put
    }

    /// The user's choices of the machine, all but the seed, the frames and the policy.
    pub fn base(&self) -> &Base {
        &self.settings.base
    }

    /// The user's choices.
    pub fn settings(&self) -> Settings {
        Settings {
            seed: self.seed,
            ..self.settings.clone()
        }
    }
}

impl Prepared {
    /// The command line as people read it.
    pub fn title(&self) -> String {
        self.command_line.replace('\0', " ")
    }

    /// The program's name in the guest's files.
    pub fn program_name(&self) -> &str {
        let name = self.command_line.split([' ', '\0']).next();
        name.unwrap_or_default()
    }

    /// The machine. The program's console is standard error, its keyboard standard input.
    pub fn power_on(&self, listeners: Vec<Listener>) -> Result<Kernel, UsageError> {
        let machine = self.machine(listeners)?;
        Ok(power_on(machine, Box::new(Aside), Box::new(io::stdin()))?)
    }

    /// Runs it to its end. Its console is standard output through `screen`, which knows afterwards
    /// whether all could be written; its keyboard is standard input.
    pub fn run(&self, listeners: Vec<Listener>, screen: &Screen) -> Result<RunReport, UsageError> {
        let report = run::run(
            self.machine(listeners)?,
            &self.command_line,
            Box::new(screen.clone()),
            Box::new(screen.keyboard()),
        );
        screen.close();
        Ok(report?)
    }

    fn machine(&self, listeners: Vec<Listener>) -> Result<Machine<'_>, UsageError> {
        Ok(Machine {
            settings: &self.settings,
            swap_file: self.swap_file.as_deref(),
            files: self.dir.handle()?,
            listeners,
        })
    }
}

/// Standard error as the guest's console, since standard output is for what was asked for. That
/// nobody reads it is no error.
struct Aside;

impl Write for Aside {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = io::stderr().write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
