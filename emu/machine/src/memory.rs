//! RAM: host memory shared with the emulated CPU.
//!
//! # Invariants
//!
//! - Every access is inside RAM. An address outside it is a bug of the kernel and panics, since no
//!   guest can name a physical address.
//! - No Rust reference to RAM outlives a call, and RAM is not accessed in another way while one
//!   exists: generated code writes to it whenever the CPU runs.
//! - Each frame is *fresh*, *data*, *code* or *mixed* for the TLB ([`FrameUse`]). All writes of the
//!   kernel pass through here. A write to a frame from which code was fetched is recorded, so that
//!   no translated code of the old content survives ([`PhysMemory::take_stale`]).
//! - A listener learns of each write of the kernel before it is made, and of none of the guest's.

#![expect(unsafe_code, reason = "RAM is shared with generated code")]

mod frame_use;

use std::cell::{Cell, OnceCell, RefCell};
use std::io;
use std::ptr::NonNull;
use std::rc::Rc;

use crate::addr::{Frame, PAGE_SIZE, PhysAddr};

pub use frame_use::FrameUse;

/// The machine's RAM. Clones share the same memory.
///
/// # Examples
///
/// ```
/// use machine::addr::{Frame, PhysAddr};
/// use machine::memory::PhysMemory;
///
/// let memory = PhysMemory::new(4)?;
/// memory.write(PhysAddr(0x1ffe), b"across");
/// assert_eq!(memory.read_u32(PhysAddr(0x2000)), u32::from_le_bytes(*b"ross"));
///
/// memory.copy(Frame::new(2), Frame::new(3));
/// memory.zero(Frame::new(2));
/// let mut bytes = [0; 4];
/// memory.read(PhysAddr(0x3000), &mut bytes);
/// assert_eq!(&bytes, b"ross");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct PhysMemory(Rc<Ram>);

struct Ram {
    base: NonNull<u8>,
    bytes: usize,
    uses: Box<[Cell<FrameUse>]>,
    /// Frames with code that the kernel has written to since the CPU last ran.
    stale: RefCell<Vec<Frame>>,
    /// Whether a frame is lent out as a slice.
    lent: Cell<bool>,
    listener: OnceCell<WriteListener>,
}

impl std::fmt::Debug for Ram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ram").finish_non_exhaustive()
    }
}

/// Called with a frame that the kernel is about to write to, and the bytes that it has until then.
pub type WriteListener = Box<dyn Fn(Frame, &FrameBytes)>;

/// The bytes of a frame.
pub type FrameBytes = [u8; PAGE_SIZE as usize];

impl PhysMemory {
    /// Creates `frames` frames of zeros. The host allocates memory as they are touched.
    ///
    /// # Errors
    /// The error of the host, if it refuses that much address space.
    ///
    /// # Panics
    /// If `frames` is 0 or more than 32-bit paging can address.
    pub fn new(frames: u32) -> io::Result<PhysMemory> {
        assert!(
            (1..=Frame::COUNT).contains(&frames),
            "RAM of {frames} frames"
        );
        let bytes = frames as usize * PAGE_SIZE as usize;
        // SAFETY: an anonymous private mapping at an address of the host's choice touches no
        // memory that exists; the result is checked below.
        let address = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                bytes,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        if address == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        // Generated code accesses RAM all over: large pages save misses in the host's own TLB.
        // SAFETY: advice about the mapping just made; a host that does not follow it returns an
        // error, and nothing has changed.
        #[cfg(target_os = "linux")]
        let _ = unsafe { libc::madvise(address, bytes, libc::MADV_HUGEPAGE) };
        let base = NonNull::new(address.cast()).expect("mmap gives no null mapping");
        let uses = (0..frames).map(|_| Cell::default()).collect();
        Ok(PhysMemory(Rc::new(Ram {
            base,
            bytes,
            uses,
            stale: RefCell::default(),
            lent: Cell::default(),
            listener: OnceCell::new(),
        })))
    }

    /// Has `listener` told of each frame that the kernel is about to write to, also if it only
    /// prepares it for a new content.
    ///
    /// # Panics
    /// If there is a listener already. When one is told and uses the memory.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{cell::Cell, rc::Rc};
    ///
    /// use machine::addr::{Frame, PhysAddr};
    /// use machine::memory::PhysMemory;
    ///
    /// let memory = PhysMemory::new(2)?;
    /// memory.write(PhysAddr(0x1000), b"old");
    /// let before = Rc::new(Cell::new(0));
    /// let first = Rc::clone(&before);
    /// memory.listen_to_writes(Box::new(move |_, bytes| first.set(bytes[0])));
    /// memory.zero(Frame::new(1));
    /// assert_eq!(before.get(), b'o');
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn listen_to_writes(&self, listener: WriteListener) {
        let first = self.0.listener.set(listener);
        assert!(first.is_ok(), "the writes have a listener already");
    }

