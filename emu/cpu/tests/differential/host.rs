//! An instruction does the same as on the host's own CPU.
//!
//! Where the host cannot run i386 programs, QEMU is used for a part of the forms: `qemu_knows`.

use iced_x86::Mnemonic::{Maskmovdqu, Maskmovq};
use iced_x86::{Code, Instruction, Mnemonic, OpKind, RflagsBits};

use crate::case::{self, Case, FLAGS, PLACES};
use crate::compare::{Findings, Latitude, states};
use crate::emulated::Emulated;
use crate::native::{Native, Oracle};
use crate::outcome::{End, Fault, Outcome};
use crate::pages::{Pages, STATES};
use crate::{FLOATS, floats, forms, setting};
use bare::Random;

/// The end of Linux' descriptors: its GDT has 16.
const END_OF_GDT: u32 = 0x80;
/// The number of cases in one batch for the host.
const BATCH: usize = 4000;

#[test]
fn every_form_does_what_it_does_on_the_hosts_cpu() {
    let native = match Native::new() {
        Ok(native) => native,
        Err(reason) => {
            println!("skipped: {reason}");
            return;
        }
    };
    let mut random = Random::new(setting("VMLAB_SEED", 1));
    let floats = floats(&mut random);
    let mut emulated = Emulated::new(&floats);
    let mut findings = Findings::default();
    let mut cases = Vec::new();
    let mut count = 0;
    for _ in 0..setting("VMLAB_DIFFERENTIAL_ROUNDS", 1) {
        for form in forms::all() {
            for place in PLACES {
                let case = case::random(&form, place, FLOATS, &mut random);
                let state = STATES[random.below(STATES.len() as u32) as usize];
                let instruction = &case.instruction;
                let is_known = native.oracle == Oracle::Host || qemu_knows(instruction);
                if is_another_matter(instruction) || !is_known {
                    continue;
                }
                cases.push((case.clone(), Pages::RESIDENT));
                // Whether masked bytes may fault depends on the CPU.
                let may_differ = matches!(instruction.mnemonic(), Maskmovq | Maskmovdqu)
                    || may_read_less(instruction);
                if native.oracle == Oracle::Host && !may_differ {
                    cases.push((case, state));
                }
            }
            if cases.len() > BATCH {
                count += cases.len() as u64;
                compare(&native, &mut emulated, &cases, &floats, &mut findings);
                cases.clear();
            }
        }
    }
    count += cases.len() as u64;
    compare(&native, &mut emulated, &cases, &floats, &mut findings);
    findings.assert_none(count);
}

fn compare(
    native: &Native,
    emulated: &mut Emulated,
    cases: &[(Case, Pages)],
    floats: &[[u8; crate::values::FXSAVE]],
    findings: &mut Findings,
) {
    for ((case, pages), expected) in cases.iter().zip(native.run(cases, floats)) {
        let got = emulated.run(case, *pages);
        check(case, *pages, &expected, &got, findings);
    }
}

fn check(case: &Case, pages: Pages, expected: &Outcome, got: &Outcome, findings: &mut Findings) {
    // For one signal in some 7,000 QEMU reports no exception number: then nothing is known.
    if let End::Exception {
        vector: u32::MAX, ..
    } = expected.end
    {
        return;
    }
    if is_about_descriptors(expected, got)
        || is_about_a_later_mxcsr(expected, got)
        || stores_nothing(&case.instruction, expected)
    {
        return;
    }
    let is_usual = pages == Pages::RESIDENT;
    let kind = if is_usual {
        ""
    } else {
        ", pages in some state"
    };
    let detail = |expected: String, got: String| {
        move || format!("{pages:?}: expected {expected}, got {got}")
    };
    let ends = |outcome: &Outcome| match outcome.end {
        End::PageFault(_) => "a page fault".to_string(),
        End::Exception { vector, .. } => format!("exception {vector}"),
        other => format!("{other:?}"),
    };
    if ends(expected) != ends(got) {
        let way = format!("{} and not {}{kind}", ends(got), ends(expected));
        let text = detail(format!("{:x?}", expected.end), format!("{:x?}", got.end));
        findings.note(case, &way, text);
        return;
    }
    let texts = |outcome: &Outcome| format!("{:x?} after {:x?}", outcome.end, outcome.faults);
    if let Some(way) = other_faults(case, expected, got) {
        findings.note(case, way, detail(texts(expected), texts(got)));
    }
    for (part, text) in states(expected, got, latitude(&case.instruction, expected.end)) {
        let way = format!("{part} after {}{kind}", ends(expected));
        findings.note(case, &way, || format!("{pages:?}: {text}"));
    }
}

