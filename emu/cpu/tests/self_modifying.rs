//! Changed code is never executed from stale translations, whatever changes it and through which
//! address, and accessed and dirty bits are exact.

use bare::{CODE, DATA, Machine, PAGE, Program, STACK, STACK_TOP, code, imm};
use cpu::exit::Exit;
use machine::addr::{Frame, VirtAddr};
use machine::memory::FrameUse;
use machine::pte::PteFlags;
use machine::work::Work;

/// Returns `mov eax, value; ret`
fn returns(value: u32) -> Vec<u8> {
    code(&[&[0xb8], &imm(value), &[0xc3]])
}

/// Returns `mov eax, value; int 0x30; jmp back`
fn reports(value: u32) -> Vec<u8> {
    code(&[&[0xb8], &imm(value), &[0xcd, 0x30, 0xeb, 0xf7]])
}

/// Creates a program on a writable page. Also returns the frame of that page.
fn writable(machine: &mut Machine, bytes: &[u8]) -> (Program, Frame) {
    let directory = machine.space();
    let frame = machine.map_new(&directory, CODE.page(), PteFlags::USER_WRITE);
    machine.place(&directory, CODE, bytes);
    machine.map_new(&directory, STACK.page(), PteFlags::USER_WRITE);
    let context = machine.cpu.new_context(CODE, STACK_TOP);
    (Program { directory, context }, frame)
}

fn result(machine: &mut Machine) -> u32 {
    assert_eq!(machine.run(), Exit::Syscall);
    machine.cpu.eax()
}

#[test]
fn a_store_into_its_own_block_changes_the_next_instruction() {
    let mut machine = Machine::new();
    // mov byte [next+1], 7; next: mov eax, 1; int 0x30
    let bytes = code(&[
        &[0xc6, 0x05],
        &imm(CODE.0 + 8),
        &[7, 0xb8],
        &imm(1),
        &[0xcd, 0x30],
    ]);
    let (program, frame) = writable(&mut machine, &bytes);
    machine.resume(&program);
    assert_eq!(result(&mut machine), 7);
    assert_eq!(machine.memory.frame_use(frame), FrameUse::Mixed);
}

/// Calls two functions, patches both by stores through EBX + offset, calls them again, and
/// reports the sum of all four results: 1 + 2 + 3 + 4.
fn patch_two_functions(functions: VirtAddr) -> Vec<u8> {
    let call = |address: u32| code(&[&[0xb8], &imm(address), &[0xff, 0xd0, 0x01, 0xc6]]);
    let patch = |offset: u32, value: u8| code(&[&[0xc6, 0x83], &imm(offset), &[value]]);
    let both = code(&[&call(functions.0), &call(functions.0 + 0x10)]);
    code(&[
        &[0x31, 0xf6], // xor esi, esi
        &both,
        &patch(1, 3),
        &patch(0x11, 4),
        &both,
        &[0x89, 0xf0, 0xcd, 0x30], // mov eax, esi; int 0x30
    ])
}

fn place_functions(machine: &mut Machine, program: &Program, at: VirtAddr) {
    machine.place(&program.directory, at, &returns(1));
    let second = at.checked_add(0x10).unwrap();
    machine.place(&program.directory, second, &returns(2));
}

fn run_with_ebx(machine: &mut Machine, program: &Program, ebx: VirtAddr) -> u32 {
    machine.resume(program);
    let mut registers = machine.cpu.registers();
    registers.ebx = ebx.0;
    machine.cpu.set_registers(&registers);
    result(machine)
}

#[test]
fn two_functions_on_the_programs_own_page_are_patched() {
    let mut machine = Machine::new();
    let functions = VirtAddr(CODE.0 + 0x100);
    let (program, _) = writable(&mut machine, &patch_two_functions(functions));
    place_functions(&mut machine, &program, functions);
    assert_eq!(run_with_ebx(&mut machine, &program, functions), 10);
}

#[test]
fn two_functions_on_another_page_are_patched() {
    let mut machine = Machine::new();
    let program = machine.program(&patch_two_functions(DATA));
    machine.map_new(&program.directory, DATA.page(), PteFlags::USER_WRITE);
    place_functions(&mut machine, &program, DATA);
    assert_eq!(run_with_ebx(&mut machine, &program, DATA), 10);
}

