//! Breakpoints, single steps and watchpoints: they stop where they should, and everything else is
//! the same as without them: registers, memory, accessed and dirty bits, and work.

use std::collections::BTreeSet;

use bare::{CODE, DATA, Machine, PAGE, Program, Random, STACK_TOP, code, imm};
use cpu::debug::{DebugStop, Watch, WatchKind, Watched};
use cpu::exit::Exit;
use cpu::registers::Registers;
use machine::addr::VirtAddr;
use machine::pte::{Pte, PteFlags};
use machine::work::Work;

/// The final state of a program.
#[derive(PartialEq, Eq, Debug)]
struct End {
    exit: Exit,
    registers: Registers,
    work: Work,
    entries: Vec<(u32, Pte)>,
    data: Vec<u32>,
    ticks: u64,
}

/// How a program is run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mode {
    Free,
    Stepping,
    /// With breakpoints at every n-th byte of the code.
    Breakpoints(u32),
    /// With this watched.
    Watching(WatchKind),
}

/// Pages of data that a test program may use.
const DATA_PAGES: u32 = 4;

/// Runs code in slices of work until it ends, mapping pages where it faults. Also returns the
/// number of stops for the debugger.
fn run(bytes: &[u8], mode: Mode, slice: u64) -> (End, u64) {
    let mut machine = Machine::new();
    let mut program = machine.program(bytes);
    let registers = Registers {
        ebx: DATA.0,
        esi: DATA.0 + 100,
        edi: DATA.0 + PAGE as u32 + 4000,
        ecx: 9,
        eip: CODE.0,
        esp: STACK_TOP.0,
        ..Registers::default()
    };
    program.context.set_registers(&registers);
    machine.resume(&program);
    let root = program.directory.root();
    match mode {
        Mode::Free | Mode::Stepping => {}
        Mode::Breakpoints(every) => {
            let all = (0..bytes.len() as u32).step_by(every as usize);
            machine
                .cpu
                .set_breakpoints(all.map(|at| VirtAddr(CODE.0 + at)).collect());
        }
        Mode::Watching(kind) => machine.cpu.set_watches(vec![Watch {
            root,
            bytes: DATA.0 + 100..DATA.0 + 110,
            kind,
        }]),
    }
    let (mut stops, mut ticks) = (0, 0);
    let mut until = Work(slice);
    loop {
        if mode == Mode::Stepping {
            machine.cpu.step(root);
        }
        match machine.cpu.run(until) {
            Exit::Tick => {
                ticks += 1;
                until = machine.cpu.work() + Work(slice);
            }
            Exit::Debug(_) => stops += 1,
            Exit::PageFault(fault) if stops + ticks < 10_000 => {
                machine.map_new(&program.directory, fault.addr.page(), PteFlags::USER_WRITE);
                until = until.max(machine.cpu.work() + Work(1));
            }
            exit => {
                let end = end(&machine, &program, exit, ticks);
                return (end, stops);
            }
        }
    }
}

fn end(machine: &Machine, program: &Program, exit: Exit, ticks: u64) -> End {
    let entries = machine.tables.user_entries(&program.directory);
    let words = (0..DATA_PAGES * PAGE as u32 / 4).map(|i| VirtAddr(DATA.0 + 4 * i));
    let mapped = words.filter(|at| machine.pte(&program.directory, *at).is_present());
    End {
        exit,
        registers: machine.cpu.registers(),
        work: machine.cpu.work(),
        entries: entries
            .into_iter()
            .map(|(page, pte)| (page.number(), pte))
            .collect(),
        data: mapped
            .map(|at| machine.word(&program.directory, at))
            .collect(),
        ticks,
    }
}

const MODES: [Mode; 6] = [
    Mode::Stepping,
    Mode::Breakpoints(1),
    Mode::Breakpoints(3),
    Mode::Watching(WatchKind::Write),
    Mode::Watching(WatchKind::Read),
    Mode::Watching(WatchKind::Access),
];

