//! The swap map: which slots are in use, whose pages they hold, and which have copies of pages that
//! are in frames.

use std::fmt::Write;

use serde::Serialize;
use userprog::Kernel;
use vm::view::SlotView;

use super::{PageOf, spaced, users};

/// The swap device.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Map {
    /// The number of slots.
    pub slots: u32,
    /// The number of slots in use.
    pub in_use: u32,
    /// The slots in use.
    pub used: Vec<Row>,
    /// The swap cache: slots that have a copy of a page in a frame, and count as free.
    pub cached: Vec<Copy>,
}

/// A slot with a copy of a page in a frame.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Copy {
    /// Its number.
    pub slot: u32,
    /// The frame.
    pub frame: u32,
    /// Whether the page was stored to since, so that the copy is stale.
    pub is_old: bool,
}

/// A slot in use.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Row {
    /// Its number.
    pub slot: u32,
    /// The pages that it holds.
    pub users: Vec<PageOf>,
}

/// Returns the slots in use, in order.
pub fn map(kernel: &Kernel) -> Map {
    let vm = kernel.vm();
    let usage = vm.usage();
    let row = |view: SlotView| Row {
        slot: view.slot.number(),
        users: users(kernel, &view.users),
    };
    let copies = vm.copies().map(|copy| Copy {
        slot: copy.slot.number(),
        frame: copy.frame.number(),
        is_old: vm.is_dirty(copy.frame),
    });
    let mut cached: Vec<Copy> = copies.collect();
    cached.sort_by_key(|copy| copy.slot);
    Map {
        slots: usage.slots,
        in_use: usage.slots_in_use,
        used: vm.slots_in_use().map(row).collect(),
        cached,
    }
}

/// Returns the number of slots in use, and a line for each of them.
pub fn render(kernel: &Kernel) -> String {
    let map = map(kernel);
    let mut text = format!("{} of {} slots in use\n", map.in_use, map.slots);
    if map.in_use > 0 {
        text.push_str("SLOT  USERS\n");
    }
    for Row { slot, users } in map.used {
        writeln!(text, "{slot:<5} {}", spaced(&users)).expect("writing to memory");
    }
    if !map.cached.is_empty() {
        text.push_str("SLOT  A COPY OF\n");
    }
    for Copy {
        slot,
        frame,
        is_old,
    } in map.cached
    {
        let age = if is_old { ", old" } else { "" };
        writeln!(text, "{slot:<5} frame {frame}{age}").expect("writing to memory");
    }
    text
}