#[test]
fn two_functions_are_patched_through_a_second_address_of_their_frame() {
    let mut machine = Machine::new();
    let program = machine.program(&patch_two_functions(DATA));
    let frame = machine.map_new(&program.directory, DATA.page(), PteFlags::USER_READ);
    place_functions(&mut machine, &program, DATA);
    let alias = VirtAddr(0x0b00_0000);
    machine.map(
        &program.directory,
        alias.page(),
        frame,
        PteFlags::USER_WRITE,
    );
    assert_eq!(run_with_ebx(&mut machine, &program, alias), 10);
    assert!(!machine.pte(&program.directory, DATA).has(PteFlags::DIRTY));
    assert!(machine.pte(&program.directory, alias).has(PteFlags::DIRTY));
}

#[test]
fn a_store_through_an_address_that_was_stored_through_before_the_code_ran_is_seen() {
    let mut machine = Machine::new();
    // First mov byte [ebx+0x20], 1, so that the TLB has the second address as data.
    let bytes = code(&[&[0xc6, 0x43, 0x20, 1], &patch_two_functions(DATA)]);
    let program = machine.program(&bytes);
    let frame = machine.map_new(&program.directory, DATA.page(), PteFlags::USER_READ);
    place_functions(&mut machine, &program, DATA);
    let alias = VirtAddr(0x0b00_0000);
    machine.map(
        &program.directory,
        alias.page(),
        frame,
        PteFlags::USER_WRITE,
    );
    assert_eq!(run_with_ebx(&mut machine, &program, alias), 10);
}

#[test]
fn a_page_written_first_and_run_afterwards_is_patched_too() {
    let mut machine = Machine::new();
    // Writes a function byte by byte with rep movsb, then the usual.
    let copy = code(&[
        &[0xbe],
        &imm(CODE.0 + 0x200), // mov esi, source
        &[0xbf],
        &imm(DATA.0), // mov edi, DATA
        &[0xb9],
        &imm(0x20),
        &[0xf3, 0xa4], // mov ecx, 32; rep movsb
    ]);
    let program = machine.program(&code(&[&copy, &patch_two_functions(DATA)]));
    machine.map_new(&program.directory, DATA.page(), PteFlags::USER_WRITE);
    place_functions(&mut machine, &program, VirtAddr(CODE.0 + 0x200));
    assert_eq!(run_with_ebx(&mut machine, &program, DATA), 10);
}

#[test]
fn a_loop_that_changes_itself_on_every_turn_counts_right() {
    let mut machine = Machine::new();
    // loop: add eax, imm; inc byte [imm]; dec ecx; jnz loop; int 0x30
    let bytes = code(&[
        &[0xb9],
        &imm(100),     // mov ecx, 100
        &[0x31, 0xc0], // xor eax, eax
        &[0x05],
        &imm(0), // (7) add eax, 0
        &[0xfe, 0x05],
        &imm(CODE.0 + 8),                // inc byte [8]
        &[0x49, 0x75, 0xf2, 0xcd, 0x30], // dec ecx; jnz 7; int 0x30
    ]);
    let (program, _) = writable(&mut machine, &bytes);
    machine.resume(&program);
    assert_eq!(result(&mut machine), (0..100).sum::<u32>());
}

#[test]
fn endless_changes_of_code_do_not_exhaust_the_host() {
    let mut machine = Machine::new();
    let bytes = code(&[
        &[0xb9],
        &imm(60_000),
        &[0x31, 0xc0],
        &[0x05],
        &imm(0),
        &[0xff, 0x05],
        &imm(CODE.0 + 8), // inc dword [8]
        &[0x49, 0x75, 0xf2, 0xcd, 0x30],
    ]);
    let (program, _) = writable(&mut machine, &bytes);
    machine.resume(&program);
    let expected = (0..60_000u32).fold(0u32, u32::wrapping_add);
    assert_eq!(result(&mut machine), expected);
}

#[test]
fn what_the_kernel_writes_into_code_is_run() {
    let mut machine = Machine::new();
    let program = machine.program(&reports(1));
    let frame = machine.pte(&program.directory, CODE).frame();
    machine.resume(&program);
    for value in 1..50 {
        machine.memory.write(frame.start(), &reports(value));
        // Twice: once after the write, once from the new translation.
        assert_eq!(result(&mut machine), value);
        assert_eq!(result(&mut machine), value);
    }
}

