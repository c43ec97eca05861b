//! Ring 3 is real: every privileged or sensitive instruction raises the exception of hardware, with
//! EIP at the instruction, or has no effect. The CPU stays in ring 3 and can continue.

use bare::{CODE, DATA, Machine, STACK_TOP, code, imm};
use cpu::exception::Exception::{self, *};
use cpu::exit::{Exit, PageFault};
use cpu::registers::Registers;
use machine::addr::{KERNEL_BASE, VirtAddr};
use machine::mmu::{Access, PageFaultCode};
use machine::pte::PteFlags;
use machine::work::Work;

/// Runs `bytes` followed by system calls, with EBX at a page of data and small numbers in the
/// other registers.
fn run(machine: &mut Machine, bytes: &[u8]) -> Exit {
    let all = code(&[bytes, &[0xcd, 0x30, 0xcd, 0x30]]);
    let mut program = machine.program(&all);
    machine.map_new(&program.directory, DATA.page(), PteFlags::USER_WRITE);
    let registers = Registers {
        ebx: DATA.0,
        esi: DATA.0,
        edi: DATA.0,
        ecx: 1,
        eip: CODE.0,
        esp: STACK_TOP.0,
        ..Registers::default()
    };
    program.context.set_registers(&registers);
    machine.resume(&program);
    machine.cpu.run(machine.cpu.work() + Work(50))
}

fn expect(machine: &mut Machine, bytes: &[u8], exception: Exception, code: u32) {
    let exit = run(machine, bytes);
    let expected = Exit::Exception {
        exception,
        error_code: code,
    };
    assert_eq!(exit, expected, "{bytes:02x?}");
    let registers = machine.cpu.registers();
    assert_eq!(registers.eip, CODE.0, "{bytes:02x?}");
    check_ring(machine);
    // The next program is not affected.
    assert_eq!(run(machine, &[0x90]), Exit::Syscall, "after {bytes:02x?}");
    check_ring(machine);
}

fn check_ring(machine: &Machine) {
    let registers = machine.cpu.registers();
    assert_eq!((registers.cs, registers.ss), (0x1b, 0x23));
    // IF set; IOPL and VM clear.
    assert_eq!(registers.eflags & (3 << 12 | 1 << 17 | 1 << 9), 1 << 9);
}

#[test]
fn privileged_instructions_are_general_protection_faults() {
    let mut machine = Machine::new();
    let instructions: &[&[u8]] = &[
        &[0xfa],             // cli
        &[0xfb],             // sti
        &[0xf4],             // hlt
        &[0xe4, 0x60],       // in al, 0x60
        &[0xe5, 0x60],       // in eax, 0x60
        &[0x66, 0xe5, 0x60], // in ax, 0x60
        &[0xec],             // in al, dx
        &[0xed],             // in eax, dx
        &[0xe6, 0x60],       // out 0x60, al
        &[0xe7, 0x60],       // out 0x60, eax
        &[0xee],             // out dx, al
        &[0xef],             // out dx, eax
        &[0x6c],             // insb
        &[0x6d],             // insd
        &[0xf3, 0x6d],       // rep insd
        &[0x6e],             // outsb
        &[0x6f],             // outsd
        &[0xf3, 0x6e],       // rep outsb
        &[0x0f, 0x01, 0x13], // lgdt [ebx]
        &[0x0f, 0x01, 0x1b], // lidt [ebx]
        &[0x0f, 0x00, 0x13], // lldt [ebx]
        &[0x0f, 0x00, 0xd0], // lldt ax
        &[0x0f, 0x00, 0x1b], // ltr [ebx]
        &[0x0f, 0x00, 0xd8], // ltr ax
        &[0x0f, 0x01, 0xf0], // lmsw ax
        &[0x0f, 0x01, 0x33], // lmsw [ebx]
        &[0x0f, 0x06],       // clts
        &[0x0f, 0x20, 0xc0], // mov eax, cr0
        &[0x0f, 0x20, 0xd0], // mov eax, cr2
        &[0x0f, 0x20, 0xd8], // mov eax, cr3
        &[0x0f, 0x20, 0xe0], // mov eax, cr4
        &[0x0f, 0x22, 0xc0], // mov cr0, eax
        &[0x0f, 0x22, 0xd8], // mov cr3, eax
        &[0x0f, 0x22, 0xe0], // mov cr4, eax
        &[0x0f, 0x21, 0xc0], // mov eax, dr0
        &[0x0f, 0x21, 0xf8], // mov eax, dr7
        &[0x0f, 0x23, 0xf8], // mov dr7, eax
        &[0x0f, 0x01, 0x3b], // invlpg [ebx]
        &[0x0f, 0x08],       // invd
        &[0x0f, 0x09],       // wbinvd
        &[0x0f, 0x32],       // rdmsr
        &[0x0f, 0x30],       // wrmsr
        &[0x0f, 0x33],       // rdpmc
    ];
    for bytes in instructions {
        expect(&mut machine, bytes, GeneralProtection, 0);
    }
}

