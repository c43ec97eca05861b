//! What a file is that the kernel did not load as a program, and what to do about it.
//!
//! # Invariants
//!
//! It only explains: whether a file is a program, the kernel decides. Whatever is in the file,
//! there is an explanation or none, and no panic.

use goblin::elf::Elf;
use goblin::elf::header::{EM_386, EM_X86_64, ET_DYN, ET_EXEC, ET_REL, machine_to_str};
use goblin::elf::program_header::{PT_DYNAMIC, PT_INTERP};
use host::guest_dir::GuestDir;
use host::guest_name::GuestName;

/// What gives a program whatever the file is.
const BEST: &str = "`vmlab run SOURCE.c` compiles a source as it has to be";
/// How to link one by hand.
const BY_HAND: &str = "gcc -m32 -static -no-pie -nostdlib -ffreestanding";
/// What a program needs that is Linux's.
const OF_LINUX: &str = "One for Linux runs if its interpreter and its libraries are in the folder of `--root`, and its notes or \
                        `--abi linux` say that it is Linux's";

/// Tells on standard error why the first program of a run was not loaded, and what its file is.
pub fn tell(dir: &GuestDir, name: &str, why: &str) {
    anstream::eprintln!("vmlab: {name} was not loaded: {why}");
    let content = GuestName::new(name)
        .ok()
        .and_then(|name| dir.get(&name).ok());
    let what = content
        .as_ref()
        .and_then(|content| explanation(name, content));
    if let Some(what) = what {
        anstream::eprintln!("vmlab: it is {what}");
    }
    let below_root = dir.program_below_root(name);
    if let Some(meant) = below_root.filter(|meant| std::fs::read(meant).ok() != content) {
        let meant = meant.display();
        anstream::eprintln!(
            "vmlab: a program is named by its path on this computer; the one of `--root` is {meant}"
        );
    }
}

/// What a file is that is no program, and what to do; `None` if it looks like one.
#[must_use]
pub fn explanation(name: &str, content: &[u8]) -> Option<String> {
    let starts_with = |magic: &[u8]| content.starts_with(magic);
    if content.is_empty() {
        Some("an empty file: was the program written, and did the linker succeed?".to_owned())
    } else if starts_with(b"\x7fELF") {
        of_elf(content)
    } else if starts_with(b"#!") {
        Some(
            "a script. It runs if the program that its first line names is one for Linux on the i386 and among the \
             guest's files (`--root DIR`)"
                .to_owned(),
        )
    } else if starts_with(b"MZ") {
        Some(format!("a program for Windows; {BEST}"))
    } else if is_mach_o(content) {
        Some(format!("a program for macOS; {BEST}"))
    } else if starts_with(b"!<arch>\n") {
        Some(format!(
            "an archive of object files; link a program with it: {BY_HAND}"
        ))
    } else if is_text(content) {
        Some(of_text(name))
    } else {
        Some("neither an ELF file nor text".to_owned())
    }
}

fn is_mach_o(content: &[u8]) -> bool {
    let magics: [[u8; 4]; 3] = [
        [0xcf, 0xfa, 0xed, 0xfe],
        [0xce, 0xfa, 0xed, 0xfe],
        [0xca, 0xfe, 0xba, 0xbe],
    ];
    magics.iter().any(|magic| content.starts_with(magic))
}

/// Whether it begins as text does.
fn is_text(content: &[u8]) -> bool {
    let head = &content[..content.len().min(512)];
    !head
        .iter()
        .any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace())
}

fn of_text(name: &str) -> String {
    let is_assembly = [".asm", ".s", ".nasm"]
        .iter()
        .any(|end| name.ends_with(end));
    match is_assembly {
        true => "assembly source, which is not assembled. In the syntax of GNU's assembler, call it NAME.S and \
                 `vmlab run NAME.S` does that; for NASM: nasm -f elf32 NAME.asm && ld -m elf_i386 -o NAME NAME.o"
            .to_owned(),
        false => "text, not an executable; a C source has the name NAME.c, one in assembly NAME.S".to_owned(),
    }
}

fn of_elf(content: &[u8]) -> Option<String> {
    let Ok(elf) = Elf::parse(content) else {
        return Some("an ELF file that is cut off or damaged; link it again".to_owned());
    };
    let header = &elf.header;
    let needs_linker = elf
        .program_headers
        .iter()
        .any(|header| [PT_INTERP, PT_DYNAMIC].contains(&header.p_type));
    match (header.e_machine, header.e_type) {
        (EM_X86_64, _) => Some(format!(
            "a 64-bit program for x86-64, and the machine is an i386; {BEST}, and so does {BY_HAND}"
        )),
        (EM_386, ET_REL) => Some(format!(
            "an object file, which is not linked; {BEST}, by hand it is linked with {BY_HAND}"
        )),
        (EM_386, ET_DYN) => Some(format!(
            "a position-independent executable (PIE) or a shared library. {OF_LINUX}. For the interface of Pintos \
             programs have fixed addresses; {BEST}, by hand it is {BY_HAND}"
        )),
        (EM_386, ET_EXEC) if needs_linker => Some(format!(
            "dynamically linked. {OF_LINUX}. For the interface of Pintos there is no dynamic linker; {BEST}, by hand \
             it is {BY_HAND}"
        )),
        (EM_386, ET_EXEC) => None,
        (EM_386, kind) => Some(format!(
            "an ELF file of type {kind}, and no executable; {BEST}"
        )),
        (machine, _) => Some(format!(
            "a program for another machine ({}), and this one is an i386; {BEST}",
            machine_to_str(machine)
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes of a bundled program, with another field of its header.
    fn changed(offset: usize, value: &[u8]) -> Vec<u8> {
        let program = images::find("hello").unwrap();
        let (_, content) = images::guest_files(program).into_iter().next().unwrap();
        let mut content = content.to_vec();
        content[offset..offset + value.len()].copy_from_slice(value);
        content
    }

    #[track_caller]
    fn explained(name: &str, content: &[u8], what: &str) {
        let explanation = explanation(name, content).unwrap();
        assert!(explanation.contains(what), "{explanation}");
    }

    #[test]
    fn a_file_that_is_no_program_is_told_what_it_is() {
        explained("a", b"", "an empty file");
        explained("a", b"#!/bin/sh\nexit 0\n", "a script");
        explained("a.asm", b"section .text\n", "NASM: nasm -f elf32");
        explained("a", b"int main(void) { return 0; }\n", "NAME.c");
        explained("a", b"MZ\x90\0", "Windows");
        explained("a", b"\xcf\xfa\xed\xfe\0", "macOS");
        explained("a", b"!<arch>\nx.o/", "archive");
        explained("a", b"\0\x01\x02", "neither an ELF file nor text");
        explained("a", b"\x7fELF\x01", "cut off");
    }

    #[test]
    fn an_elf_file_for_something_else_is_told_for_what() {
        explained("a", &changed(16, &[1]), "an object file");
        explained("a", &changed(16, &[3]), "(PIE)");
        explained("a", &changed(16, &[3]), "--root");
        explained("a", &changed(18, &[40]), "another machine (ARM)");
        explained("a", &changed(18, &[62]), "64-bit");
        assert_eq!(explanation("a", &changed(0, b"\x7f")), None);
    }

    /// Whatever is changed in a header, it is explained or not, and nothing panics.
    #[test]
    fn no_damage_is_too_much() {
        for offset in 4..0x74 {
            for value in [0, 1, 2, 0x7f, 0xff] {
                let _: Option<String> = explanation("a", &changed(offset, &[value]));
            }
        }
    }
}
