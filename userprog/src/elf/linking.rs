//! What is asked for before a program can start: that it is moved to where it may be, and that another program,
//! its interpreter, is loaded beside it.
//!
//! # Invariants
//! A program of fixed addresses is not moved. Moving is by whole pages, and by as much for all segments; whether
//! they are in user space then is checked as for any other segment.

use goblin::elf::Header;
use goblin::elf::header::{ET_DYN, ET_EXEC};
use goblin::elf::program_header::{PT_DYNAMIC, PT_INTERP, PT_LOAD, PT_SHLIB, ProgramHeader};
use machine::addr::PAGE_SIZE;

use super::ElfError;
use crate::abi::Abi;

/// The longest path of an interpreter, with the zero that ends it.
const MAX_PATH: u64 = 4096;

/// What a file is read as.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Wanted {
    /// The interface that it has, whatever it says itself.
    pub abi: Option<Abi>,
    /// Where it goes, if it may be anywhere.
    pub place: Placement,
}

/// Where a position-independent program goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Placement {
    /// Its first page begins here.
    From(u32),
    /// Its last page ends here.
    UpTo(u32),
}

impl Placement {
    /// Where Linux has such programs if it does not choose at random: behind two thirds of user space.
    pub const FIRST_PAGE: u32 = 0x5655_5000;
    /// That place.
    pub const FIRST: Placement = Placement::From(Placement::FIRST_PAGE);
}

impl Default for Placement {
    fn default() -> Placement {
        Placement::FIRST
    }
}

/// Checks that a file is an executable, of fixed address or not.
pub(super) fn check_type(header: &Header) -> Result<(), ElfError> {
    match header.e_type {
        ET_EXEC | ET_DYN => Ok(()),
        other => Err(ElfError::Type(other)),
    }
}

/// Checks that a program can start as it is.
pub(super) fn check_static(header: &Header, headers: &[ProgramHeader]) -> Result<(), ElfError> {
    if header.e_type != ET_EXEC {
        return Err(ElfError::Type(header.e_type));
    }
    let dynamic = [PT_DYNAMIC, PT_INTERP, PT_SHLIB];
    match headers.iter().position(|h| dynamic.contains(&h.p_type)) {
        Some(index) => Err(ElfError::Dynamic(index)),
        None => Ok(()),
    }
}

/// The path of the interpreter that a program in a file of `length` bytes asks for; `read` reads so many bytes
/// at an offset.
pub(super) fn interpreter(
    headers: &[ProgramHeader],
    length: u64,
    mut read: impl FnMut(u64, usize) -> Result<Vec<u8>, ElfError>,
) -> Result<Option<Vec<u8>>, ElfError> {
    let Some(index) = headers.iter().position(|h| h.p_type == PT_INTERP) else {
        return Ok(None);
    };
    let (offset, bytes) = (headers[index].p_offset, headers[index].p_filesz);
    let wrong = ElfError::Interpreter(index);
    if !(2..=MAX_PATH).contains(&bytes) || offset + bytes > length {
        return Err(wrong);
    }
    let mut path = read(offset, bytes as usize)?;
    match path.iter().position(|byte| *byte == 0) {
        Some(end @ 1..) => {
            path.truncate(end);
            Ok(Some(path))
        }
        _ => Err(wrong),
    }
}

/// What is added to the addresses of a program so that it is at its place; 0 if they are fixed.
pub(super) fn moved_by(header: &Header, headers: &[ProgramHeader], place: Placement) -> u32 {
    let loaded = || headers.iter().filter(|header| header.p_type == PT_LOAD);
    let first = loaded().map(|header| header.p_vaddr as u32).min();
    let last = loaded().map(|header| (header.p_vaddr as u32).saturating_add(header.p_memsz as u32));
    let (Some(first), Some(last)) = (first, last.max()) else {
        return 0;
    };
    if header.e_type != ET_DYN {
        return 0;
    }
    // Wrapping: for addresses that are too high, which lie outside user space after it too.
    let page_of = |addr: u32| addr - addr % PAGE_SIZE;
    match place {
        Placement::From(start) => start.wrapping_sub(page_of(first)),
        Placement::UpTo(end) => {
            let pages = (last - page_of(first)).div_ceil(PAGE_SIZE);
            let start = end.wrapping_sub(pages.wrapping_mul(PAGE_SIZE));
            start.wrapping_sub(page_of(first))
        }
    }
}
