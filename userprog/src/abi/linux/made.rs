//! Files that the kernel makes itself: devices, and what `/proc` tells.
//!
//! # Invariants
//! A text is made when it is opened and does not change for who has it open.

use std::fmt::Write;

use machine::addr::PAGE_SIZE;
use vm::{Backing, Protection, Purpose, Region, Sharing};

use super::call::Call;
use super::descriptors::Object;
use super::paths::GuestPath;
use crate::service::Service;

/// The link that leads to the program of whoever asks.
pub(super) const PROGRAM_LINK: &[u8] = b"/proc/self/exe";

/// What a path stands for, if the kernel makes it.
pub(super) fn object(kernel: &mut Service<'_>, call: Call, path: &GuestPath) -> Option<Object> {
    Some(match &path.absolute()[..] {
        b"/dev/null" => Object::Null,
        b"/dev/zero" => Object::Zero,
        b"/dev/random" | b"/dev/urandom" => Object::Random,
        b"/dev/tty" | b"/dev/console" | b"/dev/stdin" | b"/dev/stdout" | b"/dev/stderr" => {
            Object::Console
        }
        b"/proc/self/maps" => text(maps(kernel, call)),
        b"/proc/meminfo" => text(meminfo(kernel)),
        _ => return None,
    })
}

/// Whether the kernel makes what has this path, and a device at that.
pub(super) fn kind(path: &GuestPath) -> Option<Made> {
    match &path.absolute()[..] {
        b"/dev/null" => Some(Made::Device { major: 1, minor: 3 }),
        b"/dev/zero" => Some(Made::Device { major: 1, minor: 5 }),
        b"/dev/random" => Some(Made::Device { major: 1, minor: 8 }),
        b"/dev/urandom" => Some(Made::Device { major: 1, minor: 9 }),
        b"/dev/tty" | b"/dev/console" | b"/dev/stdin" | b"/dev/stdout" | b"/dev/stderr" => {
            Some(Made::Device { major: 5, minor: 1 })
        }
        b"/proc/self/maps" | b"/proc/meminfo" => Some(Made::Text),
        _ => None,
    }
}

/// What the kernel makes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Made {
    Device { major: u32, minor: u32 },
    Text,
}

fn text(text: String) -> Object {
    Object::Text(text.into_bytes().into())
}

/// A line for each region, as Linux has them.
fn maps(kernel: &Service<'_>, call: Call) -> String {
    let program = kernel.linux_of(call.pid()).program.absolute();
    let program = String::from_utf8_lossy(&program).into_owned();
    let heap = kernel.linux_of(call.pid()).heap;
    let mut text = String::new();
    for region in kernel.vm.regions(call.caller.space) {
        let (start, end) = (region.start.start().0, region.end.start().0);
        let right = |right, letter| match region.protection.contains(right) {
            true => letter,
            false => '-',
        };
        let sharing = match region.sharing {
            Sharing::Shared => 's',
            Sharing::Private => 'p',
        };
        let (offset, inode) = file_of(region);
        let name = match region.purpose {
            Purpose::Stack => "[stack]",
            // The heap goes on where .bss ends, and both are one region.
            Purpose::Data if inode == 0 && end > heap.start => "[heap]",
            Purpose::Code | Purpose::Data if inode != 0 => &program,
            _ => "",
        };
        let line = format!(
            "{start:08x}-{end:08x} {}{}{}{sharing} {offset:08x} 00:01 {inode} ",
            right(Protection::READ, 'r'),
            right(Protection::WRITE, 'w'),
            right(Protection::EXEC, 'x'),
        );
        let width = if name.is_empty() { 0 } else { 73 };
        writeln!(text, "{line:width$}{name}").expect("memory takes all that is written to it");
    }
    text
}

/// Where in which file a region begins; zeros if it is of none.
fn file_of(region: &Region) -> (u64, u64) {
    match &region.backing {
        Backing::Zero => (0, 0),
        Backing::File { file, first } => (u64::from(*first) * u64::from(PAGE_SIZE), file.id().0),
        Backing::Mixed { file, pieces } => {
            let first = pieces.first().map_or(0, |piece| piece.offset);
            (first - first % u64::from(PAGE_SIZE), file.id().0)
        }
    }
}

fn meminfo(kernel: &Service<'_>) -> String {
    let usage = kernel.vm.usage();
    let kib = |pages: u32| u64::from(pages) * u64::from(PAGE_SIZE) / 1024;
    let lines = [
        ("MemTotal", kib(usage.frames)),
        ("MemFree", kib(usage.frames - usage.frames_in_use)),
        ("MemAvailable", kib(usage.frames - usage.frames_in_use)),
        ("Buffers", 0),
        ("Cached", 0),
        ("SwapTotal", kib(usage.slots)),
        ("SwapFree", kib(usage.slots - usage.slots_in_use)),
    ];
    let mut text = String::new();
    for (name, kib) in lines {
        writeln!(text, "{:16}{kib:8} kB", format!("{name}:"))
            .expect("memory takes all that is written to it");
    }
    text
}
