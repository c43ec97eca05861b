//! `vmlab run`: one program on one machine.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use glob::Pattern;
use userprog::RunEnd;

use super::UsageError;
use super::machine_args::MachineArgs;
use crate::black_box::{BlackBox, Failure};
use crate::console::Screen;
use crate::exit::{Exit, RUN_CODES};
use crate::fault_log::{FaultLogArgs, Level};
use crate::gdb;
use crate::gdb::listen::ListenAddress;
use crate::guest_dir::GuestDir;
use crate::guest_name::GuestName;
use crate::last_words::LimitArgs;
use crate::snapshot::Checker;
use crate::stats;

/// Runs a program; standard output is its console
#[derive(Args)]
#[command(after_help = format!("\
These options may also stand after PROGRAM.
After `--` everything goes to the program: vmlab run PROGRAM -- --frames

Examples:
  vmlab run page-linear --frames 64 --stats
  vmlab run page-linear --frames 64 --fault-log -
  vmlab run page-linear --gdb=:1234
  vmlab run --put notes.txt --get result:out.txt ./my-program notes.txt

{RUN_CODES}"))]
pub struct RunArgs {
    /// A bundled program (`vmlab list`) or the path of an ELF32 executable for x86, or of a source
    /// (.c or .S), which is compiled first. A name that has a '/' in it is always a path. The file
    /// is put into the guest's files under its base name, which has 1 to 14 bytes
    #[arg(value_name = "PROGRAM")]
    program: String,

    /// Its arguments; the guest splits them at spaces
    #[arg(value_name = "ARG")]
    args: Vec<String>,

    #[command(flatten)]
    machine: MachineArgs,

    /// Copy one of the guest's files to the host in the end, into the current folder unless told
    /// where. May be given several times
    #[arg(long, value_name = "GUEST[:HOST]", help_heading = "Files")]
    get: Vec<String>,

    /// Print statistics on standard error in the end; `json` as its last line, one flat object
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
        conflicts_with_all = ["file", "black_box"]
    )]
    gdb: Option<ListenAddress>,

    /// Check after each event that the virtual memory keeps its rules, and end the run at the first that
    /// is broken, with what is wrong and where. Programs do the same as without, more slowly
    #[arg(long)]
    check: bool,

    #[command(flatten)]
    fault_log: FaultLogArgs,

    /// For `vmlab grade`: write the last events and what killed processes to this file
    #[arg(long, value_name = "FILE", hide = true)]
    black_box: Option<PathBuf>,

    /// For `vmlab grade`: count the events that match, for the black box
    #[arg(long, value_name = "GLOB", hide = true)]
    count_events: Vec<Pattern>,

    /// For `vmlab grade`: compare the fault log with this snapshot, for the black box
    #[arg(long, value_name = "FILE", hide = true, requires = "black_box")]
    check_snapshot: Option<PathBuf>,

    /// The level of that snapshot
    #[arg(long, value_name = "LEVEL", hide = true, default_value = "faults")]
    snapshot_level: Level,

    #[command(flatten)]
    limits: LimitArgs,
}

/// How statistics are printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum StatsFormat {
    Text,
    Json,
}

impl RunArgs {
    /// Runs the program.
    pub fn execute(&self) -> Result<Exit, UsageError> {
        self.limits.limit_memory()?;
        let guest = self.machine.guest(&self.program, &self.args)?;
        let gets = self
            .get
            .iter()
            .map(|get| Get::parse(get))
            .collect::<Result<Vec<_>, _>>()?;
        let mut prepared = self.machine.prepare_guest(&guest)?;
        prepared.settings.check = self.check;
        let dir = &prepared.dir;
        let black_box = self.black_box.as_ref();
        let black_box = match black_box {
            Some(path) => Some(BlackBox::new(path, &self.count_events, dir.handle()?)),
            None => None,
        };
        let fault_log = self.fault_log.open()?;
        let mut listeners = Vec::from_iter(black_box.as_ref().map(BlackBox::listener));
        if let Some(log) = &fault_log {
            listeners.push(self.fault_log.listener(log, dir.handle()?));
        }
        let checker = self
            .check_snapshot
            .as_deref()
            .map(Checker::open)
            .transpose()?;
        if let Some(checker) = &checker {
            listeners.push(checker.listener(self.snapshot_level, dir.handle()?));
        }
        let screen = Screen::new();
        if let Some(black_box) = &black_box {
            self.limits.limit_time(black_box.handle(), screen.flusher());
        }
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
        if let (Some(black_box), Some(checker)) = (&black_box, &checker) {
            black_box.set_divergence(checker.divergence());
        }

        let mut exit = match &report.end {
            RunEnd::Exited(0) => Exit::Success,
            RunEnd::Stuck(stuck) => {
                anstream::eprintln!("vmlab: the kernel does not get on: {stuck}");
                if let Some(black_box) = &black_box {
                    black_box.set_failure(Failure::Stuck(stuck.to_string()));
                }
                Exit::Kernel
            }
            RunEnd::Broken(breach) => {
                anstream::eprintln!("vmlab: the kernel broke the rule that {breach}");
                if let Some(black_box) = &black_box {
                    black_box.set_failure(Failure::Broken(breach.to_string()));
                }
                Exit::Kernel
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

/// A file to be copied out of the guest's files.
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
