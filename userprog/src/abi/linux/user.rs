//! Copying from and to a program's memory.
//!
//! # Invariants
//! Every byte goes through the virtual memory's own user-memory functions, which check, bring in and pin each
//! page; a bad pointer is EFAULT.

use machine::addr::{PAGE_SIZE, VirtAddr};
use vm::UserPtr;

use super::call::{Call, Fail};
use crate::errno::Errno;
use crate::service::Service;

/// The longest path, with the zero that ends it.
pub(super) const PATH_MAX: usize = 4096;
/// The most buffers that one call can name.
const MAX_BUFFERS: u32 = 1024;
/// The most bytes that one call moves.
const MAX_BYTES: u32 = 0x7fff_f000;

/// Bytes in a program's memory, as the program alleges.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Buffer {
    pub start: u32,
    pub bytes: u32,
}

impl Buffer {
    /// A buffer, as far as one call moves it.
    pub(super) fn new(start: u32, bytes: u32) -> Buffer {
        let bytes = bytes.min(MAX_BYTES);
        Buffer { start, bytes }
    }

    /// It, in parts that each lie in one page. Past the last address there is none.
    pub(super) fn parts(self) -> impl Iterator<Item = Buffer> {
        let mut left = self;
        std::iter::from_fn(move || {
            let in_page = PAGE_SIZE - VirtAddr(left.start).offset();
            let part = Buffer {
                start: left.start,
                bytes: left.bytes.min(in_page),
            };
            left.bytes -= part.bytes;
            left.start = left.start.wrapping_add(part.bytes);
            (part.bytes > 0).then_some(part)
        })
    }
}

impl Service<'_> {
    /// Copies from the program's memory.
    pub(super) fn copy_in(&mut self, call: Call, from: u32, to: &mut [u8]) -> Result<(), Fail> {
        Ok(self.vm.read_user(call.caller.client(), UserPtr(from), to)?)
    }

    /// Copies to the program's memory.
    pub(super) fn copy_out(&mut self, call: Call, to: u32, from: &[u8]) -> Result<(), Fail> {
        Ok(self
            .vm
            .write_user(call.caller.client(), UserPtr(to), from)?)
    }

    /// Copies to the program's memory, unless the pointer is null.
    pub(super) fn copy_out_if_wanted(
        &mut self,
        call: Call,
        to: u32,
        from: &[u8],
    ) -> Result<(), Fail> {
        match to {
            0 => Ok(()),
            to => self.copy_out(call, to, from),
        }
    }

    /// Words in the program's memory.
    pub(super) fn words_in<const COUNT: usize>(
        &mut self,
        call: Call,
        from: u32,
    ) -> Result<[u32; COUNT], Fail> {
        let mut words = [[0; 4]; COUNT];
        self.copy_in(call, from, words.as_flattened_mut())?;
        Ok(words.map(u32::from_le_bytes))
    }

    /// A string of fewer than `limit` bytes.
    ///
    /// # Errors
    /// ENAMETOOLONG if it is longer.
    pub(super) fn string_in(
        &mut self,
        call: Call,
        from: u32,
        limit: usize,
    ) -> Result<Vec<u8>, Fail> {
        let client = call.caller.client();
        let string = self.vm.read_user_string(client, UserPtr(from), limit - 1)?;
        Ok(string.ok_or(Errno::NameTooLong)?)
    }

    /// The buffers of a vector of them.
    pub(super) fn buffers_in(
        &mut self,
        call: Call,
        from: u32,
        count: u32,
    ) -> Result<Vec<Buffer>, Fail> {
        if count > MAX_BUFFERS {
            return Err(Errno::Invalid.into());
        }
        let mut buffers = Vec::new();
        let mut left = MAX_BYTES;
        for index in 0..count {
            let at = from.checked_add(8 * index).ok_or(Errno::Fault)?;
            let [start, bytes] = self.words_in(call, at)?;
            if bytes > i32::MAX as u32 {
                return Err(Errno::Invalid.into());
            }
            let bytes = bytes.min(left);
            left -= bytes;
            buffers.push(Buffer { start, bytes });
        }
        Ok(buffers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_cut_at_pages_and_may_end_with_the_address_space() {
        let parts = |start, bytes| -> Vec<(u32, u32)> {
            let parts = Buffer::new(start, bytes).parts();
            parts.map(|part| (part.start, part.bytes)).collect()
        };
        assert_eq!(
            parts(0x1ffe, 0x1004),
            [(0x1ffe, 2), (0x2000, 0x1000), (0x3000, 2)]
        );
        assert_eq!(parts(0xffff_fffe, 4), [(0xffff_fffe, 2), (0, 2)]);
        assert_eq!(parts(5, 0), []);
    }
}
