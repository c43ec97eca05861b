//! A slot allocator from outside the crate, compared with those of the crate: how far the arm of
//! the swap disk moves for the same process under each.
//!
//! ```sh
//! cargo run -p vm --example nearest
//! ```
//!
//! `allocator.rs` is the whole allocator; one line in [`main`] registers it.

mod allocator;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::fmt::Write;
use std::rc::Rc;

use kit::Machine;
use machine::addr::PAGE_SIZE;
use machine::disk::{BlockDevice, DiskError, MemoryDisk};
use vm::{SLOT_ALLOCATORS, SlotAllocatorKind, VmOptions};

const FRAMES: u32 = 8;
const SLOTS: u64 = 256;
const PAGES: u32 = 64;
const SECTORS_A_SLOT: u64 = 8;

fn main() {
    SLOT_ALLOCATORS.register(allocator::SLOT_ALLOCATOR);
    print!("{}", table(&SLOT_ALLOCATORS.all()));
}

/// Returns a table of the transfers, and the slots over which the arm moved, under each allocator.
fn table(kinds: &[SlotAllocatorKind]) -> String {
    let mut table = format!(
        "{:<16}{:>12}{:>12}\n",
        "allocator", "transfers", "moved over"
    );
    for kind in kinds {
        let Moves { transfers, slots } = moves(*kind);
        writeln!(table, "{:<16}{transfers:>12}{slots:>12}", kind.name).expect("a String takes all");
    }
    table
}

/// The movements of a disk's arm.
#[derive(Clone, Copy, Default)]
struct Moves {
    transfers: u64,
    /// Slots between the end of a transfer and the start of the next.
    slots: u64,
}

/// A disk that counts the movements of its arm.
struct WatchedDisk {
    disk: MemoryDisk,
    arm: u64,
    moves: Rc<Cell<Moves>>,
}

impl WatchedDisk {
    fn move_to(&mut self, sector: u64) {
        let slot = sector / SECTORS_A_SLOT;
        let Moves { transfers, slots } = self.moves.get();
        self.moves.set(Moves {
            transfers: transfers + 1,
            slots: slots + slot.abs_diff(self.arm),
        });
        self.arm = slot + 1;
    }
}

impl BlockDevice for WatchedDisk {
    fn sectors(&self) -> u64 {
        self.disk.sectors()
    }

    fn read(&mut self, sector: u64, to: &mut [u8]) -> Result<(), DiskError> {
        self.move_to(sector);
        self.disk.read(sector, to)
    }

    fn write(&mut self, sector: u64, from: &[u8]) -> Result<(), DiskError> {
        self.move_to(sector);
        self.disk.write(sector, from)
    }
}

/// Runs a process that stores to its pages in sequence, and then ten times to every fifth, third
/// and second of them. Returns the movements of the arm.
fn moves(kind: SlotAllocatorKind) -> Moves {
    let moves = Rc::new(Cell::new(Moves::default()));
    let disk = WatchedDisk {
        disk: MemoryDisk::new(SLOTS * SECTORS_A_SLOT),
        arm: 0,
        moves: Rc::clone(&moves),
    };
    let options = VmOptions {
        slot_allocator: kind,
        ..VmOptions::default()
    };
    let mut machine = Machine::with_swap(FRAMES, Box::new(disk), options);
    let start = 0x1000_0000;
    let space = machine.space();
    machine.zeros(space, start, PAGES);
    let mut held = [0; PAGES as usize];
    let rounds = (0..10).flat_map(|_| [5, 3, 2]);
    for (round, step) in (1..).zip([1].into_iter().chain(rounds)) {
        for page in (0..PAGES).step_by(step) {
            let addr = start + page * PAGE_SIZE;
            let byte = machine.load(space, addr).expect("it is mapped");
            assert_eq!(byte, held[page as usize], "page {page} lost its data");
            machine.store(space, addr, round).expect("it is mapped");
            held[page as usize] = round;
        }
    }
    machine.vm.check_invariants();
    moves.get()
}
