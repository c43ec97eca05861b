//! The text of events: one line each, for people and for programs.
//!
//! # Invariants
//!
//! A line is the event's name and fields `key=value`, in a fixed order and without a space in a
//! value. A fault's outcome, with its own fields, comes after `: `. `docs/lab.md` has the grammar.

use std::fmt;

use machine::mmu::{Access, Ring};
use machine::pte::{Pte, PteFlags};

use crate::observe::event::{Area, Event, Eviction, Fate, Fault, Outcome, PagePlace, PageState};
use crate::space::region::{Backing, Purpose, Region, Sharing};

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Fault(fault) => fault.fmt(f),
            Event::Refused {
                owner,
                addr,
                access,
                state,
                why,
            } => {
                let access = access_name(*access);
                write!(
                    f,
                    "refused pid={} addr={addr} access={access} {state}: {why}",
                    owner.0
                )
            }
            Event::Evicted(eviction) => write!(f, "evict {eviction}"),
            Event::PageOutFailed { frame } => write!(f, "page-out-failed frame={frame}"),
            Event::WrittenBack { frame, file, page } => {
                write!(f, "write-back frame={frame} file={file} page={page}")
            }
            Event::WriteBackFailed { file, page } => {
                write!(f, "write-back-failed file={file} page={page}")
            }
            Event::FrameFreed { frame } => write!(f, "free frame={frame}"),
            Event::SlotFreed { slot } => write!(f, "free slot={slot}"),
            Event::Mapped { owner, region } => {
                write!(f, "map pid={} {}", owner.0, RegionText(region))
            }
            Event::Unmapped { owner, start, end } => {
                let (start, end) = (start.start(), end.start());
                write!(f, "unmap pid={} pages={start}-{end}", owner.0)
            }
            Event::Entry {
                owner,
                page,
                old,
                new,
            } => {
                let (old, new) = (EntryText(*old), EntryText(*new));
                write!(
                    f,
                    "pte pid={} page={} old={old} new={new}",
                    owner.0,
                    page.start()
                )
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.named(&Names::default()).fmt(f)
    }
}

/// Optional fields of a fault's line, from a caller that knows the program. No value contains a
/// space.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Names {
    /// The process's name.
    pub process: Option<String>,
    /// The source line of the instruction: `FILE:LINE:FUNCTION`.
    pub source: Option<String>,
    /// The symbol at the faulting address: `SYMBOL+OFFSET`.
    pub symbol: Option<String>,
}

impl Fault {
    /// Returns the fault's line with these names in it.
    #[must_use]
    pub fn named<'a>(&'a self, names: &'a Names) -> impl fmt::Display + 'a {
        NamedFault { fault: self, names }
    }
}

struct NamedFault<'a> {
    fault: &'a Fault,
    names: &'a Names,
}

impl fmt::Display for NamedFault<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NamedFault { fault, names } = self;
        let optional = |f: &mut fmt::Formatter<'_>, key, value: &Option<String>| match value {
            Some(value) => write!(f, " {key}={value}"),
            None => Ok(()),
        };
        write!(f, "fault n={} pid={}", fault.number, fault.owner.0)?;
        optional(f, "name", &names.process)?;
        write!(f, " eip={}", fault.eip)?;
        optional(f, "at", &names.source)?;
        write!(f, " addr={}", fault.addr)?;
        optional(f, "symbol", &names.symbol)?;
        let access = access_name(fault.access);
        let by = match fault.ring {
            Ring::User => "user",
            Ring::Kernel => "kernel",
        };
        let error = fault.code.bits();
        write!(f, " access={access} by={by} error={error}")?;
        if fault.before.area == Some(Area::Stack) {
            write!(f, " esp={}", fault.esp)?;
        }
        write!(f, " {}: {}", fault.before, fault.outcome)?;
        for eviction in &fault.displaced {
            write!(f, ", evict {eviction}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Eviction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Eviction {
            frame,
            owner,
            page,
            fate,
        } = self;
        write!(
            f,
            "frame={frame} pid={} page={}: {fate}",
            owner.0,
            page.start()
        )
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Area::Code => f.write_str("code"),
            Area::Data => f.write_str("data"),
            Area::Bss => f.write_str("bss"),
            Area::Stack => f.write_str("stack"),
            Area::Mapping(number) => write!(f, "map:{number}"),
        }
    }
}

