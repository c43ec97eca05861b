//! The meaning of an interrupt number from the emulator: a system call, an exception, or an `int`
//! that its gate forbids.
//!
//! A gate that is not for ring 3 turns `int n` into #GP, with the gate as its error code and EIP at the
//! instruction (SDM vol. 3, 6.12.1.2). Only the gates 3, 4, 5 and that of the program's system calls are for
//! ring 3.

use machine::addr::VirtAddr;

use crate::exception::Exception;
use crate::exit::Exit;

/// The gate by which a program makes its system calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SyscallGate {
    /// `int $0x30`, as in Pintos.
    #[default]
    Int30,
    /// `int $0x80`, as in Linux.
    Int80,
}

impl SyscallGate {
    fn number(self) -> u32 {
        match self {
            SyscallGate::Int30 => 0x30,
            SyscallGate::Int80 => 0x80,
        }
    }
}

/// What the emulator adds to the number of an `int n`, which is no exception.
const SOFTWARE: u32 = 0x100;

/// The exit for an interrupt, and the right EIP if it differs from the current one.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Meaning {
    pub exit: Exit,
    pub eip: Option<VirtAddr>,
}

/// Interprets interrupt `number` of the instruction at `eip`, of a program whose system calls come through
/// `open`. If it is an exception it comes with `error_code`.
pub(crate) fn meaning(number: u32, error_code: u32, eip: VirtAddr, open: SyscallGate) -> Meaning {
    match number.checked_sub(SOFTWARE) {
        Some(gate) if gate == open.number() => Meaning {
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
        for (calls, number) in [(SyscallGate::Int30, 0x30), (SyscallGate::Int80, 0x80)] {
            for gate in 0..=0xff {
                let meaning = meaning(SOFTWARE + gate, 0, eip, calls);
                let open = matches!(gate, 3..=5) || gate == number;
                assert_eq!(meaning.eip.is_none(), open, "int {gate:#x}");
            }
        }
        let page_fault = meaning(SOFTWARE + 14, 0, eip, SyscallGate::Int30);
        assert_eq!(
            page_fault.exit,
            Exit::Exception {
                exception: Exception::GeneralProtection,
                error_code: 14 * 8 + 2
            }
        );
    }
}
