//! The checks on an ELF32 executable, and its segments.
//!
//! # Invariants
//!
//! The segments of an accepted [`Program`] lie completely in user space from 0x1000 on, their bytes
//! are all in the file, and their offset in the file and their address agree modulo the page size.
//! Only the headers are read, so the size of the file costs nothing. Segments may be in any order
//! and may overlap ([`crate::plan`]). Only programs for Linux are moved or have an interpreter
//! (`linking`).

mod interface;
mod linking;
#[cfg(test)]
mod tests;

use std::io;

use goblin::container::{Container, Ctx, Endian};
use goblin::elf::header::{EM_386, header32};
use goblin::elf::program_header::{PF_W, PF_X, PT_LOAD, ProgramHeader, program_header32};
use goblin::elf::{Elf, Header};
use machine::addr::{KERNEL_BASE, PAGE_SIZE};
use thiserror::Error;
use vm::Protection;

pub use self::linking::{Placement, Wanted};

use crate::abi::Abi;

/// Magic number, 32-bit, little endian, version 1.
const IDENT: &[u8] = b"\x7fELF\x01\x01\x01";
/// The size of a program header in bytes.
pub const HEADER_BYTES: u64 = program_header32::SIZEOF_PHDR as u64;
/// The most program headers of a file.
const MAX_HEADERS: u16 = 1024;

/// Why a file is not a program.
#[derive(Debug, Error)]
#[allow(missing_docs)] // each variant's message says what it is
pub enum ElfError {
    #[error("the file could not be read: {0}")]
    Io(#[from] io::Error),
    #[error("the headers could not be read: {0}")]
    Headers(#[from] goblin::error::Error),
    #[error("the file ends within its headers")]
    Truncated,
    #[error("not a little-endian 32-bit ELF file")]
    Ident,
    #[error("not an executable of fixed address: e_type is {0}")]
    Type(u16),
    #[error("not for the i386: e_machine is {0}")]
    Machine(u16),
    #[error("of an unknown version: e_version is {0}")]
    Version(u32),
    #[error("program headers have {0} bytes, not 32")]
    HeaderSize(u16),
    #[error("{0} program headers are more than 1024")]
    TooManyHeaders(u16),
    #[error("needs a dynamic linker (program header {0}); link it statically")]
    Dynamic(usize),
    #[error("the path of its interpreter (program header {0}) is not one")]
    Interpreter(usize),
    #[error("segment {segment}: {fault}")]
    Segment { segment: usize, fault: SegmentFault },
}

/// What is wrong with a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[allow(missing_docs)]
pub enum SegmentFault {
    #[error("p_offset and p_vaddr differ modulo the page size")]
    Misaligned,
    #[error("it does not lie wholly in the file")]
    OutsideFile,
    #[error("p_memsz is less than p_filesz")]
    Shrinks,
    #[error("p_memsz is 0")]
    Empty,
    #[error("it does not lie wholly in user space")]
    OutsideUserSpace,
    #[error("it starts in the first page")]
    FirstPage,
}

/// The content of an executable's headers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Program {
    /// The entry point. It is not checked: a bad one faults like any jump there.
    pub entry: u32,
    /// What was added to all addresses of the file; 0 of a program of fixed addresses.
    pub moved_by: u32,
    /// The path of the program that has to be loaded beside it and is started in its place.
    pub interpreter: Option<Vec<u8>>,
    /// Its loadable segments in the order of the file.
    pub segments: Vec<Segment>,
    /// Its program headers in memory, if a segment has them.
    pub headers: Option<HeaderTable>,
    /// The interface that it expects.
    pub abi: Abi,
}

/// Where a program finds its own program headers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeaderTable {
    /// The address of the first.
    pub start: u32,
    /// How many there are.
    pub count: u32,
}

impl Program {
    /// The first page boundary behind all segments.
    pub fn end(&self) -> u32 {
        let end = self.segments.iter().map(Segment::end).max();
        end.unwrap_or(0).next_multiple_of(PAGE_SIZE)
    }
}

/// A loadable segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Segment {
    /// Its first address.
    pub start: u32,
    /// Its size in memory.
    pub memory_bytes: u32,
    /// Its size in the file; the rest of it in memory is zero.
    pub file_bytes: u32,
    /// Its offset in the file.
    pub offset: u32,
    /// What the program may do with it.
    pub protection: Protection,
}

impl Segment {
    /// Returns the first address after the bytes from the file.
    #[must_use]
    pub fn file_end(&self) -> u32 {
        self.start + self.file_bytes
    }

    /// Returns the first address after it.
    #[must_use]
    pub fn end(&self) -> u32 {
        self.start + self.memory_bytes
    }
}

