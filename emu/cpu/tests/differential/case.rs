//! One random instruction with its operands.
//!
//! # Invariants
//!
//! The operands of a case lie in one of two windows, each around the boundary of two pages;
//! otherwise the case faults elsewhere, in every page state alike. The same seed generates the same
//! case.

use iced_x86::{Code, Instruction, InstructionInfoFactory, MemorySize, Mnemonic, OpKind, Register};

use crate::emulated::INT3;
use crate::forms::{self, Form};
use crate::values;
use bare::Random;

/// The border of the two pages of data.
pub(crate) const DATA: u32 = 0x0a00_1000;
/// The border of the two pages of the stack.
pub(crate) const STACK: u32 = 0x0b00_1000;
/// The border of the two pages of code.
pub(crate) const CODE: u32 = 0x0804_9000;
/// Bytes of a window; half of them lie below the border.
pub(crate) const WINDOW: usize = 1024;

/// EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI: the order of their numbers.
pub(crate) type General = [u32; 8];
const ESP: usize = 4;
const EBP: usize = 5;
const ESI: usize = 6;
const EDI: usize = 7;

/// CF, PF, AF, ZF, SF, DF and OF: the initial flags of a case.
const ARITHMETIC: u32 = 0x0cd5;
/// Those, NT and ID: the flags that `popf` changes besides TF and AC.
pub(crate) const FLAGS: u32 = ARITHMETIC | 1 << 14 | 1 << 21;

/// An instruction and its operands.
#[derive(Clone)]
pub(crate) struct Case {
    pub instruction: Instruction,
    pub bytes: Vec<u8>,
    pub eip: u32,
    pub general: General,
    pub eflags: u32,
    /// The index of its initial x87 and SSE state.
    pub float: usize,
    pub data: [u8; WINDOW],
    pub stack: [u8; WINDOW],
}

/// The place of the operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// On the first page, at a multiple of 16.
    First,
    /// Somewhere across the border.
    Across,
    /// The instruction itself lies across the border of its pages.
    CodeAcross,
}

pub(crate) const PLACES: [Place; 4] = [
    Place::First,
    Place::Across,
    Place::Across,
    Place::CodeAcross,
];

/// Returns a random case of a form.
pub(crate) fn random(form: &Form, place: Place, floats: usize, random: &mut Random) -> Case {
    let mut general: General = std::array::from_fn(|_| values::integer(random));
    let offset = |random: &mut Random, size: u32| match place {
        Place::Across => random.below(size + 1).wrapping_neg(),
        _ => (16 * (1 + random.below(20))).wrapping_neg(),
    };
    general[ESP] = STACK
        .wrapping_add(offset(random, 36))
        .wrapping_add(random.below(3) * 4);
    let (mut bytes, mut instruction) = encode(form, random);
    let eip = match place {
        Place::CodeAcross => CODE - 1 - random.below(bytes.len().max(2) as u32 - 1),
        _ => CODE - 0x100,
    };
    let size = operand_size(&instruction);
    let target = DATA.wrapping_add(offset(random, size));
    aim_registers(
        &instruction,
        &mut general,
        target,
        offset(random, size),
        random,
    );
    aim_displacement(&mut bytes, eip, &general, target);
    instruction = forms::decode(&bytes, eip).expect("only its address changed");
    assert_eq!(forms::kind(&instruction), form.kind, "{bytes:02x?}");
    let mut data = values::window(random, instruction.memory_size());
    let at = (target.wrapping_sub(DATA) as i32 + WINDOW as i32 / 2) as usize;
    values::operand(random, &instruction, &mut data[at.min(WINDOW - 8)..]);
    if let Code::Cmpxchg8b_m64 = instruction.code()
        && random.below(2) == 0
        && at <= WINDOW - 8
    {
        data[at..at + 4].copy_from_slice(&general[0].to_le_bytes());
        data[at + 4..at + 8].copy_from_slice(&general[2].to_le_bytes());
    }
    let mut stack = values::window(random, MemorySize::UInt32);
    let top = (general[ESP].wrapping_sub(STACK) as i32 + WINDOW as i32 / 2) as usize;
    lead_to_the_end(
        &instruction,
        &mut general,
        &mut data[at.min(WINDOW - 4)..],
        &mut stack[top..],
    );
    Case {
        instruction,
        bytes,
        eip,
        general,
        eflags: random.draw() & ARITHMETIC | 0x202,
        float: random.below(floats as u32) as usize,
        data,
        stack,
    }
}

/// Encodes a random instruction of the form.
fn encode(form: &Form, random: &mut Random) -> (Vec<u8>, Instruction) {
    for attempt in 0.. {
        let modrm = match (form.kind.memory, attempt % 4) {
            (false, 0) => 0xc0 | random.draw() as u8,
            (true, 0 | 1) => 0x80 | random.draw() as u8 & 7 | form.modrm & 0x38,
            (true, 2) => 0x80 | random.draw() as u8 & 0x3f,
            _ => form.modrm,
        };
        let mut bytes = Vec::new();
        if form.kind.memory && random.below(4) == 0 {
            let segments = [0x26, 0x2e, 0x36, 0x3e, 0x3e, 0x26, 0x36, 0x64];
            bytes.push(segments[random.below(8) as usize]);
        }
        bytes.extend(&form.prefixes);
        bytes.extend(&form.opcode);
        bytes.push(modrm);
        if form.kind.memory && modrm & 7 == 4 {
            bytes.push(random.draw() as u8);
        }
        bytes.extend((0..4).flat_map(|_| values::integer(random).to_le_bytes()));
        if let Some(instruction) = forms::decode(&bytes, 0)
            && forms::kind(&instruction) == form.kind
        {
            bytes.truncate(instruction.len());
            shorten(&instruction, &mut bytes, random);
            let instruction = forms::decode(&bytes, 0).expect("only a number changed");
            return (bytes, instruction);
        }
        assert!(attempt < 10_000, "{form:x?} cannot be made");
    }
    unreachable!()
}

