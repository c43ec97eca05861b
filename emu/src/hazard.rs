//! Instructions that the emulator must never translate, because its translator aborts the host's
//! process at them: `bt`, `bts`, `btr` and `btc` with a LOCK prefix and a register as their first
//! operand. On hardware they are invalid (#UD).
//!
//! What always holds: before a page's code can be translated, [`Hazards::inspect`] has seen it,
//! and the emulator has been told to stop at each address from which such an instruction could
//! be decoded. Whoever finds it stopped for no other reason asks [`is_hazard`]. Where a program
//! can store into its own code, a store that makes a hazard is as good as executing it
//! ([`completes_hazard`]); after one near a page's border ([`is_at_border`]) all pages are looked at
//! again before anything is translated.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::addr::{Frame, PAGE_SIZE, PhysAddr, VirtAddr};
use crate::memory::PhysMemory;

/// Bytes on either side of a page's end that can belong to one hazard: at the most 11 prefixes,
/// and three bytes more.
const REACH: usize = 14;
/// Bytes that the emulator stores at once, at the most.
const WIDEST_STORE: usize = 8;
const LOCK: u8 = 0xf0;

/// What is known about hazards in the machine's code.
#[derive(Default)]
pub struct Hazards {
    /// Frames that had a hazard when they were last looked at: rare enough to be looked at anew
    /// whenever they are fetched from.
    suspects: RefCell<BTreeSet<Frame>>,
    /// Addresses at which the emulator stops.
    stops: RefCell<BTreeSet<u64>>,
}

/// A page of code and what lies around it in the address space.
pub struct Surroundings<'a> {
    pub memory: &'a PhysMemory,
    pub page: VirtAddr,
    pub before: Option<Frame>,
    pub frame: Frame,
    pub after: Option<Frame>,
}

/// How much of a page has to be looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extent {
    /// All of it: its content may be new.
    Whole,
    /// It was seen since it changed; but what lies beside it may be new.
    Borders,
}

impl Hazards {
    /// Looks at a page before it is fetched from. Whether there are new places to stop at, which
    /// are then among [`Hazards::stops`].
    pub fn inspect(&self, around: &Surroundings, extent: Extent) -> bool {
        let suspect = self.suspects.borrow().contains(&around.frame);
        let found = match extent {
            Extent::Borders if !suspect => around.at_borders(),
            Extent::Borders | Extent::Whole => around.everywhere(),
        };
        if found.is_empty() {
            self.suspects.borrow_mut().remove(&around.frame);
            return false;
        }
        self.suspects.borrow_mut().insert(around.frame);
        let mut stops = self.stops.borrow_mut();
        let known = stops.len();
        stops.extend(found.iter().map(|addr| u64::from(addr.0)));
        stops.len() > known
    }

    /// Where the emulator has to stop.
    pub fn stops(&self) -> Vec<u64> {
        self.stops.borrow().iter().copied().collect()
    }

    /// Forgets the places to stop at; those that still matter are found again when their pages
    /// are next fetched from.
    pub fn forget_stops(&self) {
        self.stops.borrow_mut().clear();
    }
}

impl Surroundings<'_> {
    fn everywhere(&self) -> Vec<VirtAddr> {
        let mut bytes = [0; PAGE_SIZE as usize + 2 * REACH];
        self.memory.read(
            self.frame.start(),
            &mut bytes[REACH..REACH + PAGE_SIZE as usize],
        );
        self.read_end_of(self.before, &mut bytes);
        self.read_start_of(self.after, &mut bytes[REACH + PAGE_SIZE as usize..]);
        hazards(&bytes, VirtAddr(self.page.0.wrapping_sub(REACH as u32)))
    }

    fn at_borders(&self) -> Vec<VirtAddr> {
        let mut start = [0; 2 * REACH];
        self.read_end_of(self.before, &mut start);
        self.read_start_of(Some(self.frame), &mut start[REACH..]);
        let mut end = [0; 2 * REACH];
        self.read_end_of(Some(self.frame), &mut end);
        self.read_start_of(self.after, &mut end[REACH..]);
        let reach = REACH as u32;
        let mut found = hazards(&start, VirtAddr(self.page.0.wrapping_sub(reach)));
        found.extend(hazards(
            &end,
            VirtAddr(self.page.0.wrapping_add(PAGE_SIZE - reach)),
        ));
        found
    }

    fn read_end_of(&self, frame: Option<Frame>, to: &mut [u8]) {
        if let Some(frame) = frame {
            let from = PhysAddr(frame.start().0 + PAGE_SIZE - REACH as u32);
            self.memory.read(from, &mut to[..REACH]);
        }
    }

    fn read_start_of(&self, frame: Option<Frame>, to: &mut [u8]) {
        if let Some(frame) = frame {
            self.memory.read(frame.start(), &mut to[..REACH]);
        }
    }
}