    /// Returns the number of frames.
    #[must_use]
    pub fn frames(&self) -> u32 {
        self.0.uses.len() as u32
    }

    /// Copies `to.len()` bytes from `from` on.
    ///
    /// # Panics
    /// If that leaves RAM.
    #[inline]
    pub fn read(&self, from: PhysAddr, to: &mut [u8]) {
        let source = self.at(from, to.len());
        // SAFETY: `at` checked that the range lies in RAM; `to` is a live Rust slice, so it
        // cannot overlap memory to which no reference exists.
        unsafe { std::ptr::copy_nonoverlapping(source, to.as_mut_ptr(), to.len()) }
    }

    /// Copies `from` to RAM at `to`.
    ///
    /// # Panics
    /// If that leaves RAM.
    #[inline]
    pub fn write(&self, to: PhysAddr, from: &[u8]) {
        let target = self.at(to, from.len());
        self.note_change(to, from.len());
        // SAFETY: as in `read`, the other way.
        unsafe { std::ptr::copy_nonoverlapping(from.as_ptr(), target, from.len()) }
    }

    /// Reads a 32-bit little-endian word at a multiple of 4.
    ///
    /// # Panics
    /// If the address is outside RAM or not a multiple of 4.
    #[inline]
    #[must_use]
    pub fn read_u32(&self, from: PhysAddr) -> u32 {
        // SAFETY: `word` checked range and alignment.
        u32::from_le(unsafe { self.word(from).read() })
    }

    /// Stores a 32-bit little-endian word at a multiple of 4.
    ///
    /// # Panics
    /// If the address is outside RAM or not a multiple of 4.
    #[inline]
    pub fn write_u32(&self, to: PhysAddr, value: u32) {
        let word = self.word(to);
        self.note_change(to, 4);
        // SAFETY: `word` checked range and alignment.
        unsafe { word.write(value.to_le()) }
    }

    /// Fills a frame with zeros.
    #[inline]
    pub fn zero(&self, frame: Frame) {
        let target = self.at(frame.start(), PAGE_SIZE as usize);
        self.note_change(frame.start(), PAGE_SIZE as usize);
        // SAFETY: `at` checked that the frame lies in RAM.
        unsafe { target.write_bytes(0, PAGE_SIZE as usize) }
    }

    /// Copies one frame over another.
    #[inline]
    pub fn copy(&self, from: Frame, to: Frame) {
        let source = self.at(from.start(), PAGE_SIZE as usize);
        let target = self.at(to.start(), PAGE_SIZE as usize);
        self.note_change(to.start(), PAGE_SIZE as usize);
        // SAFETY: both frames lie in RAM; `copy` allows them to be the same one.
        unsafe { std::ptr::copy(source, target, PAGE_SIZE as usize) }
    }

    /// Lends the bytes of a frame, so that a device can read them without another copy.
    ///
    /// # Panics
    /// If the memory is used in any other way before `look` returns.
    #[inline]
    pub fn with_frame<R>(&self, frame: Frame, look: impl FnOnce(&FrameBytes) -> R) -> R {
        let bytes = self
            .at(frame.start(), PAGE_SIZE as usize)
            .cast::<FrameBytes>();
        let _loan = Loan::new(&self.0.lent);
        // SAFETY: `at` checked that the frame lies in RAM, and bytes have no alignment. While the
        // loan lasts no other way to RAM opens: `at` refuses, and the CPU, which asks for
        // `take_stale` before it runs, as well.
        look(unsafe { &*bytes })
    }

    /// Lends the bytes of a frame to be filled.
    ///
    /// # Panics
    /// If the memory is used in any other way before `fill` returns.
    #[inline]
    pub fn with_frame_mut<R>(&self, frame: Frame, fill: impl FnOnce(&mut FrameBytes) -> R) -> R {
        let bytes = self
            .at(frame.start(), PAGE_SIZE as usize)
            .cast::<FrameBytes>();
        self.note_change(frame.start(), PAGE_SIZE as usize);
        let _loan = Loan::new(&self.0.lent);
        // SAFETY: as in `with_frame`; so this is the only reference to the frame.
        fill(unsafe { &mut *bytes })
    }

    /// Prepares a frame that no page-table entry maps for a new content: the use of the old one no
    /// longer counts, and code translated from it is stale.
    #[inline]
    pub fn renew(&self, frame: Frame) {
        // Data becomes fresh too: else the first fetch from the new content would make it mixed.
        self.note_change(frame.start(), PAGE_SIZE as usize);
        self.0.uses[frame.index()].set(FrameUse::Fresh);
    }

    /// Returns how the guest has used a frame since its content was last replaced.
    #[inline]
    #[must_use]
    pub fn frame_use(&self, frame: Frame) -> FrameUse {
        self.0.uses[frame.index()].get()
    }

