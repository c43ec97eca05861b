//! Instructions that were decoded a moment ago: a loop faults at the same one again and again.
//!
//! # Invariants
//!
//! What is remembered is the decoding of these very bytes at this very address, so nothing that
//! happens to code can make it wrong.

use iced_x86::Instruction;
use machine::addr::VirtAddr;

use crate::code::{CodeBytes, decode};

/// Instructions remembered, each in the place that its address gives it.
const PLACES: usize = 64;

/// An address, the bytes there, and what they are.
type Remembered = (VirtAddr, CodeBytes, Option<Instruction>);

/// The last instructions that were decoded.
pub struct Decoded {
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
    /// The instruction that `bytes` begin with, at `addr`; `None` if it is none.
    pub fn instruction(&mut self, addr: VirtAddr, bytes: CodeBytes) -> Option<Instruction> {
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