fn check_all_modes(bytes: &[u8]) {
    for slice in [u64::MAX / 2, 7, 1] {
        let (free, _) = run(bytes, Mode::Free, slice);
        for mode in MODES {
            let (debugged, _) = run(bytes, mode, slice);
            assert_eq!(debugged, free, "{mode:?}, slices of {slice}: {bytes:02x?}");
        }
    }
}

/// Returns an instruction of one of many kinds, none of which jumps.
fn instruction(random: &mut Random) -> Vec<u8> {
    let offset = imm(random.below(DATA_PAGES * PAGE as u32 - 16));
    let near = imm(96 + random.below(16));
    let choices: [&[&[u8]]; 16] = [
        &[&[0x40]],                      // inc eax
        &[&[0x01, 0xd0]],                // add eax, edx
        &[&[0x89, 0x83], &offset],       // mov [ebx + offset], eax
        &[&[0x03, 0x83], &offset],       // add eax, [ebx + offset]
        &[&[0x01, 0x83], &near],         // add [ebx + near], eax
        &[&[0x8b, 0x93], &near],         // mov edx, [ebx + near]
        &[&[0x0f, 0x9c, 0x83], &offset], // setl [ebx + offset]
        &[&[0x39, 0xc2]],                // cmp edx, eax
        &[&[0x50, 0x5a]],                // push eax; pop edx
        &[&[0xf3, 0xa4]],                // rep movsb
        &[&[0xb9, 5, 0, 0, 0]],          // mov ecx, 5
        &[&[0xa5]],                      // movsd
        &[&[0xd9, 0x83], &offset],       // fld dword [ebx + offset]
        &[&[0xdb, 0xbb], &near],         // fstp tbyte [ebx + near]
        &[&[0x83, 0x93], &near, &[3]],   // adc dword [ebx + near], 3
        &[&[0x87, 0x83], &near],         // xchg [ebx + near], eax
    ];
    code(choices[random.below(16) as usize])
}

#[test]
fn programs_do_the_same_debugged_or_not() {
    for seed in 0..40 {
        let mut random = Random::new(seed);
        let mut bytes = vec![0xbd, 3, 0, 0, 0]; // mov ebp, 3
        let turn = bytes.len();
        for _ in 0..12 {
            bytes.extend(instruction(&mut random));
            match random.below(5) {
                0 => bytes.extend([0x74, 1, 0x42]),          // jz over inc edx
                1 => bytes.extend([0xe8, 0, 0, 0, 0, 0x58]), // call next; pop eax
                _ => {}
            }
        }
        bytes.extend([0x4d, 0x0f, 0x85]); // dec ebp; jnz turn
        let back = turn as i32 - (bytes.len() as i32 + 4);
        bytes.extend(imm(back as u32));
        bytes.extend([0xcd, 0x30]);
        check_all_modes(&bytes);
    }
}

#[test]
fn a_block_that_is_too_long_for_the_emulator_is_counted_as_without_a_debugger() {
    let mut bytes = vec![0x90; 1300];
    bytes.extend([0xcd, 0x30]);
    let (free, _) = run(&bytes, Mode::Free, u64::MAX);
    assert!(free.work > Work(1));
    for mode in [Mode::Stepping, Mode::Breakpoints(100)] {
        assert_eq!(run(&bytes, mode, u64::MAX).0, free, "{mode:?}");
    }
}

