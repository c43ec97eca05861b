//! The guest's instructions, read as the CPU would fetch them but without changing the page tables.

use iced_x86::{Decoder, DecoderOptions, Instruction};
use machine::addr::{Frame, PAGE_SIZE, VirtAddr};
use machine::memory::PhysMemory;
use machine::mmu::{Access, Ring, probe};

/// The longest instruction (SDM vol. 2, 2.3.11).
const LONGEST: usize = 15;

/// The bytes at an address: as many as the longest instruction has, or fewer if the rest cannot be
/// fetched.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct CodeBytes {
    bytes: [u8; LONGEST],
    length: usize,
}

impl CodeBytes {
    /// Creates code from at most 15 bytes.
    #[cfg(test)]
    pub(crate) fn new(from: &[u8]) -> CodeBytes {
        let mut code = CodeBytes::default();
        code.bytes[..from.len()].copy_from_slice(from);
        code.length = from.len();
        code
    }

    fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// Decodes the first instruction of `code`, with `addr` as its IP; `None` if it is invalid.
pub(crate) fn decode(addr: VirtAddr, code: &CodeBytes) -> Option<Instruction> {
    // The emulator accepts a LOCK prefix where hardware does not, so this must too.
    let options = DecoderOptions::NO_INVALID_CHECK;
    let mut decoder = Decoder::with_ip(32, code.as_slice(), u64::from(addr.0), options);
    let instruction = decoder.decode();
    (!instruction.is_invalid()).then_some(instruction)
}

/// The code of an address space.
pub(crate) struct Code<'a> {
    /// The machine's RAM.
    pub memory: &'a PhysMemory,
    /// The address space.
    pub root: Frame,
}

impl Code<'_> {
    /// Decodes the instruction at an address; `None` if it is invalid or cannot be fetched.
    pub(crate) fn instruction_at(&self, addr: VirtAddr) -> Option<Instruction> {
        decode(addr, &self.fetch(addr))
    }

    /// Decodes the instructions from `start` on in the order of memory, up to the first that is
    /// invalid or cannot be fetched completely.
    pub(crate) fn straight(&self, start: VirtAddr) -> impl Iterator<Item = Instruction> + '_ {
        let first = self.instruction_at(start);
        std::iter::successors(first, |last| {
            self.instruction_at(VirtAddr(last.next_ip32()))
        })
    }

    /// Returns the bytes from `addr` on that ring 3 may fetch, as many as the longest instruction
    /// has.
    pub(crate) fn fetch(&self, addr: VirtAddr) -> CodeBytes {
        let mut code = CodeBytes::default();
        while code.length < LONGEST {
            let at = VirtAddr(addr.0.wrapping_add(code.length as u32));
            // No walk: the CPU may never fetch these bytes, and must not have set A for them.
            let Ok(page) = probe(self.memory, self.root, at, Access::Fetch, Ring::User) else {
                break;
            };
            let on_page = ((PAGE_SIZE - at.offset()) as usize).min(LONGEST - code.length);
            let to = &mut code.bytes[code.length..code.length + on_page];
            self.memory.read(page.phys(at), to);
            code.length += on_page;
        }
        code
    }
}