/// Whether storing `value` at `at` makes a hazard of what lies around, on the same frame.
pub fn completes_hazard(memory: &PhysMemory, at: PhysAddr, value: &[u8]) -> bool {
    let offset = at.offset() as usize;
    let value = &value[..value.len().min(PAGE_SIZE as usize - offset)];
    let before = offset.min(REACH);
    let after = (PAGE_SIZE as usize - offset - value.len()).min(REACH);
    let mut around = [0; 2 * REACH + WIDEST_STORE];
    let around = &mut around[..before + value.len() + after];
    memory.read(PhysAddr(at.0 - before as u32), around);
    around[before..before + value.len()].copy_from_slice(value);
    !hazards(around, VirtAddr(0)).is_empty()
}

/// Whether a store is so near to a page's border that what it completes may lie on the next page or
/// the one before.
pub fn is_at_border(at: PhysAddr, bytes: usize) -> bool {
    let offset = at.offset() as usize;
    offset < REACH || offset + bytes > PAGE_SIZE as usize - REACH
}

/// Whether the instruction that begins with these bytes is a hazard.
pub fn is_hazard(bytes: &[u8]) -> bool {
    let prefixes = bytes.iter().take_while(|byte| is_prefix(**byte)).count();
    bytes[..prefixes].contains(&LOCK)
        && match bytes[prefixes..] {
            [0x0f, 0xa3 | 0xab | 0xb3 | 0xbb, operands, ..] => operands >= 0xc0,
            [0x0f, 0xba, operands, ..] => operands >= 0xe0,
            _ => false,
        }
}

/// All places in `bytes`, which lie at `addr`, from which a hazard would be decoded.
fn hazards(bytes: &[u8], addr: VirtAddr) -> Vec<VirtAddr> {
    // Most code has no such byte at all, and this is the fast way to see that.
    if !bytes.contains(&LOCK) {
        return Vec::new();
    }
    (0..bytes.len())
        .filter(|at| is_prefix(bytes[*at]) && is_hazard(&bytes[*at..]))
        .map(|at| VirtAddr(addr.0.wrapping_add(at as u32)))
        .collect()
}

fn is_prefix(byte: u8) -> bool {
    matches!(
        byte,
        LOCK | 0xf2 | 0xf3 | 0x2e | 0x36 | 0x3e | 0x26 | 0x64..=0x67
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_prefix_among_others_before_a_bit_test_of_a_register_is_a_hazard() {
        assert!(is_hazard(&[0xf0, 0x0f, 0xab, 0xc0]));
        assert!(is_hazard(&[0x66, 0xf0, 0x67, 0x0f, 0xba, 0xe0, 1]));
        assert!(!is_hazard(&[0x0f, 0xab, 0xc0]));
        assert!(!is_hazard(&[0xf0, 0x0f, 0xab, 0x00]));
        assert!(!is_hazard(&[0xf0, 0x0f, 0xba, 0xc0, 1]));
    }

    #[test]
    fn every_prefix_from_which_it_can_be_decoded_is_a_place_to_stop() {
        let bytes = [0x90, 0x66, 0xf0, 0x2e, 0x0f, 0xb3, 0xd1, 0x90];
        let found = hazards(&bytes, VirtAddr(0x1000));
        assert_eq!(found, [VirtAddr(0x1001), VirtAddr(0x1002)]);
    }

    #[test]
    fn a_store_can_complete_what_lies_around_it() {
        let memory = PhysMemory::new(1).unwrap();
        memory.write(PhysAddr(100), &[0xf0, 0x0f, 0x90, 0xc8]);
        assert!(completes_hazard(&memory, PhysAddr(102), &[0xbb]));
        assert!(!completes_hazard(&memory, PhysAddr(102), &[0xb8]));
        assert!(!completes_hazard(&memory, PhysAddr(200), &[0xbb; 8]));
    }

    #[test]
    fn a_hazard_across_a_border_is_found_from_either_page() {
        let memory = PhysMemory::new(2).unwrap();
        let (first, second) = (Frame::new(0), Frame::new(1));
        memory.write(PhysAddr(PAGE_SIZE - 2), &[0xf0, 0x0f, 0xbb, 0xc8]);
        let hazards = Hazards::default();
        let left = Surroundings {
            memory: &memory,
            page: VirtAddr(0x8000),
            before: None,
            frame: first,
            after: Some(second),
        };
        assert!(hazards.inspect(&left, Extent::Borders));
        assert_eq!(hazards.stops(), [0x8ffe]);
        hazards.forget_stops();
        let right = Surroundings {
            memory: &memory,
            page: VirtAddr(0x9000),
            before: Some(first),
            frame: second,
            after: None,
        };
        assert!(hazards.inspect(&right, Extent::Borders));
        assert_eq!(hazards.stops(), [0x8ffe]);
    }
}