#[test]
fn every_software_interrupt_but_the_system_call_is_refused_or_a_trap() {
    let mut machine = Machine::new();
    for number in 0..=255u8 {
        let int = [0xcd, number];
        let trap = match number {
            3 => Some(Breakpoint),
            4 => Some(Overflow),
            5 => Some(BoundRange),
            0x30 => None,
            _ => {
                expect(
                    &mut machine,
                    &int,
                    GeneralProtection,
                    u32::from(number) * 8 + 2,
                );
                continue;
            }
        };
        let exit = run(&mut machine, &int);
        let expected = match trap {
            Some(exception) => Exit::Exception {
                exception,
                error_code: 0,
            },
            None => Exit::Syscall,
        };
        assert_eq!(
            (exit, machine.cpu.eip().0),
            (expected, CODE.0 + 2),
            "int {number}"
        );
    }
}

#[test]
fn a_software_interrupt_is_told_from_the_exception_with_its_number() {
    let mut machine = Machine::new();
    // A prefix belongs to the instruction that EIP is set back to.
    expect(
        &mut machine,
        &[0x66, 0xcd, 0x80],
        GeneralProtection,
        0x80 * 8 + 2,
    );
    // `div ecx` at once after the bytes of `int 0`, which are an operand here.
    let bytes = [0xb8, 0x90, 0x90, 0xcd, 0x00, 0x31, 0xc9, 0xf7, 0xf1];
    let exit = run(&mut machine, &bytes);
    assert_eq!(
        exit,
        Exit::Exception {
            exception: DivideError,
            error_code: 0
        }
    );
    assert_eq!(machine.cpu.eip().0, CODE.0 + 7);
}