    /// Sets how the guest uses a frame. Only the CPU calls this, when it fills a TLB entry.
    pub fn set_frame_use(&self, frame: Frame, to: FrameUse) {
        self.0.uses[frame.index()].set(to);
    }

    /// Returns the frames with code to which the kernel wrote since the last call, in the order of
    /// the writes. Only the CPU calls this: it must drop their translated code, and flush the TLB,
    /// before it resumes.
    ///
    /// # Panics
    /// If a frame is lent out.
    #[must_use]
    pub fn take_stale(&self) -> Vec<Frame> {
        assert!(!self.0.lent.get(), "the CPU runs while a frame is lent out");
        std::mem::take(&mut self.0.stale.borrow_mut())
    }

    /// Returns the address of RAM in the host, and its length, for the emulator to map. It stays
    /// there until the last clone is dropped.
    #[must_use]
    pub fn host(&self) -> (NonNull<u8>, usize) {
        (self.0.base, self.0.bytes)
    }

    /// Records a write that the kernel is about to make: frames with code become fresh, and their
    /// translated code is stale.
    #[inline]
    fn note_change(&self, to: PhysAddr, bytes: usize) {
        let first = to.frame().index();
        let last = (to.0 as usize + bytes.max(1) - 1) / PAGE_SIZE as usize;
        for index in first..=last {
            if let Some(listener) = self.0.listener.get() {
                let frame = Frame::new(index as u32);
                self.with_frame(frame, |bytes| listener(frame, bytes));
            }
            let state = &self.0.uses[index];
            if state.get().has_code() {
                state.set(FrameUse::Fresh);
                let frame = Frame::new(index as u32);
                self.0.stale.borrow_mut().push(frame);
            }
        }
    }

    #[inline]
    fn word(&self, at: PhysAddr) -> *mut u32 {
        assert!(at.0.is_multiple_of(4), "word at {at} is not aligned");
        self.at(at, 4).cast()
    }

    #[inline]
    fn at(&self, addr: PhysAddr, bytes: usize) -> *mut u8 {
        assert!(!self.0.lent.get(), "RAM is used while a frame is lent out");
        let start = addr.0 as usize;
        assert!(
            start + bytes <= self.0.bytes,
            "{bytes} bytes at {addr} are not in RAM"
        );
        // SAFETY: the assertion keeps the result inside the mapping.
        unsafe { self.0.base.as_ptr().add(start) }
    }
}

/// A loan of a frame, which ends when it is dropped.
struct Loan<'a>(&'a Cell<bool>);

impl Loan<'_> {
    fn new(lent: &Cell<bool>) -> Loan<'_> {
        lent.set(true);
        Loan(lent)
    }
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl Drop for Ram {
    fn drop(&mut self) {
        // SAFETY: `base` and `bytes` are what `mmap` gave, and no clone is left to use them.
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.bytes) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_across_frames() {
        let memory = PhysMemory::new(2).unwrap();
        memory.write(PhysAddr(4090), b"across a border");
        let mut back = [0; 15];
        memory.read(PhysAddr(4090), &mut back);
        assert_eq!(&back, b"across a border");
        assert_eq!(
            memory.read_u32(PhysAddr(4096)),
            u32::from_le_bytes(*b" a b")
        );
    }

    #[test]
    fn only_a_write_to_a_frame_with_code_leaves_stale_code() {
        let memory = PhysMemory::new(3).unwrap();
        memory.set_frame_use(Frame::new(1), FrameUse::Code);
        memory.set_frame_use(Frame::new(2), FrameUse::Data);
        memory.zero(Frame::new(0));
        memory.zero(Frame::new(2));
        assert!(memory.take_stale().is_empty());
        memory.write(PhysAddr(4000), &[0; 200]);
        assert_eq!(memory.take_stale(), [Frame::new(1)]);
        assert_eq!(memory.frame_use(Frame::new(1)), FrameUse::Fresh);
        assert!(memory.take_stale().is_empty());
    }

    #[test]
    fn a_lent_frame_is_filled_in_place() {
        let memory = PhysMemory::new(2).unwrap();
        memory.with_frame_mut(Frame::new(1), |bytes| bytes[7] = 9);
        assert_eq!(memory.with_frame(Frame::new(1), |bytes| bytes[7]), 9);
        assert_eq!(memory.read_u32(PhysAddr(4096 + 4)), 9 << 24);
    }

    #[test]
    #[should_panic(expected = "lent out")]
    fn nobody_reaches_ram_while_a_frame_is_lent_out() {
        let memory = PhysMemory::new(2).unwrap();
        let other = memory.clone();
        memory.with_frame_mut(Frame::new(1), |_| other.read_u32(PhysAddr(0)));
    }

    #[test]
    #[should_panic(expected = "not in RAM")]
    fn nothing_outside_ram_can_be_read() {
        PhysMemory::new(1)
            .unwrap()
            .read(PhysAddr(4095), &mut [0; 2]);
    }
}