#[test]
fn each_instruction_is_one_step_and_each_turn_of_a_repeated_one() {
    // inc eax; jmp +1; (nop); mov ecx, 3; rep stosb; mov [ebx], eax, which faults; int 0x30
    let bytes = [
        0x40, 0xeb, 1, 0x90, 0xb9, 3, 0, 0, 0, 0xf3, 0xaa, 0x89, 0x03, 0xcd, 0x30, 0x40, 0xcd, 0x30,
    ];
    let mut machine = Machine::new();
    let mut program = machine.program(&bytes);
    machine.map_new(&program.directory, DATA.page(), PteFlags::USER_WRITE);
    let registers = Registers {
        ebx: DATA.0 + PAGE as u32,
        edi: DATA.0,
        eip: CODE.0,
        esp: STACK_TOP.0,
        ..Registers::default()
    };
    program.context.set_registers(&registers);
    machine.resume(&program);
    let mut seen = Vec::new();
    for _ in 0..10 {
        machine.cpu.step(program.directory.root());
        loop {
            match machine.cpu.run(Work::MAX) {
                Exit::Debug(DebugStop::Step) => break,
                Exit::PageFault(fault) => {
                    machine.map_new(&program.directory, fault.addr.page(), PteFlags::USER_WRITE);
                }
                exit => assert_eq!(exit, Exit::Syscall),
            }
        }
        seen.push(machine.cpu.eip().0 - CODE.0);
    }
    // After the third iteration the CPU checks once more whether there is another.
    assert_eq!(seen, [1, 4, 9, 9, 9, 9, 11, 13, 15, 16]);
}

#[test]
fn a_breakpoint_stops_before_its_instruction_wherever_the_program_comes_from() {
    // again: inc eax; dec ecx; jnz again; int 0x30
    let bytes = [0x40, 0x49, 0x75, 0xfc, 0xcd, 0x30];
    // The address, and EAX at each stop.
    let cases: [(u32, Vec<u32>); 5] = [
        (0, (0..9).collect()),
        (1, (1..=9).collect()),
        (2, (1..=9).collect()),
        (3, vec![]),
        (4, vec![9]),
    ];
    for (offset, expected) in cases {
        let mut machine = Machine::new();
        let mut program = machine.program(&bytes);
        let registers = Registers {
            ecx: 9,
            eip: CODE.0,
            esp: STACK_TOP.0,
            ..Registers::default()
        };
        program.context.set_registers(&registers);
        machine.resume(&program);
        let at = VirtAddr(CODE.0 + offset);
        machine.cpu.set_breakpoints(BTreeSet::from([at]));
        let mut seen = Vec::new();
        while machine.run() == Exit::Debug(DebugStop::Breakpoint) {
            assert_eq!(machine.cpu.eip(), at);
            seen.push(machine.cpu.eax());
        }
        assert_eq!(seen, expected, "at {offset}");
    }
}

#[test]
fn a_breakpoint_waits_for_its_page_and_outlives_it() {
    let mut machine = Machine::new();
    let far = VirtAddr(CODE.0 + 4 * PAGE as u32);
    let mut bytes = vec![0xe9]; // jmp far
    bytes.extend(imm(far.0 - CODE.0 - 5));
    let program = machine.program(&bytes);
    machine
        .cpu
        .set_breakpoints(BTreeSet::from([VirtAddr(far.0 + 1)]));
    machine.resume(&program);
    for _ in 0..3 {
        let context = machine.cpu.new_context(CODE, STACK_TOP);
        machine.cpu.resume(&context, program.directory.root());
        let Exit::PageFault(fault) = machine.run() else {
            panic!("the page is not loaded");
        };
        assert_eq!(fault.addr, far);
        machine.place(&program.directory, far, &[0x90, 0x40, 0xcd, 0x30]);
        assert_eq!(machine.run(), Exit::Debug(DebugStop::Breakpoint));
        assert_eq!(machine.cpu.eip().0, far.0 + 1);
        assert_eq!(machine.run(), Exit::Syscall);
        machine.unmap(&program.directory, far.page());
    }
}

#[test]
fn a_breakpoint_that_is_taken_away_leaves_no_trace() {
    let bytes = [0x40, 0x40, 0xcd, 0x30];
    let mut machine = Machine::new();
    let program = machine.program(&bytes);
    machine.resume(&program);
    let at = VirtAddr(CODE.0 + 1);
    machine.cpu.set_breakpoints(BTreeSet::from([at]));
    assert_eq!(machine.run(), Exit::Debug(DebugStop::Breakpoint));
    machine.clear(&program.directory, CODE.page(), PteFlags::ACCESSED);
    machine.cpu.set_breakpoints(BTreeSet::new());
    assert!(
        !machine
            .pte(&program.directory, CODE)
            .has(PteFlags::ACCESSED)
    );
    assert_eq!(machine.run(), Exit::Syscall);
    assert_eq!(machine.run_program(&program), Exit::Syscall);
}