#[test]
fn exceptions_of_the_program_itself() {
    let mut machine = Machine::new();
    expect(&mut machine, &[0xd4, 0x00], DivideError, 0); // aam 0
    expect(&mut machine, &[0xf7, 0xf0], DivideError, 0); // div eax, which is 0
    expect(&mut machine, &[0x0f, 0x0b], InvalidOpcode, 0); // ud2
    expect(&mut machine, &[0x0f, 0xb9, 0x00], InvalidOpcode, 0); // ud1
    expect(&mut machine, &[0x0f, 0xff], InvalidOpcode, 0); // ud0
    expect(&mut machine, &[0x8e, 0xc8], InvalidOpcode, 0); // mov cs, ax
    expect(&mut machine, &[0x62, 0xc0], InvalidOpcode, 0); // bound of a register
    expect(&mut machine, &[0x8d, 0xc0], InvalidOpcode, 0); // lea of a register
    expect(&mut machine, &[0xff, 0xff], InvalidOpcode, 0);
    expect(&mut machine, &[0x0f, 0x05], InvalidOpcode, 0); // syscall
    expect(&mut machine, &[0x0f, 0x34], InvalidOpcode, 0); // sysenter
    expect(&mut machine, &[0x0f, 0x35], InvalidOpcode, 0); // sysexit
    expect(&mut machine, &[0x0f, 0x31], InvalidOpcode, 0); // rdtsc
    expect(&mut machine, &[0x0f, 0x07], InvalidOpcode, 0); // sysret
    expect(&mut machine, &[0x0f, 0xaa], InvalidOpcode, 0); // rsm
    expect(&mut machine, &[0x0f, 0x01, 0xc1], InvalidOpcode, 0); // vmcall
    expect(&mut machine, &[0x0f, 0x01, 0xd8], InvalidOpcode, 0); // vmrun
    expect(&mut machine, &[0x0f, 0x01, 0xc8], InvalidOpcode, 0); // monitor
    expect(&mut machine, &[0x0f, 0x01, 0xc9], InvalidOpcode, 0); // mwait
    expect(&mut machine, &[0x0f, 0x01, 0xd0], InvalidOpcode, 0); // xgetbv
    expect(&mut machine, &[0x0f, 0x01, 0xf9], InvalidOpcode, 0); // rdtscp
    expect(&mut machine, &[0x0f, 0xc7, 0xf0], InvalidOpcode, 0); // rdrand eax
    expect(&mut machine, &[0x0f, 0xc7, 0xf8], InvalidOpcode, 0); // rdseed eax
    // EBX points to two zeros: 1 is not between them.
    let bytes = [0x62, 0x0b]; // bound ecx, [ebx]
    expect(&mut machine, &bytes, BoundRange, 0);
    // Fifteen prefixes and an instruction.
    let long = [[0x66; 15].as_slice(), &[0x90]].concat();
    expect(&mut machine, &long, GeneralProtection, 0);
}

#[test]
fn traps_leave_eip_after_the_instruction() {
    let mut machine = Machine::new();
    let cases: [(&[u8], Exception); 3] = [
        (&[0xcc], Breakpoint),
        (&[0xb0, 0x7f, 0x04, 0x01, 0xce], Overflow), // mov al, 127; add al, 1; into
        (&[0x68, 0x02, 0x03, 0x00, 0x00, 0x9d, 0x90], Debug), // push TF; popf; nop
    ];
    for (bytes, exception) in cases {
        let exit = run(&mut machine, bytes);
        assert_eq!(
            exit,
            Exit::Exception {
                exception,
                error_code: 0
            }
        );
        assert_eq!(
            machine.cpu.eip().0,
            CODE.0 + bytes.len() as u32,
            "{exception}"
        );
    }
    // The context of a trap can continue: the next single step is after `int 0x30` or the
    // instruction that follows.
    assert_eq!(
        run(&mut machine, &[0xcc]),
        Exit::Exception {
            exception: Breakpoint,
            error_code: 0
        }
    );
    assert_eq!(machine.run(), Exit::Syscall);
}

#[test]
fn an_unmasked_x87_exception_is_reported_by_the_next_instruction() {
    let mut machine = Machine::new();
    let bytes = code(&[
        &[0x66, 0xc7, 0x03, 0x3b, 0x03], // mov word [ebx], 0x33b: zero divide unmasked
        &[0xd9, 0x2b],                   // fldcw [ebx]
        &[0xd9, 0xe8, 0xd9, 0xee],       // fld1; fldz
        &[0xde, 0xf9],                   // fdivp
        &[0x9b],                         // fwait
    ]);
    let exit = run(&mut machine, &bytes);
    assert_eq!(
        exit,
        Exit::Exception {
            exception: FpuError,
            error_code: 0
        }
    );
    assert_eq!(machine.cpu.eip().0, CODE.0 + 13);
}

