//! The virtual memory as services use it, with the witness beside it.
//!
//! # Invariants
//! What is recorded are the arguments of calls, and whether they succeeded; results that are bytes
//! are judged.

use std::io;
use std::ops::{Deref, DerefMut, Range};

use machine::addr::Page;
use machine::paging::OutOfTables;
use machine::work::Work;
use vm::{
    AdviceError, Client, FileMapping, FileRef, ForkError, Kill, MapError, MapId, Owner, Pager,
    Protection, Region, SpaceId, UnmapError, UserPtr,
};

use super::pages::Held;
use super::{State, Witness};
use crate::check::Spot;
use crate::parts::parts;

/// The pager, watched if there is a witness.
pub(crate) struct WatchedPager<'k> {
    pager: &'k mut Pager,
    witness: Option<&'k Witness>,
}

impl Deref for WatchedPager<'_> {
    type Target = Pager;

    fn deref(&self) -> &Pager {
        self.pager
    }
}

impl DerefMut for WatchedPager<'_> {
    fn deref_mut(&mut self) -> &mut Pager {
        self.pager
    }
}

impl<'k> WatchedPager<'k> {
    pub(crate) fn new(pager: &'k mut Pager, witness: Option<&'k Witness>) -> WatchedPager<'k> {
        WatchedPager { pager, witness }
    }

    /// Tells the witness, if there is one.
    fn tell(&self, record: impl FnOnce(&mut State)) {
        if let Some(witness) = self.witness {
            record(&mut witness.state.borrow_mut());
        }
    }
}

/// Address spaces and what they have: the calls of [`Pager`].
impl WatchedPager<'_> {
    pub(crate) fn create_space(
        &mut self,
        owner: Owner,
        made: Work,
    ) -> Result<SpaceId, OutOfTables> {
        let space = self.pager.create_space(owner, made)?;
        self.tell(|state| _ = state.made(space, owner.0));
        Ok(space)
    }

    pub(crate) fn destroy_space(&mut self, space: SpaceId) {
        self.tell(|state| state.destroyed(space));
        self.pager.destroy_space(space);
    }

    pub(crate) fn fork_space(
        &mut self,
        parent: SpaceId,
        owner: Owner,
        made: Work,
    ) -> Result<SpaceId, ForkError> {
        let space = self.pager.fork_space(parent, owner, made)?;
        if let Some(witness) = self.witness {
            let mut state = witness.state.borrow_mut();
            let child = state.made(space, owner.0);
            if let Some(parent) = state.process(parent) {
                state.areas.fork(parent, child);
                state.pages.fork(parent, child, &witness.memory);
            }
        }
        Ok(space)
    }

    pub(crate) fn map(&mut self, space: SpaceId, region: Region) -> Result<(), MapError> {
        let (watched, pages) = (
            self.witness.map(|_| region.clone()),
            region.start..region.end,
        );
        self.pager.map(space, region)?;
        self.tell(|state| {
            state.given_up(space, &pages);
            if let (Some(process), Some(region)) = (state.process(space), watched) {
                state.areas.map(process, &region);
            }
        });
        Ok(())
    }

    pub(crate) fn mmap(&mut self, space: SpaceId, mapping: FileMapping) -> Result<MapId, MapError> {
        let (start, count) = (mapping.start, mapping.pages);
        let (file, sharing) = (mapping.file.id().0, mapping.sharing);
        let id = self.pager.mmap(space, mapping)?;
        // Of one that was refused the end may be no address.
        let pages = start..Page::new(start.number() + count);
        self.tell(|state| {
            state.given_up(space, &pages);
            if let Some(process) = state.process(space) {
                state.areas.mmap(process, id, pages, sharing);
            }
            state.mapped.insert(file);
        });
        Ok(id)
    }

    pub(crate) fn mmap_zeros(
        &mut self,
        space: SpaceId,
        pages: Range<Page>,
        protection: Protection,
    ) -> Result<(), MapError> {
        self.pager.mmap_zeros(space, pages.clone(), protection)?;
        self.tell(|state| state.given_up(space, &pages));
        Ok(())
    }

    pub(crate) fn munmap(&mut self, space: SpaceId, id: MapId) -> Result<(), UnmapError> {
        self.pager.munmap(space, id)?;
        self.tell(|state| {
            let process = state.process(space);
            let its = process.map(|process| state.areas.of_mapping(process, id));
            for pages in its.into_iter().flatten() {
                state.given_up(space, &pages);
            }
        });
        Ok(())
    }

    pub(crate) fn unmap(&mut self, space: SpaceId, pages: Range<Page>) -> Result<(), UnmapError> {
        self.pager.unmap(space, pages.clone())?;
        self.tell(|state| state.given_up(space, &pages));
        Ok(())
    }

    pub(crate) fn dont_need(
        &mut self,
        space: SpaceId,
        pages: Range<Page>,
    ) -> Result<(), AdviceError> {
        let advised = self.pager.dont_need(space, pages.clone());
        self.tell(|state| {
            if let Some(process) = state.process(space) {
                match advised {
                    Ok(()) => state.pages.forget(process, pages),
                    Err(_) => state.pages.doubt(process, pages),
                }
            }
        });
        advised
    }
}

