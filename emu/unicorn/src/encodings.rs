//! Which bytes are an instruction of the machine's CPU, as a table in C for the translator.
//!
//! The emulator's own decoder takes much for an instruction that is none, and knows instructions that
//! the CPU model does not have. The table is made from the decoder tables of `iced-x86`, with the
//! features of the model, so that what `cpuid` says and what runs cannot differ.
//!
//! # Invariants
//! - A row of the table is one opcode in one of the [`PREFIXES`] classes; its bits say for each ModRM
//!   byte if that is an instruction, with a memory operand counted once for all ways to address it.
//! - An opcode without a ModRM byte has a row of all ones or of all zeros, so that whoever finds
//!   another row may fetch the ModRM byte, which is part of the instruction.

use std::fmt::Write as _;

use iced_x86::{
    CpuidFeature, Decoder, DecoderOptions, Instruction, InstructionInfoFactory, OpAccess, OpKind,
};

/// The features of the CPU model: a Pentium 4 without hyper-threading. Programs are in ring 3, so what
/// only ring 0 may use is here for its #GP. There is no time-stamp counter, which would not be
/// deterministic, and no `sysenter`, for which the kernel has no entry.
const FEATURES: [CpuidFeature; 20] = [
    CpuidFeature::INTEL8086,
    CpuidFeature::INTEL186,
    CpuidFeature::INTEL286,
    CpuidFeature::INTEL386,
    CpuidFeature::INTEL486,
    CpuidFeature::CLFSH,
    CpuidFeature::CMOV,
    CpuidFeature::CPUID,
    CpuidFeature::CX8,
    CpuidFeature::FPU,
    CpuidFeature::FPU287,
    CpuidFeature::FPU387,
    CpuidFeature::FXSR,
    CpuidFeature::MMX,
    CpuidFeature::MSR,
    CpuidFeature::MULTIBYTENOP,
    CpuidFeature::PAUSE,
    CpuidFeature::RDPMC,
    CpuidFeature::SSE,
    CpuidFeature::SSE2,
];

/// Prefixes that choose between instructions: none, 66, F3, F2; and LOCK, which many do not take.
const PREFIXES: [&[u8]; 5] = [&[], &[0x66], &[0xf3], &[0xf2], &[0xf0]];
/// The opcode maps of one and two bytes; those of three bytes came after this CPU.
const MAPS: [&[u8]; 2] = [&[], &[0x0f]];
/// Opcodes that are no instructions by themselves: the ways into longer ones.
const ESCAPES: [(usize, u8); 3] = [(0, 0x0f), (1, 0x38), (1, 0x3a)];

/// The bits of a row: ModRM with a memory operand by its reg field and the lowest bits of rm (64), then
/// with a register (64).
type Row = u128;

/// The table, as C.
pub(crate) fn table() -> String {
    let mut rows: Vec<Row> = Vec::new();
    let mut text = String::from("/* Made by corrected-unicorn: see src/encodings.rs. */\n");
    text.push_str("static const uint8_t vmlab_row_of[2][5][256] = {\n");
    for map in 0..MAPS.len() {
        text.push_str("{\n");
        for prefix in 0..PREFIXES.len() {
            text.push('{');
            for opcode in 0..=255u8 {
                let row = row(map, prefix, opcode);
                let known = rows.iter().position(|known| *known == row);
                let index = known.unwrap_or_else(|| {
                    rows.push(row);
                    rows.len() - 1
                });
                let _ = write!(text, "{index},");
            }
            text.push_str("},\n");
        }
        text.push_str("},\n");
    }
    assert!(rows.len() <= 256, "a row's number is a byte");
    let _ = writeln!(
        text,
        "}};\nstatic const uint64_t vmlab_rows[{}][2] = {{",
        rows.len()
    );
    for row in rows {
        let _ = writeln!(
            text,
            "{{0x{:x}ULL, 0x{:x}ULL}},",
            row as u64,
            (row >> 64) as u64
        );
    }
    text.push_str("};\n");
    text.push_str(&stores_table());
    text
}

/// For each opcode and class of prefixes, by the reg field of the ModRM byte: whether a memory operand
/// is stored to.
fn stores_table() -> String {
    let mut text = String::from("static const uint8_t vmlab_stores[2][5][256] = {\n");
    for map in 0..MAPS.len() {
        text.push_str("{\n");
        for prefix in 0..PREFIXES.len() {
            text.push('{');
            for opcode in 0..=255u8 {
                let stores = (0..8u8).filter(|reg| stores(map, prefix, opcode, reg << 3));
                let _ = write!(text, "{},", stores.map(|reg| 1u8 << reg).sum::<u8>());
            }
            text.push_str("},\n");
        }
        text.push_str("},\n");
    }
    text.push_str("};\n");
    text
}

