//! The regions of an address space, in the format of Linux' `/proc/PID/maps`.

use std::fmt;

use serde::Serialize;
use userprog::Kernel;
use userprog::process::Pid;
use vm::event::Area;
use vm::{Backing, Region, Sharing};

use super::{file_name, hex, nobody};

/// The position of the last column, as on Linux.
const NAME_COLUMN: usize = 73;

/// A region.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Row {
    /// Its first address.
    #[serde(serialize_with = "hex")]
    pub start: u32,
    /// The address after its last.
    #[serde(serialize_with = "hex")]
    pub end: u32,
    /// `rwx` with `-` for what is not allowed, and `p` or `s`: private or shared.
    pub rights: String,
    /// Its offset in its file, in bytes.
    pub offset: u64,
    /// The number of its file; 0 if it has none.
    pub file: u64,
    /// What it is: its file's name, or `[stack]`, `[bss]`, `[map:N]`.
    pub name: String,
}

/// Returns the regions of a process, in order; `None` if it does not exist.
pub fn rows(kernel: &Kernel, pid: Pid) -> Option<Vec<Row>> {
    let process = kernel.process(pid)?;
    let regions = kernel.vm().regions(process.space);
    Some(regions.map(|region| Row::of(kernel, region)).collect())
}

/// Returns one line per region.
pub fn render(kernel: &Kernel, pid: Pid) -> String {
    match rows(kernel, pid) {
        Some(rows) => rows.iter().map(|row| format!("{row}\n")).collect(),
        None => nobody(pid),
    }
}

impl Row {
    pub(super) fn of(kernel: &Kernel, region: &Region) -> Row {
        let sharing = match region.sharing {
            Sharing::Private => 'p',
            Sharing::Shared => 's',
        };
        let (file, offset) = match &region.backing {
            Backing::Zero => (None, 0),
            Backing::File { file, first } => (
                Some(file.id()),
                u64::from(*first) * u64::from(machine::addr::PAGE_SIZE),
            ),
            Backing::Mixed { file, pieces } => {
                let offset = pieces.iter().map(|piece| piece.offset).min();
                (Some(file.id()), offset.unwrap_or(0))
            }
        };
        Row {
            start: region.start.start().0,
            // The last region may end where the address space does.
            end: region.end.start().0,
            rights: format!("{}{sharing}", region.protection),
            offset,
            file: file.map_or(0, |file| file.0),
            name: match file {
                Some(file) => file_name(kernel, file),
                None => format!("[{}]", Area::of(region)),
            },
        }
    }
}

/// As on Linux: `08048000-08049000 r-xp 00000000 00:00 1`, and the name in a column of its own.
impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Row {
            start,
            end,
            rights,
            offset,
            file,
            name,
        } = self;
        let line = format!("{start:08x}-{end:08x} {rights} {offset:08x} 00:00 {file}");
        write!(f, "{line:<NAME_COLUMN$}{name}")
    }
}
