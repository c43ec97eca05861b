//! Debug information and symbols of an executable: lines of source and names for its addresses.
//!
//! # Invariants
//!
//! A malformed executable yields no information, never a failure. The same address always has the
//! same answer.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::io::Read;
use std::sync::Arc;

use addr2line::Context;
use flate2::read::ZlibDecoder;
use gimli::{Dwarf, EndianArcSlice, LittleEndian, SectionId};
use goblin::elf::Elf;
use goblin::elf::program_header::PT_LOAD;
use goblin::elf::section_header::SHF_COMPRESSED;
use goblin::elf::sym::{STT_FUNC, STT_NOTYPE, STT_OBJECT};

type Reader = EndianArcSlice<LittleEndian>;

/// The owner of the note with a build ID, and its kind.
const BUILD_ID: (&str, u32) = ("GNU", 3);
/// What comes before the bytes of a compressed section: its kind, size and alignment (ELF gABI, chapter 4).
const COMPRESSED_HEADER: usize = 12;
/// The kind of compression that is read.
const ZLIB: [u8; 4] = 1_u32.to_le_bytes();
/// The most bytes of a section that was compressed: a libc's largest has 3 MB.
const MOST_BYTES: u64 = 64 << 20;

/// The debug information and the symbols of one executable.
pub struct DebugInfo {
    lines: Option<Context<Reader>>,
    /// Sorted by address.
    symbols: Vec<Symbol>,
    /// Ranges of addresses that are loaded. Functions that the linker left out keep debug
    /// information, at address 0.
    loaded: Vec<std::ops::Range<u64>>,
}

impl std::fmt::Debug for DebugInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DebugInfo").finish_non_exhaustive()
    }
}

/// A line of source.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct SourceLine {
    /// The file, by the path that the compiler was given.
    pub file: String,
    /// The line, from 1, if it is known.
    pub line: Option<u32>,
    /// The function.
    pub function: Option<String>,
}

/// A symbol of an executable.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Symbol {
    start: u32,
    bytes: u32,
    name: String,
}

impl DebugInfo {
    /// Reads an executable. A file that is none has no information.
    #[must_use]
    pub fn of(executable: &[u8]) -> DebugInfo {
        DebugInfo::of_two(executable, executable)
    }

    /// Reads an executable whose debug information and symbols are in another file, which was made of the same one.
    #[must_use]
    pub fn of_two(executable: &[u8], separate: &[u8]) -> DebugInfo {
        let (Ok(elf), Ok(names)) = (Elf::parse(executable), Elf::parse(separate)) else {
            return DebugInfo {
                lines: None,
                symbols: Vec::new(),
                loaded: Vec::new(),
            };
        };
        let segments = elf.program_headers.iter();
        let segments = segments.filter(|header| header.p_type == PT_LOAD);
        let range = |start: u64, bytes: u64| start..start.saturating_add(bytes);
        DebugInfo {
            lines: lines(&names, separate),
            symbols: symbols(&names),
            loaded: segments
                .map(|one| range(one.p_vaddr, one.p_memsz))
                .collect(),
        }
    }

    /// Returns the line of the instruction at an address, if it is known.
    #[must_use]
    pub fn line(&self, address: u32) -> Option<SourceLine> {
        let address = u64::from(address);
        if !self.loaded.iter().any(|range| range.contains(&address)) {
            return None;
        }
        let frames = self.lines.as_ref()?.find_frames(address).skip_all_loads();
        let frame = frames.ok()?.next().ok()??;
        let location = frame.location?;
        let file = location.file?;
        let function = frame.function.as_ref();
        let function = function.and_then(|function| function.raw_name().ok());
        Some(SourceLine {
            file: file.strip_prefix("./").unwrap_or(file).to_owned(),
            line: location.line,
            function: function.map(|name| name.into_owned()),
        })
    }

    /// Returns the symbol at an address, and the offset of the address in it.
    #[must_use]
    pub fn symbol(&self, address: u32) -> Option<(&str, u32)> {
        let behind = self
            .symbols
            .partition_point(|symbol| symbol.start <= address);
        let symbol = self.symbols.get(behind.checked_sub(1)?)?;
        let offset = address - symbol.start;
        (offset < symbol.bytes.max(1)).then_some((symbol.name.as_str(), offset))
    }

    /// The names of what is in it.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.symbols.iter().map(|symbol| symbol.name.as_str())
    }

    /// Returns the address of a symbol.
    #[must_use]
    pub fn address(&self, name: &str) -> Option<u32> {
        let found = self.symbols.iter().find(|symbol| symbol.name == name);
        found.map(|symbol| symbol.start)
    }
}