#[test]
fn a_watchpoint_stops_after_the_access_and_tells_where_it_was() {
    // mov eax, [ebx + 102]; mov [ebx], eax; mov [ebx + 98], eax; fstp tbyte [ebx + 92]; int 0x30
    let bytes = code(&[
        &[0x8b, 0x43, 102, 0x89, 0x03, 0x89, 0x43, 98],
        &[0xdb, 0x7b, 92, 0xcd, 0x30],
    ]);
    let watched = |kind, addr| {
        Exit::Debug(DebugStop::Watchpoint(Watched {
            addr: VirtAddr(DATA.0 + addr),
            kind,
        }))
    };
    for (kind, expected) in [
        (WatchKind::Read, vec![(102, 3)]),
        (WatchKind::Write, vec![(100, 8), (100, 11)]),
        (WatchKind::Access, vec![(102, 3), (100, 8), (100, 11)]),
    ] {
        let mut machine = Machine::new();
        let mut program = machine.program(&bytes);
        machine.map_new(&program.directory, DATA.page(), PteFlags::USER_WRITE);
        let registers = Registers {
            ebx: DATA.0,
            eip: CODE.0,
            esp: STACK_TOP.0,
            ..Registers::default()
        };
        program.context.set_registers(&registers);
        machine.resume(&program);
        machine.cpu.set_watches(vec![Watch {
            root: program.directory.root(),
            bytes: DATA.0 + 100..DATA.0 + 104,
            kind,
        }]);
        for (addr, eip) in expected {
            assert_eq!(machine.run(), watched(kind, addr));
            assert_eq!(machine.cpu.eip().0 - CODE.0, eip);
        }
        assert_eq!(machine.run(), Exit::Syscall, "{kind:?}");
    }
}

#[test]
fn another_address_space_is_neither_watched_nor_stepped() {
    // mov [ebx], eax; int 0x30
    let bytes = [0x89, 0x03, 0xcd, 0x30];
    let mut machine = Machine::new();
    let mut programs: Vec<Program> = (0..2).map(|_| machine.program(&bytes)).collect();
    let registers = Registers {
        ebx: DATA.0,
        eip: CODE.0,
        esp: STACK_TOP.0,
        ..Registers::default()
    };
    for program in &mut programs {
        program.context.set_registers(&registers);
        machine.map_new(&program.directory, DATA.page(), PteFlags::USER_WRITE);
    }
    let root = programs[1].directory.root();
    machine.cpu.set_watches(vec![Watch {
        root,
        bytes: DATA.0..DATA.0 + 4,
        kind: WatchKind::Write,
    }]);
    machine.cpu.step(root);
    assert_eq!(machine.run_program(&programs[0]), Exit::Syscall);
    assert!(matches!(
        machine.run_program(&programs[1]),
        Exit::Debug(DebugStop::Watchpoint(_))
    ));
    machine.cpu.step(root);
    assert_eq!(machine.run(), Exit::Syscall);
    assert_eq!(machine.run_program(&programs[0]), Exit::Syscall);
}

#[test]
fn a_watch_finds_accesses_from_the_page_before() {
    // mov [ebx], eax; int 0x30
    let mut machine = Machine::new();
    let mut program = machine.program(&[0x89, 0x03, 0xcd, 0x30]);
    let border = DATA.0 + PAGE as u32;
    let registers = Registers {
        ebx: border - 2,
        eip: CODE.0,
        esp: STACK_TOP.0,
        ..Registers::default()
    };
    program.context.set_registers(&registers);
    machine.resume(&program);
    machine.cpu.set_watches(vec![Watch {
        root: program.directory.root(),
        bytes: border + 1..border + 2,
        kind: WatchKind::Write,
    }]);
    let exit = machine.run_demand_zero(&program.directory);
    assert!(
        matches!(exit, Exit::Debug(DebugStop::Watchpoint(Watched { addr, .. })) if addr.0 == border + 1)
    );
}