/// Whether an instruction with a memory operand, the one that its ModRM byte tells, stores to it.
fn stores(map: usize, prefix: usize, opcode: u8, modrm: u8) -> bool {
    let bytes = [PREFIXES[prefix], MAPS[map], &[opcode, modrm], &[0; 12]].concat();
    let Some(instruction) = decode(&bytes).filter(|_| !ESCAPES.contains(&(map, opcode))) else {
        return false;
    };
    let mut factory = InstructionInfoFactory::new();
    let info = factory.info(&instruction);
    (0..instruction.op_count()).any(|operand| {
        let access = info.op_access(operand);
        instruction.op_kind(operand) == OpKind::Memory
            && !is_told_otherwise(map, opcode)
            && matches!(
                access,
                OpAccess::Write
                    | OpAccess::CondWrite
                    | OpAccess::ReadWrite
                    | OpAccess::ReadCondWrite
            )
    })
}

/// `mov` between the accumulator and an address that follows the opcode; and `arpl`, which stores only what
/// it adjusts. The translator knows them.
fn is_told_otherwise(map: usize, opcode: u8) -> bool {
    map == 0 && matches!(opcode, 0xa0..=0xa3 | 0x63)
}

fn row(map: usize, prefix: usize, opcode: u8) -> Row {
    if ESCAPES.contains(&(map, opcode)) {
        return Row::MAX * u128::from(map == 0);
    }
    let is_valid = |modrm: u8| is_instruction(map, prefix, opcode, modrm);
    let memory = (0..64u8)
        .filter(|low| is_valid(*low))
        .map(|low| 1u128 << low);
    let register = (0..64u8)
        .filter(|low| is_valid(0xc0 | low))
        .map(|low| 1u128 << (64 + low));
    memory.chain(register).sum()
}

fn is_instruction(map: usize, prefix: usize, opcode: u8, modrm: u8) -> bool {
    let bytes = [PREFIXES[prefix], MAPS[map], &[opcode, modrm], &[0; 12]].concat();
    // F3 before `bsf`, `bsr` and `wbinvd` made other instructions of them only later.
    let later = map == 1 && PREFIXES[prefix] == [0xf3] && matches!(opcode, 0xbc | 0xbd | 0x09);
    later || decode(&bytes).is_some_and(|one| has_features(&one))
}

fn decode(bytes: &[u8]) -> Option<Instruction> {
    // What 0F 0D and 0F 18 to 1F became later are instructions without effect on this CPU.
    let options = DecoderOptions::FORCE_RESERVED_NOP;
    let instruction = Decoder::new(32, bytes, options).decode();
    (!instruction.is_invalid()).then_some(instruction)
}

fn has_features(instruction: &Instruction) -> bool {
    let needed = instruction.code().cpuid_features();
    needed.iter().all(|feature| FEATURES.contains(feature))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn valid(bytes: &[u8]) -> bool {
        decode(bytes).is_some_and(|one| has_features(&one))
    }

    #[test]
    fn the_model_has_sse2_and_nothing_newer() {
        assert!(valid(&[0x0f, 0xae, 0xf0, 0, 0]), "mfence");
        assert!(valid(&[0x66, 0x0f, 0xd4, 0xc1, 0]), "paddq");
        assert!(valid(&[0xf3, 0x0f, 0x1e, 0xfb, 0]), "endbr32 does nothing");
        assert!(!valid(&[0x66, 0x0f, 0x7c, 0xc1, 0]), "haddpd");
        assert!(!valid(&[0x0f, 0xc7, 0xf0, 0, 0]), "rdrand");
        assert!(!valid(&[0xdd, 0x08, 0, 0, 0]), "fisttp");
    }

    #[test]
    fn rows_without_modrm_are_uniform_and_lock_is_for_few() {
        assert_eq!(row(0, 0, 0xc3), Row::MAX, "ret");
        assert_eq!(row(1, 0, 0x38), 0);
        assert_eq!(row(0, 4, 0x90), 0, "lock nop");
        assert_eq!(row(1, 4, 0xab), u128::from(u64::MAX), "lock bts of memory");
        assert_eq!(row(1, 4, 0xa3), 0, "lock bt");
        assert_eq!(row(1, 0, 0x50), u128::from(u64::MAX) << 64, "movmskps");
        assert_eq!(row(0, 0, 0x8f) & 0xff, 0xff, "pop of memory");
        assert_eq!(row(0, 0, 0x8f) >> 8 & 0xff, 0);
    }
}
