//! Segments that are null or code, and what `iret` and `int1` may do.

use bare::{DATA, Machine, code, imm};
use cpu::exception::Exception;
use cpu::exit::Exit;
use machine::pte::PteFlags;

/// Runs code with a page at [`DATA`].
fn run(parts: &[&[u8]]) -> (Exit, Machine) {
    let mut machine = Machine::new();
    let bytes = code(&[&code(parts), &[0xcd, 0x30]]);
    let program = machine.program(&bytes);
    machine.map_new(&program.directory, DATA.page(), PteFlags::USER_WRITE);
    let exit = machine.run_program(&program);
    (exit, machine)
}

fn refused(error_code: u32) -> Exit {
    Exit::Exception {
        exception: Exception::GeneralProtection,
        error_code,
    }
}

#[test]
fn null_and_code_segments_do_not_allow_what_they_should_not() {
    let (load, store): (&[u8], &[u8]) = (&[0xa1], &[0xa3]);
    let at = &imm(DATA.0);
    // mov segment, ax with 0 or the user's code segment, then an access through it.
    for (prefix, segment) in [(0x3e, 0xd8), (0x26, 0xc0), (0x64, 0xe0), (0x65, 0xe8)] {
        for (selector, access, expected) in [
            (0x00, load, refused(0)),
            (0x00, store, refused(0)),
            (0x1b, load, Exit::Syscall),
            (0x1b, store, refused(0)),
            (0x23, load, Exit::Syscall),
            (0x23, store, Exit::Syscall),
        ] {
            let select = code(&[&[0xb8], &imm(selector), &[0x8e, segment]]);
            let (exit, _) = run(&[&select, &[prefix], access, at]);
            assert_eq!(exit, expected, "{prefix:x} {selector:x} {access:x?}");
        }
    }
    assert_eq!(run(&[&[0x2e], load, at]).0, Exit::Syscall);
    assert_eq!(run(&[&[0x2e], store, at]).0, refused(0));
    // rep stosb through a null ES; movsb from CS to it.
    let null_es: &[u8] = &[0x31, 0xc0, 0x8e, 0xc0, 0xbf];
    assert_eq!(run(&[null_es, at, &[0xb1, 1, 0xf3, 0xaa]]).0, refused(0));
    assert_eq!(
        run(&[&[0xbf], at, &[0xbe], at, &[0x2e, 0xa4]]).0,
        Exit::Syscall
    );
}

#[test]
fn a_selector_that_is_none_is_the_error_code() {
    for selector in [0x08, 0x28, 0x30, 0x1234, 0xfff7] {
        let load = [0x8e, 0xd8];
        let (exit, _) = run(&[&[0xb8], &imm(selector), &load]);
        assert_eq!(exit, refused(selector & 0xfffc), "{selector:x}");
    }
}

#[test]
fn int1_is_a_trap_of_its_own() {
    let (exit, machine) = run(&[&[0xf1]]);
    let debug = Exit::Exception {
        exception: Exception::Debug,
        error_code: 0,
    };
    assert_eq!(exit, debug);
    assert_eq!(machine.cpu.eip().0, bare::CODE.0 + 1);
}

#[test]
fn iret_with_the_nested_task_flag_finds_no_task_to_return_to() {
    // popf of NT, then iret: the link of the task state segment is null.
    let (exit, _) = run(&[&[0x68], &imm(0x4202), &[0x9d, 0xcf]]);
    let invalid = Exit::Exception {
        exception: Exception::InvalidTss,
        error_code: 0,
    };
    assert_eq!(exit, invalid);
}

#[test]
fn what_cpuid_says_is_what_the_model_has() {
    let (exit, machine) = run(&[&[0xb8, 1, 0, 0, 0, 0x0f, 0xa2]]);
    assert_eq!(exit, Exit::Syscall);
    let registers = machine.cpu.registers();
    // FPU, MSR, CX8, PGE, CMOV, CLFSH, MMX, FXSR, SSE, SSE2 and nothing else.
    let features = [0, 5, 8, 13, 15, 19, 23, 24, 25, 26];
    let expected: u32 = features.iter().map(|bit| 1u32 << bit).sum();
    assert_eq!((registers.edx, registers.ecx & 0x7fff_ffff), (expected, 0));
}
