//! Executables as linkers lay them out: the initial memory of a program.

use executables::asm::*;
use executables::elf_writer::{ElfWriter, Load};
use small::{Done, Machine};
use userprog::RunEnd;

/// `p_flags`: read only.
const R: u32 = 4;

/// Returns the position-independent machine code that `write` writes.
fn code(write: impl FnOnce(&mut Asm)) -> Vec<u8> {
    let mut asm = Asm::new();
    write(&mut asm);
    asm.into_code()
}

fn run(file: &[u8]) -> Done {
    Machine::new().file("main", file).run("main")
}

/// Ends the program with the byte at an address.
fn exit_with_byte(asm: &mut Asm, addr: u32) {
    asm.raw(&[0x0f, 0xb6, 0x05])
        .raw(&addr.to_le_bytes())
        .exit_with_eax(); // movzx eax, byte [addr]
}

#[test]
fn the_rest_of_a_page_after_the_bytes_of_the_file_is_zero() {
    // After the segment the file has bytes that must not be visible.
    let file = |addr| {
        let code = code(|asm| exit_with_byte(asm, addr));
        let data = Load {
            file_bytes: Some(4),
            ..Load::new(DATA, &[9; 4096], Load::RW)
        };
        ElfWriter::new(CODE)
            .load(Load::new(CODE, &code, Load::RX))
            .load(data)
            .build()
    };
    assert_eq!(run(&file(DATA + 3)).status(), 9);
    assert_eq!(run(&file(DATA + 4)).status(), 0);
    assert_eq!(run(&file(DATA + 4095)).status(), 0);
}

#[test]
fn bss_from_the_middle_of_a_page_is_zero_and_can_be_written() {
    let code = code(|asm| {
        asm.load(DATA + 0x104).expect(0, 1);
        asm.load(DATA + 0x10_0000).expect(0, 2);
        asm.raw(&[0xc7, 0x05])
            .raw(&(DATA + 0x10_0000).to_le_bytes())
            .raw(&7u32.to_le_bytes());
        asm.load(DATA + 0x10_0000).exit_with_eax();
    });
    let data = Load {
        memory_bytes: 0x20_0000,
        ..Load::new(DATA + 0x100, b"data", Load::RW)
    };
    let file = ElfWriter::new(CODE)
        .load(Load::new(CODE, &code, Load::RX))
        .load(data)
        .build();
    assert_eq!(run(&file).status(), 7);
}

/// Returns an executable with read-only headers and code in one page, as newer linkers lay them
/// out.
fn shared_page(code: &[u8]) -> Vec<u8> {
    ElfWriter::new(CODE + 0x180)
        .load(Load::new(CODE, &[0x55; 0x174], R))
        .load(Load::new(CODE + 0x180, code, Load::RX))
        .load(Load {
            memory_bytes: 0x100,
            ..Load::new(DATA, b"data", Load::RW)
        })
        .build()
}

#[test]
fn two_segments_on_one_page_are_both_there() {
    let done = run(&shared_page(&code(|asm| exit_with_byte(asm, CODE + 0x173))));
    assert_eq!(done.status(), 0x55);
}

#[test]
fn a_page_that_no_segment_may_write_cannot_be_written() {
    let store = code(|asm| {
        asm.store(CODE);
    });
    assert_eq!(run(&shared_page(&store)).report.end, RunEnd::Killed);
}

#[test]
fn a_page_that_one_segment_may_write_can_be_written_wherever() {
    let code = code(|asm| {
        asm.load(DATA)
            .store(CODE)
            .load(CODE)
            .expect(u32::from_le_bytes(*b"data"), 1)
            .exit(0);
    });
    let file = ElfWriter::new(CODE + 0x180)
        .load(Load::new(CODE + 0x180, &code, Load::RX))
        .load(Load::new(CODE + 0x800, &[1; 16], Load::RW))
        .load(Load::new(DATA, b"data", Load::RW))
        .build();
    assert_eq!(run(&file).status(), 0);
}

#[test]
fn a_gib_of_bss_costs_no_more_than_the_pages_that_are_touched() {
    let code = code(|asm| {
        asm.load(DATA + (1 << 29)).exit_with_eax();
    });
    let bss = Load {
        memory_bytes: 1 << 30,
        ..Load::new(DATA, &[], Load::RW)
    };
    let file = ElfWriter::new(CODE)
        .load(Load::new(CODE, &code, Load::RX))
        .load(bss)
        .build();
    let done = run(&file);
    assert_eq!(done.status(), 0);
    assert!(
        done.report.stats.vm.peak_frames <= 4,
        "{:?}",
        done.report.stats
    );
}

#[test]
fn pages_are_read_when_they_are_touched_and_not_before() {
    let code = code(|asm| exit_with_byte(asm, DATA + 0x3000));
    let data = Load::new(DATA, &[1; 0x10_0000], Load::RW);
    let file = ElfWriter::new(CODE)
        .load(Load::new(CODE, &code, Load::RX))
        .load(data)
        .build();
    let done = run(&file);
    assert_eq!(done.status(), 1);
    assert_eq!(done.report.stats.vm.file_reads, 2);
}

#[test]
fn a_segment_in_the_stacks_room_is_refused() {
    for (vaddr, memory_bytes) in [
        (0xbfff_f000, 16),
        (0xbf80_0000, 16),
        (0x1000_0000, 0xb000_0000),
    ] {
        let load = Load {
            memory_bytes,
            ..Load::new(vaddr, &[0; 16], Load::RW)
        };
        let done = run(&ElfWriter::new(CODE).load(load).build());
        assert_eq!(
            done.text(),
            "load: main: error loading executable\nmain: exit(-1)\n"
        );
    }
}

#[test]
fn a_program_without_segments_or_with_a_bad_entry_dies_at_its_first_instruction() {
    for entry in [0, CODE, 0xc000_0000, u32::MAX] {
        let done = run(&ElfWriter::new(entry).build());
        let fault = format!("Page fault at {entry:#x}: ");
        assert!(done.text().starts_with(&fault), "{}", done.text());
        assert_eq!(done.report.end, RunEnd::Killed);
    }
}

#[test]
fn segments_that_overlap_are_loaded_the_later_over_the_earlier() {
    let code = code(|asm| exit_with_byte(asm, DATA + 0x1800));
    let file = |first: Load, second: Load| {
        let code = Load::new(CODE, &code, Load::RX);
        ElfWriter::new(CODE)
            .load(code)
            .load(first)
            .load(second)
            .build()
    };
    let wide = || Load::new(DATA, &[1; 0x3000], Load::RW);
    let narrow = || Load::new(DATA + 0x1800, &[2; 0x10], Load::RW);
    assert_eq!(run(&file(wide(), narrow())).status(), 2);
    assert_eq!(run(&file(narrow(), wide())).status(), 1);
}