/// Returns whether they differ because of a selector for which Linux or the machine has a
/// descriptor: the same selector names different ones. The selector was loaded, or is the error
/// code.
fn is_about_descriptors(expected: &Outcome, got: &Outcome) -> bool {
    let error_code = |outcome: &Outcome| match outcome.end {
        // Those of #TS, #NP, #SS and #GP, unless it is about the IDT.
        End::Exception {
            vector: 10..=13,
            code,
        } if code & 3 == 0 => code,
        _ => 0,
    };
    let selectors = |outcome: &Outcome| {
        let segments = outcome.segments.map(u32::from);
        segments.into_iter().chain([error_code(outcome)])
    };
    let has_descriptor = |selector: u32| selector & 4 == 0 && (8..END_OF_GDT).contains(&selector);
    let mut pairs = selectors(expected).zip(selectors(got));
    pairs.any(|(old, new)| old != new && (has_descriptor(old) || has_descriptor(new)))
}

/// Returns whether a bit of MXCSR was loaded that the host's CPU has and the model does not: the
/// CPUs of one vendor have bit 17.
fn is_about_a_later_mxcsr(expected: &Outcome, got: &Outcome) -> bool {
    const MODEL: u32 = 0xffff;
    let refused = End::Exception {
        vector: 13,
        code: 0,
    };
    expected.float.mxcsr & !MODEL != 0 && got.end == refused
}

/// Returns whether one maker's CPUs read less of memory than the operand has: of a selector its two
/// bytes, of bounds the upper one only if the lower one holds.
fn may_read_less(instruction: &Instruction) -> bool {
    let register = instruction.op0_register();
    instruction.mnemonic() == Mnemonic::Bound
        || instruction.mnemonic() == Mnemonic::Pop && register.is_segment_register()
}

/// Returns whether it is an x87 store whose value is not stored, because it raises an exception that
/// is not masked: one maker's CPUs do not touch memory then, the other's may fault first.
fn stores_nothing(instruction: &Instruction, expected: &Outcome) -> bool {
    use Mnemonic::*;
    const ERROR_SUMMARY: u16 = 1 << 7;
    let stores = matches!(
        instruction.mnemonic(),
        Fst | Fstp | Fist | Fistp | Fisttp | Fbstp
    );
    stores && expected.float.status & ERROR_SUMMARY != 0
}

/// Returns how the page faults, or the error code of another exception, differ.
fn other_faults(case: &Case, expected: &Outcome, got: &Outcome) -> Option<&'static str> {
    let parts = has_parts(&case.instruction);
    let faults = |outcome: &Outcome| {
        let mut all = outcome.faults.clone();
        if let End::PageFault(last) = outcome.end {
            all.push(last);
        }
        if parts {
            all.iter_mut().for_each(|fault| fault.addr &= !0xfff);
            all.sort_by_key(|fault| fault.addr);
        }
        all
    };
    let (old, new) = (faults(expected), faults(got));
    let addresses = |list: &[Fault]| list.iter().map(|fault| fault.addr).collect::<Vec<_>>();
    match (expected.end, got.end) {
        (End::PageFault(_), End::PageFault(_)) if parts => None,
        _ if old == new => {
            let same = matches!(got.end, End::PageFault(_)) || expected.end == got.end;
            (!same).then_some("another error code of an exception")
        }
        _ if old.len() != new.len() => Some("more or fewer page faults"),
        _ if addresses(&old) == addresses(&new) => Some("another error code of a page fault"),
        _ => Some("another address of a page fault"),
    }
}

/// Returns whether it accesses its operand in parts, in an order that depends on the CPU.
fn has_parts(instruction: &Instruction) -> bool {
    use Mnemonic::*;
    matches!(
        instruction.mnemonic(),
        Pusha | Pushad | Popa | Popad | Enter | Fbld | Fbstp
    ) || instruction.memory_size().size() > 16
        || matches!(instruction.mnemonic(), Fnsave | Fnstenv | Fldenv | Frstor)
}

/// Returns whether the host's CPU legitimately differs: the instruction exposes selectors and
/// descriptors, which depend on the machine, or a later model.
fn is_another_matter(instruction: &Instruction) -> bool {
    use Mnemonic::*;
    let is_move = matches!(instruction.mnemonic(), Mov | Push);
    let is_segment = |i| {
        let register = instruction.op_register(i);
        register.is_segment_register()
    };
    let last = instruction.op_count().saturating_sub(1);
    // With these prefixes they are other instructions on CPUs that have those, or undocumented.
    let is_repeated = instruction.has_rep_prefix() || instruction.has_repne_prefix();
    // One maker's CPUs have a prefetch there and no form with registers.
    let is_prefetch = matches!(
        instruction.code(),
        Code::Reservednop_rm16_r16_0F0D | Code::Reservednop_rm32_r32_0F0D
    );
    is_prefetch && instruction.op0_kind() == OpKind::Register
        || is_repeated && matches!(instruction.mnemonic(), Bsf | Bsr | Loope | Loopne)
        || is_move && is_segment(last)
        || matches!(
            instruction.mnemonic(),
            Sgdt | Sidt | Sldt | Str | Smsw | Lar | Lsl | Verr | Verw
        )
}

