//! Segments for thread-local storage: entries of the GDT that are the program's own, which it loads into
//! `%gs` or `%fs`.
//!
//! # Invariants
//! Each entry is empty or a data segment of ring 3, so none leads out of ring 3. The GDT in RAM has those
//! of the program on the CPU; the others' are in their contexts.

use machine::addr::PhysAddr;
use machine::memory::PhysMemory;

/// A data segment for ring 3 (SDM vol. 3, 3.4.5).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DataSegment {
    /// Its linear address.
    pub base: u32,
    /// Its last byte or page. The emulator does not look at it.
    pub limit: u32,
    /// Whether the limit counts pages.
    pub limit_in_pages: bool,
    /// Whether stores are allowed.
    pub writable: bool,
}

/// Which of the entries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TlsEntry(u8);

/// The entries of one program.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TlsSegments([Option<DataSegment>; TlsEntry::COUNT]);

impl TlsEntry {
    /// How many there are.
    pub const COUNT: usize = 3;
    /// The entry of the GDT that the first of them is, as in Linux for the i386.
    pub const FIRST: u32 = 6;

    /// The entry with this number in the GDT.
    #[must_use]
    pub fn of_gdt(number: u32) -> Option<TlsEntry> {
        let index = u8::try_from(number.checked_sub(TlsEntry::FIRST)?).ok()?;
        (usize::from(index) < TlsEntry::COUNT).then_some(TlsEntry(index))
    }

    /// Its number in the GDT.
    #[must_use]
    pub fn number(self) -> u32 {
        TlsEntry::FIRST + u32::from(self.0)
    }
}

impl TlsSegments {
    /// The segment in an entry.
    #[must_use]
    pub fn get(&self, entry: TlsEntry) -> Option<DataSegment> {
        self.0[usize::from(entry.0)]
    }

    /// Puts a segment into an entry, or empties it.
    pub fn set(&mut self, entry: TlsEntry, segment: Option<DataSegment>) {
        self.0[usize::from(entry.0)] = segment;
    }

    /// The first entry that is empty.
    pub fn free(&self) -> Option<TlsEntry> {
        let index = self.0.iter().position(Option::is_none)?;
        Some(TlsEntry(index as u8))
    }

    /// The linear address of what a selector names: 0 for all segments but these.
    pub(crate) fn base_of(&self, selector: u32) -> u32 {
        let entry = TlsEntry::of_gdt(selector >> 3).filter(|_| selector & LOCAL_TABLE == 0);
        let segment = entry.and_then(|entry| self.get(entry));
        segment.map_or(0, |segment| segment.base)
    }

    /// Writes them into the GDT that begins at `gdt`.
    pub(crate) fn write(&self, memory: &PhysMemory, gdt: PhysAddr) {
        for (number, segment) in (TlsEntry::FIRST..).zip(self.0) {
            let entry = segment.map_or(0, DataSegment::descriptor);
            memory.write(PhysAddr(gdt.0 + 8 * number), &entry.to_le_bytes());
        }
    }
}

/// The bit of a selector that names the LDT, which the machine does not have.
const LOCAL_TABLE: u32 = 1 << 2;

impl DataSegment {
    fn descriptor(self) -> u64 {
        // Present, ring 3, data, accessed: loading it stores nothing.
        let access = 0xf1 | u8::from(self.writable) << 1;
        let flags = 0x4 | u8::from(self.limit_in_pages) << 3;
        descriptor(self.base, self.limit, access, flags)
    }
}

/// A segment descriptor (SDM vol. 3, 3.4.5).
pub(crate) fn descriptor(base: u32, limit: u32, access: u8, flags: u8) -> u64 {
    let (base, limit) = (u64::from(base), u64::from(limit));
    (limit & 0xffff)
        | (base & 0xff_ffff) << 16
        | u64::from(access) << 40
        | (limit >> 16 & 0xf) << 48
        | u64::from(flags) << 52
        | (base >> 24) << 56
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_filled_from_the_first_on_and_known_by_selector() {
        let mut segments = TlsSegments::default();
        let segment = |base| DataSegment {
            base,
            limit: 0xf_ffff,
            limit_in_pages: true,
            writable: true,
        };
        for base in [0x1000, 0x2000, 0x3000] {
            let entry = segments.free().unwrap();
            segments.set(entry, Some(segment(base)));
        }
        assert_eq!(segments.free(), None);
        assert_eq!(segments.base_of(0x33), 0x1000);
        assert_eq!(segments.base_of(0x43), 0x3000);
        for other in [0, 0x23, 0x2b, 0x37, 0x4b] {
            assert_eq!(segments.base_of(other), 0, "{other:#x}");
        }
    }

    #[test]
    fn a_descriptor_has_its_fields_where_the_manual_has_them() {
        let segment = DataSegment {
            base: 0x1234_5678,
            limit: 0xf_ffff,
            limit_in_pages: true,
            writable: true,
        };
        assert_eq!(segment.descriptor(), 0x12cf_f334_5678_ffff);
        let read_only = DataSegment {
            writable: false,
            limit_in_pages: false,
            ..segment
        };
        assert_eq!(read_only.descriptor(), 0x124f_f134_5678_ffff);
    }
}
