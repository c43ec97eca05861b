//! How the kernel accesses user memory for a system call ("Accessing User Memory" in the Pintos
//! documentation).
//!
//! A pointer from a program is not trusted until it is checked. Each page is checked against the
//! regions, faulted in, pinned while its bytes are copied, and unpinned. A bad pointer results in a
//! [`Kill`], never in a fault of the kernel.
//!
//! # Invariants
//!
//! A `Pinned` ends in `Pager::unpin_user`; the accessed and dirty bits of the frame say what
//! the kernel did, whichever way it went there.

use machine::addr::{PAGE_SIZE, Page, PhysAddr, VirtAddr};
use machine::mmu::{Access, Ring};

use crate::ids::SpaceId;
use crate::kill::{BadAccess, Kill};
use crate::observe::event::Event;
use crate::pager::Pager;
use crate::residency::token::Pin;
use crate::space::region::Purpose;
use crate::space::user_range::{Client, UserPiece, UserPtr};

/// A piece of a user's page that is pinned in its frame.
#[must_use = "a pin has to be ended with Pager::unpin_user"]
#[derive(Debug)]
pub(crate) struct Pinned {
    piece: UserPiece,
    pin: Pin,
}

impl Pinned {
    /// Returns the pin, which the caller has to end.
    pub(crate) fn into_pin(self) -> Pin {
        self.pin
    }
}

impl UserPiece {
    /// Returns the first byte of a page, to stand for the page.
    pub(crate) fn of_page(client: Client, page: Page) -> UserPiece {
        UserPiece {
            client,
            start: page.start(),
            bytes: 1,
        }
    }
}

impl Pager {
    /// Checks that a program may make an access to a whole range. Brings nothing in. Returns how
    /// many regions, and pages of the stack, it has looked at: the cost of the check.
    ///
    /// # Contract
    /// - Before: nothing; the range may begin and end anywhere, and be empty.
    /// - After: nothing has changed. The program itself may make the access to every byte of the
    ///   range, including pages to which the stack may grow.
    ///
    /// # Errors
    /// The [`Kill`] of the first address that it may not access.
    pub fn check_user(
        &mut self,
        client: Client,
        start: UserPtr,
        bytes: u32,
        access: Access,
    ) -> Result<u32, Kill> {
        // lab 6.1: check a buffer to its end
        let mut looked_at = 0;
        // 64 bits: the sum of two numbers that a program chose must not wrap to a low address.
        let mut at = u64::from(start.0);
        let end = at + u64::from(bytes);
        while at < end {
            let addr = VirtAddr(u32::try_from(at).unwrap_or(u32::MAX));
            let region = match self.allowed(client, addr, access) {
                Ok(region) => region,
                Err(why) => return Err(self.refuse(client.space, addr, access, why)),
            };
            // One look for a whole region, except in the stack, where it depends on the page.
            at = match region.purpose {
                Purpose::Stack => u64::from(addr.page().start().0) + u64::from(PAGE_SIZE),
                _ => u64::from(region.end.start().0),
            };
            looked_at += 1;
        }
        Ok(looked_at)
        // lab given
        // | // Until 6.1: what the program can read the kernel may use, page by page.
        // | let (mut next, mut pages) = (u64::from(start.0), 0);
        // | let behind = next + u64::from(bytes);
        // | while next < behind {
        // |     let addr = VirtAddr(next.min(u32::MAX.into()) as u32);
        // |     if let Err(why) = self.allowed(client, addr, Access::Read).map(drop) {
        // |         return Err(self.refuse(client.space, addr, access, why));
        // |     }
        // |     next = u64::from(addr.page().start().0) + u64::from(PAGE_SIZE);
        // |     pages += 1;
        // | }
        // | Ok(pages)
        // lab end
    }

    /// Copies from the start of a piece of a range.
    ///
    /// # Errors
    /// [`Kill`] if it cannot be read in spite of the check; `to` is as it was.
    ///
    /// # Panics
    /// If `to` is longer than the piece.
    pub(crate) fn read_piece(&mut self, piece: UserPiece, to: &mut [u8]) -> Result<(), Kill> {
        let Some(part) = piece.first(to.len()) else {
            return Ok(());
        };
        let pinned = self.pin_user(part, Access::Read)?;
        let from = self.reach(&pinned, Access::Read);
        self.residency().memory().read(from, to);
        self.unpin_user(pinned);
        Ok(())
    }

    /// Copies to the start of a piece of a range.
    ///
    /// # Errors
    /// [`Kill`] if it cannot be written in spite of the check; nothing is written.
    ///
    /// # Panics
    /// If `from` is longer than the piece.
    pub(crate) fn write_piece(&mut self, piece: UserPiece, from: &[u8]) -> Result<(), Kill> {
        let Some(part) = piece.first(from.len()) else {
            return Ok(());
        };
        let pinned = self.pin_user(part, Access::Write)?;
        let to = self.reach(&pinned, Access::Write);
        self.residency().memory().write(to, from);
        self.unpin_user(pinned);
        Ok(())
    }

    /// Copies from a program's memory.
    ///
    /// # Errors
    /// [`Kill`] at the first page that cannot be read; `to` is then partly filled.
    pub fn read_user(&mut self, client: Client, from: UserPtr, to: &mut [u8]) -> Result<(), Kill> {
        let mut done = 0;
        while done < to.len() {
            let piece = from.piece(client, done, to.len());
            let piece = piece.ok_or(BadAccess::KernelAddress)?;
            self.read_piece(piece, &mut to[done..done + piece.bytes()])?;
            done += piece.bytes();
        }
        Ok(())
    }

