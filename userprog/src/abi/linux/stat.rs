//! stat64, lstat64, fstat64, fstatat64, statx, statfs64, and what would change owners (chown): what is known about a file.
//!
//! # Invariants
//! Owners are root: nothing of the host's but lengths, and whether a file is a program.

use super::attributes::Attribute;
use super::call::{Call, Done, Fail, Reply};
use super::descriptors::{Object, Open};
use super::encode::Encoder;
use super::made::{self, Made};
use super::paths::{GuestPath, WORKING_DIRECTORY};
use super::times::{FileTimes, Stamp};
use crate::charges::FILE_LOOKUP;
use crate::errno::Errno;
use crate::files::{EntryKind, FileName};
use crate::service::Service;
use machine::addr::{PAGE_SIZE, pages_for};
use vm::FileSource;

/// Types of files, as bits of the mode.
mod mode {
    pub(super) const TYPE: u32 = 0o170_000;
    pub(super) const FILE: u32 = 0o100_000;
    pub(super) const DIRECTORY: u32 = 0o040_000;
    pub(super) const DEVICE: u32 = 0o020_000;
    pub(super) const LINK: u32 = 0o120_000;
    pub(super) const PIPE: u32 = 0o010_000;
}

/// The number of the root.
const ROOT: u64 = 1;
/// The device that all files are on.
const DEVICE_MINOR: u32 = 1;
/// AT_SYMLINK_NOFOLLOW.
const NO_FOLLOW: u32 = 0x100;
/// AT_NO_AUTOMOUNT.
const NO_AUTOMOUNT: u32 = 0x800;
/// AT_STATX_SYNC_TYPE.
const SYNC_TYPE: u32 = 0x6000;
/// AT_EMPTY_PATH.
const EMPTY_PATH: u32 = 0x1000;
/// Of a `struct statx`: the basic fields are there.
const BASIC_FIELDS: u32 = 0x7ff;
const STATX_BYTES: usize = 256;
/// Sectors of 512 bytes, in which blocks are counted, in a page.
const SECTORS_PER_PAGE: u64 = PAGE_SIZE as u64 / 512;
/// The magic number of a file system, Linux' for tmpfs.
const FILE_SYSTEM: u32 = 0x0102_1994;

/// What is known about a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Status {
    number: u64,
    pub mode: u32,
    links: u32,
    size: u64,
    /// Of a device, which.
    device: (u32, u32),
    times: FileTimes,
}

impl Status {
    fn directory(number: u64) -> Status {
        Status {
            number,
            mode: mode::DIRECTORY | 0o755,
            links: 2,
            size: PAGE_SIZE.into(),
            device: (0, 0),
            times: FileTimes::BOOT,
        }
    }

    fn file(number: u64, size: u64, executable: bool) -> Status {
        let rights = if executable { 0o755 } else { 0o644 };
        Status {
            number,
            mode: mode::FILE | rights,
            links: 1,
            size,
            device: (0, 0),
            times: FileTimes::BOOT,
        }
    }

    fn made(made: Made) -> Status {
        let number = made.number();
        match made {
            Made::Text { .. } => Status::file(number, 0, false),
            Made::Device { major, minor } => Status {
                number,
                mode: mode::DEVICE | 0o666,
                links: 1,
                size: 0,
                device: (major, minor),
                times: FileTimes::BOOT,
            },
        }
    }

    /// The same, with the rights and times that it was given.
    fn with(self, Attribute { rights, times }: Attribute) -> Status {
        Status {
            mode: rights.map_or(self.mode, |rights| self.mode & mode::TYPE | rights),
            times: times.unwrap_or(self.times),
            ..self
        }
    }

    pub(super) fn is_directory(&self) -> bool {
        self.mode & mode::TYPE == mode::DIRECTORY
    }

    fn blocks(&self) -> u64 {
        pages_for(self.size) * SECTORS_PER_PAGE
    }

    /// As a `struct stat64`.
    fn as_stat64(&self) -> Vec<u8> {
        let (major, minor) = self.device;
        let head = Encoder::default()
            .u64(DEVICE_MINOR.into())
            .zeros(4)
            .u32(self.number as u32)
            .u32(self.mode)
            .u32(self.links)
            .zeros(8) // user, group
            .u64(u64::from(major << 8 | minor))
            .zeros(4)
            .u64(self.size)
            .u32(PAGE_SIZE)
            .u64(self.blocks());
        let times = self.times;
        // Seconds have 32 bits here, and are cut off.
        let time = |encoder: Encoder, stamp: Stamp| {
            encoder.u32(stamp.seconds as u32).u32(stamp.nanoseconds)
        };
        [times.accessed, times.modified, times.changed]
            .into_iter()
            .fold(head, time)
            .u64(self.number)
            .finish()
    }