/// Bytes of programs and of files.
impl WatchedPager<'_> {
    pub(crate) fn read_user(
        &mut self,
        client: Client,
        from: UserPtr,
        to: &mut [u8],
    ) -> Result<(), Kill> {
        self.pager.read_user(client, from, to)?;
        self.has_read(client, from, to);
        Ok(())
    }

    pub(crate) fn read_user_string(
        &mut self,
        client: Client,
        from: UserPtr,
        limit: usize,
    ) -> Result<Option<Vec<u8>>, Kill> {
        let string = self.pager.read_user_string(client, from, limit)?;
        if let (Some(string), Some(_)) = (&string, self.witness) {
            let with_its_end = [string, &[0][..]].concat();
            self.has_read(client, from, &with_its_end);
        }
        Ok(string)
    }

    pub(crate) fn write_user(
        &mut self,
        client: Client,
        to: UserPtr,
        from: &[u8],
    ) -> Result<(), Kill> {
        let mut stored: Vec<(Spot, Held)> = Vec::new();
        if let Some(witness) = self.witness {
            let state = witness.state.borrow();
            if let Some(process) = state.process(client.space) {
                stored.extend(parts(to, from.len()).filter_map(|part| {
                    let (spot, at) = (Spot::new(process, part.page()), part.at());
                    let bytes = &from[part.range];
                    let held = state.with_stored(&witness.memory, spot, at, bytes)?;
                    Some((spot, held))
                }));
            }
        }
        let written = self.pager.write_user(client, to, from);
        self.tell(|state| {
            for (spot, held) in stored {
                let held = if written.is_ok() { held } else { Held::Unknown };
                state.pages.set(spot, held);
                state.written.push(spot);
            }
        });
        written
    }

    pub(crate) fn file_read(
        &mut self,
        file: &FileRef,
        offset: u64,
        to: &mut [u8],
    ) -> io::Result<usize> {
        let read = self.pager.file_read(file, offset, to)?;
        self.judge_file(file, offset, &to[..read], "read")?;
        Ok(read)
    }

    pub(crate) fn file_write(
        &mut self,
        file: &FileRef,
        offset: u64,
        from: &[u8],
    ) -> io::Result<()> {
        self.pager.file_write(file, offset, from)?;
        self.judge_file(file, offset, from, "wrote")
    }

    fn has_read(&self, client: Client, from: UserPtr, read: &[u8]) {
        let Some(witness) = self.witness else { return };
        let mut state = witness.state.borrow_mut();
        let Some(process) = state.process(client.space) else {
            return;
        };
        for part in parts(from, read.len()) {
            let (spot, at) = (Spot::new(process, part.page()), part.at());
            state.has_read(&witness.memory, spot, at, &read[part.range]);
        }
    }

    /// Judges bytes of a file that no program has mapped: they are where the file is.
    fn judge_file(&self, file: &FileRef, offset: u64, bytes: &[u8], did: &str) -> io::Result<()> {
        let Some(witness) = self.witness else {
            return Ok(());
        };
        let mut state = witness.state.borrow_mut();
        if state.mapped.contains(&file.id().0) {
            return Ok(());
        }
        let mut there = vec![0; bytes.len()];
        let read = file.read_at(offset, &mut there)?;
        if there[..read] != *bytes {
            let (id, count) = (file.id(), bytes.len());
            state.found(format!(
                "a system call {did} {count} bytes of file {id} at offset {offset:#x} that are not there"
            ));
        }
        Ok(())
    }
}
