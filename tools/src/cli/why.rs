//! `vmlab why`: what is at an address, and the history of its page.

use std::fmt::Write;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};
use userprog::Kernel;
use userprog::process::Pid;

use super::inspect::never_came;
use crate::inspect::address;
use crate::inspect::moment::{GRAMMAR, Moment};
use crate::inspect::watch::{Reached, Standstill, Watch};
use crate::why::Target;
use crate::why::history::{Episode, History, Kind, Story};
use driver::machine_args::{MachineArgs, Prepared};
use host::command::{UsageError, print};
use host::guest_name::GuestName;
use host::waiting::Waiting;
use protocol::exit::Exit;

/// The number of steps of a long history that are shown from its start.
const FIRST: usize = 10;
/// The number of steps that are shown from its end.
const LAST: usize = 30;

/// Explains what is at an address, and how its page got where it is
#[derive(Args)]
#[command(after_help = format!("\
The answer goes to standard output, what the program prints to standard error. These
options may also follow PROGRAM. After `--` everything goes to the program.

A moment is
{GRAMMAR}

Examples:
  vmlab why page-linear data+0x1000 --frames 64
  vmlab why fork-cow 0xbffff000 --pid 2 --at 'event:fault *pid=2 *addr=0xbffff*' --entries
  vmlab why bad-write 0x0 --at kill

Exit codes:
  0  the moment came
  1  it never came; the history up to the end of the run is shown
  2  usage or set-up: nothing in the program has this name, a file that cannot be read...
  3  a bug of vmlab"))]
pub(super) struct WhyArgs {
    /// A program, as for `vmlab run`
    #[arg(value_name = "PROGRAM")]
    program: String,

    /// An address in hexadecimal (0x0804b000), or the name of a variable or function of the
    /// program, with an optional offset in bytes (data+0x1000, data+4096)
    #[arg(value_name = "ADDRESS")]
    address: Target,

    /// The program's arguments; the guest splits them at spaces
    #[arg(value_name = "ARG")]
    args: Vec<String>,

    /// The process
    #[arg(long, value_name = "N", default_value_t = 1)]
    pid: u32,

    /// The moment at which the state is shown and the history ends
    #[arg(long, value_name = "MOMENT", default_value = "exit")]
    at: Moment,

    /// Also show each change of the page-table entry
    #[arg(long)]
    entries: bool,

    /// Show all steps of a long history, not only the first and last
    #[arg(long)]
    all: bool,

    /// Print one JSON object, with all steps
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    machine: MachineArgs,
}

/// What is printed.
struct Answer<'a> {
    pid: Pid,
    history: &'a History,
    story: Story,
    /// The machine at the moment, if the moment came.
    now: Option<(&'a Kernel, &'a Standstill)>,
}

