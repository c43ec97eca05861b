use super::*;
use executables::elf_writer::{ElfWriter, Load};

fn read(bytes: &[u8]) -> Result<Program, ElfError> {
    read_as(bytes, Wanted::default())
}

fn read_as(bytes: &[u8], wanted: Wanted) -> Result<Program, ElfError> {
    read_program(bytes.len() as u64, wanted, |offset, to| {
        let from = bytes.get(offset as usize..).unwrap_or_default();
        let count = from.len().min(to.len());
        to[..count].copy_from_slice(&from[..count]);
        Ok(count)
    })
}

fn two_segments() -> ElfWriter {
    ElfWriter::new(0x0804_8080)
        .load(Load::code())
        .load(Load::data())
}

/// Returns the message of the refusal of `bytes`.
fn refusal(bytes: &[u8]) -> String {
    read(bytes).expect_err("it must be refused").to_string()
}

fn with_field(offset: usize, value: &[u8]) -> Vec<u8> {
    let mut bytes = two_segments().build();
    bytes[offset..offset + value.len()].copy_from_slice(value);
    bytes
}

#[test]
fn a_program_with_two_segments_is_read() {
    let program = read(&two_segments().build()).unwrap();
    assert_eq!(program.entry, 0x0804_8080);
    let [code, data] = program.segments[..] else {
        panic!("{program:?}")
    };
    assert_eq!(code.protection, Protection::READ | Protection::EXEC);
    assert_eq!(data.protection, Protection::READ | Protection::WRITE);
    assert_eq!((code.start, code.offset), (0x0804_8000, 0));
}

#[test]
fn a_program_is_for_linux_if_its_header_says_so() {
    assert_eq!(read(&two_segments().build()).unwrap().abi, Abi::Pintos);
    assert_eq!(read(&with_field(7, &[3])).unwrap().abi, Abi::Linux);
}

#[test]
fn each_field_of_the_file_header_is_checked() {
    assert!(refusal(&with_field(0, b"X")).contains("ELF"));
    assert!(refusal(&with_field(4, &[2])).contains("32-bit"));
    assert!(refusal(&with_field(5, &[2])).contains("little-endian"));
    assert!(refusal(&with_field(6, &[2])).contains("ELF"));
    assert!(refusal(&with_field(16, &[3])).contains("e_type is 3"));
    assert!(refusal(&with_field(18, &[62])).contains("e_machine is 62"));
    assert!(refusal(&with_field(20, &[0])).contains("e_version is 0"));
    assert!(refusal(&with_field(42, &[31])).contains("31 bytes"));
    assert!(refusal(&with_field(44, &1025u16.to_le_bytes())).contains("1025"));
}

#[test]
fn headers_outside_the_file_are_refused() {
    assert!(matches!(read(b""), Err(ElfError::Truncated)));
    assert!(matches!(
        read(&two_segments().build()[..51]),
        Err(ElfError::Truncated)
    ));
    let beyond = with_field(28, &0x7fff_ffffu32.to_le_bytes());
    assert!(matches!(read(&beyond), Err(ElfError::Truncated)));
    let too_many = with_field(44, &1024u16.to_le_bytes());
    assert!(matches!(read(&too_many), Err(ElfError::Truncated)));
}

#[test]
fn unknown_and_harmless_headers_are_passed_over() {
    for kind in [
        0,
        4,
        6,
        7,
        0x6474_e550,
        0x6474_e551,
        0x6474_e552,
        0x7000_0000,
    ] {
        let bytes = two_segments()
            .load(Load {
                kind,
                ..Load::data()
            })
            .build();
        assert_eq!(read(&bytes).unwrap().segments.len(), 2, "p_type {kind:#x}");
    }
}

#[test]
fn what_needs_a_dynamic_linker_is_refused() {
    for kind in [2, 3, 5] {
        let bytes = two_segments()
            .load(Load {
                kind,
                ..Load::data()
            })
            .build();
        assert!(
            matches!(read(&bytes), Err(ElfError::Dynamic(2))),
            "p_type {kind}"
        );
    }
}

