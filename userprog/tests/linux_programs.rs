//! Small Linux programs, each about one thing that a single call does not show: handlers of exceptions, stacks of
//! their own for them, alarms, shared memory, memory that moves, a parent that waits for its child's program,
//! thread-local storage.
//!
//! Each runs on the host too, where that runs i386 programs, and does the same there.

use std::fs;
use std::process::Command;

use executables::asm::Asm;
use executables::linux::for_linux;
use machine::work::Work;
use small::Machine;

const EXIT: u32 = 1;
const FORK: u32 = 2;
const WRITE: u32 = 4;
const WAITPID: u32 = 7;
const PAUSE: u32 = 29;
const SETITIMER: u32 = 104;
const MREMAP: u32 = 163;
const RT_SIGACTION: u32 = 174;
const SIGALTSTACK: u32 = 186;
const VFORK: u32 = 190;
const MMAP2: u32 = 192;

const PAGE: u32 = 4096;
/// Where programs map something.
const AT: u32 = 0x2000_0000;
/// MAP_PRIVATE, MAP_SHARED, both with MAP_FIXED and MAP_ANONYMOUS.
const PRIVATE: u32 = 0x32;
const SHARED: u32 = 0x31;
/// SA_SIGINFO, and with SA_ONSTACK.
const INFO: u32 = 4;
const ON_STACK: u32 = INFO | 0x0800_0000;

fn imm(value: u32) -> [u8; 4] {
    value.to_le_bytes()
}

/// Makes a call with these numbers in EAX, EBX, ECX, EDX, ESI, EDI.
fn call(asm: &mut Asm, numbers: &[u32]) {
    let moves = [0xb8, 0xbb, 0xb9, 0xba, 0xbe, 0xbf];
    for (register, number) in moves.iter().zip(numbers) {
        asm.raw(&[*register]).raw(&imm(*number));
    }
    asm.raw(&[0xcd, 0x80]);
}

/// Ends the program with EAX as its status.
fn exit_with_eax(asm: &mut Asm) {
    asm.raw(&[0x89, 0xc3, 0xb8]).raw(&imm(EXIT)); // mov ebx, eax; mov eax, EXIT
    asm.raw(&[0xcd, 0x80]);
}

/// Maps a page or more at `at`.
fn map(asm: &mut Asm, at: u32, pages: u32, flags: u32) {
    let bytes = pages * PAGE;
    asm.raw(&[0x31, 0xed]); // xor ebp, ebp: the offset
    call(asm, &[MMAP2, at, bytes, 3, flags, u32::MAX]);
}

/// Puts a handler into the code, which is passed over, and has it called for a signal.
fn handle(asm: &mut Asm, signal: u32, flags: u32, handler: &[u8]) {
    asm.raw(&[0xe9]).raw(&imm(handler.len() as u32)); // jmp over it
    let at = asm.here();
    asm.raw(handler);
    let action = asm.data(&[at, flags, 0, 0, 0].map(imm).concat());
    call(asm, &[RT_SIGACTION, signal, action, 0, 8]);
}

/// Has the handler return behind an instruction of two bytes: add dword [ecx + eip in the ucontext], 2; ret.
const SKIP: [u8; 5] = [0x83, 0x41, 20 + 14 * 4, 2, 0xc3];

fn program(write: impl FnOnce(&mut Asm)) -> Vec<u8> {
    let mut asm = Asm::new();
    write(&mut asm);
    for_linux(asm.build())
}

/// What a program exits with and prints on the host; `None` if that runs no i386 programs.
fn native(program: &[u8]) -> Option<(i32, Vec<u8>)> {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("main");
    fs::write(&path, program).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let output = Command::new(&path).output().ok()?;
    Some((output.status.code()?, output.stdout))
}

/// The program does this, here whoever runs when, and on the host.
#[track_caller]
fn does(program: &[u8], status: i32, printed: &str) {
    if let Some(native) = native(program) {
        assert_eq!(native, (status, printed.into()), "the host");
    }
    for (seed, frames) in [(0, 300), (1, 8), (2, 16), (3, 8)] {
        let done = Machine::new()
            .file("main", program)
            .options(|options| options.seed(seed).frames(frames))
            .run("main");
        assert_eq!((done.status(), done.text()), (status, printed.to_owned()));
    }
}

#[test]
fn handlers_of_exceptions_can_go_on_behind_the_instruction() {
    let program = program(|asm| {
        handle(asm, 8, INFO, &SKIP);
        handle(asm, 4, INFO, &SKIP);
        for _ in 0..3 {
            asm.raw(&[0x31, 0xd2, 0x31, 0xc9, 0xf7, 0xf1]); // xor edx, edx; xor ecx, ecx; div ecx
            asm.raw(&[0x0f, 0x0b]); // ud2
        }
        call(asm, &[EXIT, 7]);
    });
    does(&program, 7, "");
}

