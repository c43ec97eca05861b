//! mmap, munmap.

use std::rc::Rc;

use emu::addr::{VirtAddr, pages_for};
use vm::mapping::FileMapping;
use vm::{FileSource, Kill, MapId, Protection, Sharing, UnmapError};

use super::{Answer, Caller};
use crate::files::{Fd, Inode};
use crate::kernel::Kernel;

impl Kernel {
    /// `mapid_t mmap(int fd, void *addr)`: maps the whole file; -1 if it is empty or no file, or
    /// the address is 0, not the start of a page, or any page from there on is in use or not the
    /// user's.
    pub(super) fn sys_mmap(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [fd, addr] = self.arguments(caller)?;
        let Some(file) = self.processes.get(caller.pid).files.get(Fd(fd)) else {
            return Ok(Answer::FAILED);
        };
        let Some(mapping) = whole_file(&file.inode, VirtAddr(addr)) else {
            return Ok(Answer::FAILED);
        };
        let mapped = self.vm.mmap(caller.space, mapping);
        Ok(mapped.map_or(Answer::FAILED, |id| Answer::Value(id.0)))
    }

    /// `void munmap(mapid_t mapping)`. There is a result beyond the interface's: 0, or -1 if there
    /// is no such mapping or not all of its changes got to the file.
    pub(super) fn sys_munmap(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [id] = self.arguments(caller)?;
        Ok(match self.vm.munmap(caller.space, MapId(id)) {
            Ok(()) => Answer::DONE,
            Err(UnmapError::NoSuchMapping) => Answer::FAILED,
            Err(error) => {
                log::warn!("{}: munmap: {error}", caller.pid);
                Answer::FAILED
            }
        })
    }
}

/// The mapping of a whole file at `addr`, if the two can make one.
///
/// Stores to a running program's file stay with whoever makes them: they must not reach the file.
fn whole_file(inode: &Rc<Inode>, addr: VirtAddr) -> Option<FileMapping> {
    if addr.0 == 0 || !addr.is_aligned() || inode.is_empty() {
        return None;
    }
    Some(FileMapping {
        start: addr.page(),
        pages: u32::try_from(pages_for(inode.len())).ok()?,
        file: Rc::clone(inode) as vm::FileRef,
        first: 0,
        protection: Protection::READ | Protection::WRITE,
        sharing: if inode.is_executed() {
            Sharing::Private
        } else {
            Sharing::Shared
        },
    })
}
