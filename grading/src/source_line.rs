//! From an address in a program to the line of its source, by the debug information of its
//! executable.
//!
//! What always holds: nothing in an executable makes it fail in any other way than by finding
//! nothing.

use addr2line::Context;
use addr2line::gimli::{Dwarf, EndianSlice, LittleEndian, SectionId};
use goblin::elf::Elf;
use goblin::elf::program_header::{PT_LOAD, ProgramHeader};

type Reader<'a> = EndianSlice<'a, LittleEndian>;

/// `FILE:LINE, in FUNCTION` of the instruction at `address`, as far as it is known.
pub fn locate(executable: &[u8], address: u32) -> Option<String> {
    let elf = Elf::parse(executable).ok()?;
    // Functions that the linker left out keep debug information, at address 0.
    if !is_loaded(&elf, address) {
        return None;
    }
    let section = |id: SectionId| -> Result<Reader<'_>, addr2line::gimli::Error> {
        let content = content(&elf, executable, id.name()).unwrap_or_default();
        Ok(EndianSlice::new(content, LittleEndian))
    };
    let context = Context::from_dwarf(Dwarf::load(section).ok()?).ok()?;
    let frames = context.find_frames(u64::from(address)).skip_all_loads();
    let frame = frames.ok()?.next().ok()??;
    let location = frame.location?;
    let file = location.file?;
    let mut text = file.strip_prefix("./").unwrap_or(file).to_owned();
    if let Some(line) = location.line {
        text += &format!(":{line}");
    }
    if let Some(function) = frame.function {
        text += &format!(", in {}", function.raw_name().ok()?);
    }
    Some(text)
}

fn is_loaded(elf: &Elf<'_>, address: u32) -> bool {
    let loaded = |header: &ProgramHeader| header.p_type == PT_LOAD;
    let mut loaded = elf.program_headers.iter().filter(|header| loaded(header));
    loaded.any(|header| header.vm_range().contains(&(address as usize)))
}

fn content<'a>(elf: &Elf<'_>, executable: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let header = elf
        .section_headers
        .iter()
        .find(|header| elf.shdr_strtab.get_at(header.sh_name) == Some(name))?;
    executable.get(header.file_range()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entry_of_a_bundled_program_is_in_the_library() {
        let elf = images::find("hello").unwrap().elf;
        let entry = u32::from_le_bytes(elf[24..28].try_into().unwrap());
        let place = locate(elf, entry).unwrap();
        assert!(place.starts_with("images/lib/start.c:"), "{place}");
        assert!(place.ends_with(", in _start"), "{place}");
    }

    #[test]
    fn what_is_no_executable_or_no_code_has_no_line() {
        assert_eq!(locate(b"text", 0), None);
        assert_eq!(locate(images::find("hello").unwrap().elf, 0x10), None);
    }
}