#[test]
fn bad_segments_are_refused() {
    let mut machine = Machine::new();
    let load = |selector: u32, load: &[u8]| code(&[&[0xb8], &imm(selector), load]);
    for (name, bytes) in [
        ("mov ds, kernel data", load(0x10, &[0x8e, 0xd8])),
        ("mov es, kernel code", load(0x08, &[0x8e, 0xc0])),
        ("mov fs, the TSS", load(0x28, &[0x8e, 0xe0])),
        ("mov gs, past the GDT", load(0x1000, &[0x8e, 0xe8])),
        ("mov ds, of the LDT", load(0x0c, &[0x8e, 0xd8])),
        ("mov ss, kernel data", load(0x10, &[0x8e, 0xd0])),
        ("mov ss, user code", load(0x1b, &[0x8e, 0xd0])),
        ("mov ss, null", load(0, &[0x8e, 0xd0])),
        ("push kernel data; pop ds", vec![0x6a, 0x10, 0x1f]),
        ("push kernel data; pop ss", vec![0x6a, 0x10, 0x17]),
        (
            "jmp far kernel code",
            code(&[&[0xea], &imm(CODE.0), &[0x08, 0]]),
        ),
        ("jmp far the TSS", code(&[&[0xea], &imm(0), &[0x28, 0]])),
        ("jmp far null", code(&[&[0xea], &imm(0), &[0, 0]])),
        (
            "call far kernel code",
            code(&[&[0x9a], &imm(CODE.0), &[0x08, 0]]),
        ),
        (
            "call far user data",
            code(&[&[0x9a], &imm(CODE.0), &[0x23, 0]]),
        ),
        (
            "retf to kernel code",
            code(&[&[0x6a, 0x08, 0x68], &imm(CODE.0), &[0xcb]]),
        ),
        (
            "iret to kernel code",
            code(&[
                &[0x68],
                &imm(0x202),
                &[0x6a, 0x08, 0x68],
                &imm(CODE.0),
                &[0xcf],
            ]),
        ),
    ] {
        let exit = run(&mut machine, &bytes);
        let refused = matches!(
            exit,
            Exit::Exception {
                exception: GeneralProtection | SegmentNotPresent | StackFault,
                ..
            }
        );
        assert!(refused, "{name}: {exit:?}");
        check_ring(&machine);
        assert_eq!(run(&mut machine, &[]), Exit::Syscall, "after {name}");
    }
    // A nested task: there is no task to return to.
    let bytes = code(&[&[0x68], &imm(0x4202), &[0x9d, 0xcf]]);
    let exit = run(&mut machine, &bytes);
    assert!(
        matches!(
            exit,
            Exit::Exception {
                exception: InvalidTss,
                ..
            }
        ),
        "{exit:?}"
    );
}

#[test]
fn good_segments_can_be_loaded_and_descriptors_asked_about() {
    let mut machine = Machine::new();
    let bytes: &[&[u8]] = &[
        &[0xb8, 0x23, 0, 0, 0, 0x8e, 0xd8, 0x8e, 0xd0], // mov ds, ax; mov ss, ax
        &[0x31, 0xc0, 0x8e, 0xe8],                      // mov gs, null
        &[0x6a, 0x1b, 0x68],
        &imm(CODE.0 + 23),
        &[0xcb, 0x0f, 0x0b], // retf past ud2, in the same ring
        &[0xb9, 0x10, 0, 0, 0, 0x0f, 0x00, 0xe1, 0x0f, 0x94, 0xc2], // verr kernel data; setz dl
        &[0xb9, 0x23, 0, 0, 0, 0x0f, 0x00, 0xe9, 0x0f, 0x94, 0xc6], // verw user data; setz dh
    ];
    let exit = run(&mut machine, &code(bytes));
    assert_eq!(exit, Exit::Syscall, "at {}", machine.cpu.eip());
    assert_eq!(machine.cpu.registers().edx & 0xffff, 0x0100);
    check_ring(&machine);
}

#[test]
fn popf_and_iret_cannot_change_iopl_if_or_the_mode() {
    let mut machine = Machine::new();
    // popf of IOPL 3 without IF, then pushf.
    let exit = run(
        &mut machine,
        &code(&[&[0x68], &imm(0x3002), &[0x9d, 0x9c, 0x58]]),
    );
    assert_eq!((exit, machine.cpu.eax() & 0x3202), (Exit::Syscall, 0x0202));
    check_ring(&machine);
    // iret in the same ring, likewise.
    let iret = |flags| {
        code(&[
            &[0x68],
            &imm(flags),
            &[0x6a, 0x1b, 0x68],
            &imm(CODE.0 + 13),
            &[0xcf],
        ])
    };
    assert_eq!(run(&mut machine, &iret(0x3002)), Exit::Syscall);
    check_ring(&machine);
    // Only ring 0 can return to virtual-8086 mode: here VM is ignored, as IOPL is.
    assert_eq!(run(&mut machine, &iret(0x2_3002)), Exit::Syscall);
    assert_eq!(run(&mut machine, &[]), Exit::Syscall);
    check_ring(&machine);
}

