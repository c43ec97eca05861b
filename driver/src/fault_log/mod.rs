//! The fault log: what the virtual memory did, one line per event, for people and for programs.
//!
//! # Invariants
//!
//! The same program on the same machine has the same log, byte for byte. Each line follows the
//! grammar of [`line`](mod@line) and has the names of [`crate::names`] in it. The JSON format has the same
//! information.

pub mod json;
pub mod line;

use std::cell::RefCell;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use clap::{Args, ValueEnum};
use host::programs::Programs;
use protocol::level::Level;
use thiserror::Error;
use userprog::MachineEvent;
use vm::Event;
use vm::event::Detail;

use crate::listener::Listener;
use crate::names::NameBook;

/// What is logged, and how.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
#[command(next_help_heading = "Fault log")]
pub struct FaultLogArgs {
    /// Write every page fault and its outcome to this file; `-` for standard error
    #[arg(long = "fault-log", value_name = "FILE")]
    file: Option<PathBuf>,

    /// What is logged: faults; also evictions, frees, traffic of files, regions and processes; or
    /// also every change of a page-table entry
    #[arg(
        long = "fault-log-level",
        value_name = "LEVEL",
        default_value = "faults",
        requires = "file"
    )]
    level: Level,

    /// Lines of text, or JSON, one object per line [default: json if FILE ends in .json or .jsonl]
    #[arg(long = "fault-log-format", value_name = "FORMAT", requires = "file")]
    format: Option<Format>,
}

/// The format of the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Format {
    /// One line of text per event.
    Text,
    /// One JSON object per line.
    Json,
}

/// The log cannot be written.
#[derive(Debug, Error)]
#[error("cannot write the fault log to {}: {error}", path.display())]
pub struct FaultLogError {
    path: PathBuf,
    error: io::Error,
}

/// A log that is being written; [`FaultLog::close`] returns errors.
#[derive(Debug)]
pub struct FaultLog {
    path: PathBuf,
    sink: Rc<RefCell<Sink>>,
}

struct Sink {
    to: Box<dyn Write>,
    result: io::Result<()>,
}

impl std::fmt::Debug for Sink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sink").finish_non_exhaustive()
    }
}

/// What a level tells of the virtual memory.
#[must_use]
pub fn detail(level: Level) -> Detail {
    match level {
        Level::Faults => Detail::Faults,
        Level::Evictions => Detail::Evictions,
        Level::Entries => Detail::Entries,
    }
}

impl FaultLogArgs {
    /// Opens the log, if one was requested.
    ///
    /// # Errors
    /// [`FaultLogError`] if the file cannot be made.
    pub fn open(&self) -> Result<Option<FaultLog>, FaultLogError> {
        self.file.as_deref().map(FaultLog::open).transpose()
    }

    /// Returns the listener that writes the log, with names from these files.
    #[must_use]
    pub fn listener(&self, log: &FaultLog, files: Programs) -> Listener {
        let by_name = match log.path.extension().and_then(|name| name.to_str()) {
            Some("json" | "jsonl") => Format::Json,
            _ => Format::Text,
        };
        let format = self.format.unwrap_or(by_name);
        let sink = Rc::clone(&log.sink);
        let detail = detail(self.level);
        match format {
            Format::Text => lines(detail, files, move |line| sink.borrow_mut().write(&line)),
            Format::Json => {
                let mut names = NameBook::new(files);
                Listener::new(detail, move |work, event| {
                    names.note(event);
                    let object =
                        is_logged(event, detail).then(|| json::object(work, event, &mut names));
                    if let Some(object) = object.flatten() {
                        sink.borrow_mut().write(&object);
                    }
                })
            }
        }
    }
}

impl FaultLog {
    fn open(path: &Path) -> Result<FaultLog, FaultLogError> {
        let to: Box<dyn Write> = if path == Path::new("-") {
            Box::new(BufWriter::new(io::stderr()))
        } else {
            let file = File::create(path).map_err(|error| FaultLogError {
                path: path.to_owned(),
                error,
            })?;
            Box::new(BufWriter::new(file))
        };
        Ok(FaultLog {
            path: path.to_owned(),
            sink: Rc::new(RefCell::new(Sink { to, result: Ok(()) })),
        })
    }

    /// Closes the log.
    ///
    /// # Errors
    /// [`FaultLogError`] with the first error of writing it.
    pub fn close(self) -> Result<(), FaultLogError> {
        let FaultLog { path, sink } = self;
        let mut sink = sink.borrow_mut();
        let result = std::mem::replace(&mut sink.result, Ok(()));
        let result = result.and_then(|()| sink.to.flush());
        result.map_err(|error| FaultLogError { path, error })
    }
}

impl Sink {
    fn write(&mut self, line: &dyn Display) {
        if self.result.is_ok() {
            self.result = writeln!(self.to, "{line}");
        }
    }
}

/// Passes each line of a machine's log to `take`, with names from the guest's files.
pub fn lines(detail: Detail, files: Programs, mut take: impl FnMut(&str) + 'static) -> Listener {
    let mut names = NameBook::new(files);
    Listener::new(detail, move |work, event| {
        names.note(event);
        if let Some(line) = text(work, event, detail, &mut names) {
            take(&line);
        }
    })
}

/// Returns the line of an event, if the log has one at this detail.
pub fn text(
    work: u64,
    event: &MachineEvent<'_>,
    detail: Detail,
    names: &mut NameBook,
) -> Option<String> {
    is_logged(event, detail).then(|| match event {
        MachineEvent::Memory(Event::Fault(fault)) => {
            let names = names.of_fault(fault);
            format!("{work:>10} {}", fault.named(&names))
        }
        _ => format!("{work:>10} {event}"),
    })
}

/// Whether an event is in the log at this detail.
fn is_logged(event: &MachineEvent<'_>, detail: Detail) -> bool {
    match event {
        MachineEvent::Memory(_) => true,
        MachineEvent::Started { .. } | MachineEvent::Ended { .. } => detail >= Detail::Evictions,
        _ => false,
    }
}