/// A position-independent program for Linux, with the path of an interpreter if it has one.
fn movable(interpreter: Option<&[u8]>) -> Vec<u8> {
    let code = Load {
        vaddr: 0,
        ..Load::code()
    };
    let data = Load {
        vaddr: 0x2010,
        ..Load::data()
    };
    let mut program = ElfWriter::new(0x80).load(code).load(data);
    if let Some(path) = interpreter {
        let kind = 3;
        program = program.load(Load {
            kind,
            ..Load::new(0x4000, path, 4)
        });
    }
    let mut bytes = program.build();
    bytes[7] = 3; // EI_OSABI: GNU
    bytes[16] = 3; // e_type: ET_DYN
    bytes
}

#[test]
fn a_position_independent_program_for_linux_is_moved_to_its_place() {
    let moved = |place| {
        let wanted = Wanted { abi: None, place };
        let program = read_as(&movable(None), wanted).unwrap();
        let starts = [program.segments[0].start, program.segments[1].start];
        assert_eq!(program.entry, program.moved_by + 0x80);
        assert_eq!(starts, [0, 0x2010].map(|start| start + program.moved_by));
        program.moved_by
    };
    assert_eq!(moved(Placement::From(0x5655_5000)), 0x5655_5000);
    // It has 3 pages and a bit of the fourth.
    assert_eq!(moved(Placement::UpTo(0xbf80_0000)), 0xbf7f_c000);
    for place in [Placement::From(0xbfff_f000), Placement::UpTo(0x2000)] {
        let wanted = Wanted { abi: None, place };
        let refused = read_as(&movable(None), wanted);
        assert!(
            matches!(refused, Err(ElfError::Segment { .. })),
            "{place:?}"
        );
    }
    let pintos = Wanted {
        abi: Some(Abi::Pintos),
        ..Wanted::default()
    };
    assert!(matches!(
        read_as(&movable(None), pintos),
        Err(ElfError::Type(3))
    ));
}

#[test]
fn the_path_of_an_interpreter_is_read_from_the_file() {
    let interpreter = |path: &[u8]| read(&movable(Some(path))).map(|program| program.interpreter);
    let path = interpreter(b"/lib/ld.so\0").unwrap();
    assert_eq!(path.as_deref(), Some(&b"/lib/ld.so"[..]));
    for bad in [&b""[..], b"\0", b"\0/lib", b"/lib/no-end", &[b'a'; 5000]] {
        let refused = interpreter(bad);
        assert!(matches!(refused, Err(ElfError::Interpreter(2))), "{bad:?}");
    }
}

#[test]
fn each_field_of_a_segment_is_checked() {
    let fault = |load: Load| match read(&ElfWriter::new(0).load(load).build()) {
        Err(ElfError::Segment { segment: 0, fault }) => fault,
        other => panic!("{other:?}"),
    };
    let code = Load::code;
    assert_eq!(
        fault(Load {
            vaddr: 0x0804_8001,
            ..code()
        }),
        SegmentFault::Misaligned
    );
    assert_eq!(
        fault(Load {
            offset: Some(0x7fff_f000),
            vaddr: 0x0804_8000,
            ..code()
        }),
        SegmentFault::OutsideFile
    );
    assert_eq!(
        fault(Load {
            file_bytes: Some(0xffff_ffff),
            memory_bytes: 0xffff_ffff,
            ..code()
        }),
        SegmentFault::OutsideFile
    );
    assert_eq!(
        fault(Load {
            memory_bytes: 1,
            ..code()
        }),
        SegmentFault::Shrinks
    );
    let empty = Load {
        file_bytes: Some(0),
        memory_bytes: 0,
        ..code()
    };
    assert_eq!(fault(empty), SegmentFault::Empty);
    for (vaddr, memory_bytes) in [
        (0xbfff_f000, 0x1001),
        (0xc000_0000, 4096),
        (0xffff_f000, 0x2000),
        (0x1000, u32::MAX),
    ] {
        assert_eq!(
            fault(Load {
                vaddr,
                memory_bytes,
                ..code()
            }),
            SegmentFault::OutsideUserSpace
        );
    }
    assert_eq!(fault(Load { vaddr: 0, ..code() }), SegmentFault::FirstPage);
}

#[test]
fn a_segment_may_end_where_user_space_ends() {
    let load = Load {
        vaddr: 0xbfff_f000,
        memory_bytes: 0x1000,
        ..Load::code()
    };
    assert!(read(&ElfWriter::new(0).load(load).build()).is_ok());
}
