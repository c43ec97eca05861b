//! A recording as JSON, for the page.
//!
//! The steps are one long list of numbers. Each step has its kind, the work since the previous
//! step, its number of changes of entries, the slot that they emptied, and its fields. `kinds` has
//! the name and the fields of each kind, and `text_fields` those that are numbers of texts; -1 is
//! "none".
//!
//! # Invariants
//!
//! The object describes its own format; equal recordings give equal bytes.

use std::collections::BTreeMap;

use machine::mmu::Ring;
use serde::Serialize;
use serde_json::{Map, Value};
use userprog::process::ExitStatus;
use userprog::{Origin, process::Pid};
use vm::event::{Eviction, Fate, Outcome, PagePlace, access_name};

use super::step::{Fault, What};
use super::{Recording, Text, Texts};
use driver::stats;

/// The number that means "none".
const NONE: i64 = -1;
/// The version of the format; it changes when the meaning of something changes.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Wire<'a> {
    version: u32,
    command_line: &'a str,
    first_frame: u32,
    frames: u32,
    slots: u32,
    disk_latency: u64,
    options: &'a [String],
    end: String,
    stats: Map<String, Value>,
    left_out: u64,
    kinds: Vec<Layout>,
    /// Fields that are numbers of texts.
    text_fields: &'static [&'static str],
    steps: Vec<i64>,
    /// Four numbers per change: process, page, old and new entry.
    entries: Vec<u32>,
    texts: &'a [String],
    /// The texts of sources, by the name at the start of a field `at`.
    sources: &'a BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Layout {
    name: &'static str,
    fields: Vec<&'static str>,
}

/// Fields that are numbers of texts.
const TEXT_FIELDS: &[&str] = &[
    "access",
    "area",
    "at",
    "by",
    "exception",
    "fate",
    "from",
    "name",
    "origin",
    "outcome",
    "place",
    "rights",
    "symbol",
    "why",
];

