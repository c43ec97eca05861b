//! How the kernel touches user memory for a system call.
//!
//! A pointer from a program is an allegation until it is checked. Each page is checked against the
//! regions, faulted in, pinned for as long as its bytes are copied, and unpinned; a pointer that
//! does not hold up comes back as a [`Kill`], never as a fault of the kernel.
//!
//! What always holds: a [`Pinned`] ends in [`Vm::unpin_user`]; the accessed and dirty bits of the
//! frame say what the kernel did, whichever way it went there.

use machine::addr::{Frame, PAGE_SIZE, PhysAddr, VirtAddr};
use machine::mmu::{Access, Ring};

use crate::ids::SpaceId;
use crate::kill::{BadAccess, Kill};
use crate::observe::event::Event;
use crate::pager::Vm;
use crate::residency::token::Pin;
use crate::space::region::Purpose;

/// A piece of a user's page, held in its frame.
#[must_use = "a pin has to be ended with Vm::unpin_user"]
#[derive(Debug)]
pub struct Pinned {
    space: SpaceId,
    start: VirtAddr,
    bytes: u32,
    pin: Pin,
}

impl Pinned {
    /// The frame that holds it.
    pub fn frame(&self) -> Frame {
        self.pin.frame()
    }

    /// Its length in bytes.
    pub fn bytes(&self) -> u32 {
        self.bytes
    }

    /// The pin alone, for whoever ends it.
    pub(crate) fn into_pin(self) -> Pin {
        self.pin
    }
}

impl Vm {
    /// Whether a program may access a whole range so. Brings nothing in. Gives how many regions, and
    /// pages of the stack, it looked at.
    ///
    /// # Errors
    /// The [`Kill`] of the first address that it may not.
    pub fn check_user(
        &mut self,
        space: SpaceId,
        start: VirtAddr,
        bytes: u32,
        access: Access,
        stack: VirtAddr,
    ) -> Result<u32, Kill> {
        let mut looked_at = 0;
        let end = u64::from(start.0) + u64::from(bytes);
        let mut at = u64::from(start.0);
        while at < end {
            let Ok(addr) = u32::try_from(at) else {
                return Err(self.refuse(
                    space,
                    VirtAddr(u32::MAX),
                    access,
                    BadAccess::KernelAddress,
                ));
            };
            let region = match self.allowed(space, VirtAddr(addr), access, stack) {
                Ok(region) => region,
                Err(why) => return Err(self.refuse(space, VirtAddr(addr), access, why)),
            };
            // Only the stack's pages have a say of their own.
            at = match region.purpose {
                Purpose::Stack => u64::from(VirtAddr(addr).page().start().0) + u64::from(PAGE_SIZE),
                _ => u64::from(region.end.start().0),
            };
            looked_at += 1;
        }
        Ok(looked_at)
    }

    /// Copies from a program's memory.
    ///
    /// # Errors
    /// [`Kill`] at the first page that cannot be read; `to` is then partly filled.
    pub fn read_user(
        &mut self,
        space: SpaceId,
        from: VirtAddr,
        to: &mut [u8],
        stack: VirtAddr,
    ) -> Result<(), Kill> {
        let mut done = 0;
        while done < to.len() {
            let (at, bytes) = piece(from, done, to.len())?;
            let pinned = self.pin_user(space, at, bytes, Access::Read, stack)?;
            self.copy_from_pinned(&pinned, &mut to[done..done + bytes as usize]);
            self.unpin_user(pinned);
            done += bytes as usize;
        }
        Ok(())
    }

    /// Copies to a program's memory.
    ///
    /// # Errors
    /// [`Kill`] at the first page that cannot be written; those before it are.
    pub fn write_user(
        &mut self,
        space: SpaceId,
        to: VirtAddr,
        from: &[u8],
        stack: VirtAddr,
    ) -> Result<(), Kill> {
        let mut done = 0;
        while done < from.len() {
            let (at, bytes) = piece(to, done, from.len())?;
            let pinned = self.pin_user(space, at, bytes, Access::Write, stack)?;
            self.copy_to_pinned(&pinned, &from[done..done + bytes as usize]);
            self.unpin_user(pinned);
            done += bytes as usize;
        }
        Ok(())
    }

