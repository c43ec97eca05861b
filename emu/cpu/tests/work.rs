//! Guest work is counted exactly and reproducibly: it is the machine's only clock.

use bare::{CODE, DATA, Machine, STACK_TOP, code, imm};
use cpu::exit::Exit;
use cpu::registers::Registers;
use machine::addr::VirtAddr;
use machine::pte::PteFlags;
use machine::work::Work;

/// Returns a loop of two blocks an iteration, 1000 iterations, with loads and stores and a call.
fn busy() -> Vec<u8> {
    code(&[
        &[0xb9],
        &imm(1000), // mov ecx, 1000
        &[0xbb],
        &imm(DATA.0),                    // mov ebx, DATA
        &[0xe8, 2, 0, 0, 0],             // (10) call function
        &[0xeb, 9],                      // jmp (26)
        &[0x01, 0x03, 0x03, 0x03],       // (17) add [ebx], eax; add eax, [ebx]
        &[0x40, 0x90, 0x90, 0x90, 0xc3], // inc eax; ret
        &[0x49, 0x75, 0xed],             // (26) dec ecx; jnz (10)
        &[0xcd, 0x30],
    ])
}

struct End {
    registers: Registers,
    work: Work,
    ticks: u64,
}

/// Runs to the end in slices of this much work.
fn run(slice: u64) -> End {
    let mut machine = Machine::new();
    let program = machine.program(&busy());
    machine.map_new(&program.directory, DATA.page(), PteFlags::USER_WRITE);
    machine.resume(&program);
    let mut ticks = 0;
    loop {
        let until = machine.cpu.work() + Work(slice);
        match machine.cpu.run(until) {
            Exit::Tick => {
                assert_eq!(machine.cpu.work(), until);
                ticks += 1;
            }
            exit => {
                assert_eq!(exit, Exit::Syscall);
                let (registers, work) = (machine.cpu.registers(), machine.cpu.work());
                return End {
                    registers,
                    work,
                    ticks,
                };
            }
        }
    }
}

#[test]
fn the_same_program_does_the_same_work_in_slices_of_any_length() {
    let whole = run(u64::MAX);
    // Entry with its first call, then call, function, jmp, dec: four blocks an iteration; int 0x30.
    assert_eq!(whole.work, Work(4 * 1000 + 1));
    assert_eq!(whole.ticks, 0);
    for slice in [1, 2, 3, 7, 100, 4000] {
        let sliced = run(slice);
        assert_eq!(sliced.work, whole.work, "slices of {slice}");
        assert_eq!(sliced.registers, whole.registers, "slices of {slice}");
        assert_eq!(
            sliced.ticks,
            (whole.work.0 - 1) / slice,
            "slices of {slice}"
        );
    }
}

#[test]
fn a_run_that_may_do_no_work_does_none() {
    let mut machine = Machine::new();
    let program = machine.program(&busy());
    machine.resume(&program);
    for until in [Work::ZERO, machine.cpu.work()] {
        assert_eq!(machine.cpu.run(until), Exit::Tick);
        assert_eq!((machine.cpu.eip(), machine.cpu.work()), (CODE, Work::ZERO));
    }
}

#[test]
fn work_that_the_kernel_charges_counts() {
    let mut machine = Machine::new();
    let program = machine.program(&[0xeb, 0xfe]); // jmp to itself
    machine.resume(&program);
    assert_eq!(machine.cpu.run(Work(100)), Exit::Tick);
    machine.cpu.charge(Work(50));
    assert_eq!(machine.cpu.work(), Work(150));
    assert_eq!(machine.cpu.run(Work(160)), Exit::Tick);
    assert_eq!(machine.cpu.work(), Work(160));
}

#[test]
fn a_block_that_faults_at_its_first_instruction_counts_once() {
    let mut machine = Machine::new();
    // again: mov [ebx], eax; add ebx, 4096; dec ecx; jnz again; int 0x30
    let bytes = code(&[
        &[0x89, 0x03, 0x81, 0xc3],
        &imm(4096),
        &[0x49, 0x75, 0xf5, 0xcd, 0x30],
    ]);
    let mut program = machine.program(&bytes);
    let registers = Registers {
        ebx: DATA.0,
        ecx: 50,
        eip: CODE.0,
        esp: STACK_TOP.0,
        ..Registers::default()
    };
    program.context.set_registers(&registers);
    machine.resume(&program);
    assert_eq!(machine.run_demand_zero(&program.directory), Exit::Syscall);
    let faulting = machine.cpu.work();
    // Once more, with all pages present.
    machine.resume(&program);
    assert_eq!(machine.run(), Exit::Syscall);
    assert_eq!(machine.cpu.work() - faulting, faulting);
    assert_eq!(faulting, Work(51));
}

#[test]
fn an_endless_loop_ends_with_its_work_also_while_it_changes_itself() {
    let mut machine = Machine::new();
    let directory = machine.space();
    machine.map_new(&directory, CODE.page(), PteFlags::USER_WRITE);
    let bytes = code(&[&[0xff, 0x05], &imm(CODE.0 + 0x10), &[0xeb, 0xf8]]); // inc dword; jmp
    machine.place(&directory, CODE, &bytes);
    let mut counts = Vec::new();
    for _ in 0..2 {
        let context = machine.cpu.new_context(CODE, STACK_TOP);
        machine.cpu.resume(&context, directory.root());
        let until = machine.cpu.work() + Work(10_000);
        assert_eq!(machine.cpu.run(until), Exit::Tick);
        counts.push(machine.word(&directory, machine::addr::VirtAddr(CODE.0 + 0x10)));
    }
    assert_eq!(counts[1], 2 * counts[0]);
}

#[test]
fn a_program_that_changes_its_code_is_charged_for_the_translation() {
    // mov ecx, 100; again: mov [target], cl; jmp target; target: mov al, 0; dec ecx; jnz again
    let own = [
        0xb9, 100, 0, 0, 0, 0x88, 0x0d, 0, 0, 0, 0, 0xeb, 0, 0xb0, 0, 0x49, 0x75, 0xf3, 0xcd, 0x30,
    ];
    let work = |store: VirtAddr| {
        let mut machine = Machine::new();
        let frame = machine.frame();
        let directory = machine.space();
        machine.map(&directory, CODE.page(), frame, PteFlags::USER_WRITE);
        let mut bytes = own;
        bytes[7..11].copy_from_slice(&imm(store.0));
        machine.memory.write(frame.start(), &bytes);
        let context = machine.cpu.new_context(CODE, STACK_TOP);
        machine.cpu.resume(&context, directory.root());
        assert_eq!(machine.run(), Exit::Syscall);
        machine.cpu.work().0
    };
    let into = work(VirtAddr(CODE.0 + 14));
    let beside = work(VirtAddr(CODE.0 + 2048));
    assert!(beside < 500, "{beside} for stores beside code");
    assert!(into >= 99 * 64, "{into} for stores into code");
}
