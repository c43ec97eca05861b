use super::*;
use executables::elf_writer::{ElfWriter, Load};

fn read(bytes: &[u8]) -> Result<Program, ElfError> {
    read_program(bytes.len() as u64, |offset, to| {
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