    /// A string that ends in a zero byte, without it; `None` if it has more than `limit` bytes.
    ///
    /// # Errors
    /// [`Kill`] if memory that may not be read comes before its end.
    pub fn read_user_string(
        &mut self,
        space: SpaceId,
        from: VirtAddr,
        limit: usize,
        stack: VirtAddr,
    ) -> Result<Option<Vec<u8>>, Kill> {
        let mut string = Vec::new();
        while string.len() <= limit {
            let (at, bytes) = piece(from, string.len(), limit + 1)?;
            let read = string.len();
            string.resize(read + bytes as usize, 0);
            self.read_user(space, at, &mut string[read..], stack)?;
            if let Some(end) = string[read..].iter().position(|byte| *byte == 0) {
                string.truncate(read + end);
                return Ok(Some(string));
            }
        }
        Ok(None)
    }

    /// Brings in a piece of a user's page and pins it, until [`Vm::unpin_user`].
    ///
    /// # Errors
    /// [`Kill`] if it may not be accessed so or cannot be brought in.
    ///
    /// # Panics
    /// If the piece is empty or crosses the end of its page.
    pub fn pin_user(
        &mut self,
        space: SpaceId,
        start: VirtAddr,
        bytes: u32,
        access: Access,
        stack: VirtAddr,
    ) -> Result<Pinned, Kill> {
        assert!(
            bytes > 0 && start.offset() + bytes <= PAGE_SIZE,
            "{bytes} bytes at {start}"
        );
        if !start.is_user() {
            return Err(self.refuse(space, start, access, BadAccess::KernelAddress));
        }
        while !self.residency().grants(space, start, access) {
            self.let_go();
            self.resolve_for(Ring::Kernel, space, start, access, stack)?;
            // The process sleeps in the kernel until its page is there.
            self.sleep_here();
        }
        let frame = self.residency().entry(space, start.page()).frame();
        let pin = self.residency_mut().pin(frame);
        Ok(Pinned {
            space,
            start,
            bytes,
            pin,
        })
    }

    /// Copies the bytes of a pinned piece out.
    ///
    /// # Panics
    /// If `to` is not as long as the piece.
    pub fn copy_from_pinned(&mut self, pinned: &Pinned, to: &mut [u8]) {
        assert_eq!(to.len(), pinned.bytes as usize);
        let from = self.reach(pinned, Access::Read);
        self.residency().memory().read(from, to);
    }

    /// Copies bytes into a pinned piece.
    ///
    /// # Panics
    /// If `from` is not as long as the piece.
    pub fn copy_to_pinned(&mut self, pinned: &Pinned, from: &[u8]) {
        assert_eq!(from.len(), pinned.bytes as usize);
        let to = self.reach(pinned, Access::Write);
        self.residency().memory().write(to, from);
    }

    /// Ends a pin.
    pub fn unpin_user(&mut self, pinned: Pinned) {
        self.residency_mut().unpin(pinned.pin);
    }

    /// Where a pinned piece lies, for an access that is the kernel's from here on.
    fn reach(&mut self, pinned: &Pinned, access: Access) -> PhysAddr {
        self.note_touch(pinned.frame());
        let Pinned { pin, space, .. } = pinned;
        self.residency_mut()
            .reach(pin, *space, pinned.start, access)
    }

    /// Says that an address is not the program's to hand over.
    fn refuse(&mut self, space: SpaceId, addr: VirtAddr, access: Access, why: BadAccess) -> Kill {
        let owner = self.owner(space);
        let state = self.page_state(space, addr.page());
        self.emit(Event::Refused {
            owner,
            addr,
            access,
            state,
            why,
        });
        why.into()
    }
}

/// The next piece of a copy: from `start + done`, to the end of its page or of the copy.
fn piece(start: VirtAddr, done: usize, total: usize) -> Result<(VirtAddr, u32), Kill> {
    let at = u32::try_from(done)
        .ok()
        .and_then(|done| start.checked_add(done));
    let at = at.ok_or(BadAccess::KernelAddress)?;
    let left_in_page = PAGE_SIZE - at.offset();
    Ok((at, (total - done).min(left_in_page as usize) as u32))
}
