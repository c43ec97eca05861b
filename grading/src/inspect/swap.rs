//! The swap map: which slots are in use, and whose pages they hold.

use std::fmt::Write;

use serde::Serialize;
use userprog::Kernel;

use super::{PageOf, spaced, users};

/// The swap device.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Map {
    /// Slots in all.
    pub slots: u32,
    /// Slots that hold a content.
    pub in_use: u32,
    /// Those.
    pub used: Vec<Row>,
}

/// A slot in use.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Row {
    /// Its number.
    pub slot: u32,
    /// The pages that it holds.
    pub users: Vec<PageOf>,
}

/// The slots in use, in order.
pub fn map(kernel: &Kernel) -> Map {
    let swap = kernel.vm().swap();
    let row = |(slot, content): (vm::Slot, _)| Row {
        slot: slot.number(),
        users: users(kernel, kernel.vm().content(content).users()),
    };
    Map {
        slots: swap.slots(),
        in_use: swap.in_use(),
        used: swap.used().map(row).collect(),
    }
}

/// How full it is, and a line a slot in use.
pub fn render(kernel: &Kernel) -> String {
    let map = map(kernel);
    let mut text = format!("{} of {} slots in use\n", map.in_use, map.slots);
    if map.in_use > 0 {
        text.push_str("SLOT  USERS\n");
    }
    for Row { slot, users } in map.used {
        writeln!(text, "{slot:<5} {}", spaced(&users)).expect("writing to memory");
    }
    text
}
