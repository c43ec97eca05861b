//! The command line of the machine program, which the grader calls: see crate `protocol`.
//!
//! # Invariants
//!
//! Whatever the kernel does, the record says how it ended, unless the host killed the process.

use std::fs::File;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use host::command::{UsageError, begin, guarded, parse, print};
use host::guest_dir::GuestDir;
use host::walls::{self, Openings};
use protocol::exit::{Exit, RUN_CODES};
use protocol::record::{Failure, Walls};
use protocol::request::Request;
use userprog::RunEnd;

use crate::black_box::{self, BlackBox};
use crate::console::{Screen, Unread};
use crate::guest::Guest;
use crate::kernel_panic;
use crate::kinds;
use crate::last_words;
use crate::machine_args::Prepared;
use crate::not_loaded;
use crate::snapshot::Checker;
use crate::stats;

/// Runs one program on one machine for `vmlab grade`
#[derive(Parser)]
#[command(name = "vmlab-machine", version, max_term_width = 100)]
#[command(after_help = "\
People use `vmlab run`, which runs the same program on the same machine.

Example:
  vmlab-machine run --fs files --record box --time-limit 15 \\
    --memory-limit 4000000000 -- page-linear")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs one program; standard output is its console, the last line of standard error its statistics
    #[command(after_help = RUN_CODES)]
    Run(Box<Request>),
    /// Prints the policies and slot allocators as JSON
    Kinds,
}

/// Returns whether the process's arguments are for a machine program. A program with policies of
/// its own, which can be one as well, asks this.
#[must_use]
pub fn is_asked() -> bool {
    let mut words = std::env::args().skip(1);
    let command = words.next();
    match command.as_deref() {
        Some("kinds") => true,
        Some("run") => words.any(|word| word.starts_with("--record=")),
        _ => false,
    }
}

/// Runs the command line of the process and returns its exit code.
pub fn main() -> Exit {
    begin();
    kernel_panic::tell_apart(black_box::note_panic);
    let matches = match parse(Cli::command(), std::env::args_os().collect()) {
        Ok(matches) => matches,
        Err(exit) => return exit,
    };
    let execute = || match Cli::from_arg_matches(&matches)?.command {
        Command::Run(request) => run(*request),
        Command::Kinds => {
            print(&format!("{}\n", serde_json::to_string(&kinds::known())?))?;
            Ok(Exit::Success)
        }
    };
    guarded(execute, || kernel_panic::take_last().is_some())
}

fn run(request: Request) -> Result<Exit, UsageError> {
    last_words::limit_memory(request.memory_limit)?;
    let guest = Guest::find(&request.program, &request.args, &request.put)?;
    let mut dir = GuestDir::at(&request.fs)?;
    if let Some(root) = &request.settings.base.root {
        dir.set_root(root)?;
    }
    guest.put_into(&dir)?;
    // The wall around files can only leave existing files open.
    File::create(&request.record)
        .map_err(|error| format!("cannot make {}: {error}", request.record.display()))?;
    let black_box = BlackBox::new(&request.record, &request.count_events, dir.programs()?);
    let mut listeners = vec![black_box.listener()];
    let checker = request.snapshot.as_deref().map(Checker::open).transpose()?;
    if let Some(checker) = &checker {
        listeners.push(checker.listener(request.snapshot_level, dir.programs()?));
    }
    let screen = Screen::new(Unread::GoOn);
    // All that the run needs of the host is open by now. The thread that watches the time is the last one.
    let mut walls = Walls::default();
    let openings = Openings {
        guest_files: &request.fs,
        root: request.settings.base.root.as_deref(),
        record: &request.record,
    };
    walls::close_files(&openings, &mut walls)?;
    last_words::limit_time(request.time_limit, black_box.handle());
    walls::close_calls(&mut walls)?;
    black_box.set_walls(walls);
    if request.require_sandbox && !walls.stand() {
        return Err(format!(
            "this host cannot build all walls around the kernel (files and network: {}, system calls: {}); that \
             takes Linux 6.12 or newer with Landlock and seccomp",
            walls.files, walls.calls
        )
        .into());
    }

    let prepared = Prepared {
        dir,
        command_line: guest.command_line(),
        settings: protocol::settings::Settings {
            seed: request.seed,
            check: request.check.unwrap_or_default(),
            ..request.settings
        },
        swap_file: None,
    };
    let report = prepared.run(listeners, &screen)?;

    if let Some(checker) = &checker {
        black_box.set_divergence(checker.divergence());
    }
    let exit = match &report.end {
        RunEnd::Exited(0) => Exit::Success,
        RunEnd::Stuck(stuck) => {
            anstream::eprintln!("vmlab: the kernel makes no progress: {stuck}");
            black_box.set_failure(Failure::Stuck(stuck.to_string()));
            Exit::Kernel
        }
        RunEnd::Broken(breach) => {
            anstream::eprintln!("vmlab: the kernel broke the rule that {breach}");
            black_box.set_failure(Failure::Broken(breach.to_string()));
            Exit::Kernel
        }
        RunEnd::NotLoaded(why) => {
            not_loaded::tell(&prepared.dir, prepared.program_name(), why);
            Exit::Failed
        }
        _ => Exit::Failed,
    };
    anstream::eprintln!("{}", stats::json(&report));
    screen.written()?;
    Ok(exit)
}
