//! The page directory of a process and its page tables, as a tree, as the hardware sees them.
//!
//! What always holds: the entries are read in RAM, so their A and D bits are what they were.

use std::fmt::Write;

use machine::addr::KERNEL_PAGE;
use machine::pte::{Pte, PteFlags};
use serde::Serialize;
use userprog::Kernel;
use userprog::process::Pid;

use super::{hex, nobody};

/// What an entry of a directory covers, in bytes less one.
const TABLE_SPAN: u32 = (1 << 22) - 1;
/// The entry that names the directory itself.
const SELF_ENTRY: usize = 1023;

/// A page directory.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Directory {
    /// Its frame: what CR3 names.
    pub frame: u32,
    /// The page tables of the user's half.
    pub tables: Vec<Table>,
    /// How many page tables the kernel's half has, the same in all processes.
    pub kernel_tables: usize,
}

/// A page table.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Table {
    /// Which entry of the directory names it.
    pub index: usize,
    /// Its frame.
    pub frame: u32,
    /// The flags of the directory's entry: `PWUADG`, with `-` for one that is not set.
    pub flags: String,
    /// Its entries that are present.
    pub entries: Vec<Entry>,
}

/// An entry of a page table.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Entry {
    /// The first address of the page.
    #[serde(serialize_with = "hex")]
    pub page: u32,
    /// The frame.
    pub frame: u32,
    /// Its flags, as for a table.
    pub flags: String,
}

/// The directory of a process; `None` if it is not there.
pub fn directory(kernel: &Kernel, pid: Pid) -> Option<Directory> {
    let process = kernel.process(pid)?;
    let tables = kernel.vm().tables();
    let directory = kernel.vm().space(process.space).directory();
    let present = tables.user_entries(directory);
    let table = |(index, frame): (usize, machine::addr::Frame)| Table {
        index,
        frame: frame.number(),
        flags: flags(tables.directory_entry(directory, index)),
        entries: present
            .iter()
            .filter(|(page, _)| page.directory_index() == index)
            .map(|(page, entry)| Entry {
                page: page.start().0,
                frame: entry.frame().number(),
                flags: flags(*entry),
            })
            .collect(),
    };
    let user_tables = tables.user_tables(directory);
    let kernel_half = KERNEL_PAGE.directory_index()..SELF_ENTRY;
    Some(Directory {
        frame: directory.root().number(),
        tables: user_tables.into_iter().map(table).collect(),
        kernel_tables: kernel_half
            .filter(|index| tables.directory_entry(directory, *index).is_present())
            .count(),
    })
}

/// A tree: the directory, its tables, their entries.
pub fn render(kernel: &Kernel, pid: Pid) -> String {
    let Some(directory) = directory(kernel, pid) else {
        return nobody(pid);
    };
    let mut text = String::new();
    draw(&mut text, &directory).expect("writing to memory");
    text
}

fn draw(text: &mut String, directory: &Directory) -> std::fmt::Result {
    let pages: usize = directory
        .tables
        .iter()
        .map(|table| table.entries.len())
        .sum();
    writeln!(
        text,
        "page directory in frame {}: {} page tables of the user's, {pages} pages present",
        directory.frame,
        directory.tables.len(),
    )?;
    for table in &directory.tables {
        let start = (table.index as u32) << 22;
        let end = start | TABLE_SPAN;
        let Table {
            index,
            frame,
            flags,
            ..
        } = table;
        writeln!(
            text,
            "|- {index:>4} {start:08x}-{end:08x} {flags} table in frame {frame}"
        )?;
        for (number, entry) in table.entries.iter().enumerate() {
            let branch = if number + 1 == table.entries.len() {
                '`'
            } else {
                '|'
            };
            let index = (entry.page >> 12) & 0x3ff;
            let Entry { page, frame, flags } = entry;
            writeln!(
                text,
                "|  {branch}- {index:>4} {page:08x} {flags} frame {frame}"
            )?;
        }
    }
    let Directory {
        frame,
        kernel_tables,
        ..
    } = directory;
    let first = KERNEL_PAGE.directory_index();
    writeln!(
        text,
        "|-  {first}-{} c0000000-ffbfffff the kernel's half: {kernel_tables} tables, the same in every process",
        SELF_ENTRY - 1,
    )?;
    writeln!(
        text,
        "`- {SELF_ENTRY} ffc00000-ffffffff the directory itself, frame {frame}"
    )
}

/// `PWUADG`: present, writable, user, accessed, dirty, global; `-` for a flag that is not set.
pub fn flags(entry: Pte) -> String {
    let flags = [
        (PteFlags::PRESENT, 'P'),
        (PteFlags::WRITABLE, 'W'),
        (PteFlags::USER, 'U'),
        (PteFlags::ACCESSED, 'A'),
        (PteFlags::DIRTY, 'D'),
        (PteFlags::GLOBAL, 'G'),
    ];
    let letter = |(flag, letter)| if entry.has(flag) { letter } else { '-' };
    flags.into_iter().map(letter).collect()
}
