//! Kernel page-table isolation: what a program finds at the kernel's addresses with and without it,
//! what a mistake of the kernel would have exposed, and what entering the kernel costs.

use bare::{CODE, DATA, Machine, Program, STACK_TOP, code, imm};
use cpu::exception::Exception;
use cpu::exit::{Exit, PageFault};
use machine::addr::{Frame, PhysAddr, VirtAddr};
use machine::mmu::{Access, PageFaultCode};
use machine::paging::KernelHalf;
use machine::pte::{Pte, PteFlags};

const SECRET: u32 = 0x5ec_4e7;
const SYSCALL: [u8; 2] = [0xcd, 0x30];

/// Returns a program that loads a word into EAX and makes a system call, twice.
fn reader(machine: &mut Machine, from: VirtAddr) -> Program {
    let load = [&[0xa1][..], &imm(from.0), &SYSCALL].concat();
    machine.program(&code(&[&load, &load]))
}

/// Returns a frame with a secret of the kernel, and its address in the kernel's half.
fn secret(machine: &mut Machine) -> VirtAddr {
    let frame = machine.frame();
    machine.memory.write_u32(frame.start(), SECRET);
    machine.tables.layout().alias(frame).unwrap().start()
}

fn absent(addr: VirtAddr) -> Exit {
    Exit::PageFault(PageFault {
        addr,
        access: Access::Read,
        code: PageFaultCode::USER,
    })
}

/// Simulates a mistake of the kernel: sets or clears the U/S bits of the entries for one of its
/// addresses, in its own directory.
fn set_user_bit(machine: &Machine, program: &Program, addr: VirtAddr, is_set: bool) {
    let change = |frame: Frame, index: usize| {
        let at = PhysAddr(frame.start().0 + 4 * index as u32);
        let entry = Pte::from_bits(machine.memory.read_u32(at));
        let entry = match is_set {
            true => entry.with(PteFlags::USER),
            false => entry.without(PteFlags::USER),
        };
        machine.memory.write_u32(at, entry.bits());
        entry.frame()
    };
    let page = addr.page();
    let table = change(program.directory.root(), page.directory_index());
    change(table, page.table_index());
}

#[test]
fn a_kernel_address_is_forbidden_where_its_half_is_shared_and_absent_where_it_is_not() {
    for (half, present) in [
        (KernelHalf::Shared, PageFaultCode::PRESENT),
        (KernelHalf::Isolated, PageFaultCode::empty()),
    ] {
        let mut machine = Machine::with_kernel_half(half);
        let addr = secret(&mut machine);
        let program = reader(&mut machine, addr);
        let fault = Exit::PageFault(PageFault {
            addr,
            access: Access::Read,
            code: PageFaultCode::USER | present,
        });
        assert_eq!(machine.run_program(&program), fault, "{half:?}");
    }
}

#[test]
fn a_leaked_user_bit_gives_the_kernels_memory_away_only_where_its_half_is_shared() {
    let read = |half| {
        let mut machine = Machine::with_kernel_half(half);
        let addr = secret(&mut machine);
        let program = reader(&mut machine, addr);
        set_user_bit(&machine, &program, addr, true);
        let exit = machine.run_program(&program);
        (exit, machine.cpu.eax(), addr)
    };
    let (exit, eax, _) = read(KernelHalf::Shared);
    assert_eq!((exit, eax), (Exit::Syscall, SECRET));
    let (exit, eax, addr) = read(KernelHalf::Isolated);
    assert_eq!((exit, eax), (absent(addr), 0));
}

#[test]
fn a_stale_translation_outlives_its_entry_until_the_kernel_is_entered_by_another_directory() {
    let read_again = |half| {
        let mut machine = Machine::with_kernel_half(half);
        let frame = machine.frame();
        machine.memory.write_u32(frame.start(), SECRET);
        let program = reader(&mut machine, DATA);
        machine.map(&program.directory, DATA.page(), frame, PteFlags::USER_READ);
        assert_eq!(machine.run_program(&program), Exit::Syscall);
        machine.cpu.enter_kernel();
        // The mistake: the TLB is not told that the page was unmapped.
        let (_, _forgotten) = machine.tables.unmap(&program.directory, DATA.page());
        machine.cpu.set_eax(0);
        (machine.run(), machine.cpu.eax())
    };
    let stale = (Exit::Syscall, SECRET);
    assert_eq!(read_again(KernelHalf::Shared), stale);
    assert_eq!(read_again(KernelHalf::Isolated), (absent(DATA), 0));
}

#[test]
fn a_stale_user_bit_is_of_no_use_either() {
    let read_again = |half| {
        let mut machine = Machine::with_kernel_half(half);
        let addr = secret(&mut machine);
        let program = reader(&mut machine, addr);
        set_user_bit(&machine, &program, addr, true);
        let first = machine.run_program(&program);
        machine.cpu.enter_kernel();
        set_user_bit(&machine, &program, addr, false); // and again nobody is told
        (first, machine.run(), addr)
    };
    let (first, second, _) = read_again(KernelHalf::Shared);
    assert_eq!((first, second), (Exit::Syscall, Exit::Syscall));
    let (first, second, addr) = read_again(KernelHalf::Isolated);
    assert_eq!((first, second), (absent(addr), absent(addr)));
}

#[test]
fn the_entry_page_is_there_for_the_cpu_and_not_for_the_program() {
    let mut machine = Machine::with_kernel_half(KernelHalf::Isolated);
    let entry_page = machine.tables.entry_page();
    let addr = machine.tables.layout().alias(entry_page).unwrap().start();
    // A segment register is loaded from the GDT.
    let segments = machine.program(&code(&[
        &[0xb8, 0x23, 0, 0, 0], // mov eax, USER_DATA
        &[0x8e, 0xd8],          // mov ds, ax
        &[0x8e, 0xc0],          // mov es, ax
        &SYSCALL,
    ]));
    assert_eq!(machine.run_program(&segments), Exit::Syscall);
    // The permission to use a port is in the TSS.
    let port = machine.program(&[0xe4, 0x60]); // in al, 0x60
    let forbidden = Exit::Exception {
        exception: Exception::GeneralProtection,
        error_code: 0,
    };
    assert_eq!(machine.run_program(&port), forbidden);
    let program = reader(&mut machine, addr);
    let fault = Exit::PageFault(PageFault {
        addr,
        access: Access::Read,
        code: PageFaultCode::USER | PageFaultCode::PRESENT,
    });
    assert_eq!(machine.run_program(&program), fault);
}

#[test]
fn entering_the_kernel_flushes_the_tlb_on_the_way_in_and_on_the_way_back() {
    for (half, each) in [(KernelHalf::Shared, 0), (KernelHalf::Isolated, 2)] {
        let mut machine = Machine::with_kernel_half(half);
        let program = machine.program(&SYSCALL);
        let context = machine.cpu.new_context(CODE, STACK_TOP);
        machine.cpu.resume(&context, program.directory.user_root());
        assert_eq!(machine.run(), Exit::Syscall);
        let before = machine.cpu.kpti_flushes();
        for entries in 1..=5 {
            machine.cpu.enter_kernel();
            machine.cpu.set_eip(CODE);
            assert_eq!(machine.run(), Exit::Syscall);
            let flushes = machine.cpu.kpti_flushes() - before;
            assert_eq!(flushes, each * entries, "{half:?}");
        }
        // Continuing after a stop for a debugger does not leave the kernel.
        machine.cpu.set_eip(CODE);
        assert_eq!(machine.run(), Exit::Syscall);
        assert_eq!(machine.cpu.kpti_flushes() - before, each * 5);
    }
}
