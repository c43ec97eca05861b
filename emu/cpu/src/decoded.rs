//! A cache of decoded instructions: a loop faults at the same one again and again.
//!
//! # Invariants
//!
//! An entry is looked up by address and bytes, so a change of the code cannot make it stale.

use iced_x86::Instruction;
use machine::addr::VirtAddr;

use crate::code::{CodeBytes, decode};

/// The number of entries; an address determines its entry.
const PLACES: usize = 64;

/// An address, the bytes there, and their instruction.
type Remembered = (VirtAddr, CodeBytes, Option<Instruction>);

/// The cache.
#[derive(Debug)]
pub(crate) struct Decoded {
    places: Box<[Option<Remembered>; PLACES]>,
}

impl Default for Decoded {
    fn default() -> Decoded {
        Decoded {
            places: Box::new([None; PLACES]),
        }
    }
}

impl Decoded {
    /// Returns the first instruction of `bytes`, which are at `addr`; `None` if it is invalid.
    pub(crate) fn instruction(&mut self, addr: VirtAddr, bytes: CodeBytes) -> Option<Instruction> {
        let place = &mut self.places[addr.0 as usize % PLACES];
        match place {
            Some((at, known, instruction)) if *at == addr && *known == bytes => *instruction,
            _ => {
                let instruction = decode(addr, &bytes);
                *place = Some((addr, bytes, instruction));
                instruction
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use iced_x86::Mnemonic;

    #[test]
    fn other_bytes_at_the_same_address_are_another_instruction() {
        let mut decoded = Decoded::default();
        let addr = VirtAddr(0x0804_8000);
        for (byte, mnemonic) in [(0x90, Mnemonic::Nop), (0x60, Mnemonic::Pushad)] {
            for _ in 0..2 {
                let instruction = decoded.instruction(addr, CodeBytes::new(&[byte])).unwrap();
                assert_eq!(instruction.mnemonic(), mnemonic);
            }
        }
        assert_eq!(decoded.instruction(addr, CodeBytes::new(&[])), None);
    }
}
