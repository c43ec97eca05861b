//! The frame table: what each frame holds, who uses it, and what is known of that use.

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
    /// What kind of content it holds, as in `spt`.
    pub kind: String,
    /// How many pins hold it in its place.
    pub pins: u32,
    /// Whether it counts as accessed: some entry that maps it, or mapped it, says so.
    pub accessed: bool,
    /// Whether it counts as dirty.
    pub dirty: bool,
    /// A and D of the users' entries, those of the kernel's alias, and what is remembered of
    /// entries that are gone: `A`, `D` or both each.
    pub bits: Bits,
    /// The guest work at which the disk has filled it, if that is still to come.
    pub filled_at: Option<u64>,
    /// The pages that it holds.
    pub users: Vec<PageOf>,
}

/// Where the A and D bits of a frame stand.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Bits {
    /// In the entries of its users.
    pub users: String,
    /// In the kernel's alias; empty where the frame has none or it is not used.
    pub alias: String,
    /// In entries that have been cleared since.
    pub remembered: String,
}

/// The frames in use, in order.
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

/// How full the table is, and a line a frame in use.
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

/// `AD`, with `-` for what is not set.
fn letters(accessed: bool, dirty: bool) -> String {
    let letter = |is_set, letter| if is_set { letter } else { '-' };
    [letter(accessed, 'A'), letter(dirty, 'D')].iter().collect()
}
