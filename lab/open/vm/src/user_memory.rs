//! How the kernel accesses a program's memory for a system call: through the program's own page
//! tables, after a check of the region.
//!
//! # Invariants
//!
//! A bad pointer is an error, never a fault of the kernel.

use machine::addr::PhysAddr;
use machine::mmu::{Access, Ring, translate};

use crate::kill::Kill;
use crate::observe::event::Event;
use crate::pager::Pager;
use crate::space::user_range::{Client, UserPiece, UserPtr};

impl Pager {
    /// Checks that a program may make an access to a whole range. Returns how many pages it has
    /// looked at.
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
        let mut pages = 0;
        for piece in pieces(client, start, bytes as usize) {
            self.reach(piece, access)?;
            pages += 1;
        }
        Ok(pages)
    }

    /// Copies from the start of a piece of a range.
    ///
    /// # Errors
    /// [`Kill`] if it may not be read.
    pub(crate) fn read_piece(&mut self, piece: UserPiece, to: &mut [u8]) -> Result<(), Kill> {
        if let Some(piece) = piece.first(to.len()) {
            let start = self.reach(piece, Access::Read)?;
            self.memory.read(start, to);
        }
        Ok(())
    }

    /// Copies to the start of a piece of a range.
    ///
    /// # Errors
    /// [`Kill`] if it may not be written.
    pub(crate) fn write_piece(&mut self, piece: UserPiece, from: &[u8]) -> Result<(), Kill> {
        if let Some(piece) = piece.first(from.len()) {
            let start = self.reach(piece, Access::Write)?;
            self.memory.write(start, from);
        }
        Ok(())
    }

    /// Copies from a program's memory.
    ///
    /// # Errors
    /// [`Kill`] at the first page that may not be read.
    pub fn read_user(&mut self, client: Client, from: UserPtr, to: &mut [u8]) -> Result<(), Kill> {
        let mut left = to;
        for piece in pieces(client, from, left.len()) {
            let (now, later) = left.split_at_mut(piece.bytes());
            self.read_piece(piece, now)?;
            left = later;
        }
        Ok(())
    }

    /// Copies to a program's memory.
    ///
    /// # Errors
    /// [`Kill`] at the first page that may not be written; those before it are.
    pub fn write_user(&mut self, client: Client, to: UserPtr, from: &[u8]) -> Result<(), Kill> {
        let mut left = from;
        for piece in pieces(client, to, left.len()) {
            let (now, later) = left.split_at(piece.bytes());
            self.write_piece(piece, now)?;
            left = later;
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
        let mut text = Vec::new();
        for piece in pieces(client, from, limit + 1) {
            let mut bytes = vec![0; piece.bytes()];
            self.read_piece(piece, &mut bytes)?;
            match bytes.iter().position(|&byte| byte == 0) {
                Some(end) => {
                    text.extend(&bytes[..end]);
                    return Ok(Some(text));
                }
                None => text.append(&mut bytes),
            }
        }
        // It is too long; or it reaches the last address, where reading has failed before.
        Ok(None)
    }

    /// Returns the physical address of a piece, for an access that is made now.
    ///
    /// # Errors
    /// [`Kill`] if the program may not make the access, which is logged.
    fn reach(&mut self, piece: UserPiece, access: Access) -> Result<PhysAddr, Kill> {
        let (space, addr) = (piece.client.space, piece.start);
        if let Err(why) = self.allowed(space, addr, access) {
            self.tell(Event::Refused {
                owner: self.owner(space),
                addr,
                access,
                state: self.page_state(space, addr.page()),
                why,
            });
            return Err(why.into());
        }
        let root = self.directory(space).root();
        let found = translate(&self.memory, root, addr, access, Ring::Kernel);
        let found = found.expect("what is allowed is in a frame");
        if let Some(touches) = &self.touches {
            touches.touched(found.frame);
        }
        Ok(found.phys(addr))
    }
}

/// Splits a range into its parts on each page. One that is too long ends in the kernel's addresses.
fn pieces(client: Client, start: UserPtr, bytes: usize) -> impl Iterator<Item = UserPiece> {
    let mut done = 0;
    std::iter::from_fn(move || {
        let piece = start.piece(client, done, bytes).filter(|_| done < bytes)?;
        done += piece.bytes();
        Some(piece)
    })
}
