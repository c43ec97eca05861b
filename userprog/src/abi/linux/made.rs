//! Files that the kernel makes itself: devices, and what `/proc` tells.
//!
//! # Invariants
//! A text is made when it is opened and does not change for who has it open.

use std::fmt::Write;

use machine::addr::{KERNEL_PAGE, PAGE_SIZE, Page};
use vm::{Backing, FileId, Protection, Purpose, Region, Sharing, User};

use super::call::Call;
use super::descriptors::Object;
use super::paths::GuestPath;
use crate::process::Pid;
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
        b"/proc/self/pagemap" => Object::PageMap(kernel.processes.leader(call.pid())),
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
        b"/proc/self/maps" => Some(Made::Text { number: 1 }),
        b"/proc/meminfo" => Some(Made::Text { number: 2 }),
        b"/proc/self/pagemap" => Some(Made::Text { number: 3 }),
        _ => None,
    }
}

/// Whether a path is that of a directory of which the kernel makes what is in it.
pub(super) fn is_above(path: &GuestPath) -> bool {
    matches!(&path.absolute()[..], b"/dev" | b"/proc" | b"/proc/self")
}

/// What the kernel makes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Made {
    Device { major: u32, minor: u32 },
    Text { number: u32 },
}

impl Made {
    /// Its number among all files, which is no other one's: programs compare what they have open with
    /// `/dev/null` by it.
    pub(super) fn number(self) -> u64 {
        const FIRST: u64 = 0x8000_0000;
        match self {
            Made::Text { number } => FIRST + u64::from(number),
            Made::Device { major, minor } => FIRST + u64::from(major << 16 | minor << 4),
        }
    }
}

/// Bytes of `/proc/self/pagemap` from this position on: 8 for each page of user space.
pub(super) fn read_pagemap(kernel: &Service<'_>, pid: Pid, position: u64, to: &mut [u8]) -> usize {
    const ENTRY: u64 = 8;
    let Some(process) = kernel.processes.find(pid) else {
        return 0;
    };
    let space = process.space;
    let mut done = 0;
    while done < to.len() {
        let at = position.saturating_add(done as u64);
        let (number, from) = (at / ENTRY, (at % ENTRY) as usize);
        if number >= u64::from(KERNEL_PAGE.number()) {
            break;
        }
        let page = Page::new(number as u32);
        let entry = kernel.vm.pagemap(User { space, page }).to_le_bytes();
        let bytes = (to.len() - done).min(entry.len() - from);
        to[done..done + bytes].copy_from_slice(&entry[from..from + bytes]);
        done += bytes;
    }
    done
}

fn text(text: String) -> Object {
    Object::Text(text.into_bytes().into())
}

/// A line for each region, as Linux has them.
fn maps(kernel: &Service<'_>, call: Call) -> String {
    let heap = kernel.group_of(call.pid()).heap();
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
        let (offset, file) = file_of(region);
        let inode = file.map_or(0, |file| file.0);
        let name = match (region.purpose, file) {
            (Purpose::Stack, _) => "[stack]".to_owned(),
            // The heap goes on where .bss ends, and both are one region.
            (Purpose::Data, None) if end > heap.start => "[heap]".to_owned(),
            (_, Some(file)) => path_of(kernel, file),
            _ => String::new(),
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

/// The path of a file, as far as it has one; "(deleted)" if it has none any more, as in Linux.
fn path_of(kernel: &Service<'_>, file: FileId) -> String {
    match kernel.files.name_of(file) {
        Some(name) => format!("/{}", String::from_utf8_lossy(name.as_bytes())),
        None => " (deleted)".to_owned(),
    }
}

/// Where in which file a region begins, if it is of one.
fn file_of(region: &Region) -> (u64, Option<FileId>) {
    match &region.backing {
        Backing::Zero => (0, None),
        Backing::File { file, first } => {
            let offset = u64::from(*first) * u64::from(PAGE_SIZE);
            (offset, Some(file.id()))
        }
        Backing::Mixed { file, pieces } => {
            let first = pieces.first().map_or(0, |piece| piece.offset);
            (first - first % u64::from(PAGE_SIZE), Some(file.id()))
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
