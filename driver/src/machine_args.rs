//! The options shared by the commands that run a program: the machine, its files, and where the
//! program's console goes.

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
#[derive(Args, Debug)]
pub struct MachineArgs {
    #[command(flatten)]
    settings: Settings,

    /// Seed of everything random in the machine [default: 0]
    #[arg(long, value_name = "N", help_heading = "Machine")]
    seed: Option<u64>,

    /// Keep the swap disk in this file, which is created if needed; an existing one must have the
    /// size of the swap disk
    #[arg(long, value_name = "FILE", help_heading = "Machine")]
    swap_file: Option<PathBuf>,

    /// The folder with the guest's files, created if needed [default: a temporary one]
    #[arg(long, value_name = "DIR", help_heading = "Files")]
    fs: Option<PathBuf>,

    /// Copy a file of the host to the guest's files first, or a bundled one by its name; a source
    /// (.c or .S) is compiled. May be given several times
    #[arg(long, value_name = "HOST[:GUEST]", help_heading = "Files")]
    put: Vec<String>,
}

/// A program with its files and its machine, ready to be run.
#[derive(Debug)]
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
    /// Finds the program, and copies it with its files to where the machine finds them.
    ///
    /// # Errors
    /// A message, if a file cannot be found, read or copied.
    pub fn prepare(&self, program: &str, args: &[String]) -> Result<Prepared, UsageError> {
        self.prepare_guest(&self.guest(program, args)?)
    }

    /// Finds the program, and copies nothing yet.
    ///
    /// # Errors
    /// A message, if a file cannot be found or read.
    pub fn guest(&self, program: &str, args: &[String]) -> Result<Guest, UsageError> {
        Guest::find(program, args, &self.put)
    }

    /// Copies a program that was found, with its files, to where the machine finds them.
    ///
    /// # Errors
    /// A message, if a file cannot be copied.
    pub fn prepare_guest(&self, guest: &Guest) -> Result<Prepared, UsageError> {
        let mut dir = match &self.fs {
            Some(path) => GuestDir::at(path)?,
            None => GuestDir::temporary()?,
        };
        if let Some(root) = &self.base().root {
            dir.set_root(root)?;
        }
        guest.put_into(&dir)?;
        Ok(Prepared {
            dir,
            command_line: guest.command_line(),
            settings: self.settings(),
            swap_file: self.swap_file.clone(),
        })
    }

    /// Returns the arguments of `--put`, as the user gave them.
    #[must_use]
    pub fn put(&self) -> &[String] {
        &self.put
    }

    /// Returns the user's choices of the machine, except the seed, the frames and the policy.
    #[must_use]
    pub fn base(&self) -> &Base {
        &self.settings.base
    }

    /// Returns the user's choices.
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings {
            seed: self.seed,
            ..self.settings.clone()
        }
    }
}

impl Prepared {
    /// The command line as people read it.
    #[must_use]
    pub fn title(&self) -> String {
        self.command_line.replace('\0', " ")
    }

    /// Returns the program's name in the guest's files.
    #[must_use]
    pub fn program_name(&self) -> &str {
        let name = self.command_line.split([' ', '\0']).next();
        name.unwrap_or_default()
    }

    /// Makes the machine. The program's console is standard error, its keyboard standard input.
    ///
    /// # Errors
    /// A message, if the machine cannot be made.
    pub fn power_on(&self, listeners: Vec<Listener>) -> Result<Kernel, UsageError> {
        let machine = self.machine(listeners)?;
        Ok(power_on(machine, Box::new(Aside), Box::new(io::stdin()))?)
    }

    /// Runs it to its end. Its console is standard output through `screen`, which can tell
    /// afterwards whether all output was written; its keyboard is standard input.
    ///
    /// # Errors
    /// A message, if the machine cannot be made. How the program ends is no error, but in the report.
    pub fn run(&self, listeners: Vec<Listener>, screen: &Screen) -> Result<RunReport, UsageError> {
        let machine = self.machine(listeners)?;
        let (output, input) = (Box::new(screen.clone()), Box::new(screen.keyboard()));
        let mut kernel = power_on(machine, output, input)?;
        screen.stop_unread(kernel.pause_flag());
        let report = run::to_its_end(&mut kernel, &self.command_line);
        screen.close();
        Ok(report)
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

/// Standard error as the guest's console, as standard output is for the command's result. A closed
/// pipe is no error.
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