/// The kind of a step, and its fields.
struct Row {
    kind: &'static str,
    fields: Vec<(&'static str, i64)>,
}

/// Returns the recording as one JSON object.
pub fn json(recording: &Recording) -> String {
    let mut texts = recording.texts.clone();
    let mut kinds: Vec<Layout> = Vec::new();
    let mut steps = Vec::new();
    let mut before = 0;
    for (step, changes) in recording.iter() {
        let row = row(&step.what, &mut texts);
        let known = kinds.iter().position(|kind| kind.name == row.kind);
        let kind = known.unwrap_or_else(|| {
            kinds.push(Layout {
                name: row.kind,
                fields: row.fields.iter().map(|(name, _)| *name).collect(),
            });
            kinds.len() - 1
        });
        let since = step.work.wrapping_sub(before) as i64;
        before = step.work;
        let emptied = step.emptied.map_or(NONE, |slot| slot.number().into());
        steps.extend([kind as i64, since, changes.len() as i64, emptied]);
        steps.extend(row.fields.iter().map(|(_, value)| *value));
    }
    let entry = |change: &super::step::EntryChange| {
        let (old, new) = (change.old.bits(), change.new.bits());
        [change.owner.0, change.page.number(), old, new]
    };
    let machine = &recording.machine;
    let wire = Wire {
        version: VERSION,
        command_line: &recording.command_line,
        first_frame: machine.first_frame,
        frames: machine.frames,
        slots: machine.slots,
        disk_latency: machine.disk_latency,
        options: &machine.options,
        end: stats::end_in_words(&recording.report.end),
        stats: stats::object(&recording.report),
        left_out: recording.left_out,
        kinds,
        text_fields: TEXT_FIELDS,
        steps,
        entries: recording.entries.iter().flat_map(entry).collect(),
        texts: texts.all(),
        sources: &recording.sources,
    };
    serde_json::to_string(&wire).expect("numbers and texts")
}

fn row(what: &What, texts: &mut Texts) -> Row {
    let mut text = |text: &str| number(Some(texts.number(text)));
    let (kind, fields) = match what {
        What::Entries => ("entries", vec![]),
        What::Fault(fault) => ("fault", fault_fields(fault, text)),
        What::Refused {
            owner,
            addr,
            access,
            why,
        } => (
            "refused",
            vec![
                ("pid", owner.0.into()),
                ("addr", addr.0.into()),
                ("access", text(access_name(*access))),
                ("why", number(Some(*why))),
            ],
        ),
        What::Evicted(eviction) => ("evict", eviction_fields(eviction, text)),
        What::PageOutFailed { frame } => {
            ("page-out-failed", vec![("frame", frame.number().into())])
        }
        What::WrittenBack { frame, file, page } => (
            "write-back",
            vec![
                ("frame", frame.number().into()),
                ("file", file.0 as i64),
                ("file_page", (*page).into()),
            ],
        ),
        What::WriteBackFailed { file, page } => (
            "write-back-failed",
            vec![("file", file.0 as i64), ("file_page", (*page).into())],
        ),
        What::FrameFreed { frame } => ("free-frame", vec![("frame", frame.number().into())]),
        What::SlotFreed { slot } => ("free-slot", vec![("slot", slot.number().into())]),
        What::Mapped {
            owner,
            start,
            end,
            area,
            rights,
            from,
        } => (
            "map",
            vec![
                ("pid", owner.0.into()),
                ("start", start.number().into()),
                ("end", end.number().into()),
                ("area", number(Some(*area))),
                ("rights", number(Some(*rights))),
                ("from", number(Some(*from))),
            ],
        ),
        What::Unmapped { owner, start, end } => (
            "unmap",
            vec![
                ("pid", owner.0.into()),
                ("start", start.number().into()),
                ("end", end.number().into()),
            ],
        ),
        What::Started {
            pid,
            parent,
            name,
            origin,
        } => (
            "start",
            vec![
                ("pid", pid.0.into()),
                ("parent", parent.map_or(NONE, |Pid(parent)| parent.into())),
                ("name", number(Some(*name))),
                ("origin", text(origin_name(*origin))),
            ],
        ),
        What::Running { pid } => ("run", vec![("pid", pid.0.into())]),
        What::Called { pid, name } => (
            "call",
            vec![("pid", pid.0.into()), ("name", number(Some(*name)))],
        ),
        What::Died {
            pid,
            exception,
            eip,
            at,
        } => (
            "die",
            vec![
                ("pid", pid.0.into()),
                ("exception", number(Some(*exception))),
                ("eip", eip.0.into()),
                ("at", number(*at)),
            ],
        ),
        What::Ended { pid, status } => (
            "end",
            vec![
                ("pid", pid.0.into()),
                ("status", status.code().into()),
                (
                    "killed",
                    i64::from(!matches!(status, ExitStatus::Exited(_))),
                ),
            ],
        ),
    };
    Row { kind, fields }
}

fn fault_fields(fault: &Fault, mut text: impl FnMut(&str) -> i64) -> Vec<(&'static str, i64)> {
    let Did {
        frame,
        first,
        slot,
        file,
        offset,
    } = Did::of(fault.outcome);
    let (place, place_number) = match fault.before.place {
        PagePlace::Unmapped => ("unmapped", NONE),
        PagePlace::Untouched => ("untouched", NONE),
        PagePlace::Slot(slot) => ("slot", slot.number().into()),
        PagePlace::Frame(frame) => ("frame", frame.number().into()),
    };
    let why = match fault.outcome {
        Outcome::Killed(kill) => text(&kill.to_string()),
        _ => NONE,
    };
    let area = fault.before.area.map(|area| area.to_string());
    vec![
        ("pid", fault.owner.0.into()),
        ("eip", fault.eip.0.into()),
        ("at", number(fault.at)),
        ("addr", fault.addr.0.into()),
        ("symbol", number(fault.symbol)),
        ("access", text(access_name(fault.access))),
        ("by", text(ring_name(fault.ring))),
        ("error", fault.code.bits().into()),
        ("area", area.map_or(NONE, |area| text(&area))),
        ("rights", text(&fault.before.rights.to_string())),
        ("place", text(place)),
        ("place_number", place_number),
        ("outcome", text(outcome_name(fault.outcome))),
        ("frame", frame),
        ("first", first),
        ("slot", slot),
        ("file", file),
        ("offset", offset),
        ("why", why),
    ]
}

/// An outcome as numbers.
struct Did {
    frame: i64,
    /// The frame that a page was swapped in to before it was copied.
    first: i64,
    slot: i64,
    file: i64,
    offset: i64,
}

impl Did {
    fn of(outcome: Outcome) -> Did {
        let mut did = Did {
            frame: outcome.frame().map_or(NONE, |frame| frame.number().into()),
            first: NONE,
            slot: NONE,
            file: NONE,
            offset: NONE,
        };
        match outcome {
            Outcome::SwappedIn(_, slot) => did.slot = slot.number().into(),
            Outcome::SwappedInAndCopied(first, slot, _) => {
                did.first = first.number().into();
                did.slot = slot.number().into();
            }
            Outcome::FileRead(_, file, offset) => {
                did.file = file.0 as i64;
                did.offset = offset as i64;
            }
            _ => {}
        }
        did
    }
}

fn eviction_fields(
    eviction: &Eviction,
    mut text: impl FnMut(&str) -> i64,
) -> Vec<(&'static str, i64)> {
    let (fate, slot, file) = match eviction.fate {
        Fate::Dropped => ("dropped", NONE, NONE),
        Fate::SwappedOut(slot) => ("swap-out", slot.number().into(), NONE),
        Fate::StillInSwap(slot) => ("swap-cached", slot.number().into(), NONE),
        Fate::WrittenBack(file) => ("write-back", NONE, file.0 as i64),
    };
    vec![
        ("pid", eviction.owner.0.into()),
        ("page", eviction.page.number().into()),
        ("frame", eviction.frame.number().into()),
        ("fate", text(fate)),
        ("slot", slot),
        ("file", file),
    ]
}

/// Returns the name of an outcome.
pub fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::ZeroFilled(_) => "zero-fill",
        Outcome::StackGrown(_) => "grow-stack",
        Outcome::FileRead(..) => "file-read",
        Outcome::Shared(_) => "share",
        Outcome::SwappedIn(..) => "swap-in",
        Outcome::SwappedInAndCopied(..) => "swap-in, copy",
        Outcome::Copied(_) => "copy",
        Outcome::Claimed(_) => "claim",
        Outcome::Upgraded(_) => "upgrade",
        Outcome::Waited => "wait",
        Outcome::Killed(_) => "killed",
    }
}

fn ring_name(ring: Ring) -> &'static str {
    match ring {
        Ring::User => "user",
        Ring::Kernel => "kernel",
    }
}

fn origin_name(origin: Origin) -> &'static str {
    match origin {
        Origin::Exec => "exec",
        Origin::Fork => "fork",
    }
}

fn number(text: Option<Text>) -> i64 {
    text.map_or(NONE, |text| text.0.into())
}
