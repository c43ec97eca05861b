//! Bad pointers that a program passes to the kernel: only the program itself is affected.

use executables::asm::*;
use machine::addr::KERNEL_BASE;
use small::{Done, Machine};
use userprog::RunEnd;

/// Null, unmapped, and the first and last bytes of the kernel's half.
const BAD: [u32; 6] = [
    0,
    0x1000_0000,
    0x0804_7fff,
    0xc000_0000,
    0xc010_0000,
    u32::MAX,
];

fn run(write: impl FnOnce(&mut Asm)) -> Done {
    Machine::new()
        .file("main", &program(write))
        .file("file", b"content")
        .run("main")
}

#[track_caller]
fn dies_quietly(done: &Done, what: &str) {
    assert_eq!(done.text(), "main: exit(-1)\n", "{what}");
    assert_eq!(done.report.end, RunEnd::Killed, "{what}");
}

#[test]
fn a_bad_string_kills() {
    for call in [EXEC, CREATE, REMOVE, OPEN, 15, 16] {
        for bad in BAD {
            let done = run(|asm| {
                asm.call(call, &[bad.into(), 0.into()]).exit(0);
            });
            dies_quietly(&done, &format!("call {call} with {bad:#x}"));
        }
    }
}

#[test]
fn a_bad_buffer_kills_whatever_the_descriptor() {
    for call in [READ, WRITE] {
        for fd in [0u32, 1, 2, 77] {
            for bad in BAD {
                let done = run(|asm| {
                    let name = asm.string("file");
                    asm.call(OPEN, &[name.into()]).expect(2, 1);
                    asm.call(call, &[fd.into(), bad.into(), 7.into()]).exit(0);
                });
                dies_quietly(&done, &format!("call {call} of {fd} with {bad:#x}"));
            }
        }
    }
}

#[test]
fn a_buffer_that_is_only_partly_good_kills_before_anything_happens() {
    for size in [8, 0x10_0000, 0x7fff_ffff, u32::MAX] {
        for call in [READ, WRITE] {
            let done = run(|asm| {
                let name = asm.string("file");
                let end = DATA + DATA_BYTES;
                asm.call(OPEN, &[name.into()]).expect(2, 1);
                asm.call(call, &[2.into(), (end - 4).into(), size.into()])
                    .exit(0);
            });
            dies_quietly(&done, &format!("call {call} with {size:#x} bytes"));
            assert_eq!(done.file("file"), b"content");
        }
    }
    let done = run(|asm| {
        asm.call(WRITE, &[1.into(), (DATA + DATA_BYTES - 4).into(), 8.into()])
            .exit(0);
    });
    dies_quietly(&done, "console");
}

#[test]
fn a_read_into_code_kills() {
    let done = run(|asm| {
        let name = asm.string("file");
        asm.call(OPEN, &[name.into()]).expect(2, 1);
        asm.call(READ, &[2.into(), CODE.into(), 7.into()]).exit(0);
    });
    dies_quietly(&done, "read into code");
}

#[test]
fn code_may_be_written_to_a_file() {
    let done = run(|asm| {
        let name = asm.string("file");
        asm.call(OPEN, &[name.into()]).expect(2, 1);
        asm.call(WRITE, &[2.into(), CODE.into(), 4.into()])
            .expect(4, 2)
            .exit(0);
    });
    assert_eq!(done.status(), 0);
    assert_eq!(&done.file("file")[4..], b"ent");
}

#[test]
fn a_string_that_runs_into_bad_memory_kills_and_one_that_ends_before_does_not() {
    let name = |text: &[u8]| {
        let end = DATA + DATA_BYTES;
        let done = run(|asm| {
            for (index, byte) in text.iter().enumerate() {
                let at = end - text.len() as u32 + index as u32;
                asm.raw(&[0xc6, 0x05]).raw(&at.to_le_bytes()).raw(&[*byte]); // mov byte [at], byte
            }
            asm.call(OPEN, &[(end - text.len() as u32).into()])
                .expect(2, 1)
                .exit(0);
        });
        done.report.end
    };
    assert_eq!(name(b"file\0"), RunEnd::Exited(0));
    assert_eq!(name(b"file"), RunEnd::Killed);
}

#[test]
fn arguments_across_a_page_are_found_and_in_bad_memory_kill() {
    // esp = addr; int $0x30
    let call_at = |esp: u32, write: &[(u32, u32)]| {
        run(|asm| {
            for (at, word) in write {
                asm.raw(&[0xc7, 0x05])
                    .raw(&at.to_le_bytes())
                    .raw(&word.to_le_bytes());
            }
            asm.raw(&[0xbc])
                .raw(&esp.to_le_bytes())
                .raw(&[0xcd, 0x30, 0xeb, 0xfe]);
        })
    };
    let border = DATA + 0x1000;
    // The number across the page boundary, and the number before it with the argument after.
    for esp in [border - 2, border - 4, border - 6] {
        let done = call_at(esp, &[(esp, EXIT), (esp + 4, 42)]);
        assert_eq!(done.status(), 42, "esp {esp:#x}");
    }
    let end = DATA + DATA_BYTES;
    dies_quietly(
        &call_at(end - 4, &[(end - 4, EXIT)]),
        "the argument is outside",
    );
    dies_quietly(&call_at(end - 2, &[]), "half of the number is outside");
    for bad in BAD {
        dies_quietly(&call_at(bad, &[]), &format!("esp {bad:#x}"));
    }
    for near_end in [KERNEL_BASE.0 - 4, KERNEL_BASE.0 - 2] {
        dies_quietly(
            &call_at(near_end, &[(KERNEL_BASE.0 - 4, EXIT)]),
            "the end of user space",
        );
    }
}

#[test]
fn an_empty_range_is_never_bad() {
    let done = run(|asm| {
        asm.call(WRITE, &[1.into(), 0.into(), 0.into()])
            .expect(0, 1);
        asm.call(READ, &[0.into(), KERNEL_BASE.0.into(), 0.into()])
            .expect(0, 2)
            .exit(0);
    });
    assert_eq!(done.status(), 0);
}