#[test]
fn a_handler_learns_what_the_exception_was() {
    // mov eax, [ecx + 8]: si_code, FPE_INTDIV; the frame is that of three arguments
    let mut handler = Asm::new();
    handler.raw(&[0x8b, 0x4c, 0x24, 8, 0x8b, 0x41, 8]); // mov ecx, [esp + 8]; mov eax, [ecx + 8]
    exit_with_eax(&mut handler);
    let program = program(|asm| {
        handle(asm, 8, INFO, &handler.into_code());
        asm.raw(&[0x31, 0xc9, 0xf7, 0xf1]); // xor ecx, ecx; div ecx
    });
    does(&program, 1, "");
}

#[test]
fn a_handler_has_a_stack_when_the_program_has_none() {
    let mut handler = Asm::new();
    // mov eax, esp; shr eax, 28: 2, the mapping's
    handler.raw(&[0x89, 0xe0, 0xc1, 0xe8, 28]);
    exit_with_eax(&mut handler);
    let program = program(|asm| {
        map(asm, AT, 4, PRIVATE);
        let stack = asm.data(&[AT, 0, 4 * PAGE].map(imm).concat());
        call(asm, &[SIGALTSTACK, stack, 0]);
        handle(asm, 11, ON_STACK, &handler.into_code());
        asm.raw(&[0xbc]).raw(&imm(0x100)).raw(&[0x50]); // mov esp, 0x100; push eax
    });
    does(&program, 2, "");
}

#[test]
fn an_alarm_ends_a_pause_again_and_again() {
    let program = program(|asm| {
        let rung = asm.word();
        // inc dword [rung]; ret
        handle(
            asm,
            14,
            INFO,
            &[&[0xff, 0x05][..], &imm(rung), &[0xc3]].concat(),
        );
        // Each 2 ms, from 1 ms on.
        let times = asm.data(&[0, 2000, 0, 1000].map(imm).concat());
        call(asm, &[SETITIMER, 0, times, 0]);
        for _ in 0..3 {
            call(asm, &[PAUSE]);
        }
        // A busy host may ring between two pauses, too: at least 3.
        asm.load(rung);
        asm.raw(&[0x83, 0xf8, 3, 0x72, 5]); // cmp eax, 3; jb +5
        asm.raw(&[0xb8]).raw(&imm(3)); // mov eax, 3
        exit_with_eax(asm);
    });
    does(&program, 3, "");
}

#[test]
fn an_alarm_without_a_handler_ends_the_program() {
    let program = program(|asm| {
        let times = asm.data(&[0, 0, 0, 1000].map(imm).concat());
        call(asm, &[SETITIMER, 0, times, 0]);
        asm.raw(&[0xeb, 0xfe]); // jmp to itself
    });
    let done = Machine::new().file("main", &program).run("main");
    assert_eq!(done.text(), "main: SIGALRM\n");
    let work = done.report.stats.work;
    assert!((100_000..130_000).contains(&work), "{work}");
}

/// What a child stores in memory that it shares, its parent finds, swapped out or not.
#[test]
fn processes_share_memory_without_a_file() {
    const PAGES: u32 = 40;
    let program = program(|asm| {
        map(asm, AT, PAGES, SHARED);
        call(asm, &[FORK]);
        asm.if_zero(|asm| {
            for page in 0..PAGES {
                // add dword [page], page
                asm.raw(&[0x81, 0x05])
                    .raw(&imm(AT + page * PAGE))
                    .raw(&imm(page));
            }
            call(asm, &[EXIT, 0]);
        });
        call(asm, &[WAITPID, u32::MAX, 0, 0]);
        asm.raw(&[0x31, 0xc0]); // xor eax, eax
        for page in 0..PAGES {
            asm.raw(&[0x03, 0x05]).raw(&imm(AT + page * PAGE)); // add eax, [page]
        }
        asm.raw(&[0xc1, 0xe8, 2]); // shr eax, 2
        exit_with_eax(asm);
    });
    does(&program, 39 * 40 / 2 / 4, "");
}

#[test]
fn shared_memory_ends_where_the_quota_does() {
    let program = program(|asm| {
        map(asm, AT, 100, SHARED);
        map(asm, AT + 200 * PAGE, 100, SHARED);
        exit_with_eax(asm);
    });
    let done = Machine::new()
        .file("main", &program)
        .options(|options| options.file_quota(150 * u64::from(PAGE)))
        .run("main");
    assert_eq!(done.status(), 256 - 12); // ENOMEM
}

/// Memory that cannot grow where it is moves, with what is in it.
#[test]
fn memory_moves_to_where_it_can_grow() {
    let program = program(|asm| {
        map(asm, AT, 2, PRIVATE);
        map(asm, AT + 2 * PAGE, 1, PRIVATE);
        asm.raw(&[0xc7, 0x05]).raw(&imm(AT + PAGE)).raw(&imm(77)); // mov [second page], 77
        call(asm, &[MREMAP, AT, 2 * PAGE, 4 * PAGE, 0]);
        asm.expect(-12i32 as u32, 1);
        call(asm, &[MREMAP, AT, 2 * PAGE, 4 * PAGE, 1]);
        asm.raw(&[0x8b, 0x88]).raw(&imm(PAGE)); // mov ecx, [eax + PAGE]
        asm.raw(&[0xc7, 0x80]).raw(&imm(3 * PAGE)).raw(&imm(5)); // mov [eax + 3 * PAGE], 5
        asm.raw(&[0x03, 0x88]).raw(&imm(3 * PAGE)); // add ecx, [eax + 3 * PAGE]
        asm.raw(&[0x89, 0xc8]); // mov eax, ecx
        exit_with_eax(asm);
    });
    does(&program, 82, "");
}

