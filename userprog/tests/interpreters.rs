//! What a user is told whose dynamic program cannot start, and what another program is told that starts it.

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use executables::asm::{Asm, CODE};
use executables::elf_writer::{ElfWriter, Load};
use executables::linux::for_linux;
use small::Machine;
use userprog::RunEnd;

const PATH: &[u8] = b"/lib/ld.so\0";

/// A program whose interpreter is [`PATH`].
fn dynamic() -> Vec<u8> {
    let path = Load {
        kind: 3,
        ..Load::new(0x0805_0000, PATH, 4)
    };
    let writer = ElfWriter::new(CODE).load(Load::code()).load(path);
    for_linux(writer.build())
}

/// Runs a dynamic program whose interpreter has this content, if it is there at all.
fn run(interpreter: Option<&[u8]>) -> (RunEnd, String) {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("lib")).unwrap();
    if let Some(content) = interpreter {
        std::fs::write(root.path().join("lib/ld.so"), content).unwrap();
    }
    let below = Dir::open_ambient_dir(root.path(), ambient_authority()).unwrap();
    let done = Machine::new()
        .file("main", &dynamic())
        .options(|options| options.root(below))
        .run("main");
    let text = done.text();
    (done.report.end, text)
}

#[track_caller]
fn refused(interpreter: Option<&[u8]>, words: &[&str]) {
    let (RunEnd::NotLoaded(why), console) = run(interpreter) else {
        panic!("it was loaded");
    };
    for word in words {
        assert!(why.contains(word), "{why}");
    }
    assert_eq!(
        console,
        "load: main: error loading executable\nmain: exit(-1)\n"
    );
}

#[test]
fn an_interpreter_that_is_not_there_is_named_and_so_is_what_to_do() {
    refused(None, &["/lib/ld.so", "--root DIR", "does not have"]);
}

#[test]
fn an_interpreter_that_is_no_program_for_the_machine_is_named() {
    let mut for_64_bits = dynamic();
    for_64_bits[4] = 2;
    refused(Some(&for_64_bits), &["/lib/ld.so", "32-bit"]);
    refused(Some(b""), &["/lib/ld.so", "within its headers"]);
    refused(Some(&dynamic()), &["/lib/ld.so", "needs an interpreter"]);
}

/// The interpreter is started and told where it and the program are.
#[test]
fn an_interpreter_is_started_in_the_place_of_the_program() {
    let imm = u32::to_le_bytes;
    let mut asm = Asm::new();
    // mov eax, 1; mov ebx, 42; int $0x80: exit(42)
    asm.raw(&[0xb8]).raw(&imm(1)).raw(&[0xbb]).raw(&imm(42));
    asm.raw(&[0xcd, 0x80]);
    let code = asm.into_code();
    let mut interpreter = ElfWriter::new(0)
        .load(Load::new(0, &code, Load::RX))
        .build();
    interpreter[16] = 3; // e_type: ET_DYN
    assert_eq!(run(Some(&interpreter)), (RunEnd::Exited(42), String::new()));
}