impl fmt::Display for PageState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(area) = self.area {
            write!(f, "area={area} rights={} ", self.rights)?;
        }
        write!(f, "page={}", self.place)
    }
}

impl fmt::Display for PagePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PagePlace::Unmapped => f.write_str("unmapped"),
            PagePlace::Untouched => f.write_str("untouched"),
            PagePlace::Slot(slot) => write!(f, "slot:{slot}"),
            PagePlace::Frame(frame) => write!(f, "frame:{frame}"),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::ZeroFilled(frame) => write!(f, "zero-fill frame={frame}"),
            Outcome::StackGrown(frame) => write!(f, "grow-stack frame={frame}"),
            Outcome::FileRead(frame, file, offset) => {
                write!(f, "file-read file={file} offset={offset} frame={frame}")
            }
            Outcome::Shared(frame) => write!(f, "share frame={frame}"),
            Outcome::SwappedIn(frame, slot) => write!(f, "swap-in slot={slot} frame={frame}"),
            Outcome::SwappedInAndCopied(frame, slot, copy) => {
                write!(f, "swap-in slot={slot} frame={frame}, copy frame={copy}")
            }
            Outcome::Copied(frame) => write!(f, "copy frame={frame}"),
            Outcome::Claimed(frame) => write!(f, "claim frame={frame}"),
            Outcome::Upgraded(frame) => write!(f, "upgrade frame={frame}"),
            Outcome::Waited => write!(f, "wait"),
            Outcome::Killed(kill) => write!(f, "killed: {kill}"),
        }
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fate::Dropped => write!(f, "dropped"),
            Fate::SwappedOut(slot) => write!(f, "swap-out slot={slot}"),
            Fate::StillInSwap(slot) => write!(f, "swap-cached slot={slot}"),
            Fate::WrittenBack(file) => write!(f, "write-back file={file}"),
        }
    }
}

/// Returns `read`, `write` or `fetch`.
#[must_use]
pub fn access_name(access: Access) -> &'static str {
    match access {
        Access::Read => "read",
        Access::Write => "write",
        Access::Fetch => "fetch",
    }
}

/// `pages=START-END area=AREA rights=rw-p from=SOURCE`.
struct RegionText<'a>(&'a Region);

impl fmt::Display for RegionText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let region = self.0;
        write!(
            f,
            "pages={}-{} area={} rights={} from={}",
            region.start.start(),
            region.end.start(),
            Area::of(region),
            RightsText(region),
            SourceText(region)
        )
    }
}

/// What a program may do in a region, and `s` for a mapping whose stores reach the file, else `p`:
/// `rw-p`.
#[derive(Debug)]
pub struct RightsText<'a>(pub &'a Region);

impl fmt::Display for RightsText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shared = match self.0.sharing {
            Sharing::Shared => 's',
            Sharing::Private => 'p',
        };
        write!(f, "{}{shared}", self.0.protection)
    }
}

/// Where the pages of a region come from: `zero`, `FILE:PAGE`, or `FILE:mixed`.
#[derive(Debug)]
pub struct SourceText<'a>(pub &'a Region);

impl fmt::Display for SourceText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.backing {
            Backing::Zero => f.write_str("zero"),
            Backing::File { file, first } => write!(f, "{}:{first}", file.id()),
            Backing::Mixed { file, .. } => write!(f, "{}:mixed", file.id()),
        }
    }
}

impl Area {
    /// Returns the name that the log uses for a region.
    #[must_use]
    pub fn of(region: &Region) -> Area {
        match (region.purpose, &region.backing) {
            (Purpose::Code, _) => Area::Code,
            (Purpose::Data, Backing::Zero) => Area::Bss,
            (Purpose::Data, _) => Area::Data,
            (Purpose::Stack, _) => Area::Stack,
            (Purpose::Mapping(id), _) => Area::Mapping(id.0),
        }
    }
}

/// `-` for an entry that is not present, else its frame and flags: `8213:wad`, with `-` for a
/// flag that is not set.
#[derive(Debug)]
pub struct EntryText(pub Pte);

impl fmt::Display for EntryText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entry = self.0;
        if !entry.is_present() {
            return f.write_str("-");
        }
        let flag = |flag, letter| if entry.has(flag) { letter } else { '-' };
        write!(
            f,
            "{}:{}{}{}",
            entry.frame(),
            flag(PteFlags::WRITABLE, 'w'),
            flag(PteFlags::ACCESSED, 'a'),
            flag(PteFlags::DIRTY, 'd')
        )
    }
}
