//! The arithmetic flags of an instruction that faulted, put right.
//!
//! While it runs, the emulator does not keep flags but the operands they follow from, and which
//! operation made them. A few instructions work the flags out *before* they access memory. If
//! that access faults, the emulator goes back to the operation before while its operands are
//! gone, and takes flags of no meaning from them. The flags that were worked out are the right
//! ones, though, and are still there in the place of an operand.
//!
//! What always holds: when a page fault leaves the CPU, the flags are those before the
//! instruction. The one exception is `rcl` or `rcr` of a page that may be read but not written:
//! the emulator has overwritten the carry flag by then.

use iced_x86::{ConditionCode, Instruction, Mnemonic, OpKind, Register, RflagsBits};
use unicorn_engine::RegisterX86;

use crate::addr::VirtAddr;
use crate::code::Code;
use crate::context::Context;
use crate::counter::Block;

/// The emulator's name for "the flags themselves are kept".
const KEPT: u32 = 1;
/// Its names for subtractions of 1, 2, 4 and 8 bytes, to which comparisons belong.
const SUBTRACTIONS: std::ops::RangeInclusive<u32> = 14..=17;
/// Its name for the flags after `xor` of a register with itself.
const CLEARED: u32 = 49;
/// CF, PF, AF, ZF, SF and OF.
pub const ARITHMETIC: u64 = 0x8d5;

/// Where a context keeps what the flags follow from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FlagsLayout {
    /// Offset of the operand that is also the place of flags worked out, in bytes.
    source: usize,
    /// Offset of the operation, in bytes.
    operation: usize,
}

impl FlagsLayout {
    /// Finds out by experiment with a copy of `context`; `None` if the emulator is not of the
    /// kind that this module knows.
    pub fn of(context: &Context) -> Option<FlagsLayout> {
        const EIP: u64 = 0x5eed_f1a6;
        let mut probe = context.clone();
        probe.set_eip(VirtAddr(EIP as u32));
        probe.write(RegisterX86::EFLAGS, ARITHMETIC as u32 | 0x202);
        let words: Vec<u64> = probe.bytes().chunks_exact(8).map(word).collect();
        // EIP, EFLAGS, result, source, second source, operation: in that order.
        let eip = words.windows(6).position(|found| {
            found[0] == EIP && found[3] == ARITHMETIC && found[5] & 0xffff_ffff == KEPT.into()
        })?;
        Some(FlagsLayout {
            source: 8 * (eip + 3),
            operation: 8 * (eip + 5),
        })
    }

    /// Which operation the flags of `context` follow from.
    pub fn operation(self, context: &Context) -> u32 {
        word(&context.bytes()[self.operation..self.operation + 8]) as u32
    }

    /// The arithmetic flags that were worked out before the access that faulted.
    pub fn worked_out(self, context: &Context) -> u32 {
        (word(&context.bytes()[self.source..self.source + 8]) & ARITHMETIC) as u32
    }
}

/// What the emulator's translator knew about the flags before an instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Known {
    /// Which operation they follow from.
    Operation(u32),
    /// Nothing: no instruction of the block has set them.
    Nothing,
}

/// Whether the instruction at `eip` in `block` works out the flags before it accesses memory.
/// `operation` gives what they follow from.
pub fn works_out_flags_first(
    instruction: &Instruction,
    eip: VirtAddr,
    block: Option<Block>,
    code: &Code,
    operation: impl FnOnce() -> u32,
) -> bool {
    if matches!(instruction.mnemonic(), Mnemonic::Rcl | Mnemonic::Rcr) {
        return true;
    }
    if instruction.op0_kind() != OpKind::Memory || !is_setcc(instruction) {
        return false;
    }
    let known = match block.filter(|block| set_within(*block, eip, code)) {
        Some(_) => Known::Operation(operation()),
        None => Known::Nothing,
    };
    needs_all_flags(instruction.condition_code(), known)
}

/// Whether the translator needs all flags for a condition, and not just some operand.
fn needs_all_flags(condition: ConditionCode, known: Known) -> bool {
    use ConditionCode::*;
    match (condition, known) {
        (o | no, known) => known != Known::Operation(CLEARED),
        (p | np, _) => true,
        (be | a | l | ge | le | g, Known::Operation(operation)) => {
            !SUBTRACTIONS.contains(&operation)
        }
        (be | a | l | ge | le | g, Known::Nothing) => true,
        (e | ne | s | ns, known) => known == Known::Nothing,
        (b | ae, _) | (None, _) => false,
    }
}

/// Whether the translator knew, when it came to `eip`, which instruction of the block had set the
/// flags last.
fn set_within(block: Block, eip: VirtAddr, code: &Code) -> bool {
    let before = code
        .straight(block.start)
        .take_while(|one| one.ip32() < eip.0);
    let last = before.filter(sets_flags).last();
    last.is_some_and(|last| !shifts_by_register(&last))
}

fn sets_flags(instruction: &Instruction) -> bool {
    let defined =
        instruction.rflags_written() | instruction.rflags_cleared() | instruction.rflags_set();
    let arithmetic = RflagsBits::OF
        | RflagsBits::SF
        | RflagsBits::ZF
        | RflagsBits::AF
        | RflagsBits::CF
        | RflagsBits::PF;
    defined & arithmetic != 0
}

/// A shift by CL, which may leave the flags alone.
fn shifts_by_register(instruction: &Instruction) -> bool {
    use Mnemonic::*;
    let by_register = (0..instruction.op_count()).any(|operand| {
        instruction.op_kind(operand) == OpKind::Register
            && instruction.op_register(operand) == Register::CL
    });
    by_register
        && matches!(
            instruction.mnemonic(),
            Shl | Sal | Shr | Sar | Rol | Ror | Shld | Shrd
        )
}

fn is_setcc(instruction: &Instruction) -> bool {
    instruction.condition_code() != ConditionCode::None
        && !instruction.is_jcc_short_or_near()
        && instruction.op_count() == 1
}

fn word(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes.try_into().expect("eight bytes"))
}