#[test]
fn many_frames_of_code_can_change_at_once() {
    let mut machine = Machine::new();
    let pages = 40;
    let mut bytes = Vec::new();
    for page in 0..pages {
        bytes.extend(code(&[
            &[0xb8],
            &imm(DATA.0 + page * PAGE as u32),
            &[0xff, 0xd0],
        ]));
        bytes.extend([0x01, 0xc6]); // add esi, eax
    }
    bytes.extend([0x89, 0xf0, 0x31, 0xf6, 0xcd, 0x30]); // mov eax, esi; xor esi, esi; int 0x30
    let len = bytes.len() as i32 + 2;
    bytes.extend([0xe9]);
    bytes.extend((-(len + 3)).to_le_bytes());
    let program = machine.program(&bytes);
    let frames: Vec<Frame> = (0..pages)
        .map(|page| {
            let page = DATA.page().checked_add(page).unwrap();
            machine.map_new(&program.directory, page, PteFlags::USER_READ)
        })
        .collect();
    machine.resume(&program);
    for round in 1..5 {
        for frame in &frames {
            machine.memory.write(frame.start(), &returns(round));
        }
        assert_eq!(result(&mut machine), round * pages);
    }
}

#[test]
fn a_frame_that_is_used_for_other_code_runs_the_other_code() {
    let mut machine = Machine::new();
    let program = machine.program(&reports(1));
    let frame = machine.pte(&program.directory, CODE).frame();
    machine.resume(&program);
    assert_eq!(result(&mut machine), 1);
    // The page is unmapped, its frame gets another content, and is mapped at the same address.
    machine.unmap(&program.directory, CODE.page());
    assert!(matches!(machine.run(), Exit::PageFault(_)));
    machine.memory.renew(frame);
    machine.memory.write(frame.start(), &reports(2));
    machine.map(&program.directory, CODE.page(), frame, PteFlags::USER_READ);
    assert_eq!(result(&mut machine), 2);
}

#[test]
fn two_processes_take_turns_in_one_frame_at_one_address() {
    let mut machine = Machine::new();
    let one = machine.program(&[]);
    let other = machine.program(&[]);
    let frame = machine.frame();
    for round in 0..20 {
        for (program, value) in [(&one, round), (&other, 1000 + round)] {
            machine.memory.renew(frame);
            machine.memory.write(frame.start(), &reports(value));
            machine.map(&program.directory, CODE.page(), frame, PteFlags::USER_READ);
            machine.resume(program);
            assert_eq!(result(&mut machine), value);
            assert_eq!(result(&mut machine), value);
            machine.unmap(&program.directory, CODE.page());
        }
    }
}

#[test]
fn two_processes_with_different_code_at_one_address_run_each_its_own() {
    let mut machine = Machine::new();
    let mut programs = [machine.program(&reports(1)), machine.program(&reports(2))];
    for _ in 0..10 {
        for (program, value) in programs.iter_mut().zip([1, 2]) {
            machine.resume(program);
            assert_eq!(result(&mut machine), value);
            machine.cpu.save(&mut program.context);
        }
    }
}

#[test]
fn a_code_page_that_becomes_data_and_code_again_is_never_stale() {
    let mut machine = Machine::new();
    let (program, frame) = writable(&mut machine, &reports(1));
    machine.resume(&program);
    assert_eq!(result(&mut machine), 1);
    // As data: another program stores into the frame.
    machine.unmap(&program.directory, CODE.page());
    machine.memory.renew(frame);
    let store = code(&[
        &[0xc7, 0x03],
        &reports(5)[..4],
        &[0xc7, 0x43, 4],
        &reports(5)[4..8],
    ]);
    let store = code(&[&store, &[0xc6, 0x43, 8, 0xf7, 0xcd, 0x30]]);
    let writer = machine.program(&store);
    machine.map(&writer.directory, DATA.page(), frame, PteFlags::USER_WRITE);
    run_with_ebx(&mut machine, &writer, DATA);
    assert_eq!(machine.memory.frame_use(frame), FrameUse::Data);
    // And as code again, in the first program, with no kernel write in between.
    machine.map(&program.directory, CODE.page(), frame, PteFlags::USER_READ);
    machine.resume(&program);
    assert_eq!(result(&mut machine), 5);
}