/// Reads the headers of a file of `length` bytes that is to be what is `wanted`; `read` reads at an
/// offset and returns the number of bytes read.
///
/// # Errors
/// The first check that fails.
///
/// # Examples
///
/// ```
/// use executables::asm::{CODE, program};
/// use userprog::elf::{ElfError, Wanted, read_program};
///
/// let file = program(|asm| _ = asm.exit(0));
/// let read = |file: &[u8], offset: u64, to: &mut [u8]| {
///     let from = file.get(offset as usize..).unwrap_or_default();
///     let bytes = from.len().min(to.len());
///     to[..bytes].copy_from_slice(&from[..bytes]);
///     Ok(bytes)
/// };
/// let wanted = Wanted::default();
/// let found = read_program(file.len() as u64, wanted, |offset, to| read(&file, offset, to))?;
/// assert_eq!(found.entry, CODE);
/// assert_eq!(found.segments[0].protection.to_string(), "r-x");
///
/// let script = read_program(52, wanted, |offset, to| read(&[b'#'; 52], offset, to));
/// assert!(matches!(script, Err(ElfError::Ident)));
/// # Ok::<(), ElfError>(())
/// ```
pub fn read_program(
    length: u64,
    wanted: Wanted,
    mut read: impl FnMut(u64, &mut [u8]) -> io::Result<usize>,
) -> Result<Program, ElfError> {
    let mut read_exact = |offset: u64, bytes: usize| {
        let mut buffer = vec![0; bytes];
        match read(offset, &mut buffer)? {
            filled if filled == bytes => Ok(buffer),
            _ => Err(ElfError::Truncated),
        }
    };
    let start = read_exact(0, header32::SIZEOF_EHDR)?;
    let header = &start;
    if !header.starts_with(IDENT) {
        return Err(ElfError::Ident);
    }
    let header = Elf::parse_header(header)?;
    check_header(&header)?;

    let table_bytes = usize::from(header.e_phnum) * program_header32::SIZEOF_PHDR;
    let table = read_exact(header.e_phoff, table_bytes)?;
    let context = Ctx::new(Container::Little, Endian::Little);
    let headers = ProgramHeader::parse(&table, 0, header.e_phnum.into(), context)?;
    let own = interface::of_program(&start, &headers, length, &mut read_exact)?;
    let abi = wanted.abi.unwrap_or(own);
    if abi == Abi::Pintos {
        linking::check_static(&header, &headers)?;
    }
    let interpreter = linking::interpreter(&headers, length, read_exact)?;
    let moved_by = linking::moved_by(&header, &headers, wanted.place);
    let mut segments = Vec::new();
    for (index, header) in headers.iter().enumerate() {
        if header.p_type == PT_LOAD {
            let segment = check_segment(header, length, moved_by);
            segments.push(segment.map_err(|fault| ElfError::Segment {
                segment: index,
                fault,
            })?);
        }
    }
    Ok(Program {
        entry: (header.e_entry as u32).wrapping_add(moved_by),
        moved_by,
        interpreter,
        headers: header_table(&header, &segments),
        segments,
        abi,
    })
}

/// Where the program headers are in memory: in the segment that has their bytes.
fn header_table(header: &Header, segments: &[Segment]) -> Option<HeaderTable> {
    let offset = header.e_phoff as u32;
    let count = u32::from(header.e_phnum);
    let bytes = count * HEADER_BYTES as u32;
    let holds = |segment: &&Segment| {
        segment.offset <= offset
            && u64::from(offset) + u64::from(bytes)
                <= u64::from(segment.offset) + u64::from(segment.file_bytes)
    };
    let segment = segments.iter().find(holds)?;
    Some(HeaderTable {
        start: segment.start + (offset - segment.offset),
        count,
    })
}

fn check_header(header: &Header) -> Result<(), ElfError> {
    linking::check_type(header)?;
    if header.e_machine != EM_386 {
        return Err(ElfError::Machine(header.e_machine));
    }
    if header.e_version != 1 {
        return Err(ElfError::Version(header.e_version));
    }
    if usize::from(header.e_phentsize) != program_header32::SIZEOF_PHDR {
        return Err(ElfError::HeaderSize(header.e_phentsize));
    }
    if header.e_phnum > MAX_HEADERS {
        return Err(ElfError::TooManyHeaders(header.e_phnum));
    }
    Ok(())
}

/// Checks one segment, which is moved. The fields have 32 bits each, so no sum of two overflows 64 bits.
fn check_segment(
    header: &ProgramHeader,
    length: u64,
    moved_by: u32,
) -> Result<Segment, SegmentFault> {
    let page = u64::from(PAGE_SIZE);
    let start = u64::from((header.p_vaddr as u32).wrapping_add(moved_by));
    let offset = header.p_offset;
    let (file_bytes, memory_bytes) = (header.p_filesz, header.p_memsz);
    if offset % page != start % page {
        return Err(SegmentFault::Misaligned);
    }
    if offset + file_bytes > length {
        return Err(SegmentFault::OutsideFile);
    }
    if memory_bytes < file_bytes {
        return Err(SegmentFault::Shrinks);
    }
    if memory_bytes == 0 {
        return Err(SegmentFault::Empty);
    }
    if start + memory_bytes > u64::from(KERNEL_BASE.0) {
        return Err(SegmentFault::OutsideUserSpace);
    }
    if start < page {
        return Err(SegmentFault::FirstPage);
    }
    let mut protection = Protection::READ;
    protection.set(Protection::WRITE, header.p_flags & PF_W != 0);
    protection.set(Protection::EXEC, header.p_flags & PF_X != 0);
    Ok(Segment {
        start: start as u32,
        memory_bytes: memory_bytes as u32,
        file_bytes: file_bytes as u32,
        offset: offset as u32,
        protection,
    })
}