/// `FILE:LINE, in FUNCTION`
impl fmt::Display for SourceLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(function) = &self.function {
            write!(f, ", in {function}")?;
        }
        Ok(())
    }
}

fn lines(elf: &Elf<'_>, executable: &[u8]) -> Option<Context<Reader>> {
    let section = |id: SectionId| -> Result<Reader, gimli::Error> {
        let content = content(elf, executable, id.name()).unwrap_or_default();
        Ok(EndianArcSlice::new(Arc::from(&content[..]), LittleEndian))
    };
    Context::from_dwarf(Dwarf::load(section).ok()?).ok()
}

fn symbols(elf: &Elf<'_>) -> Vec<Symbol> {
    let wanted = elf.syms.iter().filter(|symbol| {
        let kind = symbol.st_type();
        [STT_FUNC, STT_OBJECT, STT_NOTYPE].contains(&kind) && symbol.st_shndx != 0
    });
    let mut symbols: Vec<Symbol> = wanted
        .filter_map(|symbol| {
            let name = elf.strtab.get_at(symbol.st_name)?;
            (!name.is_empty()).then(|| Symbol {
                start: symbol.st_value as u32,
                bytes: symbol.st_size as u32,
                name: name.to_owned(),
            })
        })
        .collect();
    // Of several symbols at one address the largest comes last, and is the one that is found.
    symbols.sort();
    symbols
}

/// Returns the path below a root folder of the file with an executable's debug information, if it has a build ID.
///
/// Source: GDB manual, 18.3, "Debugging Information in Separate Files".
#[must_use]
pub fn separate_file(executable: &[u8]) -> Option<String> {
    let elf = Elf::parse(executable).ok()?;
    let mut notes = elf.iter_note_headers(executable)?.filter_map(Result::ok);
    let note = notes.find(|note| (note.name, note.n_type) == BUILD_ID)?;
    let (first, rest) = note.desc.split_first()?;
    let mut path = format!("usr/lib/debug/.build-id/{first:02x}/");
    for byte in rest {
        write!(path, "{byte:02x}").expect("writing to memory");
    }
    Some(path + ".debug")
}

fn content<'a>(elf: &Elf<'_>, executable: &'a [u8], name: &str) -> Option<Cow<'a, [u8]>> {
    let header = elf
        .section_headers
        .iter()
        .find(|header| elf.shdr_strtab.get_at(header.sh_name) == Some(name))?;
    let bytes = executable.get(header.file_range()?)?;
    match header.sh_flags & u64::from(SHF_COMPRESSED) {
        0 => Some(Cow::Borrowed(bytes)),
        _ => decompressed(bytes).map(Cow::Owned),
    }
}

fn decompressed(section: &[u8]) -> Option<Vec<u8>> {
    let compressed = section.get(COMPRESSED_HEADER..)?;
    if !section.starts_with(&ZLIB) {
        return None;
    }
    let mut bytes = Vec::new();
    let mut decoder = ZlibDecoder::new(compressed).take(MOST_BYTES);
    decoder.read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello() -> (DebugInfo, u32) {
        let elf = images::find("hello").unwrap().elf;
        let entry = u32::from_le_bytes(elf[24..28].try_into().unwrap());
        (DebugInfo::of(elf), entry)
    }

    #[test]
    fn the_entry_of_a_bundled_program_is_in_the_library() {
        let (info, entry) = hello();
        let line = info.line(entry).unwrap();
        assert_eq!(line.file, "images/lib/start.c");
        assert_eq!(line.function.as_deref(), Some("_start"));
        assert_eq!(info.symbol(entry), Some(("_start", 0)));
        assert_eq!(info.address("_start"), Some(entry));
    }

    #[test]
    fn what_is_no_executable_or_no_code_has_no_line_and_no_name() {
        assert_eq!(DebugInfo::of(b"text").line(0), None);
        let (info, _) = hello();
        assert_eq!((info.line(0x10), info.symbol(0x10)), (None, None));
    }

    #[test]
    fn a_symbol_ends_where_its_size_says() {
        let symbol = |start, bytes, name: &str| Symbol {
            start,
            bytes,
            name: name.to_owned(),
        };
        let info = DebugInfo {
            lines: None,
            symbols: vec![symbol(100, 8, "array"), symbol(200, 0, "label")],
            loaded: Vec::new(),
        };
        assert_eq!(info.symbol(107), Some(("array", 7)));
        assert_eq!(info.symbol(108), None);
        assert_eq!(info.symbol(200), Some(("label", 0)));
        assert_eq!(info.symbol(201), None);
        assert_eq!(info.symbol(99), None);
    }
}
