//! set_thread_area, get_thread_area: thread-local storage, which programs reach through `%gs`.
//!
//! # Invariants
//! Only data segments of ring 3 get into the GDT, and only into the entries that are the program's own.

use cpu::tls::{DataSegment, TlsEntry, TlsSegments};

use super::call::{Call, Done, Fail, Reply};
use super::encode::Encoder;
use crate::errno::Errno;
use crate::service::Service;

bitflags::bitflags! {
    /// The last word of a `struct user_desc`.
    #[derive(Clone, Copy, PartialEq, Eq)]
    struct Flags: u32 {
        const SEGMENT_32_BIT = 1;
        /// Two bits: 0 for data, 1 for data that expand down, 2 and 3 for code.
        const CONTENTS = 6;
        const READ_ONLY = 8;
        const LIMIT_IN_PAGES = 16;
        const NOT_PRESENT = 32;
        const USABLE = 64;
    }
}

/// The number of an entry that asks for any that is free.
const ANY: u32 = u32::MAX;

/// `int set_thread_area(struct user_desc *)`
pub(super) fn set_thread_area(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [at] = call.arguments();
    let [number, base, limit, flags] = kernel.words_in(call, at)?;
    let mut segments = kernel.cpu.tls();
    let entry = match number {
        ANY => segments.free().ok_or(Errno::NoProcess)?,
        number => TlsEntry::of_gdt(number).ok_or(Errno::Invalid)?,
    };
    let segment = segment_of([base, limit, flags])?;
    if number == ANY {
        kernel.copy_out(call, at, &entry.number().to_le_bytes())?;
    }
    segments.set(entry, segment);
    kernel.cpu.set_tls(segments);
    Ok(Done::ZERO)
}

/// The segment that a `struct user_desc` describes behind its number; `None` if it empties the entry.
fn segment_of([base, limit, flags]: [u32; 3]) -> Result<Option<DataSegment>, Errno> {
    let flags = Flags::from_bits_truncate(flags);
    let empties = flags.contains(Flags::NOT_PRESENT | Flags::READ_ONLY) && base == 0 && limit == 0;
    if empties {
        return Ok(None);
    }
    let is_other = flags.intersects(Flags::CONTENTS | Flags::NOT_PRESENT);
    if is_other || !flags.contains(Flags::SEGMENT_32_BIT) {
        return Err(Errno::Invalid);
    }
    Ok(Some(DataSegment {
        base,
        limit: limit & 0xf_ffff,
        limit_in_pages: flags.contains(Flags::LIMIT_IN_PAGES),
        writable: !flags.contains(Flags::READ_ONLY),
    }))
}

impl Service<'_> {
    /// The entries of the program on the CPU, with what a `struct user_desc` describes, for a new thread.
    pub(super) fn tls_with(&mut self, call: Call, at: u32) -> Result<TlsSegments, Fail> {
        let [number, rest @ ..] = self.words_in::<4>(call, at)?;
        let entry = TlsEntry::of_gdt(number).ok_or(Errno::Invalid)?;
        let mut segments = self.cpu.tls();
        segments.set(entry, segment_of(rest)?);
        Ok(segments)
    }
}

/// `int get_thread_area(struct user_desc *)`
pub(super) fn get_thread_area(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [at] = call.arguments();
    let [number] = kernel.words_in(call, at)?;
    let entry = TlsEntry::of_gdt(number).ok_or(Errno::Invalid)?;
    let (base, limit, flags) = match kernel.cpu.tls().get(entry) {
        None => (0, 0, Flags::READ_ONLY | Flags::NOT_PRESENT),
        Some(segment) => {
            let mut flags = Flags::SEGMENT_32_BIT | Flags::USABLE;
            flags.set(Flags::LIMIT_IN_PAGES, segment.limit_in_pages);
            flags.set(Flags::READ_ONLY, !segment.writable);
            (segment.base, segment.limit, flags)
        }
    };
    let description = Encoder::default()
        .u32(number)
        .u32(base)
        .u32(limit)
        .u32(flags.bits());
    kernel.copy_out(call, at, &description.finish())?;
    Ok(Done::ZERO)
}
