//! A recording as JSON, for the page, written as the run goes on.
//!
//! The steps are one long list of numbers. Each step has its kind, the work since the previous
//! step, its number of changes of entries, the slot that they emptied, and its fields. `kinds` has
//! the name and the fields of each kind, and `text_fields` those that are numbers of texts; -1 is
//! "none". Changes of entries are a list of their own, four numbers each: process, page, old and new
//! entry.
//!
//! # Invariants
//!
//! The object describes its own format; equal recordings give equal bytes. Steps go to the output and
//! changes of entries to a second file, so that neither takes memory.

mod fields;

use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};

use serde::Serialize;

use super::step::{EntryChange, Step};
use super::{About, Ended, Sink, Texts};
use driver::stats;
use fields::{NONE, TEXT_FIELDS};

pub use fields::outcome_name;

/// The version of the format; it changes when the meaning of something changes.
const VERSION: u32 = 1;

/// What is known before the run; the object begins with it.
#[derive(Serialize)]
struct Head<'a> {
    version: u32,
    command_line: &'a str,
    first_frame: u32,
    frames: u32,
    slots: u32,
    disk_latency: u64,
    options: &'a [String],
    text_fields: &'static [&'static str],
}

#[derive(Serialize, Debug)]
struct Layout {
    name: &'static str,
    fields: Vec<&'static str>,
}

/// Writes one recording.
#[derive(Debug)]
pub struct Wire<W> {
    to: W,
    /// The changes of entries, until the steps are complete.
    entries: BufWriter<File>,
    kinds: Vec<Layout>,
    /// The work of the previous step.
    before: u64,
    steps_begun: bool,
    entries_begun: bool,
    /// Why nothing is written any more.
    failed: Option<io::Error>,
}

impl<W: Write> Wire<W> {
    /// Begins the object; `entries` is an empty file, to be read and written.
    ///
    /// # Errors
    /// Those of writing.
    pub fn start(mut to: W, entries: File, about: &About) -> io::Result<Wire<W>> {
        let machine = &about.machine;
        let head = serde_json::to_string(&Head {
            version: VERSION,
            command_line: &about.command_line,
            first_frame: machine.first_frame,
            frames: machine.frames,
            slots: machine.slots,
            disk_latency: machine.disk_latency,
            options: &machine.options,
            text_fields: TEXT_FIELDS,
        })?;
        // The object stays open.
        to.write_all(&head.as_bytes()[..head.len() - 1])?;
        to.write_all(b",\"steps\":[")?;
        Ok(Wire {
            to,
            entries: BufWriter::new(entries),
            kinds: Vec::new(),
            before: 0,
            steps_begun: false,
            entries_begun: false,
            failed: None,
        })
    }

    /// Ends the object.
    ///
    /// # Errors
    /// The first of all errors of writing since the start.
    pub fn finish(mut self, ended: &Ended) -> io::Result<W> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.to.write_all(b"],\"entries\":[")?;
        let mut entries = self.entries.into_inner()?;
        entries.rewind()?;
        io::copy(&mut entries, &mut self.to)?;
        self.to.write_all(b"]")?;
        let to = &mut self.to;
        field(to, "end", &stats::end_in_words(&ended.report.end))?;
        field(to, "stats", &stats::object(&ended.report))?;
        field(to, "left_out", &ended.left_out)?;
        field(to, "kinds", &self.kinds)?;
        field(to, "texts", ended.texts.all())?;
        // The texts of sources, by the name at the start of a field `at`.
        field(to, "sources", &ended.sources)?;
        to.write_all(b"}")?;
        Ok(self.to)
    }

    fn write(&mut self, step: &Step, changes: &[EntryChange], texts: &mut Texts) -> io::Result<()> {
        let row = fields::row(&step.what, texts);
        let known = self.kinds.iter().position(|kind| kind.name == row.kind);
        let kind = known.unwrap_or_else(|| {
            self.kinds.push(Layout {
                name: row.kind,
                fields: row.fields.iter().map(|(name, _)| *name).collect(),
            });
            self.kinds.len() - 1
        });
        let since = step.work.wrapping_sub(self.before) as i64;
        self.before = step.work;
        let emptied = step.emptied.map_or(NONE, |slot| slot.number().into());
        let head = [kind as i64, since, changes.len() as i64, emptied];
        let values = row.fields.iter().map(|(_, value)| *value);
        numbers(
            &mut self.to,
            &mut self.steps_begun,
            head.into_iter().chain(values),
        )?;
        let changed = changes.iter().flat_map(|change| {
            let (old, new) = (change.old.bits(), change.new.bits());
            [change.owner.0, change.page.number(), old, new].map(i64::from)
        });
        numbers(&mut self.entries, &mut self.entries_begun, changed)
    }
}

impl<W: Write> Sink for Wire<W> {
    fn take(&mut self, step: &Step, changes: &[EntryChange], texts: &mut Texts) {
        // A run cannot be stopped by its listener, so an error waits for the end.
        if self.failed.is_none() {
            self.failed = self.write(step, changes, texts).err();
        }
    }
}

/// Writes numbers of a list, with commas between all of them.
fn numbers(
    to: &mut impl Write,
    begun: &mut bool,
    numbers: impl Iterator<Item = i64>,
) -> io::Result<()> {
    for number in numbers {
        if std::mem::replace(begun, true) {
            to.write_all(b",")?;
        }
        write!(to, "{number}")?;
    }
    Ok(())
}

fn field(to: &mut impl Write, name: &str, value: &(impl Serialize + ?Sized)) -> io::Result<()> {
    write!(to, ",\"{name}\":")?;
    serde_json::to_writer(to, value)?;
    Ok(())
}
