//! Which interface an executable says that it expects.
//!
//! # Invariants
//! Only the file header and a bounded part of the notes are read, however many there are.

use goblin::elf::header::{EI_OSABI, ELFOSABI_GNU};
use goblin::elf::note::NT_GNU_ABI_TAG;
use goblin::elf::program_header::{PT_NOTE, ProgramHeader};

use super::ElfError;
use crate::abi::Abi;

/// Segments of notes that are looked at, and how many bytes of each.
const MAX_NOTES: usize = 4;
const MAX_NOTE_BYTES: u64 = 1024;
/// Bytes of a note before its name.
const NOTE_HEAD: usize = 12;

/// That of a file of `length` bytes with this file header and these program headers; `read` reads so
/// many bytes at an offset.
///
/// # Errors
/// What `read` says.
pub(super) fn of_program(
    header: &[u8],
    headers: &[ProgramHeader],
    length: u64,
    mut read: impl FnMut(u64, usize) -> Result<Vec<u8>, ElfError>,
) -> Result<Abi, ElfError> {
    if header[EI_OSABI] == ELFOSABI_GNU {
        return Ok(Abi::Linux);
    }
    let notes = headers.iter().filter(|header| header.p_type == PT_NOTE);
    for header in notes.take(MAX_NOTES) {
        let bytes = header.p_filesz.min(MAX_NOTE_BYTES);
        let is_in_file = header.p_offset + bytes <= length;
        if is_in_file && is_of_linux(&read(header.p_offset, bytes as usize)?) {
            return Ok(Abi::Linux);
        }
    }
    Ok(Abi::Pintos)
}

/// Whether one of these notes says that the program is for Linux: NT_GNU_ABI_TAG of "GNU" with the system 0.
fn is_of_linux(notes: &[u8]) -> bool {
    let word = |at: usize| -> Option<usize> {
        let bytes = notes.get(at..at + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
    };
    let mut at = 0;
    while let (Some(name), Some(description), Some(kind)) = (word(at), word(at + 4), word(at + 8)) {
        let name_at = at + NOTE_HEAD;
        let description_at = name_at + name.next_multiple_of(4);
        if notes[name_at..].starts_with(b"GNU\0")
            && (name, kind) == (4, NT_GNU_ABI_TAG as usize)
            && word(description_at) == Some(0)
        {
            return true;
        }
        at = description_at + description.next_multiple_of(4);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_of_gnus_says_that_a_program_is_for_linux() {
        let note = |name: &[u8], kind: u32, system: u32| {
            let words = [name.len() as u32, 16, kind].map(u32::to_le_bytes).concat();
            let mut name = name.to_vec();
            name.resize(name.len().next_multiple_of(4), 0);
            [
                words,
                name,
                [system, 3, 2, 0].map(u32::to_le_bytes).concat(),
            ]
            .concat()
        };
        let other = note(b"GNU\0", 3, 7);
        let tag = note(b"GNU\0", 1, 0);
        assert!(is_of_linux(&tag));
        assert!(is_of_linux(&[&other[..], &tag].concat()));
        for not in [
            other.clone(),
            note(b"GNU\0", 1, 1),
            note(b"Gnu\0", 1, 0),
            note(b"GNUX\0", 1, 0),
            tag[..15].to_vec(),
            vec![0xff; 40],
        ] {
            assert!(!is_of_linux(&not), "{not:?}");
        }
    }
}
