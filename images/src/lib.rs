//! The catalogue of bundled user programs.
//!
//! `build/main.rs` compiles each `programs/SUITE/NAME.c` with the C library in `lib/` to an ELF32
//! executable for the Pintos interface, and this crate carries them, together with the data files
//! in `files/` and the descriptions of workloads in `workloads/`. What a program needs besides itself is in its source, on a line `// needs:`.
//!
//! # Invariants
//!
//! All of them are tested. Names are unique over programs and files and have 1 to 14
//! bytes, as guest file names must; whatever a program needs is in the catalogue; every executable
//! is one that the loader has to accept.

include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

/// The catalogue of packages whose programs run on the machine: `packages.toml`.
pub const PACKAGES: &str = include_str!("../packages.toml");

/// One bundled user program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its name, which is also its file's name in the guest.
    pub name: &'static str,
    /// The folder it comes from, such as `userprog` or `vm`, which is its subject.
    pub suite: &'static str,
    /// The executable, with debug information.
    pub elf: &'static [u8],
    /// Names of other programs and files that have to be in the guest's file directory.
    pub needs: &'static [&'static str],
    /// One sentence: what the program shows.
    pub shows: &'static str,
    /// Its source, relative to the root of the project.
    pub source: &'static str,
}

/// Returns all programs, sorted by name.
#[must_use]
pub fn programs() -> &'static [Program] {
    PROGRAMS
}

/// Returns the program called `name`.
#[must_use]
pub fn find(name: &str) -> Option<&'static Program> {
    let index = PROGRAMS.binary_search_by(|program| program.name.cmp(name));
    index.ok().map(|index| &PROGRAMS[index])
}

/// Returns the bundled data file called `name`.
#[must_use]
pub fn file(name: &str) -> Option<&'static [u8]> {
    FILES
        .iter()
        .find(|(file, _)| *file == name)
        .map(|(_, bytes)| *bytes)
}

/// Returns the text of a source of the programs or their library, by its path relative to the root
/// of the project, as in debug information.
#[must_use]
pub fn source(path: &str) -> Option<&'static str> {
    let index = SOURCES.binary_search_by(|(known, _)| (*known).cmp(path));
    index.ok().map(|index| SOURCES[index].1)
}

/// Returns names and texts of the descriptions of workloads, `workloads/NAME.toml`, sorted by name.
#[must_use]
pub fn workloads() -> &'static [(&'static str, &'static str)] {
    WORKLOADS
}

/// Returns the C library that programs are built with: headers (`*.h`), linker scripts (`*.ld`) and
/// object files (`*.o`), by name.
#[must_use]
pub fn library() -> &'static [(&'static str, &'static [u8])] {
    LIBRARY
}

/// Returns the names and contents of all files that `program` needs, directly or indirectly, each
/// once and in a fixed order; `program` itself comes first.
///
/// An unknown name is left out; the tests ensure that there is none.
#[must_use]
pub fn guest_files(program: &'static Program) -> Vec<(&'static str, &'static [u8])> {
    let mut found = vec![(program.name, program.elf)];
    let mut open: Vec<&'static str> = program.needs.to_vec();
    while let Some(name) = open.pop() {
        if found.iter().any(|(known, _)| *known == name) {
            continue;
        }
        if let Some(needed) = find(name) {
            found.push((needed.name, needed.elf));
            open.extend(needed.needs);
        } else if let Some(bytes) = file(name) {
            found.push((name, bytes));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(elf: &[u8], at: usize) -> u16 {
        u16::from_le_bytes([elf[at], elf[at + 1]])
    }

    fn long(elf: &[u8], at: usize) -> u32 {
        u32::from_le_bytes([elf[at], elf[at + 1], elf[at + 2], elf[at + 3]])
    }

    /// Returns the `PT_LOAD` program headers: (offset, address, file size, memory size, flags).
    fn segments(elf: &[u8]) -> Vec<[u32; 5]> {
        let table = long(elf, 28) as usize;
        let headers = (0..word(elf, 44) as usize).map(|index| table + 32 * index);
        headers
            .filter(|&at| long(elf, at) == 1)
            .map(|at| [4, 8, 16, 20, 24].map(|field| long(elf, at + field)))
            .collect()
    }

    #[test]
    fn programs_are_sorted_and_found_by_name() {
        assert!(PROGRAMS.windows(2).all(|pair| pair[0].name < pair[1].name));
        for program in programs() {
            assert_eq!(find(program.name), Some(program));
        }
        assert_eq!(find("no such program"), None);
    }

    #[test]
    fn sources_are_found_by_their_paths() {
        assert!(SOURCES.is_sorted());
        for program in programs() {
            assert!(source(program.source).is_some(), "{}", program.source);
        }
        assert!(source("images/lib/string.c").unwrap().contains("memset"));
        assert_eq!(source("images/lib"), None);
    }

    #[test]
    fn names_are_guest_file_names_and_unique() {
        let files = FILES.iter().map(|(name, _)| *name);
        for name in programs().iter().map(|program| program.name).chain(files) {
            assert!(
                (1..=14).contains(&name.len()),
                "{name} has {} bytes",
                name.len()
            );
        }
        for (name, _) in FILES {
            assert!(find(name).is_none(), "{name} is a file and a program");
        }
    }

    #[test]
    fn programs_are_static_i386_executables() {
        for program in programs() {
            let elf = program.elf;
            assert_eq!(&elf[..7], b"\x7fELF\x01\x01\x01", "{}", program.name);
            assert_eq!(word(elf, 16), 2, "{} is ET_EXEC", program.name);
            assert_eq!(word(elf, 18), 3, "{} is EM_386", program.name);
            assert_eq!(word(elf, 42), 32, "{}: e_phentsize", program.name);
        }
    }

    #[test]
    fn segments_are_such_as_loaders_must_accept() {
        for program in programs() {
            let segments = segments(program.elf);
            assert!(segments.len() >= 2, "{}", program.name);
            let usual = [0x0804_8000, 0x0001_0000].contains(&segments[0][1]);
            assert!(usual, "{} starts at {:#x}", program.name, segments[0][1]);
            assert_eq!(
                segments[0][0], 0,
                "{}: the headers are loaded",
                program.name
            );
            for [offset, address, file_size, memory_size, _] in segments {
                assert_eq!(offset % 4096, address % 4096, "{}", program.name);
                assert!(
                    memory_size > 0 && memory_size >= file_size,
                    "{}",
                    program.name
                );
            }
        }
    }

    #[test]
    fn whatever_a_program_needs_is_bundled() {
        for program in programs() {
            for (name, _) in guest_files(program) {
                assert!(find(name).is_some() || file(name).is_some());
                let needs = find(name).map_or(&[][..], |needed| needed.needs);
                for need in needs {
                    let bundled = find(need).is_some() || file(need).is_some();
                    assert!(bundled, "{name} needs {need}");
                }
            }
        }
    }

    #[test]
    fn every_program_says_what_it_shows() {
        for program in programs() {
            assert!(!program.shows.is_empty(), "{}", program.source);
            assert!(
                program.source.starts_with("images/programs/"),
                "{}",
                program.source
            );
        }
    }

    #[test]
    fn no_path_of_the_host_is_in_an_executable() {
        let host = env!("CARGO_MANIFEST_DIR")
            .trim_end_matches("images")
            .as_bytes();
        for program in programs() {
            let leaks = program.elf.windows(host.len()).any(|bytes| bytes == host);
            assert!(!leaks, "{}", program.name);
        }
    }
}
