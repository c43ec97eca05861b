//! `vmlab snapshot`: records the fault log of a program, and compares it later.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use clap::Args;

use driver::fault_log;
use driver::listener::Listener;
use driver::machine_args::{MachineArgs, Prepared};
use driver::snapshot::{self, COMMAND, Checker, Recording, SnapshotError};
use host::command::{UsageError, print};
use host::shell::quoted;
use host::waiting::Waiting;
use protocol::difference;
use protocol::exit::Exit;
use protocol::level::Level;

/// The default folder of snapshots.
const FOLDER: &str = "snapshots";

/// Records the fault log of a program in a file, or compares it with the one recorded
#[derive(Args)]
#[command(after_help = "\
What the program prints goes to standard error, and how it ends does not matter. A
snapshot belongs to one executable: another compiler may yield other addresses and work.
These options may also follow PROGRAM. After `--` everything goes to the program.

Examples:
  vmlab snapshot page-linear --frames 64
  vmlab snapshot page-linear --frames 64 --check
  vmlab snapshot demo/demo.c --frames 16 --level evictions -o demo/demo.log

Exit codes:
  0  recorded; with --check, the log is the same
  1  with --check, it is not
  2  usage or set-up: nothing is recorded yet, a file that cannot be written...
  3  a bug of vmlab")]
pub(super) struct SnapshotArgs {
    /// A program, as for `vmlab run`
    #[arg(value_name = "PROGRAM")]
    program: String,

    /// Its arguments; the guest splits them at spaces
    #[arg(value_name = "ARG")]
    args: Vec<String>,

    /// Compare with what was recorded, and explain the first event that differs
    #[arg(long)]
    check: bool,

    /// What to record, as with `vmlab run --fault-log-level`
    #[arg(long, value_name = "LEVEL", default_value = "faults")]
    level: Level,

    /// The snapshot [default: snapshots/PROGRAM.log]
    #[arg(short, long, value_name = "FILE", value_parser = parse_output)]
    output: Option<PathBuf>,

    #[command(flatten)]
    machine: MachineArgs,
}

impl SnapshotArgs {
    /// Records or compares the log.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        let prepared = self.machine.prepare(&self.program, &self.args)?;
        let name = prepared.program_name();
        let path = match &self.output {
            Some(path) => path.clone(),
            None => Path::new(FOLDER).join(format!("{name}.log")),
        };
        if self.output.is_none() && !self.check {
            fs::create_dir_all(FOLDER)
                .map_err(|error| format!("cannot make the folder {FOLDER}: {error}"))?;
        }
        if self.check {
            self.check(&prepared, &path)
        } else {
            self.record(&prepared, &path)
        }
    }

    fn record(&self, prepared: &Prepared, path: &Path) -> Result<Exit, UsageError> {
        let recording = Recording::begin(path, &self.command())?;
        let recording = Rc::new(RefCell::new(recording));
        let add = Rc::clone(&recording);
        let files = prepared.dir.programs()?;
        let take = move |line: &str| add.borrow_mut().add(line);
        run(
            prepared,
            fault_log::lines(fault_log::detail(self.level), files, take),
        )?;
        let recording = Rc::into_inner(recording).expect("the machine is gone");
        let events = recording.into_inner().finish()?;
        print(&format!("{}: {events} events\n", path.display()))?;
        Ok(Exit::Success)
    }

    fn check(&self, prepared: &Prepared, path: &Path) -> Result<Exit, UsageError> {
        let text = snapshot::read(path)?;
        let recorded =
            snapshot::command(&text).ok_or_else(|| SnapshotError::NoSnapshot(path.to_owned()))?;
        let checker = Checker::new(&text);
        let files = prepared.dir.programs()?;
        run(prepared, checker.listener(self.level, files))?;
        let path = path.display();
        let Some(divergence) = checker.divergence() else {
            print(&format!("{path}: the same {} events\n", checker.same()))?;
            return Ok(Exit::Success);
        };
        let mut report = format!(
            "{path}: the log differs from event {} on\n{}\n\n{}\n",
            divergence.line,
            divergence.why,
            difference::render_from(divergence.first, &divergence.surroundings)
        );
        let command = self.command();
        if recorded != command {
            report.push_str(&format!(
                "\nrecorded by: {recorded}\ncompared by: {command}\n"
            ));
        }
        print(&(other_options(recorded, &command) + &report))?;
        Ok(Exit::Failed)
    }

    /// Returns the command that records this.
    fn command(&self) -> String {
        let mut words = vec![COMMAND.to_owned()];
        words.extend(self.machine.settings().to_args());
        let puts = self.machine.put().iter();
        words.extend(puts.map(|put| quoted(&format!("--put={put}"))));
        words.push(format!("--level={}", self.level));
        words.push(quoted(&self.program));
        if self.args.iter().any(|arg| arg.starts_with('-')) {
            words.push("--".to_owned());
        }
        words.extend(self.args.iter().map(|arg| quoted(arg)));
        words.join(" ")
    }
}

/// Parses the name of a file, and refuses `-`, which means standard output elsewhere.
fn parse_output(text: &str) -> Result<PathBuf, String> {
    match text {
        "-" => Err(
            "a snapshot is kept in a file: name one, as -o fill.log (or -o ./-); \
                    `vmlab run PROGRAM --fault-log -` shows the log"
                .to_owned(),
        ),
        _ => Ok(text.into()),
    }
}

/// Describes the options that differ from those of the recording, the likely reason for different
/// logs.
fn other_options(recorded: &str, command: &str) -> String {
    let before = snapshot::own_options(recorded, command);
    let now = snapshot::own_options(command, recorded);
    let named = |options: String| match options.is_empty() {
        true => "without them".to_owned(),
        false => format!("with {options}"),
    };
    match before.is_empty() && now.is_empty() {
        true => String::new(),
        false => format!(
            "the options differ: recorded {}, compared {}\n",
            named(before),
            named(now)
        ),
    }
}

fn run(prepared: &Prepared, listener: Listener) -> Result<(), UsageError> {
    let mut kernel = prepared.power_on(vec![listener])?;
    let waiting = Waiting::start("vmlab: the guest is running", Duration::from_secs(2));
    kernel.run(prepared.command_line.as_bytes());
    drop(waiting);
    Ok(())
}
