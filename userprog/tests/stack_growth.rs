//! The stack grows for accesses of the kernel in a system call as for those of the program.

use executables::asm::*;
use small::{Done, Machine};

fn run(write: impl FnOnce(&mut Asm)) -> Done {
    Machine::new()
        .file("main", &program(write))
        .file("file", b"content")
        .run("main")
}

#[test]
fn a_stack_grows_for_the_kernel_as_for_the_program() {
    // A buffer of 64 KiB below the pages that exist, above the stack pointer.
    let done = run(|asm| {
        let name = asm.string("file");
        asm.call(OPEN, &[name.into()]).expect(2, 1);
        asm.raw(&[0x81, 0xec, 0, 0, 1, 0, 0x89, 0xe0]); // sub esp, 0x10000; mov eax, esp
        let buffer = asm.word();
        asm.store(buffer);
        asm.call(READ, &[2.into(), Arg::At(buffer), 7.into()])
            .expect(7, 2)
            .exit(0);
    });
    assert_eq!(done.status(), 0);
    // The same buffer when the stack pointer is above it.
    let done = run(|asm| {
        asm.raw(&[0x8d, 0x84, 0x24, 0, 0, 0xff, 0xff]); // lea eax, [esp - 0x10000]
        let buffer = asm.word();
        asm.store(buffer)
            .call(READ, &[0.into(), Arg::At(buffer), 7.into()])
            .exit(0);
    });
    assert_eq!(done.text(), "main: exit(-1)\n");
}