    /// As a `struct statx`.
    fn as_statx(&self) -> Vec<u8> {
        let (major, minor) = self.device;
        let time = |encoder: Encoder, stamp: Option<Stamp>| match stamp {
            None => encoder.zeros(16),
            Some(stamp) => {
                let seconds = encoder.u64(stamp.seconds.cast_unsigned());
                seconds.u32(stamp.nanoseconds).zeros(4)
            }
        };
        let head = Encoder::default()
            .u32(BASIC_FIELDS)
            .u32(PAGE_SIZE)
            .u64(0) // attributes
            .u32(self.links)
            .zeros(8) // user, group
            .u16(self.mode as u16)
            .zeros(2)
            .u64(self.number)
            .u64(self.size)
            .u64(self.blocks())
            .u64(0); // attributes that there are
        // Access, birth (which is not known), change, modification.
        let times = self.times;
        [
            Some(times.accessed),
            None,
            Some(times.changed),
            Some(times.modified),
        ]
        .into_iter()
        .fold(head, time)
        .u32(major)
        .u32(minor)
        .u32(0)
        .u32(DEVICE_MINOR)
        .up_to(STATX_BYTES)
        .finish()
    }
}

impl Service<'_> {
    /// What is known about what a path names.
    pub(super) fn status_of(&mut self, path: &GuestPath) -> Result<Status, Errno> {
        if let Some(made) = made::kind(path) {
            return Ok(Status::made(made));
        }
        match path.file_name()? {
            None => Ok(Status::directory(ROOT).with(self.linux.attributes.root)),
            Some(name) => self.status_of_name(&name),
        }
    }

    fn status_of_name(&mut self, name: &FileName) -> Result<Status, Errno> {
        let entry = self.files.entry(name)?;
        let number = entry.id.0 + ROOT;
        let status = match entry.kind {
            EntryKind::Directory => Status::directory(number),
            EntryKind::File => Status::file(number, entry.length, entry.executable),
        };
        Ok(status.with(self.linux.attributes.of(entry.id)))
    }

    /// The number of what an entry of a directory is, and its type, as the bits of a mode. A link is not followed: where
    /// it leads there may be nothing.
    pub(super) fn number_and_type(
        &mut self,
        call: Call,
        path: &GuestPath,
    ) -> Result<(u64, u32), Errno> {
        let status = self.status_of_link(call, path)?;
        Ok((status.number, status.mode & mode::TYPE))
    }

    fn status_of_open(&mut self, open: &Open) -> Result<Status, Errno> {
        self.charge(FILE_LOOKUP);
        match &open.object {
            Object::Console => Ok(Status::made(Made::Device { major: 5, minor: 1 })),
            Object::Null | Object::Zero | Object::Random | Object::Text(_) | Object::PageMap(_) => {
                self.status_of(&open.path)
            }
            Object::Reader(_) | Object::Writer(_) => Ok(Status {
                mode: mode::PIPE | 0o600,
                ..Status::file(ROOT, 0, false)
            }),
            // It may have lost its name since, and another file may have that.
            Object::File(inode) => {
                let number = inode.id().0 + ROOT;
                let named = self.status_of(&open.path).ok();
                let named = named.filter(|status| status.number == number);
                let executable = named.is_some_and(|status| status.mode & 0o100 != 0);
                let status = Status {
                    links: if inode.is_removed() { 0 } else { 1 },
                    ..Status::file(number, inode.len(), executable)
                };
                Ok(status.with(self.linux.attributes.of(inode.id())))
            }
            Object::Directory(_) => self.status_of(&open.path),
        }
    }

    /// What is known about a path, or about what is open if there is none and that is allowed.
    fn status_at(&mut self, call: Call, from: u32, path: u32, flags: u32) -> Result<Status, Fail> {
        if flags & !(NO_FOLLOW | NO_AUTOMOUNT | EMPTY_PATH | SYNC_TYPE) != 0 {
            return Err(Errno::Invalid.into());
        }
        if flags & EMPTY_PATH != 0
            && self
                .string_in(call, path, super::user::PATH_MAX)?
                .is_empty()
        {
            if from == WORKING_DIRECTORY {
                let directory = self.group_of(call.pid()).directory.clone();
                return Ok(self.status_of(&directory)?);
            }
            let open = self.opened_in_any_way(call, from)?;
            return Ok(self.status_of_open(&open)?);
        }
        let path = self.path_at_in(call, from, path)?;
        match flags & NO_FOLLOW {
            0 => Ok(self.status_of(&path)?),
            _ => Ok(self.status_of_link(call, &path)?),
        }
    }

    /// What is known about what a path names, which may be a link.
    fn status_of_link(&mut self, call: Call, path: &GuestPath) -> Result<Status, Errno> {
        Ok(match self.link_at(call, path)? {
            None => self.status_of(path)?,
            Some(target) => Status {
                mode: mode::LINK | 0o777,
                ..Status::file(ROOT, target.len() as u64, false)
            },
        })
    }
}

