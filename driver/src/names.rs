//! Names that events lack: of processes, lines of source, functions and variables.
//!
//! # Invariants
//!
//! Names come from the executables as they are in the guest's files when a process starts. A guest
//! cannot put a space or a line break into one. A program that was moved has them where it is.

use std::collections::BTreeMap;

use userprog::MachineEvent;
use vm::Owner;
use vm::event::{Fault, Names};

use host::debug_info::{DebugInfo, SourceLine};
use host::programs::Programs;

/// The names of the processes of a machine and of their programs.
#[derive(Debug)]
pub struct NameBook {
    executables: Programs,
    programs: BTreeMap<String, DebugInfo>,
    processes: BTreeMap<Owner, Process>,
    lines: BTreeMap<(Owner, u32), Option<SourceLine>>,
}

#[derive(Debug)]
struct Process {
    name: String,
    /// The name of its program in the guest's files.
    program: String,
    /// What was added to the program's addresses.
    moved_by: u32,
}

impl NameBook {
    /// Returns a book that looks executables up in these files, the guest's.
    #[must_use]
    pub fn new(executables: Programs) -> NameBook {
        NameBook {
            executables,
            programs: BTreeMap::new(),
            processes: BTreeMap::new(),
            lines: BTreeMap::new(),
        }
    }

    /// Updates the processes for an event.
    pub fn note(&mut self, event: &MachineEvent<'_>) {
        match event {
            MachineEvent::Started {
                pid,
                name,
                moved_by,
                ..
            } => {
                let name = name.to_string();
                self.read(&name);
                let process = Process {
                    name: printable(&name),
                    program: name,
                    moved_by: *moved_by,
                };
                let owner = Owner(pid.0);
                self.lines.retain(|(of, _), _| *of != owner);
                self.processes.insert(owner, process);
            }
            MachineEvent::Ended { pid, .. } => {
                let owner = Owner(pid.0);
                self.lines.retain(|(of, _), _| *of != owner);
            }
            _ => {}
        }
    }

    /// Returns the name of a process, even after it has ended; `None` while it is being built.
    #[must_use]
    pub fn process(&self, owner: Owner) -> Option<&str> {
        Some(self.processes.get(&owner)?.name.as_str())
    }

    /// Returns the debug information of its program.
    #[must_use]
    pub fn program_of(&self, owner: Owner) -> Option<&DebugInfo> {
        self.programs.get(&self.processes.get(&owner)?.program)
    }

    /// Returns what was added to the addresses of its program to get those in its memory.
    #[must_use]
    pub fn moved_by(&self, owner: Owner) -> u32 {
        let process = self.processes.get(&owner);
        process.map_or(0, |process| process.moved_by)
    }

    /// Returns the line of an instruction of a process.
    pub fn line(&mut self, owner: Owner, address: u32) -> Option<SourceLine> {
        if let Some(known) = self.lines.get(&(owner, address)) {
            return known.clone();
        }
        let in_program = address.wrapping_sub(self.moved_by(owner));
        let line = self.program_of(owner)?.line(in_program);
        self.lines.insert((owner, address), line.clone());
        line
    }

    /// Returns `NAME+OFFSET` for an address of a process.
    #[must_use]
    pub fn symbol(&self, owner: Owner, address: u32) -> Option<String> {
        let in_program = address.wrapping_sub(self.moved_by(owner));
        let (name, offset) = self.program_of(owner)?.symbol(in_program)?;
        let name = printable(name);
        Some(if offset == 0 {
            name
        } else {
            format!("{name}+{offset:#x}")
        })
    }

    /// Returns the names for the line of a fault.
    pub fn of_fault(&mut self, fault: &Fault) -> Names {
        let line = self.line(fault.owner, fault.eip.0);
        Names {
            process: self.process(fault.owner).map(str::to_owned),
            source: line.map(|line| field(&line)),
            symbol: self.symbol(fault.owner, fault.addr.0),
        }
    }

    /// Reads the debug information of a program, once.
    fn read(&mut self, name: &str) {
        if self.programs.contains_key(name) {
            return;
        }
        let information = self.executables.information(name);
        self.programs.insert(name.to_owned(), information);
    }
}

/// Returns `FILE:LINE:FUNCTION`, as far as it is known.
fn field(line: &SourceLine) -> String {
    let number = line.line.map_or(String::new(), |line| format!(":{line}"));
    let function = line.function.as_ref();
    let function = function.map_or(String::new(), |name| format!(":{name}"));
    printable(&format!("{}{number}{function}", line.file))
}

/// Returns a name with `_` for characters that would break a line of fields.
fn printable(name: &str) -> String {
    let breaks = |letter: char| letter.is_whitespace() || letter.is_control();
    name.replace(breaks, "_")
}

#[cfg(test)]
mod tests {
    use userprog::args::ProcessName;
    use userprog::{Origin, Pid};

    use super::*;

    #[test]
    fn a_program_has_its_names_where_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let executable = images::find("hello").unwrap().elf;
        std::fs::write(folder.path().join("main"), executable).unwrap();
        let authority = cap_std::ambient_authority();
        let files = cap_std::fs::Dir::open_ambient_dir(folder.path(), authority).unwrap();
        let mut book = NameBook::new(files.into());
        let main = DebugInfo::of(executable).address("main").unwrap();
        let name = ProcessName::new(b"main");
        for (number, moved_by) in [(1, 0), (2, 0x4e50_d000), (2, 0x4e50_e000)] {
            book.note(&MachineEvent::Started {
                pid: Pid(number),
                parent: None,
                name: &name,
                moved_by,
                origin: Origin::Exec,
            });
            let (owner, there) = (Owner(number), main + moved_by);
            assert_eq!(book.symbol(owner, there + 1).unwrap(), "main+0x1");
            assert_eq!(book.line(owner, there), book.line(Owner(1), main));
            assert_eq!(book.symbol(owner, there ^ 1 << 31), None);
        }
        assert!(book.line(Owner(1), main).is_some());
        assert_eq!(book.line(Owner(2), main), None);
    }

    #[test]
    fn a_name_is_one_word() {
        assert_eq!(printable("a b\nc\u{7f}"), "a_b_c_");
        let line = SourceLine {
            file: "my file.c".to_owned(),
            line: Some(7),
            function: None,
        };
        assert_eq!(field(&line), "my_file.c:7");
    }
}
