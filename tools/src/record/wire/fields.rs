//! The fields of each kind of step, as numbers.
//!
//! # Invariants
//!
//! All steps of a kind have the same fields, in the same order.

use machine::mmu::Ring;
use userprog::process::ExitStatus;
use userprog::{Origin, process::Pid};
use vm::event::{Eviction, Fate, Outcome, PagePlace, access_name};

use crate::record::step::{Fault, What};
use crate::record::{Text, Texts};

/// The number that means "none".
pub(super) const NONE: i64 = -1;

/// Fields that are numbers of texts.
pub(super) const TEXT_FIELDS: &[&str] = &[
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
pub(super) struct Row {
    pub(super) kind: &'static str,
    pub(super) fields: Vec<(&'static str, i64)>,
}

/// Returns the kind and the fields of a step; texts that are new get a number.
pub(super) fn row(what: &What, texts: &mut Texts) -> Row {
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
#[must_use]
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
        Origin::Clone => "clone",
    }
}

fn number(text: Option<Text>) -> i64 {
    text.map_or(NONE, |text| text.0.into())
}
