//! `vmlab run`: one program on one machine.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use userprog::RunEnd;

use crate::gdb;
use crate::gdb::listen::ListenAddress;
use driver::console::{Screen, Unread};
use driver::fault_log::FaultLogArgs;
use driver::machine_args::MachineArgs;
use driver::{deaths, not_loaded, stats};
use host::command::UsageError;
use host::guest_dir::GuestDir;
use host::guest_name::GuestName;
use protocol::exit::{Exit, RUN_CODES};
use protocol::pages::UNITS;
use protocol::settings::Checks;

/// Runs a program; standard output is its console
#[derive(Args)]
#[command(after_help = format!("\
These options may also follow PROGRAM.
After `--` everything goes to the program: vmlab run PROGRAM -- --frames

{UNITS}

Examples:
  vmlab run page-linear --frames 64 --stats
  vmlab run page-linear --frames 64 --fault-log -
  vmlab run page-linear --gdb=:1234
  vmlab run --put notes.txt --get result:out.txt ./my-program notes.txt

{RUN_CODES}"))]
pub(super) struct RunArgs {
    /// A bundled program (`vmlab list`) or the path of an ELF32 executable for x86, or of a source
    /// (.c or .S), which is compiled first. A name with a '/' in it is always a path. The file is
    /// copied to the guest's files under its base name, of 1 to 14 bytes
    #[arg(value_name = "PROGRAM")]
    program: String,

    /// Its arguments; the guest splits them at spaces
    #[arg(value_name = "ARG")]
    args: Vec<String>,

    #[command(flatten)]
    machine: MachineArgs,

    /// Copy one of the guest's files to the host at the end, by default into the current folder.
    /// May be given several times
    #[arg(long, value_name = "GUEST[:HOST]", help_heading = "Files")]
    get: Vec<String>,

    /// Print statistics on standard error at the end; with `json`, the last line is one flat object
    #[arg(
        long,
        value_name = "FORMAT",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "text"
    )]
    stats: Option<StatsFormat>,

    /// Wait for gdb before the program's first instruction. ADDR is PORT, :PORT or IP:PORT; port 0
    /// takes a free one. Unless an address is written out, only this host can connect. Nothing else
    /// is logged then: `monitor log` shows events
    #[arg(
        long,
        value_name = "ADDR",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = ListenAddress::DEFAULT,
        conflicts_with = "file"
    )]
    gdb: Option<ListenAddress>,

    /// Check the rules of the virtual memory after each event, and end the run at the first one
    /// that is broken, with what is wrong and where. Programs behave the same, but run more slowly.
    /// With `bytes` only that a program's memory holds what the program put there, which costs little
    #[arg(long, value_name = "WHAT", num_args = 0..=1, require_equals = true,
          default_missing_value = "rules")]
    check: Option<Checks>,

    #[command(flatten)]
    fault_log: FaultLogArgs,
}

/// How statistics are printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum StatsFormat {
    Text,
    Json,
}

impl RunArgs {
    /// Runs the program.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        let guest = self.machine.guest(&self.program, &self.args)?;
        let gets = self
            .get
            .iter()
            .map(|get| Get::parse(get))
            .collect::<Result<Vec<_>, _>>()?;
        let mut prepared = self.machine.prepare_guest(&guest)?;
        prepared.settings.check = self.check.unwrap_or_default();
        let dir = &prepared.dir;
        let fault_log = self.fault_log.open()?;
        let mut listeners = vec![deaths::listener(dir.programs()?)];
        if let Some(log) = &fault_log {
            listeners.push(self.fault_log.listener(log, dir.programs()?));
        }
        let screen = Screen::new(Unread::Stop);
        let report = match self.gdb {
            Some(address) => {
                let origin = gdb::Origin {
                    settings: prepared.settings.clone(),
                    swap_file: prepared.swap_file.as_deref(),
                    dir,
                    guest: &guest,
                    screen: screen.clone(),
                };
                let report = gdb::run(address, origin);
                screen.close();
                report?
            }
            None => prepared.run(listeners, &screen)?,
        };
        if let Some(log) = fault_log {
            log.close()?;
        }

        let mut exit = match &report.end {
            RunEnd::Exited(0) => Exit::Success,
            RunEnd::Stuck(stuck) => {
                anstream::eprintln!("vmlab: the kernel makes no progress: {stuck}");
                Exit::Kernel
            }
            RunEnd::Broken(breach) => {
                anstream::eprintln!("vmlab: the kernel broke the rule that {breach}");
                Exit::Kernel
            }
            RunEnd::NotLoaded(why) => {
                not_loaded::tell(dir, prepared.program_name(), why);
                Exit::Failed
            }
            _ => Exit::Failed,
        };
        for error in gets.iter().filter_map(|get| get.fetch(dir).err()) {
            anstream::eprintln!("vmlab: {error}");
            if exit == Exit::Success {
                exit = Exit::Usage;
            }
        }
        match self.stats {
            Some(StatsFormat::Text) => anstream::eprint!("{}", stats::text(&report)),
            Some(StatsFormat::Json) => anstream::eprintln!("{}", stats::json(&report)),
            None => {}
        }
        screen.written()?;
        Ok(exit)
    }
}

/// A file to copy out of the guest's files.
struct Get {
    guest: GuestName,
    host: PathBuf,
}

impl Get {
    fn parse(argument: &str) -> Result<Get, UsageError> {
        let (guest, host) = argument.split_once(':').unwrap_or((argument, argument));
        let guest = GuestName::new(guest)?;
        if host.is_empty() {
            return Err(format!("--get {argument}: a file name must follow the colon").into());
        }
        Ok(Get {
            guest,
            host: host.into(),
        })
    }

    fn fetch(&self, dir: &GuestDir) -> Result<(), UsageError> {
        let content = dir.get(&self.guest)?;
        std::fs::write(&self.host, content)
            .map_err(|error| format!("cannot write {}: {error}", self.host.display()).into())
    }
}