/// Returns whether QEMU is a valid reference: for instructions on general registers and resident
/// memory alone. Not for x87, MMX and SSE, whose exceptions it lacks, nor for faults, which it
/// derives from the host's, with parts of an instruction done. There it has the mistakes that our
/// emulator had before its corrections, since both have the same origin.
fn qemu_knows(instruction: &Instruction) -> bool {
    use iced_x86::CpuidFeature::*;
    let features = instruction.cpuid_features();
    let is_old = |feature: &_| matches!(feature, INTEL8086 | INTEL186 | INTEL386 | INTEL486 | CMOV);
    features.iter().all(is_old)
}

/// Returns what the manual leaves undefined, and what differs between vendors.
fn latitude(instruction: &Instruction, end: End) -> Latitude {
    use Mnemonic::*;
    let undefined = instruction.rflags_undefined();
    let open = |pairs: &[(u32, u32)]| {
        let bits = pairs.iter().filter(|(bit, _)| undefined & bit != 0);
        bits.fold(0, |all, (_, bit)| all | bit)
    };
    let flags = open(&[
        (RflagsBits::CF, 1),
        (RflagsBits::PF, 1 << 2),
        (RflagsBits::AF, 1 << 4),
        (RflagsBits::ZF, 1 << 6),
        (RflagsBits::SF, 1 << 7),
        (RflagsBits::OF, 1 << 11),
    ]);
    let conditions = open(&[
        (RflagsBits::C0, 1 << 8),
        (RflagsBits::C1, 1 << 9),
        (RflagsBits::C2, 1 << 10),
        (RflagsBits::C3, 1 << 14),
    ]);
    // The tables treat a rotation by all bits as none; the manual only one by 0.
    let rotates = matches!(instruction.mnemonic(), Rcl | Rcr)
        && instruction.op1_kind() == OpKind::Immediate8
        && instruction.immediate8() & 0x1f > 1;
    let flags = if rotates { flags | 1 << 11 } else { flags };
    let mut latitude = Latitude {
        flags: FLAGS & !flags,
        status: !conditions as u16,
        ..Latitude::NONE
    };
    let faults = matches!(end, End::PageFault(_));
    match instruction.mnemonic() {
        // Results differ in the last bits, and with them whether they are exact.
        F2xm1 | Fyl2x | Fyl2xp1 | Fptan | Fpatan | Fsin | Fcos | Fsincos => {
            latitude.st = false;
            // And whether an exception that is not masked keeps a result from being popped.
            latitude.status &= !(0xb800 | 1 << 9 | 0xbf);
        }
        // A count that is a multiple of the width leaves OF open.
        Rcl | Rcr => latitude.flags &= !(1 << 11),
        // One maker's CPUs keep C1, the other's clear it.
        Fcomi | Fcomip | Fucomi | Fucomip => latitude.status &= !(1 << 9),
        // If they raise #XM, one maker's CPUs have switched to MMX by then.
        Cvtps2pi | Cvtpd2pi | Cvttps2pi | Cvttpd2pi | Cvtpi2ps | Cvtpi2pd => {
            latitude.st = false;
            latitude.status = 0;
        }
        // The same if a store of theirs is refused.
        Movq | Movd | Movntq if end != End::Next => {
            latitude.st = false;
            latitude.status = 0;
        }
        // What reached the first page stays there on one maker's CPUs.
        Fstp | Fbstp if faults => latitude.memory = false,
        // Here nothing of a fault is visible; on hardware what was pushed or popped by then.
        Enter | Pusha | Pushad if faults => latitude.memory = false,
        Popa | Popad if faults => latitude.general = false,
        // In the midst of a repetition one maker's CPUs have the flags of its last comparison, the
        // other's those from before it.
        Scasb | Scasw | Scasd | Cmpsb | Cmpsw | Cmpsd if faults => {
            const ARITHMETIC: u32 = 0x8d5;
            latitude.flags &= !ARITHMETIC;
        }
        // Approximations.
        Rcpps | Rcpss | Rsqrtps | Rsqrtss => latitude.xmm = false,
        // What they tell of the last x87 instruction.
        Fnsave | Fnstenv | Fxsave => latitude.memory = false,
        _ => {}
    }
    latitude
}
