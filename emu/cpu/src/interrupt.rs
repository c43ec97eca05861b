//! The meaning of an interrupt number from the emulator: a system call, an exception, or an `int`
//! that its gate forbids.
//!
//! A gate that is not for ring 3 turns `int n` into #GP, with the gate as its error code and EIP at the
//! instruction (SDM vol. 3, 6.12.1.2). As in Pintos, only the gates 3, 4, 5 and 0x30 are for ring 3.

use machine::addr::VirtAddr;

use crate::exception::Exception;
use crate::exit::Exit;

/// The gate of system calls.
pub const SYSCALL: u32 = 0x30;
/// The number that the corrected emulator adds for an `int n`, to distinguish it from an exception.
const SOFTWARE: u32 = 0x100;

/// The exit for an interrupt, and the right EIP if it differs from the current one.
#[derive(PartialEq, Eq, Debug)]
pub struct Meaning {
    pub exit: Exit,
    pub eip: Option<VirtAddr>,
}

/// Interprets interrupt `number` of the instruction at `eip`. `error_code` is that of an exception.
pub fn meaning(number: u32, error_code: u32, eip: VirtAddr) -> Meaning {
    match number.checked_sub(SOFTWARE) {
        Some(SYSCALL) => Meaning {
            exit: Exit::Syscall,
            eip: None,
        },
        Some(gate @ 3..=5) => exception(gate, 0),
        // The emulator has no IDT to check, and has moved EIP past the `int`; a fault is at it.
        Some(gate) => Meaning {
            exit: Exit::Exception {
                exception: Exception::GeneralProtection,
                error_code: gate * 8 + 2, // IDT, entry `gate`
            },
            eip: Some(eip),
        },
        None => exception(number, error_code),
    }
}

fn exception(number: u32, error_code: u32) -> Meaning {
    let exception = Exception::from_vector(number)
        .unwrap_or_else(|| panic!("interrupt {number:#x} is none that a program can cause"));
    Meaning {
        exit: Exit::Exception {
            exception,
            error_code,
        },
        eip: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_four_gates_are_for_ring_3() {
        let eip = VirtAddr(0x1234);
        for gate in 0..=0xff {
            let meaning = meaning(SOFTWARE + gate, 0, eip);
            let open = matches!(gate, 3..=5 | SYSCALL);
            assert_eq!(meaning.eip.is_none(), open, "int {gate:#x}");
        }
        let page_fault = meaning(SOFTWARE + 14, 0, eip);
        assert_eq!(
            page_fault.exit,
            Exit::Exception {
                exception: Exception::GeneralProtection,
                error_code: 14 * 8 + 2
            }
        );
    }
}
