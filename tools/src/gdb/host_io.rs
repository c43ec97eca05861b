//! The guest's files, which gdb reads for symbols: a plain `target remote` is enough to get them.
//!
//! # Invariants
//!
//! gdb can only read files of the guest's directory, and write none.

use gdbstub::common::Pid as GdbPid;
use gdbstub::target::TargetResult;
use gdbstub::target::ext::exec_file::ExecFile;
use gdbstub::target::ext::host_io::{
    FsKind, HostIo, HostIoClose, HostIoCloseOps, HostIoErrno, HostIoError, HostIoFstat,
    HostIoFstatOps, HostIoOpen, HostIoOpenFlags, HostIoOpenMode, HostIoOpenOps, HostIoPread,
    HostIoPreadOps, HostIoResult, HostIoSetfs, HostIoSetfsOps, HostIoStat,
};
use gdbstub::target::ext::section_offsets::{Offsets, SectionOffsets};

use super::memory::copy;
use super::target::Debugger;
use host::guest_name::GuestName;

impl ExecFile for Debugger<'_> {
    fn get_exec_file(
        &self,
        _: Option<GdbPid>,
        offset: u64,
        length: usize,
        to: &mut [u8],
    ) -> TargetResult<usize, Self> {
        let path = format!("/{}", self.program);
        let most = length.min(to.len());
        Ok(copy(path.as_bytes(), offset, &mut to[..most]))
    }
}

/// Where the symbols of a program are that may be anywhere. An auxiliary vector would tell gdb as well, but LLDB would
/// then wait for the program's first instruction, at which it stands.
impl SectionOffsets for Debugger<'_> {
    fn get_section_offsets(&mut self) -> Result<Offsets<u32>, String> {
        let kernel = &self.machine.kernel;
        let moved_by = match kernel.is_alive(self.stopped_in) {
            true => kernel.moved_by(self.stopped_in),
            false => 0,
        };
        Ok(Offsets::Sections {
            text: moved_by,
            data: moved_by,
            bss: Some(moved_by),
        })
    }
}

impl HostIo for Debugger<'_> {
    fn support_open(&mut self) -> Option<HostIoOpenOps<'_, Self>> {
        Some(self)
    }

    fn support_close(&mut self) -> Option<HostIoCloseOps<'_, Self>> {
        Some(self)
    }

    fn support_pread(&mut self) -> Option<HostIoPreadOps<'_, Self>> {
        Some(self)
    }

    fn support_fstat(&mut self) -> Option<HostIoFstatOps<'_, Self>> {
        Some(self)
    }

    fn support_setfs(&mut self) -> Option<HostIoSetfsOps<'_, Self>> {
        Some(self)
    }
}

impl HostIoOpen for Debugger<'_> {
    fn open(
        &mut self,
        path: &[u8],
        _: HostIoOpenFlags,
        _: HostIoOpenMode,
    ) -> HostIoResult<u32, Self> {
        let path = std::str::from_utf8(path).unwrap_or_default();
        let name = GuestName::new(path.strip_prefix('/').unwrap_or(path));
        let content = name.ok().and_then(|name| self.machine.file(&name));
        match content {
            Some(content) => self.files.add(content),
            None => Err(HostIoError::Errno(HostIoErrno::ENOENT)),
        }
    }
}

impl HostIoClose for Debugger<'_> {
    fn close(&mut self, fd: u32) -> HostIoResult<(), Self> {
        self.files.close(fd)
    }
}

impl HostIoPread for Debugger<'_> {
    fn pread(
        &mut self,
        fd: u32,
        count: usize,
        offset: u64,
        to: &mut [u8],
    ) -> HostIoResult<usize, Self> {
        let most = count.min(to.len());
        Ok(copy(self.files.get(fd)?, offset, &mut to[..most]))
    }
}

impl HostIoFstat for Debugger<'_> {
    fn fstat(&mut self, fd: u32) -> HostIoResult<HostIoStat, Self> {
        let bytes = self.files.get(fd)?.len() as u64;
        Ok(HostIoStat {
            st_dev: 0,
            st_ino: 0,
            st_mode: HostIoOpenMode::S_IFREG | HostIoOpenMode::S_IRUSR,
            st_nlink: 1,
            st_uid: 0,
            st_gid: 0,
            st_rdev: 0,
            st_size: bytes,
            st_blksize: 4096,
            st_blocks: bytes.div_ceil(512),
            st_atime: 0,
            st_mtime: 0,
            st_ctime: 0,
        })
    }
}

impl HostIoSetfs for Debugger<'_> {
    fn setfs(&mut self, _: FsKind) -> HostIoResult<(), Self> {
        Ok(())
    }
}
