//! The page directory of a process and its page tables, as a tree, as the MMU sees them.
//!
//! # Invariants
//! The entries are read from RAM, which changes no A or D bit.

use std::fmt::Write;

use machine::addr::{KERNEL_PAGE, Page};
use machine::paging::{KernelHalf, PageDirectory, PageTables};
use machine::pte::{Pte, PteFlags};
use serde::Serialize;
use userprog::Kernel;
use userprog::process::Pid;

use super::{hex, nobody};

/// The bytes that an entry of a directory covers, less one.
const TABLE_SPAN: u32 = (1 << 22) - 1;
/// The entry that names the directory itself.
const SELF_ENTRY: usize = 1023;

/// A page directory: the kernel's, which programs use too unless they have one of their own.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Directory {
    /// Its frame, whose address is in CR3.
    pub frame: u32,
    /// The page tables of the user's half.
    pub tables: Vec<Table>,
    /// The number of page tables in the kernel's half, the same in all processes.
    pub kernel_tables: usize,
    /// The directory that the program runs on, where the kernel's half is isolated.
    pub isolated: Option<UserDirectory>,
}

/// A page directory for ring 3 alone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct UserDirectory {
    /// Its frame, whose address is in CR3 while the program runs.
    pub frame: u32,
    /// The page tables of the user's half, shared with the other directory.
    pub tables: Vec<SharedTable>,
    /// The page tables of the kernel's half.
    pub kernel_tables: Vec<Table>,
}

/// A page table that two directories point to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SharedTable {
    /// The index of its entry in the directory.
    pub index: usize,
    /// Its frame.
    pub frame: u32,
    /// The flags of the directory's entry.
    pub flags: String,
}

/// A page table.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Table {
    /// The index of its entry in the directory.
    pub index: usize,
    /// Its frame.
    pub frame: u32,
    /// The flags of the directory's entry: `PWUADG`, with `-` for one that is not set.
    pub flags: String,
    /// Its present entries.
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

/// Returns the directory of a process; `None` if it does not exist.
pub fn directory(kernel: &Kernel, pid: Pid) -> Option<Directory> {
    let process = kernel.process(pid)?;
    let tables = kernel.vm().tables();
    let directory = kernel.vm().directory(process.space);
    let user_tables = tables.user_tables(directory).into_iter();
    let kernel_half = KERNEL_PAGE.directory_index()..SELF_ENTRY;
    Some(Directory {
        frame: directory.root().number(),
        tables: user_tables
            .map(|(index, _)| table(tables, index, tables.directory_entry(directory, index)))
            .collect(),
        kernel_tables: kernel_half
            .filter(|index| tables.directory_entry(directory, *index).is_present())
            .count(),
        isolated: match tables.kernel_half() {
            KernelHalf::Shared => None,
            KernelHalf::Isolated => Some(user_directory(tables, directory)),
        },
    })
}

fn user_directory(tables: &PageTables, directory: &PageDirectory) -> UserDirectory {
    let entries =
        (0..=SELF_ENTRY).map(|index| (index, tables.user_directory_entry(directory, index)));
    let present = entries.filter(|(_, entry)| entry.is_present());
    let (user, kernel): (Vec<_>, Vec<_>) =
        present.partition(|(index, _)| *index < KERNEL_PAGE.directory_index());
    UserDirectory {
        frame: directory.user_root().number(),
        tables: user
            .into_iter()
            .map(|(index, entry)| SharedTable {
                index,
                frame: entry.frame().number(),
                flags: flags(entry),
            })
            .collect(),
        kernel_tables: kernel
            .into_iter()
            .map(|(index, entry)| table(tables, index, entry))
            .collect(),
    }
}

/// Returns the page table that entry `index` of a directory points to.
fn table(tables: &PageTables, index: usize, named: Pte) -> Table {
    let entry = |(page, entry): (Page, Pte)| Entry {
        page: page.start().0,
        frame: entry.frame().number(),
        flags: flags(entry),
    };
    let entries = tables.entries(index, named.frame()).into_iter();
    Table {
        index,
        frame: named.frame().number(),
        flags: flags(named),
        entries: entries.map(entry).collect(),
    }
}

/// Returns a tree: the directory, its tables, their entries.
pub fn render(kernel: &Kernel, pid: Pid) -> String {
    let Some(directory) = directory(kernel, pid) else {
        return nobody(pid);
    };
    drawn(&directory)
}

fn drawn(directory: &Directory) -> String {
    let mut text = String::new();
    draw(&mut text, directory).expect("writing to memory");
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
        draw_table(text, table)?;
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
    )?;
    match &directory.isolated {
        None => Ok(()),
        Some(isolated) => draw_isolated(text, isolated),
    }
}

fn draw_isolated(text: &mut String, directory: &UserDirectory) -> std::fmt::Result {
    writeln!(
        text,
        "page directory of ring 3 in frame {}: the same page tables of the user's, and the entry page",
        directory.frame,
    )?;
    for SharedTable {
        index,
        frame,
        flags,
    } in &directory.tables
    {
        writeln!(
            text,
            "|- {index:>4} {} {flags} table in frame {frame}, as above",
            span(*index)
        )?;
    }
    for table in &directory.kernel_tables {
        draw_table(text, table)?;
    }
    writeln!(text, "`-  all others of the kernel's half: nothing")
}

fn draw_table(text: &mut String, table: &Table) -> std::fmt::Result {
    let Table {
        index,
        frame,
        flags,
        entries,
    } = table;
    writeln!(
        text,
        "|- {index:>4} {} {flags} table in frame {frame}",
        span(*index)
    )?;
    for (number, entry) in entries.iter().enumerate() {
        let branch = if number + 1 == entries.len() {
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
    Ok(())
}

/// Returns the addresses that an entry of a directory covers.
fn span(index: usize) -> String {
    let start = (index as u32) << 22;
    format!("{start:08x}-{:08x}", start | TABLE_SPAN)
}

/// Returns `PWUADG`: present, writable, user, accessed, dirty, global; `-` for a flag that is not
/// set.
#[must_use]
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