impl WhyArgs {
    /// Runs to the moment and prints the answer.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        let pid = Pid(self.pid);
        let prepared = self.machine.prepare(&self.program, &self.args)?;
        if pid == Pid(1) {
            self.look_up(&prepared)?;
        }
        let watch = Watch::new(&self.at, Some(pid), prepared.dir.programs()?);
        let history = History::new(self.address.clone(), prepared.dir.programs()?);
        let listeners = vec![history.listener(), watch.listener()];
        let mut kernel = prepared.power_on(listeners)?;
        let waiting = Waiting::start("vmlab: running to the moment", Duration::from_secs(2));
        let reached = watch.reach(&mut kernel, &prepared.command_line);
        drop(waiting);
        let story = history
            .of(pid, kernel.stats().work)
            .ok_or_else(|| self.unknown(&history, pid))?;
        let now = match &reached {
            Reached::Moment(standstill) => Some((&kernel, standstill)),
            Reached::Over(report) => {
                never_came(&self.at, report, &prepared);
                None
            }
        };
        let answer = Answer {
            pid,
            history: &history,
            story,
            now,
        };
        let exit = match now {
            Some(_) => Exit::Success,
            None => Exit::Failed,
        };
        let text = if self.json {
            format!("{}\n", self.json(&answer))
        } else {
            self.text(&answer)
        };
        kernel.cut_power();
        print(&text)?;
        Ok(exit)
    }

    fn unknown(&self, history: &History, pid: Pid) -> String {
        match history.process_name(pid) {
            None => format!(
                "there was no process {pid} up to this moment; `vmlab inspect --show processes` \
                 lists the processes"
            ),
            Some(name) => history
                .refusal(pid)
                .unwrap_or_else(|| format!("the address names nothing in {name}")),
        }
    }

    /// Refuses an address that is not in the program before the run, which may take long.
    fn look_up(&self, prepared: &Prepared) -> Result<(), UsageError> {
        let name = prepared.program_name();
        if prepared.dir.get(&GuestName::new(name)?).is_err() {
            return Ok(());
        }
        let information = prepared.dir.programs()?.information(name);
        match self.address.refusal(&information, name) {
            Some(refusal) => Err(refusal.into()),
            None => Ok(()),
        }
    }

    fn text(&self, answer: &Answer<'_>) -> String {
        let mut text = String::new();
        self.write(&mut text, answer).expect("writing to memory");
        text
    }

    fn write(&self, text: &mut String, answer: &Answer<'_>) -> std::fmt::Result {
        let Story {
            address, forgotten, ..
        } = answer.story;
        let pid = answer.pid;
        let name = answer.history.process_name(pid).unwrap_or_default();
        writeln!(text, "{address} in process {pid} ({name})")?;
        let (symbol, line) = answer.history.names_at(pid, address);
        if let Some(symbol) = symbol {
            writeln!(text, "symbol   {symbol}")?;
        }
        if let Some(line) = line {
            writeln!(text, "source   {line}")?;
        }
        if let Some((kernel, standstill)) = answer.now {
            writeln!(text, "at       {}", standstill.what)?;
            text.push_str(&address::render(kernel, pid, address));
        }
        let wanted = |step: &&Episode| self.entries || step.kind != Kind::Entry;
        let steps: Vec<&Episode> = answer.story.steps.iter().filter(wanted).collect();
        let page = address.page().start();
        writeln!(
            text,
            "\nThe page {page}, step by step (work, what happened):"
        )?;
        if forgotten > 0 {
            writeln!(
                text,
                "           (the {forgotten} oldest steps of the run are not kept)"
            )?;
        }
        if steps.is_empty() {
            writeln!(text, "           nothing ever happened to it")?;
        }
        let hidden = match self.all {
            true => 0,
            false => steps.len().saturating_sub(FIRST + LAST),
        };
        for (number, step) in steps.iter().enumerate() {
            if number == FIRST && hidden > 0 {
                writeln!(
                    text,
                    "           ... {hidden} steps are left out; --all shows them"
                )?;
            }
            if hidden > 0 && (FIRST..FIRST + hidden).contains(&number) {
                continue;
            }
            let whose = match step.pid == pid.0 {
                true => String::new(),
                false => format!("in process {}: ", step.pid),
            };
            writeln!(text, "{:>10} {whose}{}", step.work, step.text)?;
        }
        Ok(())
    }

    fn json(&self, answer: &Answer<'_>) -> Value {
        let Story {
            address,
            steps,
            forgotten,
        } = &answer.story;
        let (symbol, source) = answer.history.names_at(answer.pid, *address);
        json!({
            "address": address.to_string(),
            "pid": answer.pid.0,
            "process": answer.history.process_name(answer.pid),
            "symbol": symbol,
            "source": source,
            "at": answer.now.map(|(_, standstill)| standstill.what.clone()),
            "now": answer.now.map(|(kernel, _)| address::address(kernel, answer.pid, *address)),
            "steps": steps,
            "forgotten": forgotten,
        })
    }
}
