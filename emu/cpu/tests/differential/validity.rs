//! Valid and invalid instructions: every opcode of one and two bytes, every ModR/M byte that may
//! matter, every prefix that selects or forbids something.
//!
//! The decoder's tables define which instructions exist. The host's CPU is compared for those that
//! they call invalid, or valid and in this CPU model.

use std::ops::RangeInclusive;

use iced_x86::{Decoder, DecoderOptions, FlowControl, Instruction, Mnemonic};

use crate::case::{CODE, Case, DATA, STACK, WINDOW};
use crate::compare::{self, Findings};
use crate::emulated::Emulated;
use crate::forms;
use crate::native::Native;
use crate::outcome::{End, Outcome};
use crate::pages::Pages;

const PREFIXES: &[&[u8]] = &[
    &[],
    &[0x66],
    &[0xf2],
    &[0xf3],
    &[0xf0],
    &[0x66, 0xf2],
    &[0x66, 0xf3],
    &[0x66, 0xf0],
    &[0xf2, 0xf0],
    &[0xf3, 0xf0],
];

/// Returns x87 and SSE as at a program's start.
fn float() -> [u8; 512] {
    let mut state = [0; 512];
    state[..2].copy_from_slice(&0x037f_u16.to_le_bytes());
    state[24..28].copy_from_slice(&0x1f80_u32.to_le_bytes());
    state
}

#[test]
fn what_is_no_instruction_is_an_invalid_opcode() {
    let mut emulated = Emulated::new(&[float()]);
    let mut findings = Findings::default();
    let mut count = 0;
    let mut asked = Vec::new();
    for case in cases() {
        count += 1;
        let expected = is_valid(&case.bytes, case.eip);
        let got = is_accepted(&emulated.run(&case, Pages::RESIDENT));
        if Some(got) != expected && expected.is_some() {
            let way = way(&case.bytes, got);
            findings.note(&case, &way, || "by the decoder's tables".to_string());
        }
        if is_for_the_host(&case.bytes, case.eip) {
            asked.push((case, got));
        }
    }
    match Native::new() {
        Ok(native) => {
            let cases: Vec<_> = asked
                .iter()
                .map(|(case, _)| (case.clone(), Pages::RESIDENT))
                .collect();
            let outcomes = native.run(&cases, &[float()]);
            for ((case, got), outcome) in asked.iter().zip(outcomes) {
                if is_accepted(&outcome) != *got {
                    let way = way(&case.bytes, *got);
                    findings.note(case, &way, || "by the host's CPU".to_string());
                }
            }
        }
        Err(reason) => println!("the host's CPU was not asked: {reason}"),
    }
    findings.assert_none(count);
}

fn is_accepted(outcome: &Outcome) -> bool {
    !matches!(outcome.end, End::Exception { vector: 6, .. })
}

/// Returns what is wrong: one way for each opcode, but one for LOCK.
fn way(bytes: &[u8], accepted: bool) -> String {
    let (prefixes, opcode) = split(bytes);
    let what = match prefixes.contains(&0xf0) {
        true => "LOCK".to_string(),
        false => compare::bytes(&opcode[..1 + usize::from(opcode[0] == 0x0f)]),
    };
    let verb = if accepted { "accepted" } else { "refused" };
    format!("{verb}: {what}")
}

/// Returns whether the CPU model has the instruction with which these bytes begin; `None` where two
/// exceptions would be right.
fn is_valid(bytes: &[u8], eip: u32) -> Option<bool> {
    let Some(instruction) = forms::decode(bytes, eip) else {
        return (!begins(bytes, 0x20..=0x23)).then_some(false);
    };
    // A reserved `nop` for one vendor; invalid without a memory operand for the other.
    if begins(bytes, 0x0d..=0x0d) {
        return None;
    }
    use iced_x86::CpuidFeature::*;
    // In ring 3 they are not allowed, which is another exception.
    let privileged = [MSR, RDPMC];
    let has = |feature| forms::MODEL.contains(feature) || privileged.contains(feature);
    let never = matches!(
        instruction.mnemonic(),
        Mnemonic::Ud0 | Mnemonic::Ud1 | Mnemonic::Ud2 | Mnemonic::Rsm
    );
    Some(instruction.cpuid_features().iter().all(has) && !never)
}

/// Returns whether its opcode is 0f and one of these.
fn begins(bytes: &[u8], second: RangeInclusive<u8>) -> bool {
    let (_, opcode) = split(bytes);
    opcode[0] == 0x0f && second.contains(&opcode[1])
}

/// Splits bytes after the prefixes that are tried here.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let is_prefix = |byte: &u8| matches!(byte, 0x66 | 0xf0 | 0xf2 | 0xf3);
    let start = bytes.iter().position(|byte| !is_prefix(byte));
    bytes.split_at(start.expect("an opcode"))
}

/// Returns whether a correct CPU agrees with the host: it is invalid on both, or an instruction of
/// the model, and not one by which the program would leave.
fn is_for_the_host(bytes: &[u8], eip: u32) -> bool {
    let now =
        |options| -> Instruction { Decoder::with_ip(32, bytes, eip.into(), options).decode() };
    let [newest, model] = [DecoderOptions::AMD, DecoderOptions::NONE].map(now);
    let described = matches!(model.mnemonic(), Mnemonic::Rsm | Mnemonic::Rdpmc);
    let in_model = forms::is_in_model(&model) && model.flow_control() == FlowControl::Next;
    let in_model = in_model && !model.is_invalid();
    let nowhere = model.is_invalid() && newest.is_invalid();
    // Moves of control registers raise two exceptions at once; 0f 00, 01 and 0d depend on the
    // vendor.
    let open = begins(bytes, 0..=1) || begins(bytes, 0x0d..=0x0d) || begins(bytes, 0x20..=0x23);
    !described && (in_model || nowhere) && !open
}

fn cases() -> impl Iterator<Item = Case> {
    forms::opcodes().flat_map(|opcode| {
        let registers = match opcode[..] {
            [0xd8..=0xdf] | [0x0f, 0x01 | 0xae] => 8,
            _ => 1,
        };
        let modrms = move |reg: u8| {
            let memory = reg << 3 | 5;
            (0..registers)
                .map(move |rm| 0xc0 | reg << 3 | rm)
                .chain([memory])
        };
        let all = (0..8).flat_map(modrms);
        all.flat_map(move |modrm| {
            let opcode = opcode.clone();
            PREFIXES
                .iter()
                .map(move |prefixes| case(&[prefixes, &opcode[..], &[modrm]].concat()))
        })
    })
}

/// Returns a case that begins with these bytes. Wherever it leads there is an `int3`, or no page.
fn case(bytes: &[u8]) -> Case {
    let operand = DATA - 0x80;
    let mut code = bytes.to_vec();
    code.extend(operand.to_le_bytes());
    code.resize(15, 0);
    let instruction = forms::decode(&code, CODE - 0x100).unwrap_or_default();
    if !instruction.is_invalid() {
        code.truncate(instruction.len());
    }
    Case {
        instruction,
        bytes: code,
        eip: CODE - 0x100,
        general: [
            operand,
            1,
            0,
            operand,
            STACK - 0x80,
            operand,
            operand,
            operand,
        ],
        eflags: 0x202,
        float: 0,
        data: [0xcc; WINDOW],
        stack: [0; WINDOW],
    }
}
