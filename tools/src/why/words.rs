//! Wording of what happens to a page.

use machine::mmu::Ring;
use vm::event::{Area, Fate, Fault, Outcome, access_name};
use vm::{Backing, Region, Sharing};

use super::track::Whereabouts;
use driver::names::NameBook;

/// Describes a page that a region covers.
pub(super) fn mapping(region: &Region, page: machine::addr::Page) -> String {
    let sharing = match region.sharing {
        Sharing::Private => "private",
        Sharing::Shared => "shared",
    };
    let from = match &region.backing {
        Backing::Zero => "zeros".to_owned(),
        Backing::File { file, first } => {
            let number = first + (page.number() - region.start.number());
            format!("page {number} of file {}", file.id())
        }
        Backing::Mixed { file, .. } => format!("parts of file {}", file.id()),
    };
    let area = Area::of(region);
    format!(
        "may be used: {area}, {} {sharing}, {from}",
        region.protection
    )
}

/// Describes an access: `write to 0x0804b004 (data+0x4) at hello.c:7 (main)`.
pub(super) fn access(fault: &Fault, names: &mut NameBook) -> String {
    let symbol = names.symbol(fault.owner, fault.addr.0);
    let symbol = symbol.map_or(String::new(), |symbol| format!(" ({symbol})"));
    let line = names.line(fault.owner, fault.eip.0);
    let line = line.map_or_else(|| format!("eip {}", fault.eip), |line| line.to_string());
    let by = match (fault.ring, fault.eip.0) {
        (Ring::User, _) => format!("at {line}"),
        (Ring::Kernel, 0) => "by the kernel, which loads the program".to_owned(),
        (Ring::Kernel, _) => format!("by the kernel, for a system call before {line}"),
    };
    let access = access_name(fault.access);
    format!("{access} of {}{symbol} {by}", fault.addr)
}

/// Describes the outcome of a fault.
pub(super) fn outcome(outcome: Outcome) -> String {
    match outcome {
        Outcome::ZeroFilled(frame) => format!("gets frame {frame}, filled with zeros"),
        Outcome::StackGrown(frame) => {
            format!("gets frame {frame}, filled with zeros: the stack has grown")
        }
        Outcome::FileRead(frame, file, offset) => {
            format!("is read from file {file} at byte {offset} into frame {frame}")
        }
        Outcome::Shared(frame) => format!("is found in frame {frame}, which others use"),
        Outcome::SwappedIn(frame, slot) => {
            format!("comes back from slot {slot} into frame {frame}")
        }
        Outcome::SwappedInAndCopied(frame, slot, copy) => format!(
            "comes back from slot {slot} into frame {frame}, and is copied to frame {copy} for \
             this process alone"
        ),
        Outcome::Copied(frame) => format!("is copied to frame {frame} for this process alone"),
        Outcome::Claimed(frame) => {
            format!("becomes the process's own in frame {frame}: nobody else uses it")
        }
        Outcome::Upgraded(frame) => {
            format!("stays in frame {frame}; its entry now allows the access")
        }
        Outcome::Waited => "has to wait: all frames are being filled by disks".to_owned(),
        Outcome::Killed(kill) => format!("is not brought in, the process is killed: {kill}"),
    }
}

/// Describes where an evicted page went.
pub(super) fn fate(fate: Fate) -> String {
    match fate {
        Fate::Dropped => "dropped, as it can be brought in again".to_owned(),
        Fate::SwappedOut(slot) => format!("written to slot {slot}"),
        Fate::StillInSwap(slot) => format!("not written, slot {slot} still has an up-to-date copy"),
        Fate::WrittenBack(file) => format!("written back to file {file}"),
    }
}

/// Describes where a page is.
pub(super) fn place(place: Whereabouts) -> String {
    match place {
        Whereabouts::Nowhere => "not touched yet".to_owned(),
        Whereabouts::Frame(frame) => format!("in frame {frame}"),
        Whereabouts::Slot(slot) => format!("in slot {slot}"),
    }
}