#[test]
fn virtual_8086_code_does_not_run() {
    let mut machine = Machine::new();
    let program = machine.program(&code(&[
        &[0x68],
        &imm(0), // gs, fs, ds, es
        &[0x68],
        &imm(0),
        &[0x68],
        &imm(0),
        &[0x68],
        &imm(0),
        &[0x68],
        &imm(0), // ss
        &[0x68],
        &imm(0x8000), // esp
        &[0x68],
        &imm(0x2_3002), // VM, IOPL 3
        &[0x68],
        &imm(0x1000), // cs
        &[0x68],
        &imm(0), // eip
        &[0xcf],
    ]));
    // The code that would run: store, then system call, for ever.
    machine.place(
        &program.directory,
        VirtAddr(0x10000),
        &[0xfa, 0xcd, 0x30, 0xeb, 0xfb],
    );
    let exit = machine.run_program(&program);
    assert_eq!(
        exit,
        Exit::Exception {
            exception: GeneralProtection,
            error_code: 0x1000 // the code segment, which the GDT has not
        }
    );
    assert_eq!(run(&mut machine, &[]), Exit::Syscall);
    check_ring(&machine);
}

#[test]
fn kernel_memory_is_out_of_reach_also_where_the_cpu_itself_has_read_it() {
    let mut machine = Machine::new();
    // sgdt; load a segment, so that the descriptors are in the TLB; then read them.
    let bytes = code(&[
        &[0x0f, 0x01, 0x03, 0x8b, 0x73, 0x02], // sgdt [ebx]; mov esi, [ebx+2]
        &[0x8c, 0xd8, 0x8e, 0xc0],             // mov eax, ds; mov es, eax
        &[0x8b, 0x06],                         // mov eax, [esi]
    ]);
    let exit = run(&mut machine, &bytes);
    let gdt = VirtAddr(machine.cpu.registers().esi);
    assert!(!gdt.is_user());
    let forbidden = PageFaultCode::PRESENT | PageFaultCode::USER;
    assert_eq!(
        exit,
        Exit::PageFault(PageFault {
            addr: gdt,
            access: Access::Read,
            code: forbidden
        })
    );
    // The operand of an instruction that loads a segment is no exception.
    let bytes = [
        [0x0f, 0x01, 0x03, 0x8b, 0x73, 0x02].as_slice(),
        &[0x8e, 0x06],
    ]
    .concat();
    let exit = run(&mut machine, &bytes);
    assert_eq!(
        exit,
        Exit::PageFault(PageFault {
            addr: gdt,
            access: Access::Read,
            code: forbidden
        })
    );
    // Nor is a jump there, or a store.
    let exit = run(
        &mut machine,
        &[0x0f, 0x01, 0x03, 0x8b, 0x73, 0x02, 0xff, 0xe6],
    );
    assert_eq!(
        exit,
        Exit::PageFault(PageFault {
            addr: gdt,
            access: Access::Fetch,
            code: forbidden
        })
    );
    assert_eq!(machine.cpu.eip(), gdt);
    let exit = run(
        &mut machine,
        &[0x0f, 0x01, 0x03, 0x8b, 0x73, 0x02, 0xff, 0x36, 0x8f, 0x06],
    );
    assert!(
        matches!(exit, Exit::PageFault(fault) if fault.addr == gdt),
        "{exit:?}"
    );
    let exit = run(
        &mut machine,
        &code(&[&[0xc6, 0x05], &imm(KERNEL_BASE.0), &[1]]),
    );
    let code = forbidden | PageFaultCode::WRITE;
    assert_eq!(
        exit,
        Exit::PageFault(PageFault {
            addr: KERNEL_BASE,
            access: Access::Write,
            code
        })
    );
}

