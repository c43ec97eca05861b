//! The instruction forms of the CPU model, found by decoding every opcode with every prefix that
//! selects one.
//!
//! # Invariants
//!
//! A form is one `Code` of the decoder, with or without a memory operand, with one of the prefixes
//! that change its effect (LOCK, REP, REPNE) or none. All forms differ, and the model has all of
//! them: see [`MODEL`].

use std::collections::HashSet;

use iced_x86::{Code, CpuidFeature, Decoder, DecoderOptions, Instruction, Mnemonic, OpKind};

/// The features of the CPU model, except those for ring 0 only.
pub(crate) const MODEL: &[CpuidFeature] = &[
    CpuidFeature::INTEL8086,
    CpuidFeature::INTEL186,
    CpuidFeature::INTEL286,
    CpuidFeature::INTEL386,
    CpuidFeature::INTEL486,
    CpuidFeature::CPUID,
    CpuidFeature::CX8,
    CpuidFeature::CMOV,
    CpuidFeature::FPU,
    CpuidFeature::FPU287,
    CpuidFeature::FPU387,
    CpuidFeature::MMX,
    CpuidFeature::SSE,
    CpuidFeature::SSE2,
    CpuidFeature::FXSR,
    CpuidFeature::CLFSH,
    CpuidFeature::MULTIBYTENOP,
    CpuidFeature::PAUSE,
];

/// As the model decodes: no `endbr`, `tzcnt` and `lzcnt` are `bsf` and `bsr`.
const OPTIONS: u32 = DecoderOptions::FORCE_RESERVED_NOP
    | DecoderOptions::NO_WBNOINVD
    | DecoderOptions::NO_MPFX_0FBC
    | DecoderOptions::NO_MPFX_0FBD;

/// Prefixes that select a form.
const PREFIXES: &[&[u8]] = &[
    &[],
    &[0x66],
    &[0xf3],
    &[0xf2],
    &[0x66, 0xf3],
    &[0x66, 0xf2],
    &[0xf0],
    &[0x66, 0xf0],
    &[0x67],
    &[0x66, 0x67],
];

/// A form, with bytes from which it can be encoded.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub prefixes: Vec<u8>,
    pub opcode: Vec<u8>,
    /// A ModR/M byte that selects the form, if it has one.
    pub modrm: u8,
    pub kind: Kind,
}

/// What distinguishes forms.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Kind {
    pub code: Code,
    /// Whether it has an explicit operand in memory.
    pub memory: bool,
    pub lock: bool,
    pub rep: bool,
    pub repne: bool,
}

/// Returns the instruction that begins with these bytes, if there is one in this CPU model that the
/// decoder distinguishes from others. `ud2` is one.
pub(crate) fn decode(bytes: &[u8], eip: u32) -> Option<Instruction> {
    let mut decoder = Decoder::with_ip(32, bytes, eip.into(), OPTIONS);
    let instruction = decoder.decode();
    (!instruction.is_invalid()).then_some(instruction)
}

/// Returns whether the CPU model has all of the instruction's features.
pub(crate) fn is_in_model(instruction: &Instruction) -> bool {
    instruction
        .cpuid_features()
        .iter()
        .all(|feature| MODEL.contains(feature))
}

/// Returns the offsets of displacement and immediates in the instruction `bytes` at `eip`.
pub(crate) fn constants(bytes: &[u8], eip: u32) -> iced_x86::ConstantOffsets {
    let mut decoder = Decoder::with_ip(32, bytes, eip.into(), OPTIONS);
    let instruction = decoder.decode();
    decoder.get_constant_offsets(&instruction)
}

/// Returns the form of an instruction.
pub(crate) fn kind(instruction: &Instruction) -> Kind {
    let memory = (0..instruction.op_count()).any(|i| instruction.op_kind(i) == OpKind::Memory);
    Kind {
        code: instruction.code(),
        memory,
        lock: instruction.has_lock_prefix(),
        rep: instruction.has_rep_prefix(),
        repne: instruction.has_repne_prefix(),
    }
}

/// Returns all forms that need no privilege and whose next instruction a case can determine.
pub(crate) fn all() -> Vec<Form> {
    let mut seen = HashSet::new();
    let mut forms = Vec::new();
    for opcode in opcodes() {
        for prefixes in PREFIXES {
            for modrm in (0x80..=0xff).filter(|modrm| modrm & 0xc7 != 0x84) {
                let bytes = [prefixes, &opcode[..], &[modrm], &[0; 8]].concat();
                let Some(instruction) = decode(&bytes, 0) else {
                    continue;
                };
                let kind = kind(&instruction);
                if is_wanted(&instruction) && seen.insert(kind) {
                    forms.push(Form {
                        prefixes: prefixes.to_vec(),
                        opcode: opcode.clone(),
                        modrm,
                        kind,
                    });
                }
            }
        }
    }
    forms
}

/// Opcodes of one and two bytes.
pub(crate) fn opcodes() -> impl Iterator<Item = Vec<u8>> {
    const NO_OPCODES: [u8; 12] = [
        0x0f, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3,
    ];
    let one = (0..=0xff)
        .filter(|byte| !NO_OPCODES.contains(byte))
        .map(|byte| vec![byte]);
    let two = (0..=0xff).map(|byte| vec![0x0f, byte]);
    one.chain(two)
}

/// Returns whether a case can show its whole effect. That excludes instructions that need another
/// code segment or expose the machine, and the `int3` that ends each case.
fn is_wanted(instruction: &Instruction) -> bool {
    use iced_x86::FlowControl::{Exception, Interrupt};
    let code = instruction.code();
    let is_interrupt = matches!(code.flow_control(), Interrupt | Exception) && code != Code::Into;
    is_in_model(instruction)
        && !instruction.is_privileged()
        && !is_far(code)
        && !is_interrupt
        && code != Code::Cpuid
}

fn is_far(code: Code) -> bool {
    code.is_jmp_far()
        || code.is_jmp_far_indirect()
        || code.is_call_far()
        || code.is_call_far_indirect()
        || matches!(
            code.mnemonic(),
            Mnemonic::Retf | Mnemonic::Iret | Mnemonic::Iretd
        )
}

#[test]
fn every_code_of_the_model_has_a_form() {
    use iced_x86::FlowControl::{Exception, Interrupt};
    let made: HashSet<Code> = all().into_iter().map(|form| form.kind.code).collect();
    for code in Code::values().filter(|code| !made.contains(code)) {
        let table = code.op_code();
        let is_in_model = code
            .cpuid_features()
            .iter()
            .all(|feature| MODEL.contains(feature));
        // This model has them as `nop` of a reserved opcode.
        let is_named_nop = matches!(
            code.mnemonic(),
            Mnemonic::Nop
                | Mnemonic::Prefetchnta
                | Mnemonic::Prefetcht0
                | Mnemonic::Prefetcht1
                | Mnemonic::Prefetcht2
        );
        let is_wanted = !table.is_privileged()
            && !is_far(code)
            && !matches!(code.flow_control(), Interrupt | Exception)
            && code != Code::Cpuid;
        let is_tried = table.is_instruction() && table.mode32() && is_in_model && is_wanted;
        assert!(
            !is_tried || is_named_nop || table.fwait(),
            "{code:?} is not tried"
        );
    }
}
