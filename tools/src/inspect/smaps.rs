//! What the regions of an address space hold, in the format of Linux' `/proc/PID/smaps`.
//!
//! # Invariants
//!
//! A page counts as resident if its content is in a frame; as shared if other pages, of this or
//! another process, have that content too; as dirty if any entry of its frame has the D bit set.
//! The sum of Pss over all processes is the size of what they have in frames.

use std::fmt::Write;

use machine::addr::PAGE_SIZE;
use serde::Serialize;
use userprog::Kernel;
use userprog::process::Pid;
use vm::view::{Held, Place};
use vm::{Protection, Purpose, Region, SpaceId, Vm};

use super::{maps, nobody};

const PAGE_BYTES: u64 = PAGE_SIZE as u64;

/// A region and its figures, in bytes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Row {
    /// The region.
    #[serde(flatten)]
    pub region: maps::Row,
    /// Its figures.
    #[serde(flatten)]
    pub figures: Figures,
    /// `rd wr ex`: what is allowed; `sh`: shared; `gd`: the stack, which grows down.
    pub flags: String,
}

/// What a region holds, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are Linux'; proc(5) explains each")]
pub struct Figures {
    pub size: u64,
    pub rss: u64,
    pub pss: u64,
    pub shared_clean: u64,
    pub shared_dirty: u64,
    pub private_clean: u64,
    pub private_dirty: u64,
    pub referenced: u64,
    pub anonymous: u64,
    pub swap: u64,
}

/// Returns the regions of a process, in order; `None` if it does not exist.
pub fn rows(kernel: &Kernel, pid: Pid) -> Option<Vec<Row>> {
    let process = kernel.process(pid)?;
    let row = |region: &Region| Row {
        region: maps::Row::of(kernel, region),
        figures: figures(kernel.vm(), process.space, region),
        flags: flags(region),
    };
    Some(kernel.vm().regions(process.space).map(row).collect())
}

/// Returns the line of each region as in `maps`, followed by its figures.
pub fn render(kernel: &Kernel, pid: Pid) -> String {
    let Some(rows) = rows(kernel, pid) else {
        return nobody(pid);
    };
    let mut text = String::new();
    for row in rows {
        writeln!(text, "{}", row.region).expect("writing to memory");
        for (name, bytes) in row.figures.named() {
            let label = format!("{name}:");
            writeln!(text, "{label:<16}{:>8} kB", bytes / 1024).expect("writing to memory");
        }
        writeln!(text, "VmFlags: {}", row.flags).expect("writing to memory");
    }
    text
}

fn figures(vm: &Vm, space: SpaceId, region: &Region) -> Figures {
    let mut figures = Figures {
        size: u64::from(region.len()) * PAGE_BYTES,
        ..Figures::default()
    };
    let mut pss = Pss::default();
    for page in vm.pages_within(space, region.pages()) {
        let Place::Frame(frame) = page.place else {
            figures.swap += PAGE_BYTES;
            continue;
        };
        let users = page.users.len() as u64;
        figures.rss += PAGE_BYTES;
        pss.add(users);
        *match (users > 1, vm.is_dirty(frame)) {
            (true, false) => &mut figures.shared_clean,
            (true, true) => &mut figures.shared_dirty,
            (false, false) => &mut figures.private_clean,
            (false, true) => &mut figures.private_dirty,
        } += PAGE_BYTES;
        if vm.is_accessed(frame) {
            figures.referenced += PAGE_BYTES;
        }
        if matches!(page.held, Held::Private { .. }) {
            figures.anonymous += PAGE_BYTES;
        }
    }
    figures.pss = pss.bytes();
    figures
}

/// Shares of pages, summed in fixed point as Linux does, so that little is lost to rounding.
#[derive(Default)]
struct Pss(u64);

impl Pss {
    const FRACTION_BITS: u32 = 12;

    fn add(&mut self, users: u64) {
        self.0 += (PAGE_BYTES << Pss::FRACTION_BITS) / users;
    }

    fn bytes(&self) -> u64 {
        self.0 >> Pss::FRACTION_BITS
    }
}

fn flags(region: &Region) -> String {
    let may = |right| region.protection.contains(right);
    let flags = [
        (may(Protection::READ), "rd"),
        (may(Protection::WRITE), "wr"),
        (may(Protection::EXEC), "ex"),
        (region.is_shared_file(), "sh"),
        (region.purpose == Purpose::Stack, "gd"),
    ];
    let set = flags.iter().filter(|(is_set, _)| *is_set);
    let set: Vec<&str> = set.map(|(_, flag)| *flag).collect();
    set.join(" ")
}

impl Figures {
    fn named(&self) -> [(&'static str, u64); 10] {
        [
            ("Size", self.size),
            ("Rss", self.rss),
            ("Pss", self.pss),
            ("Shared_Clean", self.shared_clean),
            ("Shared_Dirty", self.shared_dirty),
            ("Private_Clean", self.private_clean),
            ("Private_Dirty", self.private_dirty),
            ("Referenced", self.referenced),
            ("Anonymous", self.anonymous),
            ("Swap", self.swap),
        ]
    }
}