#[test]
fn a_parent_waits_for_the_child_that_has_its_memory() {
    let program = program(|asm| {
        let texts = ["child\n", "parent\n"].map(|text| (asm.string(text), text.len() as u32));
        let [(child, child_bytes), (parent, parent_bytes)] = texts;
        call(asm, &[VFORK]);
        asm.if_zero(|asm| {
            asm.repeat(60_000, |_| {});
            call(asm, &[WRITE, 1, child, child_bytes]);
            call(asm, &[EXIT, 0]);
        });
        call(asm, &[WRITE, 1, parent, parent_bytes]);
        call(asm, &[EXIT, 3]);
    });
    does(&program, 3, "child\nparent\n");
}

/// A process and its child have segments of their own under the same number, whoever ran last.
#[test]
fn thread_local_storage_is_each_process_own() {
    let mut asm = Asm::new();
    let words = [1u32, 2].map(|word| asm.data(&imm(word)));
    let segments = words.map(|word| {
        let description = [u32::MAX, word, 0xf_ffff, 0x51].map(imm).concat();
        asm.data(&description)
    });
    let status = asm.word();
    let exit = |code: &[u8]| [code, &[0xb8], &imm(1), &[0xcd, 0x80]].concat();
    let fail = exit(&[&[0xbb][..], &imm(1)].concat()); // mov ebx, 1
    let end_of_child = exit(&[0x31, 0xdb]); // xor ebx, ebx
    let wait = [
        &[0xb8][..],
        &imm(7), // waitpid
        &[0xbb],
        &imm(u32::MAX),
        &[0xb9],
        &imm(status),
        &[0x31, 0xd2, 0xcd, 0x80],
        &[0x8b, 0x1d],
        &imm(status),
        &[0xc1, 0xeb, 8], // shr ebx, 8
    ]
    .concat();
    let end_of_parent = exit(&wait);
    let look = [
        &[0xb8][..],
        &imm(158), // sched_yield
        &[0xcd, 0x80],
        &[0x66, 0xb8, 0x33, 0x00, 0x8e, 0xe8], // mov ax, 0x33; mov gs, ax
        &[0x65, 0xa1],
        &imm(0),                   // mov eax, gs:[0]
        &[0x3b, 0x07],             // cmp eax, [edi]
        &[0x74, fail.len() as u8], // je over the end
        &fail,
        &[0x4e], // dec esi
    ]
    .concat();

    asm.raw(&[0xb8]).raw(&imm(2)).raw(&[0xcd, 0x80]); // fork
    asm.raw(&[0x89, 0xc5]); // mov ebp, eax
    asm.raw(&[0xbb]).raw(&imm(segments[0]));
    asm.raw(&[0xbf]).raw(&imm(words[0]));
    asm.raw(&[0x85, 0xed, 0x74, 10]); // test ebp, ebp; jz over the parent's
    asm.raw(&[0xbb]).raw(&imm(segments[1]));
    asm.raw(&[0xbf]).raw(&imm(words[1]));
    asm.raw(&[0xb8]).raw(&imm(243)).raw(&[0xcd, 0x80]); // set_thread_area
    asm.raw(&[0xbe]).raw(&imm(100)); // mov esi, 100
    asm.raw(&look);
    asm.raw(&[0x75, (-(look.len() as i32) - 2) as u8]); // jnz look
    asm.raw(&[0x85, 0xed, 0x75, end_of_child.len() as u8]); // test ebp, ebp; jnz over the child's end
    asm.raw(&end_of_child).raw(&end_of_parent);

    for seed in 0..5 {
        let done = Machine::new()
            .file("main", &for_linux(asm.build()))
            .options(|options| options.seed(seed))
            .run("main");
        assert_eq!(done.status(), 0, "{}", done.text());
        assert!(done.report.stats.context_switches > 50);
    }
}

/// Alarms that come as often as they can, of programs that do not listen, do not keep the machine from its end.
#[test]
fn alarms_do_not_stop_the_time() {
    let program = program(|asm| {
        handle(asm, 14, INFO, &[0xc3]);
        let times = asm.data(&[0, 1, 0, 1].map(imm).concat());
        call(asm, &[SETITIMER, 0, times, 0]);
        let again = asm.here();
        call(asm, &[PAUSE]);
        let distance = again as i32 - (asm.here() as i32 + 5);
        asm.raw(&[0xe9]).raw(&distance.to_le_bytes()); // jmp again
    });
    let done = Machine::new()
        .file("main", &program)
        .options(|options| options.max_work(Work(10_000_000)))
        .run("main");
    assert_eq!(done.report.end, userprog::RunEnd::WorkLimit);
}
