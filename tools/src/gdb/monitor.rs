//! `monitor`: the commands that gdb passes on to us.
//!
//! # Invariants
//!
//! An unknown command changes nothing, and the answer says how to list the commands.

use std::collections::BTreeSet;

use clap::ValueEnum;
use gdbstub::target::ext::monitor_cmd::{ConsoleOutput, MonitorCmd};
use machine::addr::VirtAddr;
use userprog::RunEnd;
use userprog::RunReport;

use super::stops::Scope;
use super::target::Debugger;
use super::watching::BreakOn;
use crate::inspect::{self, Inspector};
use driver::stats;
use host::guest_name::GuestName;

const HELP: &str = "\
monitor maps            the regions of the process last stopped in, as in /proc/PID/maps
monitor smaps, pagemap  what they hold, as in /proc/PID/smaps and /proc/PID/pagemap
monitor pagedir         its page directory and page tables
monitor spt             its touched pages, where they are and whose
monitor frames          what each frame holds
monitor swap            what each slot of the swap disk holds
monitor processes       who is there
monitor registers       the registers of the process last stopped in
monitor why ADDRESS     what a page is, and what happened to it
monitor why             why the machine stands still
monitor policy          which page is evicted
monitor stats           statistics so far
monitor log [N]         the last N events (default 20)
monitor break-on WHAT.. stop at each fault, evict or kill; `none' for none of them
monitor program NAME    stop at breakpoints in processes of this program, and take its symbols;
                        `all' to stop in every process
An inspection changes nothing: it loads no page and sets no accessed or dirty bit.
";

/// The default number of lines of the log.
const LINES: usize = 20;

impl MonitorCmd for Debugger<'_> {
    fn handle_monitor_cmd(
        &mut self,
        command: &[u8],
        mut out: ConsoleOutput<'_>,
    ) -> Result<(), String> {
        let command = String::from_utf8_lossy(command);
        let words: Vec<&str> = command.split_whitespace().collect();
        let answer = self
            .answer(&words)
            .unwrap_or_else(|problem| format!("{problem}\n`monitor help' lists the commands.\n"));
        out.write_raw(answer.as_bytes());
        Ok(())
    }
}

impl Debugger<'_> {
    fn answer(&mut self, words: &[&str]) -> Result<String, String> {
        let kernel = &self.machine.kernel;
        let watching = &self.machine.watching;
        let pid = match kernel.is_alive(self.stopped_in) {
            true => self.stopped_in,
            false => self.machine.current().ok_or("no process is alive")?,
        };
        Ok(match words {
            [] | ["help"] => HELP.to_owned(),
            ["why"] => format!("stopped for: {}\n", watching.reason().trim()),
            ["why", addr] => {
                let addr = address(addr).ok_or_else(|| format!("{addr} is not an address"))?;
                let mut text = inspect::address::render(kernel, pid, addr);
                text += &lines(&watching.lines_about(pid, addr.page()));
                text
            }
            ["policy"] => format!("{}\n", kernel.vm().policy_name()),
            ["stats"] => {
                let stats = kernel.stats();
                let end = RunEnd::Halted;
                let text = stats::text(&RunReport { end, stats });
                // The first line is about the end of the run, which is not known yet.
                text.split_once('\n')
                    .map_or("", |(_, rest)| rest)
                    .to_owned()
            }
            ["log"] => lines(&watching.last_lines(LINES)),
            ["log", count] => {
                let count = count
                    .parse()
                    .map_err(|_| format!("{count} is not a number"))?;
                lines(&watching.last_lines(count))
            }
            ["break-on"] => describe(&watching.break_on()),
            ["break-on", what @ ..] => {
                let what = what.iter().map(|word| break_on(word));
                let what = what.collect::<Result<Vec<_>, _>>()?;
                watching.set_break_on(what.into_iter().flatten().collect());
                describe(&watching.break_on())
            }
            ["program", "all"] => {
                self.stops.scope = Scope::All;
                "breakpoints stop every process\n".to_owned()
            }
            ["program", name] => self.follow(name)?,
            [word] if Inspector::from_str(word, false).is_ok() => {
                Inspector::from_str(word, false)?.render(kernel, pid)
            }
            _ => return Err(format!("there is no such command: {}", words.join(" "))),
        })
    }

    fn follow(&mut self, name: &str) -> Result<String, String> {
        let name = GuestName::new(name).map_err(|error| error.to_string())?;
        if self.machine.file(&name).is_none() {
            return Err(format!("the guest has no file {name}"));
        }
        self.program = name.to_string();
        self.stops.scope = Scope::Program(name.to_string());
        Ok(format!(
            "breakpoints stop processes of {name}; for its symbols: file target:/{name}\n"
        ))
    }
}

fn break_on(word: &str) -> Result<Option<BreakOn>, String> {
    match word {
        "fault" => Ok(Some(BreakOn::Fault)),
        "evict" => Ok(Some(BreakOn::Evict)),
        "kill" => Ok(Some(BreakOn::Kill)),
        "none" => Ok(None),
        _ => Err(format!(
            "break-on takes fault, evict, kill and none, not {word}"
        )),
    }
}

fn describe(what: &BTreeSet<BreakOn>) -> String {
    let words: Vec<String> = what
        .iter()
        .map(|what| format!("{what:?}").to_lowercase())
        .collect();
    match words[..] {
        [] => "stops at no event\n".to_owned(),
        _ => format!("stops at: {}\n", words.join(", ")),
    }
}

/// Parses an address as gdb's users write it: hexadecimal with 0x, decimal without.
fn address(text: &str) -> Option<VirtAddr> {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => text.parse(),
    };
    parsed.ok().map(VirtAddr)
}

fn lines(lines: &[String]) -> String {
    if lines.is_empty() {
        return "no event so far\n".to_owned();
    }
    lines
        .iter()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}