    /// Copies to a program's memory.
    ///
    /// # Errors
    /// [`Kill`] at the first page that cannot be written; those before it are.
    ///
    /// # Examples
    ///
    /// ```
    /// use kit::{Machine, client};
    /// use vm::{BadAccess, UserPtr, VmOptions};
    ///
    /// let mut machine = Machine::new(8, 64, VmOptions::default());
    /// let space = machine.space();
    /// machine.zeros(space, 0x0a00_0000, 2);
    /// // Over the border of two pages, as a program would find it.
    /// machine.vm.write_user(client(space), UserPtr(0x0a00_0ffe), b"text")?;
    /// assert_eq!(machine.load(space, 0x0a00_1000)?, b'x');
    ///
    /// let string = machine.vm.read_user_string(client(space), UserPtr(0x0a00_0ffe), 14)?;
    /// assert_eq!(string.as_deref(), Some(&b"text"[..]));
    /// let kernel = machine.vm.write_user(client(space), UserPtr(0xc000_0000), b"text");
    /// assert_eq!(kernel, Err(BadAccess::KernelAddress.into()));
    /// # Ok::<(), vm::Kill>(())
    /// ```
    pub fn write_user(&mut self, client: Client, to: UserPtr, from: &[u8]) -> Result<(), Kill> {
        let mut done = 0;
        while done < from.len() {
            let piece = to.piece(client, done, from.len());
            let piece = piece.ok_or(BadAccess::KernelAddress)?;
            self.write_piece(piece, &from[done..done + piece.bytes()])?;
            done += piece.bytes();
        }
        Ok(())
    }

    /// Reads a string that ends in a zero byte, and returns it without that; `None` if it has more
    /// than `limit` bytes.
    ///
    /// # Errors
    /// [`Kill`] if memory that may not be read comes before its end.
    pub fn read_user_string(
        &mut self,
        client: Client,
        from: UserPtr,
        limit: usize,
    ) -> Result<Option<Vec<u8>>, Kill> {
        let mut string = Vec::new();
        // Page by page: what comes after the string's end may be on a page that is not mapped.
        while string.len() <= limit {
            let piece = from.piece(client, string.len(), limit + 1);
            let piece = piece.ok_or(BadAccess::KernelAddress)?;
            let read = string.len();
            string.resize(read + piece.bytes(), 0);
            self.read_piece(piece, &mut string[read..])?;
            if let Some(end) = string[read..].iter().position(|byte| *byte == 0) {
                string.truncate(read + end);
                return Ok(Some(string));
            }
        }
        Ok(None)
    }

    /// Brings in a piece of a user's page and pins it until [`Pager::unpin_user`].
    ///
    /// # Contract
    /// - Before: nothing; the page may be gone, in swap or shared with another process.
    /// - After: the page is in a frame with one more pin, and its entry grants the program itself
    ///   the access: a store of the kernel reaches no process that the program's own would not. The
    ///   wait for a disk, if any, is over. No page stays in hand for it.
    ///
    /// # Errors
    /// [`Kill`] if it does not allow the access or cannot be brought in.
    pub(crate) fn pin_user(&mut self, piece: UserPiece, access: Access) -> Result<Pinned, Kill> {
        let UserPiece { client, start, .. } = piece;
        if !start.is_user() {
            return Err(self.refuse(client.space, start, access, BadAccess::KernelAddress));
        }
        // lab 6.2: bring in what the kernel is to access, and hold it
        // What counts is the entry, not the region: a store to a copy-on-write page has to break
        // the sharing first. A loop, since a fault that waits for a frame resolves nothing yet.
        while !self.residency().grants(client.space, start, access) {
            // The kernel pins instead, so what it brings in need not stay in hand as well.
            self.let_go();
            self.resolve_for(Ring::Kernel, client, start, access)?;
            // The process sleeps in the kernel until its page is there.
            self.sleep_here();
        }
        let frame = self.residency().entry(client.space, start.page()).frame();
        let pin = self.pin_frame(frame);
        Ok(Pinned { piece, pin })
        // lab given
        // | // Until 6.2: what the program can read the kernel may use.
        // | if !self.residency().grants(client.space, start, Access::Read) {
        // |     self.resolve_for(Ring::Kernel, client, start, Access::Read)?;
        // | }
        // | let user = crate::ids::User {
        // |     space: client.space,
        // |     page: start.page(),
        // | };
        // | let there = self.frame_of(user).ok_or(Kill::OutOfFrames)?;
        // | let pin = self.pin_frame(there);
        // | Ok(Pinned { piece, pin })
        // lab end
    }

    /// Ends a pin.
    pub(crate) fn unpin_user(&mut self, pinned: Pinned) {
        self.end_pin(pinned.pin);
    }

    /// Returns the physical address of a pinned piece, and records the access that the kernel is
    /// about to make.
    fn reach(&mut self, pinned: &Pinned, access: Access) -> PhysAddr {
        let Pinned { pin, piece } = pinned;
        self.reach_pinned(pin, piece.client.space, piece.start, access)
    }

    /// Logs that a program passed a bad address. Returns the reason for which it ends.
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
