//! A context is the complete state of a program: general registers, flags, x87 and SSE.

use bare::{CODE, Machine, STACK_TOP, code, imm};
use cpu::exit::Exit;
use cpu::registers::Registers;
use machine::addr::VirtAddr;

/// Keeps `value` in an x87 register, an SSE register and EDI; then, after each system call,
/// reports their sum, of which each is a third.
fn keeper(value: u32) -> Vec<u8> {
    code(&[
        &[0x68],
        &imm(value),                     // push value
        &[0xdb, 0x04, 0x24],             // fild dword [esp]
        &[0xf3, 0x0f, 0x2a, 0x0c, 0x24], // cvtsi2ss xmm1, [esp]
        &[0x8b, 0x3c, 0x24],             // mov edi, [esp]
        &[0xcd, 0x30],                   // again: int 0x30
        &[0xd9, 0xc0, 0xdb, 0x1c, 0x24], // fld st0; fistp dword [esp]
        &[0x8b, 0x04, 0x24],             // mov eax, [esp]
        &[0xf3, 0x0f, 0x2d, 0xc9],       // cvtss2si ecx, xmm1
        &[0x01, 0xc8, 0x01, 0xf8],       // add eax, ecx; add eax, edi
        &[0xeb, 0xec],                   // jmp again
    ])
}

#[test]
fn x87_sse_and_general_registers_stay_apart_over_switches() {
    let mut machine = Machine::new();
    let values: Vec<u32> = (1..=20).map(|n| n * 1001).collect();
    let mut programs: Vec<_> = values
        .iter()
        .map(|v| machine.program(&keeper(*v)))
        .collect();
    for turn in 0..5 {
        for (program, value) in programs.iter_mut().zip(&values) {
            assert_eq!(machine.run_program(program), Exit::Syscall);
            if turn > 0 {
                assert_eq!(machine.cpu.eax(), 3 * value);
            }
            machine.cpu.save(&mut program.context);
        }
    }
}

#[test]
fn a_new_context_is_clean_whatever_ran_before() {
    let mut machine = Machine::new();
    let dirty = machine.program(&code(&[
        &[0xd9, 0xe8, 0xd9, 0xe8], // fld1; fld1
        &[0x68],
        &imm(0x1fff),
        &[0x0f, 0xae, 0x14, 0x24], // ldmxcsr
        &[0xfd, 0xb8],
        &imm(5),
        &[0x8e, 0xe8], // std; mov eax, 5
    ]));
    machine.run_program(&dirty);
    // fnstenv and stmxcsr store the state; pushf the flags.
    let probe = machine.program(&code(&[
        &[0x83, 0xec, 0x20, 0xd9, 0x34, 0x24], // sub esp, 32; fnstenv [esp]
        &[0x0f, 0xae, 0x5c, 0x24, 0x1c],       // stmxcsr [esp+28]
        &[0xcd, 0x30],
    ]));
    assert_eq!(machine.run_program(&probe), Exit::Syscall);
    let registers = machine.cpu.registers();
    let word = |offset| machine.word(&probe.directory, VirtAddr(registers.esp + offset));
    assert_eq!(
        [word(0) & 0xffff, word(4) & 0xffff, word(8) & 0xffff],
        [0x37f, 0, 0xffff]
    );
    assert_eq!(word(28), 0x1f80);
    let general = [
        registers.eax,
        registers.ebx,
        registers.ecx,
        registers.edx,
        registers.ebp,
    ];
    assert_eq!(general, [0; 5]);
    assert_eq!(registers.eflags & 0x400, 0);
    assert_eq!((registers.ds, registers.gs), (0x23, 0x23));
}

#[test]
fn a_copy_of_a_context_goes_on_like_the_original_in_its_own_space() {
    let mut machine = Machine::new();
    let mut parent = machine.program(&keeper(7));
    machine.run_program(&parent);
    machine.cpu.save(&mut parent.context);
    // The child has the same content in its own frames.
    let mut child = machine.program(&keeper(7));
    let esp = VirtAddr(parent.context.registers().esp);
    machine.place(&child.directory, esp, &7u32.to_le_bytes());
    child.context = parent.context.clone();
    child.context.set_eax(0);
    for program in [&child, &parent, &child] {
        assert_eq!(machine.run_program(program), Exit::Syscall);
        assert_eq!(machine.cpu.eax(), 21);
    }
}

#[test]
fn registers_of_a_context_are_read_and_set_as_on_the_cpu() {
    let mut machine = Machine::new();
    let mut context = machine.cpu.new_context(CODE, STACK_TOP);
    let wanted = Registers {
        eax: 1,
        ebx: 2,
        ecx: 3,
        edx: 4,
        esi: 5,
        edi: 6,
        ebp: 7,
        eflags: 0x3_ffff,
        cs: 0x08,
        ..context.registers()
    };
    context.set_registers(&wanted);
    let got = context.registers();
    // IOPL, VM, the reserved flags and segments cannot be set.
    assert_eq!(
        got,
        Registers {
            eflags: 0x4fd7,
            cs: 0x1b,
            ..wanted
        }
    );
    let root = machine.tables.boot_directory().root();
    machine.cpu.resume(&context, root);
    assert_eq!(machine.cpu.registers(), got);
    context.set_eip(VirtAddr(0x1234));
    context.set_esp(VirtAddr(0x5678));
    assert_eq!(
        (context.registers().eip, context.registers().esp),
        (0x1234, 0x5678)
    );
}

#[test]
fn an_exception_of_one_program_leaves_the_others_alone() {
    let mut machine = Machine::new();
    let mut good = machine.program(&keeper(9));
    machine.run_program(&good);
    machine.cpu.save(&mut good.context);
    for _ in 0..5 {
        // Contributory exceptions in sequence would be a double fault if one program caused them.
        for bytes in [[0xf7, 0xf0], [0xcd, 0x0d], [0xfa, 0x90]] {
            let bad = machine.program(&bytes);
            assert!(matches!(machine.run_program(&bad), Exit::Exception { .. }));
        }
        assert_eq!(machine.run_program(&good), Exit::Syscall);
        assert_eq!(machine.cpu.eax(), 27);
        machine.cpu.save(&mut good.context);
    }
}
