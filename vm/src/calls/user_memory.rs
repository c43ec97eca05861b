//! How the kernel touches user memory for a system call.
//!
//! A pointer from a program is an allegation until it is checked. Each page is checked against the
//! regions, faulted in, pinned for as long as its bytes are copied, and unpinned; a pointer that
//! does not hold up comes back as a [`Kill`], never as a fault of the kernel.
//!
//! What always holds: a [`Pinned`] ends in [`Vm::unpin_user`]; the accessed and dirty bits of the
//! frame say what the kernel did, whichever way it went there.

use emu::addr::{Frame, PAGE_SIZE, PhysAddr, VirtAddr};
use emu::mmu::{self, Access, Ring};
use emu::pte::{Pte, PteFlags};

use crate::ids::SpaceId;
use crate::kill::{BadAccess, Kill};
use crate::observe::event::Event;
use crate::pager::Vm;
use crate::space::region::Purpose;

/// RAM is mapped for the kernel as well, so a user's frame has two addresses and two entries with
/// A and D bits of their own. There are two ways to live with that; both give the same results.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum AliasPolicy {
    /// The kernel goes through its alias, and the frame table reads and clears A and D over all
    /// entries of a frame. (High memory has no alias; there the kernel uses the other way.)
    #[default]
    Sync,
    /// The kernel goes through the user's address, so that no other entry is ever used.
    UserAddress,
}

/// A piece of a user's page, held in its frame.
#[must_use = "a pin has to be ended with Vm::unpin_user"]
#[derive(Debug)]
pub struct Pinned {
    space: SpaceId,
    start: VirtAddr,
    bytes: u32,
    frame: Frame,
}

impl Pinned {
    /// The frame that holds it.
    pub fn frame(&self) -> Frame {
        self.frame
    }

    /// Its length in bytes.
    pub fn bytes(&self) -> u32 {
        self.bytes
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
        while !self.grants(space, start, access) {
            self.let_go();
            self.resolve_for(Ring::Kernel, space, start, access, stack)?;
            // The process sleeps in the kernel until its page is there.
            self.disks.sleep_here();
        }
        let frame = self.entry(space, start).frame();
        self.frames.info_mut(frame).pins += 1;
        self.pins_of_calls += 1;
        Ok(Pinned {
            space,
            start,
            bytes,
            frame,
        })
    }

    /// Copies the bytes of a pinned piece out.
    ///
    /// # Panics
    /// If `to` is not as long as the piece.
    pub fn copy_from_pinned(&mut self, pinned: &Pinned, to: &mut [u8]) {
        assert_eq!(to.len(), pinned.bytes as usize);
        let from = self.reach(pinned, Access::Read);
        self.memory.read(from, to);
    }

    /// Copies bytes into a pinned piece.
    ///
    /// # Panics
    /// If `from` is not as long as the piece.
    pub fn copy_to_pinned(&mut self, pinned: &Pinned, from: &[u8]) {
        assert_eq!(from.len(), pinned.bytes as usize);
        let to = self.reach(pinned, Access::Write);
        self.memory.write(to, from);
    }

    /// Ends a pin.
    pub fn unpin_user(&mut self, pinned: Pinned) {
        self.frames.info_mut(pinned.frame).pins -= 1;
        self.pins_of_calls -= 1;
    }

    /// Hands a pin over to a list that outlives the call; see `pins`.
    pub(crate) fn keep_pin(&mut self, pinned: Pinned) {
        let Pinned { frame, .. } = pinned;
        debug_assert!(self.frames.info(frame).pins > 0);
        self.pins_of_calls -= 1;
    }

    /// The process sleeps in the kernel until `time`.
    pub(crate) fn sleep_until(&mut self, time: u64) {
        self.disks.wait_until(time);
        self.disks.sleep_here();
    }

    /// Where a pinned piece lies, with the A and D bits set that an access of the kernel's sets:
    /// those of its alias, or those of the user's entry.
    fn reach(&mut self, pinned: &Pinned, access: Access) -> PhysAddr {
        if let Some(recording) = &self.recording {
            recording.touched(pinned.frame);
        }
        let through_alias = match self.alias {
            AliasPolicy::Sync => {
                let used = match access {
                    Access::Write => PteFlags::ACCESSED | PteFlags::DIRTY,
                    Access::Read | Access::Fetch => PteFlags::ACCESSED,
                };
                self.tables
                    .update_alias(pinned.frame, |alias| alias.with(used))
            }
            AliasPolicy::UserAddress => None,
        };
        match through_alias {
            Some((_, flush)) => self.tlb.note(flush),
            None => {
                let root = self.root(pinned.space);
                let walk = mmu::translate(&self.memory, root, pinned.start, access, Ring::Kernel);
                let walk = walk.expect("a pinned page keeps its entry");
                debug_assert_eq!(walk.frame, pinned.frame);
            }
        }
        PhysAddr(pinned.frame.start().0 + pinned.start.offset())
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

    /// Whether the entry of an address allows an access as it is.
    pub(crate) fn grants(&self, space: SpaceId, addr: VirtAddr, access: Access) -> bool {
        let needed = match access {
            Access::Write => PteFlags::USER_WRITE,
            Access::Read | Access::Fetch => PteFlags::USER_READ,
        };
        self.entry(space, addr).has(needed)
    }

    fn entry(&self, space: SpaceId, addr: VirtAddr) -> Pte {
        self.tables.entry(&self.space(space).directory, addr.page())
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
