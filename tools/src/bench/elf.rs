//! Writes the executables for the measurements: headers, code, zeroed data.
//!
//! # Invariants
//!
//! There are two segments, as plain toolchains make them. Headers and code are at [`CODE`],
//! read-only and executable; the data begin at [`DATA`], writable and zero.

/// Address at which the file is mapped; the headers come first.
pub(super) const CODE: u32 = 0x0804_8000;
/// Address of the data.
pub(super) const DATA: u32 = 0x1000_0000;

const PAGE: u32 = 4096;
const FILE_HEADER: u32 = 52;
const PROGRAM_HEADER: u32 = 32;
/// Offset of the code, in the file and in its segment.
const HEADERS: u32 = FILE_HEADER + 2 * PROGRAM_HEADER;

const READ: u32 = 4;
const WRITE: u32 = 2;
const EXECUTE: u32 = 1;

/// Address of the first instruction.
pub(super) const ENTRY: u32 = CODE + HEADERS;

/// Returns an executable that runs `code` from its first byte, with `pages` pages of data.
pub(super) fn executable(code: &[u8], pages: u32) -> Vec<u8> {
    let size = HEADERS + u32::try_from(code.len()).expect("the code is small");
    let mut file = Vec::new();
    file.extend(b"\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0");
    // ET_EXEC, EM_386, version, entry, offset of program and section headers, flags.
    half_words(&mut file, &[2, 3]);
    words(&mut file, &[1, ENTRY, FILE_HEADER, 0, 0]);
    // Sizes of the file header, of a program header and their number; no sections.
    let sizes = [FILE_HEADER, PROGRAM_HEADER].map(|size| u16::try_from(size).expect("small"));
    half_words(&mut file, &[sizes[0], sizes[1], 2, 0, 0, 0]);
    segment(&mut file, CODE, size, size, READ | EXECUTE);
    segment(&mut file, DATA, 0, pages.max(1) * PAGE, READ | WRITE);
    file.extend(code);
    file
}

/// Appends a PT_LOAD header for a segment that begins with the first byte of the file.
fn segment(file: &mut Vec<u8>, address: u32, in_file: u32, in_memory: u32, flags: u32) {
    let (load, offset) = (1, 0);
    words(
        file,
        &[
            load, offset, address, address, in_file, in_memory, flags, PAGE,
        ],
    );
}

fn words(file: &mut Vec<u8>, words: &[u32]) {
    file.extend(words.iter().flat_map(|word| word.to_le_bytes()));
}

fn half_words(file: &mut Vec<u8>, half_words: &[u16]) {
    file.extend(
        half_words
            .iter()
            .flat_map(|half_word| half_word.to_le_bytes()),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_as_long_as_they_say_and_the_code_follows() {
        let file = executable(b"code", 3);
        assert_eq!(file.len(), 116 + 4);
        assert_eq!(&file[116..], b"code");
        assert_eq!(file[24..28], ENTRY.to_le_bytes());
    }
}