#[test]
fn nothing_happens_after_port_io_in_its_block() {
    let mut machine = Machine::new();
    // in al, dx; mov [ebx], 1; inc ecx; push eax
    let exit = run(&mut machine, &[0xec, 0xc7, 0x03, 1, 0, 0, 0, 0x41, 0x50]);
    assert_eq!(
        exit,
        Exit::Exception {
            exception: GeneralProtection,
            error_code: 0
        }
    );
    let registers = machine.cpu.registers();
    assert_eq!(
        (registers.ecx, registers.esp, registers.eip),
        (1, STACK_TOP.0, CODE.0)
    );
}

#[test]
fn what_identifies_the_cpu_is_always_the_same() {
    let ask = |leaf: u32| {
        let mut machine = Machine::new();
        let exit = run(&mut machine, &code(&[&[0xb8], &imm(leaf), &[0x0f, 0xa2]]));
        assert_eq!(exit, Exit::Syscall);
        let r = machine.cpu.registers();
        (r.eax, r.ebx, r.ecx, r.edx)
    };
    for leaf in [0, 1, 2, 0x8000_0000] {
        assert_eq!(ask(leaf), ask(leaf));
    }
    let (_, _, features, more) = ask(1);
    assert_eq!(
        features & (1 << 30 | 1 << 26 | 1 << 3),
        0,
        "no rdrand, xsave, monitor"
    );
    assert_eq!(more & (1 << 25 | 1), 1 << 25 | 1, "x87 and SSE");
}

#[test]
fn instructions_at_which_the_translator_would_abort_are_invalid() {
    let mut machine = Machine::new();
    for bytes in [
        [0xf0, 0x0f, 0xab, 0xc0].as_slice(),
        &[0xf0, 0x66, 0x0f, 0xa3, 0xd8],
        &[0x66, 0xf0, 0x0f, 0xba, 0xf9, 3],
        &[0xf0, 0x0f, 0xbb, 0xca],
    ] {
        expect(&mut machine, bytes, InvalidOpcode, 0);
        // In the middle of a block.
        let exit = run(&mut machine, &[&[0x40, 0x43], bytes].concat());
        assert_eq!(
            exit,
            Exit::Exception {
                exception: InvalidOpcode,
                error_code: 0
            }
        );
        assert_eq!(machine.cpu.eip().0, CODE.0 + 2);
        // As an operand, it is harmless.
        let exit = run(&mut machine, &[&[0xb8], &bytes[..4], &[0x90]].concat());
        assert_eq!(exit, Exit::Syscall);
    }
}

#[test]
fn a_program_that_writes_such_an_instruction_into_its_code_ends_there() {
    let mut machine = Machine::new();
    let frame = machine.frame();
    let bytes = code(&[
        &[0xeb, 0x00], // jmp next: a block of its own
        &[0xc7, 0x05],
        &imm(CODE.0 + 17),
        &[0x90, 0x0f, 0xab, 0xc0],       // patch: harmless
        &[0xeb, 0x03, 0x90, 0x90, 0x90], // jmp to the patched place
        &[0x90, 0x90, 0x90, 0x90],       // (17) patched: nop; bts eax, eax
        &[0xc6, 0x05],
        &imm(CODE.0 + 17),
        &[0xf0],       // patch: lock bts eax, eax
        &[0xeb, 0xf3], // jmp back to it
    ]);
    let directory = machine.space();
    machine.map(&directory, CODE.page(), frame, PteFlags::USER_WRITE);
    machine.memory.write(frame.start(), &bytes);
    let context = machine.cpu.new_context(CODE, STACK_TOP);
    machine.cpu.resume(&context, directory.root());
    let exit = machine.cpu.run(Work(1000));
    assert_eq!(
        exit,
        Exit::Exception {
            exception: InvalidOpcode,
            error_code: 0
        }
    );
    assert_eq!(machine.cpu.eip().0, CODE.0 + 17);
    assert_eq!(run(&mut machine, &[]), Exit::Syscall);
}
