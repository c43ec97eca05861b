//! A request of the grader to the machine program: one run of one program.
//!
//! # Invariants
//!
//! Parsing the arguments of a request gives the same request.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use glob::Pattern;

use crate::level::Level;
use crate::settings::Checks;
use crate::settings::Settings;

/// One run, as the options of `vmlab-machine run`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Request {
    /// The machine.
    #[command(flatten)]
    pub settings: Settings,

    /// Seed of everything random in the machine
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,

    /// The folder of the guest's files, created if needed
    #[arg(long, value_name = "DIR")]
    pub fs: PathBuf,

    /// Copy a file of the host, or a bundled one, to the guest's files first
    #[arg(long, value_name = "HOST[:GUEST]")]
    pub put: Vec<String>,

    /// Write the record of the run to this file: its last events, what killed processes, how the
    /// kernel failed
    #[arg(long, value_name = "FILE")]
    pub record: PathBuf,

    /// Count the events that match, for the record
    #[arg(long, value_name = "GLOB")]
    pub count_events: Vec<Pattern>,

    /// Compare the fault log with this snapshot, for the record
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,

    /// The level of that snapshot
    #[arg(long, value_name = "LEVEL", default_value = "faults")]
    pub snapshot_level: Level,

    /// The most seconds of CPU time between two entries into the kernel
    #[arg(long, value_name = "SECONDS")]
    pub time_limit: u32,

    /// The most bytes of address space that the process may have
    #[arg(long, value_name = "BYTES")]
    pub memory_limit: u64,

    /// Check the rules of the virtual memory after each event, or only the bytes of programs
    #[arg(long, value_name = "WHAT", num_args = 0..=1, require_equals = true,
          default_missing_value = "rules")]
    pub check: Option<Checks>,

    /// Refuse to run if the host cannot build all walls around the kernel
    #[arg(long)]
    pub require_sandbox: bool,

    /// The program, as for `vmlab run`
    #[arg(value_name = "PROGRAM")]
    pub program: String,

    /// Its arguments
    #[arg(value_name = "ARG")]
    pub args: Vec<String>,
}

impl Request {
    /// Returns the arguments of `vmlab-machine run` for this request.
    pub fn to_args(&self) -> Vec<OsString> {
        let settings = Settings {
            seed: self.seed,
            check: self.check.unwrap_or_default(),
            ..self.settings.clone()
        };
        let mut words: Vec<OsString> = settings.to_args().into_iter().map(OsString::from).collect();
        let mut add = |option: &str, value: OsString| {
            let mut word = OsString::from(format!("--{option}="));
            word.push(value);
            words.push(word);
        };
        add("fs", self.fs.clone().into());
        for put in &self.put {
            add("put", put.into());
        }
        add("record", self.record.clone().into());
        for pattern in &self.count_events {
            add("count-events", pattern.as_str().into());
        }
        if let Some(file) = &self.snapshot {
            add("snapshot", file.clone().into());
        }
        add("snapshot-level", self.snapshot_level.to_string().into());
        add("time-limit", self.time_limit.to_string().into());
        add("memory-limit", self.memory_limit.to_string().into());
        if self.require_sandbox {
            words.push("--require-sandbox".into());
        }
        words.push("--".into());
        words.push((&self.program).into());
        words.extend(self.args.iter().map(OsString::from));
        words
    }
}

#[cfg(test)]
mod tests {
    use clap::{Command, FromArgMatches};

    use super::*;

    fn read_back(request: &Request) -> Request {
        let command = Request::augment_args(Command::new("run"));
        let words = std::iter::once("run".into()).chain(request.to_args());
        let matches = command.try_get_matches_from(words).unwrap();
        let mut read = Request::from_arg_matches(&matches).unwrap();
        read.settings.seed = request.settings.seed;
        read
    }

    #[test]
    fn what_is_written_is_read_back_as_it_was() {
        let plain = Request {
            settings: Settings::default(),
            seed: None,
            fs: "/tmp/a folder/files".into(),
            put: Vec::new(),
            record: "box".into(),
            count_events: Vec::new(),
            snapshot: None,
            snapshot_level: Level::Faults,
            time_limit: 15,
            memory_limit: 1 << 40,
            check: None,
            require_sandbox: false,
            program: "page-linear".to_owned(),
            args: Vec::new(),
        };
        let full = Request {
            settings: Settings {
                frames: "64".parse().ok(),
                policy: "clock".parse().ok(),
                ..Settings::default()
            },
            seed: Some(7),
            put: vec!["-a:b".to_owned(), "c d".to_owned()],
            count_events: vec![
                Pattern::new("evict *").unwrap(),
                Pattern::new("--x").unwrap(),
            ],
            snapshot: Some("snapshot".into()),
            snapshot_level: Level::Entries,
            check: Some(Checks::Bytes),
            require_sandbox: true,
            program: "--strange".to_owned(),
            args: ["-x", "--", "--frames=8", ""].map(str::to_owned).to_vec(),
            ..plain.clone()
        };
        for request in [plain, full] {
            assert_eq!(read_back(&request), request);
        }
    }
}
