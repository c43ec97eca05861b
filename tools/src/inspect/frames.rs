//! The frame table: what each frame holds, which pages map it, and its A and D bits.

use std::fmt::Write;

use machine::pte::{Pte, PteFlags};
use serde::Serialize;
use userprog::Kernel;
use vm::AliasPolicy;
use vm::view::FrameView;

use super::{PageOf, spaced, spt, users};

/// A frame in use.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Row {
    /// Its number.
    pub frame: u32,
    /// The kind of content it holds, as in `spt`.
    pub kind: String,
    /// The number of pins on it.
    pub pins: u32,
    /// Whether it counts as accessed: an entry that maps it, or mapped it, had the A bit set.
    pub accessed: bool,
    /// Whether it counts as dirty.
    pub dirty: bool,
    /// The A and D bits of the users' entries, of the kernel's alias, and those remembered of
    /// entries that are gone.
    pub bits: Bits,
    /// The guest work at which the disk will have filled it, if it is being filled.
    pub filled_at: Option<u64>,
    /// The pages that it holds.
    pub users: Vec<PageOf>,
}

/// The A and D bits of a frame, by where they are.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Bits {
    /// In the entries of its users.
    pub users: String,
    /// In the kernel's alias; empty if the frame has none or it is not used.
    pub alias: String,
    /// In entries that have been cleared since.
    pub remembered: String,
}

/// Returns the frames in use, in order.
pub fn rows(kernel: &Kernel) -> Vec<Row> {
    let vm = kernel.vm();
    let row = |view: FrameView| {
        let frame = view.frame;
        let entries = view.users.iter().map(|user| {
            let directory = vm.directory(user.space);
            vm.tables().entry(directory, user.page)
        });
        let all = entries.fold(Pte::EMPTY, |all, entry| all.with(entry.flags()));
        let alias = vm.tables().alias_entry(frame);
        let alias = alias.filter(|_| vm.alias_policy() == AliasPolicy::Sync);
        Row {
            frame: frame.number(),
            kind: spt::kind(view.held),
            pins: view.pins,
            accessed: vm.is_accessed(frame),
            dirty: vm.is_dirty(frame),
            bits: Bits {
                users: of_entry(all),
                alias: alias.map_or(String::new(), of_entry),
                remembered: letters(view.was_accessed, view.was_dirty),
            },
            filled_at: Some(view.ready_at).filter(|at| *at > vm.now()),
            users: users(kernel, &view.users),
        }
    };
    vm.frames_in_use().map(row).collect()
}

/// Returns the number of frames in use, and a line for each of them.
pub fn render(kernel: &Kernel) -> String {
    let usage = kernel.vm().usage();
    let mut text = format!(
        "{} of {} frames in use, from {} on\n\
         FRAME  CONTENT       PINS A/D ENTRIES ALIAS GONE USERS\n",
        usage.frames_in_use, usage.frames, usage.first,
    );
    for row in rows(kernel) {
        let Row {
            frame, kind, pins, ..
        } = &row;
        let Bits {
            users: entries,
            alias,
            remembered,
        } = &row.bits;
        let all = letters(row.accessed, row.dirty);
        let users = spaced(&row.users);
        let filling = row.filled_at;
        let filling = filling.map_or(String::new(), |at| format!(" (filled at work {at})"));
        writeln!(
            text,
            "{frame:<6} {kind:<13} {pins:>4} {all:<3} {entries:<7} {alias:<5} {remembered:<4} {users}{filling}"
        )
        .expect("writing to memory");
    }
    text
}

fn of_entry(entry: Pte) -> String {
    letters(entry.has(PteFlags::ACCESSED), entry.has(PteFlags::DIRTY))
}

/// Returns `AD`, with `-` for a bit that is not set.
fn letters(accessed: bool, dirty: bool) -> String {
    let letter = |is_set, letter| if is_set { letter } else { '-' };
    [letter(accessed, 'A'), letter(dirty, 'D')].iter().collect()
}
