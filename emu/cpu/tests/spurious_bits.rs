//! Accessed and dirty bits are set for what a program does, and not for what the machine does to
//! run it: stop, continue, translate.

use bare::{CODE, DATA, Machine, PAGE, Program, STACK, code, imm};
use cpu::exit::Exit;
use machine::addr::VirtAddr;
use machine::pte::PteFlags;

/// The address of code that the program executes once: across a page boundary.
const DENSE: VirtAddr = VirtAddr(CODE.0 + 4 * PAGE as u32 - 900);
const BITS: PteFlags = PteFlags::ACCESSED.union(PteFlags::DIRTY);

/// Returns the bits of each page that is mapped.
fn bits(machine: &Machine, program: &Program) -> Vec<(VirtAddr, PteFlags)> {
    let entries = machine.tables.user_entries(&program.directory);
    let entries = entries.into_iter();
    entries
        .map(|(page, pte)| (page.start(), pte.flags() & BITS))
        .collect()
}

fn clear_all(machine: &mut Machine, program: &Program) {
    for (page, _) in machine.tables.user_entries(&program.directory) {
        machine.clear(&program.directory, page, BITS);
    }
}

/// Returns a program that runs 1,800 bytes of x87 code, and then makes system calls for ever.
fn dense(machine: &mut Machine) -> Program {
    let calls = CODE.0 + 7;
    let first = code(&[
        &[0xb8],
        &imm(DENSE.0),
        &[0xff, 0xd0],             // mov eax, DENSE; call eax
        &[0xcd, 0x30, 0xeb, 0xfc], // int 0x30; jmp to it
    ]);
    assert_eq!(first[(calls - CODE.0) as usize], 0xcd);
    let program = machine.program(&first);
    let fabs = [0xd9, 0xe1].repeat(900);
    let dense = code(&[&[0xdb, 0xe3], &fabs, &[0xc3]]); // fninit; fabs, 900 times; ret
    machine.place(&program.directory, DENSE, &dense);
    machine.map_new(&program.directory, DATA.page(), PteFlags::USER_WRITE);
    program
}

#[test]
fn code_that_was_run_once_is_not_accessed_at_later_stops() {
    let mut machine = Machine::new();
    let program = dense(&mut machine);
    assert_eq!(machine.run_program(&program), Exit::Syscall);
    let touched = |machine: &Machine| -> Vec<u32> {
        let all = bits(machine, &program).into_iter();
        all.filter(|(_, bits)| bits.contains(PteFlags::ACCESSED))
            .map(|(addr, _)| addr.0)
            .collect()
    };
    let border = DENSE.page().start().0;
    let all = [CODE.0, border, border + PAGE as u32, STACK.0];
    assert_eq!(touched(&machine), all);
    for stop in 0..100 {
        clear_all(&mut machine, &program);
        assert_eq!(machine.run(), Exit::Syscall);
        assert_eq!(touched(&machine), [CODE.0], "stop {stop}");
    }
}

#[test]
fn a_fault_accesses_nothing_but_what_the_instruction_has_come_to() {
    // mov eax, [DATA] on a page of its own, whose neighbours are mapped as well; DATA is absent.
    let mut machine = Machine::new();
    let program = machine.program(&code(&[&[0xa1], &imm(DATA.0), &[0xcd, 0x30]]));
    for page in [1, 2] {
        let next = VirtAddr(CODE.0 + page * PAGE as u32);
        machine.map_new(&program.directory, next.page(), PteFlags::USER_READ);
        let next = VirtAddr(DATA.0 + page * PAGE as u32);
        machine.map_new(&program.directory, next.page(), PteFlags::USER_WRITE);
    }
    let Exit::PageFault(fault) = machine.run_program(&program) else {
        panic!("a page fault was expected");
    };
    assert_eq!(fault.addr, DATA);
    let only = |machine: &Machine, expected: &[(VirtAddr, PteFlags)]| {
        let mut set = bits(machine, &program);
        set.retain(|(_, bits)| !bits.is_empty());
        assert_eq!(set, expected);
    };
    only(&machine, &[(CODE, PteFlags::ACCESSED)]);
    clear_all(&mut machine, &program);
    machine.map_new(&program.directory, DATA.page(), PteFlags::USER_WRITE);
    assert_eq!(machine.run(), Exit::Syscall);
    let both = [CODE, DATA].map(|addr| (addr, PteFlags::ACCESSED));
    only(&machine, &both);
}