/// Reduces sizes that would lead far away.
fn shorten(instruction: &Instruction, bytes: &mut [u8], random: &mut Random) {
    let first = forms::constants(bytes, 0).immediate_offset();
    match instruction.mnemonic() {
        Mnemonic::Enter => {
            bytes[first] = random.draw() as u8;
            bytes[first + 1] = 0;
            bytes[first + 2] = [0, 1, 2, 3, 7, 31, 32][random.below(7) as usize];
        }
        // Past 15, what 16 bits become is undefined.
        Mnemonic::Shld | Mnemonic::Shrd if first != 0 => bytes[first] &= 0xef,
        _ if is_near_branch(instruction) => {
            bytes[first..].fill(0);
            bytes[first] = 1;
        }
        _ => {}
    }
}

fn is_near_branch(instruction: &Instruction) -> bool {
    matches!(
        instruction.op0_kind(),
        OpKind::NearBranch16 | OpKind::NearBranch32
    )
}

/// Lets an indirect branch or a return find the second `int3` behind it, and `popf` no flag that
/// stops the program.
fn lead_to_the_end(
    instruction: &Instruction,
    general: &mut General,
    data: &mut [u8],
    stack: &mut [u8],
) {
    let end = instruction.next_ip32() + 1;
    match instruction.mnemonic() {
        Mnemonic::Popf | Mnemonic::Popfd => {
            stack[1] &= !1;
            stack[2] &= !4;
        }
        Mnemonic::Ret => stack[..4].copy_from_slice(&end.to_le_bytes()),
        Mnemonic::Jmp | Mnemonic::Call if instruction.op0_kind() == OpKind::Memory => {
            data[..4].copy_from_slice(&end.to_le_bytes());
        }
        Mnemonic::Jmp | Mnemonic::Call if instruction.op0_kind() == OpKind::Register => {
            let register = instruction.op0_register().full_register32();
            match register.number() {
                ESP => stack[0] = INT3,
                other => general[other] = end,
            }
        }
        _ => {}
    }
}

/// Returns the registers with which an instruction implicitly addresses memory.
fn aim_registers(
    instruction: &Instruction,
    general: &mut General,
    target: u32,
    other: u32,
    random: &mut Random,
) {
    use Mnemonic::*;
    let is_string = instruction.is_string_instruction();
    match instruction.mnemonic() {
        _ if is_string => {
            general[ESI] = target;
            general[EDI] = STACK.wrapping_add(other);
            general[ESP] = STACK - 0x40;
            general[1] = random.below(12);
        }
        Xlatb => general[3] = target.wrapping_sub(general[0] & 0xff),
        Maskmovq | Maskmovdqu => general[EDI] = target,
        Enter | Leave => general[EBP] = general[ESP].wrapping_add(random.below(9) * 4),
        Bt | Bts | Btr | Btc => {
            for value in general.iter_mut().enumerate().filter(|(i, _)| *i != ESP) {
                *value.1 = random.below(512).wrapping_sub(256);
            }
        }
        Shld | Shrd => general[1] &= !0x10,
        Div | Idiv if random.below(3) > 0 => {
            general[2] = random.below(3);
            general[0] &= 0xfff;
        }
        _ => {}
    }
}

/// Changes the displacement so that the operand lies at `target`.
fn aim_displacement(bytes: &mut [u8], eip: u32, general: &General, target: u32) {
    let instruction = forms::decode(bytes, eip).expect("made so");
    let constants = forms::constants(bytes, eip);
    if constants.displacement_size() != 4 {
        return;
    }
    let at = constants.displacement_offset();
    let operand = (0..instruction.op_count())
        .find(|i| instruction.op_kind(*i) == OpKind::Memory)
        .expect("it has a displacement");
    let now = instruction
        .virtual_address(operand, 0, |register, _, _| Some(value(register, general)))
        .expect("general registers only") as u32;
    let old = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let new = old.wrapping_add(target.wrapping_sub(now));
    bytes[at..at + 4].copy_from_slice(&new.to_le_bytes());
}

/// Returns a register's value as part of an address; segments begin at 0.
fn value(register: Register, general: &General) -> u64 {
    match register.is_gpr32() {
        true => general[register.number()].into(),
        false => 0,
    }
}

/// Returns the size of the operand in memory.
fn operand_size(instruction: &Instruction) -> u32 {
    match instruction.memory_size().size() {
        0 => 32,
        size => size as u32,
    }
}

/// Returns whether it loads and stores its explicit memory operand.
pub(crate) fn updates_memory(instruction: &Instruction) -> bool {
    use iced_x86::OpAccess::*;
    // It stores only what it adjusts, after it has loaded it.
    if instruction.mnemonic() == Mnemonic::Arpl {
        return false;
    }
    let mut factory = InstructionInfoFactory::new();
    factory
        .info(instruction)
        .used_memory()
        .iter()
        .any(|used| matches!(used.access(), ReadWrite | ReadCondWrite))
}

/// Returns whether it may do a part of its work before a fault.
pub(crate) fn repeats(instruction: &Instruction) -> bool {
    instruction.is_string_instruction()
        && (instruction.has_rep_prefix() || instruction.has_repne_prefix())
}