/// `int stat64(const char *, struct stat64 *)`
pub(super) fn stat64(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [path, to] = call.arguments();
    let path = kernel.path_in(call, path)?;
    let status = kernel.status_of(&path)?;
    kernel.copy_out(call, to, &status.as_stat64())?;
    Ok(Done::ZERO)
}

/// `int lstat64(const char *, struct stat64 *)`: the same, but of a link itself.
pub(super) fn lstat64(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [path, to] = call.arguments();
    let path = kernel.path_in(call, path)?;
    let status = kernel.status_of_link(call, &path)?;
    kernel.copy_out(call, to, &status.as_stat64())?;
    Ok(Done::ZERO)
}

/// `int fstat64(int fd, struct stat64 *)`
pub(super) fn fstat64(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [fd, to] = call.arguments();
    let open = kernel.opened_in_any_way(call, fd)?;
    let status = kernel.status_of_open(&open)?;
    kernel.copy_out(call, to, &status.as_stat64())?;
    Ok(Done::ZERO)
}

/// `int fstatat64(int directory, const char *, struct stat64 *, int flags)`
pub(super) fn fstatat64(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [from, path, to, flags] = call.arguments();
    let status = kernel.status_at(call, from, path, flags)?;
    kernel.copy_out(call, to, &status.as_stat64())?;
    Ok(Done::ZERO)
}

/// `int statx(int directory, const char *, int flags, unsigned mask, struct statx *)`
pub(super) fn statx(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [from, path, flags, _, to] = call.arguments();
    let status = kernel.status_at(call, from, path, flags)?;
    kernel.copy_out(call, to, &status.as_statx())?;
    Ok(Done::ZERO)
}

/// `int chown32(const char *, uid_t, gid_t)` and `lchown32`: owners are as they are, but of something.
pub(super) fn change(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [path] = call.arguments();
    let path = kernel.path_in(call, path)?;
    kernel.status_of(&path)?;
    Ok(Done::ZERO)
}

/// `int fchownat(int directory, const char *, ...)`
pub(super) fn change_at(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [from, path] = call.arguments();
    let path = kernel.path_at_in(call, from, path)?;
    kernel.status_of(&path)?;
    Ok(Done::ZERO)
}

/// `int fchown32(int fd, uid_t, gid_t)`
pub(super) fn change_open(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [fd] = call.arguments();
    kernel.opened(call, fd)?;
    Ok(Done::ZERO)
}

/// `int statfs64(const char *, size_t, struct statfs64 *)`: no numbers of blocks.
pub(super) fn statfs64(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [path, size, to] = call.arguments();
    let path = kernel.path_in(call, path)?;
    kernel.status_of(&path)?;
    give_file_system(kernel, call, size, to)
}

/// `int fstatfs64(int fd, size_t, struct statfs64 *)`
pub(super) fn fstatfs64(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [fd, size, to] = call.arguments();
    kernel.opened_in_any_way(call, fd)?;
    give_file_system(kernel, call, size, to)
}

fn give_file_system(kernel: &mut Service<'_>, call: Call, size: u32, to: u32) -> Reply {
    const BYTES: usize = 84;
    if size as usize != BYTES {
        return Err(Errno::Invalid.into());
    }
    let fields = Encoder::default()
        .u32(FILE_SYSTEM)
        .u32(PAGE_SIZE)
        .zeros(40) // blocks and files
        .zeros(8) // its number
        .u32(255) // the longest name
        .up_to(BYTES);
    kernel.copy_out(call, to, &fields.finish())?;
    Ok(Done::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structures_have_the_lengths_and_fields_of_linux() {
        let status = Status::file(7, 5000, true);
        let stat = status.as_stat64();
        let word =
            |bytes: &[u8], at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
        assert_eq!(stat.len(), 96);
        assert_eq!((word(&stat, 12), word(&stat, 88)), (7, 7));
        assert_eq!((word(&stat, 16), word(&stat, 44)), (0o100_755, 5000));
        assert_eq!((word(&stat, 52), word(&stat, 56)), (4096, 16));
        let statx = status.as_statx();
        assert_eq!(statx.len(), 256);
        assert_eq!((word(&statx, 0), word(&statx, 16)), (0x7ff, 1));
        assert_eq!(word(&statx, 28) & 0xffff, 0o100_755);
        assert_eq!((word(&statx, 32), word(&statx, 40)), (7, 5000));
        assert_eq!(word(&statx, 64), 1_000_000_000);
        assert_eq!(
            (word(&stat, 64), word(&stat, 72)),
            (1_000_000_000, 1_000_000_000)
        );
        assert_eq!(word(&statx, 140), 1);
    }
}