#[test]
fn a_load_sets_accessed_alone_and_the_first_store_sets_dirty() {
    let mut machine = Machine::new();
    // mov eax, [ebx]; int 0x30; mov [ebx], eax; int 0x30
    let program = machine.program(&[0x8b, 0x03, 0xcd, 0x30, 0x89, 0x03, 0xcd, 0x30, 0xeb, 0xf6]);
    let frame = machine.map_new(&program.directory, DATA.page(), PteFlags::USER_WRITE);
    run_with_ebx(&mut machine, &program, DATA);
    let bits = |machine: &Machine| {
        machine.pte(&program.directory, DATA).flags() & (PteFlags::ACCESSED | PteFlags::DIRTY)
    };
    assert_eq!(bits(&machine), PteFlags::ACCESSED);
    assert_eq!(machine.memory.frame_use(frame), FrameUse::Fresh);
    result(&mut machine);
    assert_eq!(bits(&machine), PteFlags::ACCESSED | PteFlags::DIRTY);
    // After they are cleared, they are set again one by one.
    machine.clear(
        &program.directory,
        DATA.page(),
        PteFlags::ACCESSED | PteFlags::DIRTY,
    );
    result(&mut machine);
    assert_eq!(bits(&machine), PteFlags::ACCESSED);
    result(&mut machine);
    assert_eq!(bits(&machine), PteFlags::ACCESSED | PteFlags::DIRTY);
}

#[test]
fn dirty_is_exact_for_code_and_mixed_frames_too() {
    let mut machine = Machine::new();
    // nop; int 0x30; inc byte [0x800]; int 0x30; back
    let bytes = code(&[
        &[0x90, 0xcd, 0x30, 0xfe, 0x05],
        &imm(CODE.0 + 0x800),
        &[0xcd, 0x30, 0xeb, 0xf3],
    ]);
    let (program, frame) = writable(&mut machine, &bytes);
    machine.resume(&program);
    for _ in 0..3 {
        machine.clear(
            &program.directory,
            CODE.page(),
            PteFlags::ACCESSED | PteFlags::DIRTY,
        );
        result(&mut machine);
        let pte = machine.pte(&program.directory, CODE);
        assert!(pte.has(PteFlags::ACCESSED) && !pte.has(PteFlags::DIRTY));
        result(&mut machine);
        assert!(machine.pte(&program.directory, CODE).has(PteFlags::DIRTY));
    }
    assert_eq!(machine.memory.frame_use(frame), FrameUse::Mixed);
}

#[test]
fn a_page_that_is_unmapped_or_protected_is_so_at_once() {
    let mut machine = Machine::new();
    // store: mov [ebx], eax; int 0x30; back
    let program = machine.program(&[0x89, 0x03, 0xcd, 0x30, 0xeb, 0xfa]);
    let frame = machine.map_new(&program.directory, DATA.page(), PteFlags::USER_WRITE);
    run_with_ebx(&mut machine, &program, DATA);
    machine.clear(&program.directory, DATA.page(), PteFlags::WRITABLE);
    assert!(matches!(machine.run(), Exit::PageFault(fault) if fault.code.bits() == 7));
    machine.map(&program.directory, DATA.page(), frame, PteFlags::USER_WRITE);
    result(&mut machine);
    machine.unmap(&program.directory, DATA.page());
    assert!(matches!(machine.run(), Exit::PageFault(fault) if fault.code.bits() == 6));
    // Another frame in its place: the store goes there.
    let other = machine.map_new(&program.directory, DATA.page(), PteFlags::USER_WRITE);
    machine.cpu.set_eax(77);
    result(&mut machine);
    assert_eq!(machine.memory.read_u32(other.start()), 77);
    assert_ne!(machine.memory.read_u32(frame.start()), 77);
}

#[test]
fn code_that_runs_on_into_a_page_with_other_content_runs_that() {
    let mut machine = Machine::new();
    // Straight code up to the border: the block spans both pages.
    let border = VirtAddr(CODE.0 + 0x1000);
    let start = VirtAddr(border.0 - 4);
    let mut program = machine.program(&[]);
    machine.place(&program.directory, start, &[0x90, 0x90, 0x90, 0x90]);
    machine.place(&program.directory, border, &reports(1));
    let [one, two] = [
        machine.pte(&program.directory, border).frame(),
        machine.frame(),
    ];
    machine.memory.write(two.start(), &reports(2));
    program.context.set_eip(start);
    for (frame, value) in [(one, 1), (two, 2), (one, 1), (two, 2)] {
        machine.map(
            &program.directory,
            border.page(),
            frame,
            PteFlags::USER_READ,
        );
        machine.resume(&program);
        assert_eq!(result(&mut machine), value);
    }
    // If it is absent, it faults there, after executing what comes before it.
    machine.unmap(&program.directory, border.page());
    machine.resume(&program);
    let exit = machine.cpu.run(Work::MAX);
    assert!(
        matches!(exit, Exit::PageFault(fault) if fault.addr == border),
        "{exit:?}"
    );
    assert_eq!(machine.cpu.eip(), border);
}
