//! `vmlab inspect`: the state of the kernel at a moment of a run.

use std::fmt::Write;
use std::time::Duration;

use clap::Args;
use machine::addr::VirtAddr;
use serde_json::{Map, Value, json};
use userprog::process::Pid;
use userprog::{Kernel, RunEnd, RunReport};

use crate::inspect::moment::{GRAMMAR, Moment};
use crate::inspect::watch::{Reached, Standstill, Watch};
use crate::inspect::{Inspector, address};
use crate::why::hexadecimal;
use driver::machine_args::{MachineArgs, Prepared};
use driver::not_loaded;
use host::command::{UsageError, print};
use host::waiting::Waiting;
use protocol::exit::Exit;

/// Shows the kernel's state at a moment of a run: regions, page tables, frames, swap
#[derive(Args)]
#[command(after_help = format!("\
The answer goes to standard output, what the program prints to standard error. Inspection
changes nothing: no accessed or dirty bit is set, no page is brought in. These options may
also follow PROGRAM. After `--` everything goes to the program.

A moment is
{GRAMMAR}

Examples:
  vmlab inspect page-linear --frames 64 --at fault:100 --show frames,swap
  vmlab inspect bad-write --at kill --show maps,registers --addr 0
  vmlab inspect mmap-read --at 'event:fault *area=map*' --show pagedir

Exit codes:
  0  the moment came
  1  it never came
  2  usage or set-up: an unknown option, a file that cannot be read...
  3  a bug of vmlab"))]
pub(super) struct InspectArgs {
    /// A program, as for `vmlab run`
    #[arg(value_name = "PROGRAM")]
    program: String,

    /// Its arguments; the guest splits them at spaces
    #[arg(value_name = "ARG")]
    args: Vec<String>,

    /// The moment to inspect
    #[arg(long, value_name = "MOMENT", default_value = "exit")]
    at: Moment,

    /// What to show, separated by commas [default: maps, or nothing with --addr]
    #[arg(long, value_name = "WHAT,...", value_delimiter = ',')]
    show: Vec<Inspector>,

    /// The process [default: the one that the moment is about]
    #[arg(long, value_name = "N")]
    pid: Option<u32>,

    /// Also show what is at this address. May be given several times
    #[arg(long, value_name = "ADDRESS", value_parser = hexadecimal)]
    addr: Vec<VirtAddr>,

    /// Print one JSON object
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    machine: MachineArgs,
}

impl InspectArgs {
    /// Runs to the moment and prints the state.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        let prepared = self.machine.prepare(&self.program, &self.args)?;
        let watch = Watch::new(&self.at, self.pid.map(Pid), prepared.dir.programs()?);
        let mut kernel = prepared.power_on(vec![watch.listener()])?;
        let waiting = Waiting::start("vmlab: running to the moment", Duration::from_secs(2));
        let reached = watch.reach(&mut kernel, &prepared.command_line);
        drop(waiting);
        let standstill = match reached {
            Reached::Moment(standstill) => standstill,
            Reached::Over(report) => {
                never_came(&self.at, &report, &prepared);
                return Ok(Exit::Failed);
            }
        };
        let text = if self.json {
            format!("{}\n", self.json(&kernel, &standstill))
        } else {
            self.text(&kernel, &standstill)
        };
        kernel.cut_power();
        print(&text)?;
        Ok(Exit::Success)
    }

    fn text(&self, kernel: &Kernel, standstill: &Standstill) -> String {
        let pid = standstill.pid;
        let name = kernel.process(pid).map(|process| process.name.clone());
        let name = name.map_or(String::new(), |name| {
            format!(" ({})", name.as_bytes().escape_ascii())
        });
        let mut text = format!("at: {}\n", standstill.what);
        for inspector in self.inspectors() {
            let of = if inspector.is_of_process() {
                format!(" of process {pid}{name}")
            } else {
                String::new()
            };
            write!(text, "\n{}{of}:\n", inspector.name()).expect("writing to memory");
            text.push_str(&inspector.render(kernel, pid));
        }
        for at in &self.addr {
            write!(text, "\n{at} in process {pid}{name}:\n").expect("writing to memory");
            text.push_str(&address::render(kernel, pid, *at));
        }
        text
    }

    fn json(&self, kernel: &Kernel, standstill: &Standstill) -> Value {
        let pid = standstill.pid;
        let mut object = Map::new();
        object.insert("at".to_owned(), standstill.what.clone().into());
        object.insert("work".to_owned(), kernel.stats().work.into());
        object.insert("pid".to_owned(), pid.0.into());
        for inspector in self.inspectors() {
            object.insert(inspector.name(), inspector.json(kernel, pid));
        }
        let addresses = self.addr.iter();
        let addresses: Vec<Value> = addresses
            .map(|at| json!(address::address(kernel, pid, *at)))
            .collect();
        if !addresses.is_empty() {
            object.insert("addresses".to_owned(), addresses.into());
        }
        object.into()
    }

    fn inspectors(&self) -> Vec<Inspector> {
        match (self.show.is_empty(), self.addr.is_empty()) {
            (true, true) => vec![Inspector::Maps],
            _ => self.show.clone(),
        }
    }
}

/// Says that a run was over before a moment.
pub(super) fn never_came(moment: &Moment, report: &RunReport, prepared: &Prepared) {
    let end = match &report.end {
        RunEnd::Exited(status) => format!("exited with {status}"),
        RunEnd::Killed => "was killed".to_owned(),
        RunEnd::NotLoaded(_) => "was not loaded".to_owned(),
        RunEnd::WorkLimit => "reached the work limit".to_owned(),
        RunEnd::Halted => "powered off".to_owned(),
        RunEnd::Stuck(why) => format!("made no progress: {why}"),
        RunEnd::Broken(rule) => format!("broke a rule: {rule}"),
        _ => "ended".to_owned(),
    };
    let sought = match moment {
        Moment::Event(glob, count) => {
            format!(" (GLOB was read as `{glob}`, and match number {count} was looked for)")
        }
        _ => String::new(),
    };
    anstream::eprintln!(
        "vmlab: the moment {moment}{sought} did not come before the end of the run: the program \
         {end} after {} work and {} faults",
        report.stats.work,
        report.stats.vm.faults
    );
    if let RunEnd::NotLoaded(why) = &report.end {
        not_loaded::tell(&prepared.dir, prepared.program_name(), why);
    }
}
