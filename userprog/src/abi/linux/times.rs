//! The times of files: when they were made, written and changed, and what utimensat and its relatives say instead.
//!
//! # Invariants
//! - What was not touched in this run has the time of the machine's start: the host's times reach nobody.
//! - Reading changes no time, as on a file system that is mounted with `noatime`. A file that is mapped so that stores
//!   reach it counts as written then, whenever the stores are.

use vm::{FileId, FileSource};

use super::call::{Call, Done, Fail, Reply};
use super::clock::{BOOT_TIME, Time};
use super::descriptors::Object;
use super::paths::GuestPath;
use super::{made, user};
use crate::errno::Errno;
use crate::files::{FileName, Inode};
use crate::service::Service;

/// UTIME_NOW, in place of nanoseconds.
const NOW: u32 = 0x3fff_ffff;
/// UTIME_OMIT.
const OMIT: u32 = 0x3fff_fffe;
/// AT_SYMLINK_NOFOLLOW and AT_EMPTY_PATH. No link can be written to, whichever of its times is meant.
const FLAGS: u32 = 0x1100;
const EMPTY_PATH: u32 = 0x1000;
const NANOSECONDS: u32 = 1_000_000_000;

/// A moment that a file was touched; before 1970 if a program says so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stamp {
    pub seconds: i64,
    pub nanoseconds: u32,
}

impl Stamp {
    const BOOT: Stamp = Stamp {
        seconds: BOOT_TIME as i64,
        nanoseconds: 0,
    };

    fn of(time: Time) -> Stamp {
        let (seconds, nanoseconds) = time.parts();
        Stamp {
            seconds: seconds as i64,
            nanoseconds,
        }
    }
}

/// The times of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct FileTimes {
    /// Read last, or said to be.
    pub accessed: Stamp,
    /// Written last, or said to be.
    pub modified: Stamp,
    /// Anything of it changed last.
    pub changed: Stamp,
}

impl FileTimes {
    /// Those of what was there at the start.
    pub(super) const BOOT: FileTimes = FileTimes {
        accessed: Stamp::BOOT,
        modified: Stamp::BOOT,
        changed: Stamp::BOOT,
    };

    /// Changes them as a program says.
    fn say(&mut self, said: Both, now: Stamp) {
        self.accessed = said[0].stamp(now, self.accessed);
        self.modified = said[1].stamp(now, self.modified);
        self.changed = now;
    }

    fn all(stamp: Stamp) -> FileTimes {
        FileTimes {
            accessed: stamp,
            modified: stamp,
            changed: stamp,
        }
    }
}

/// What a program says of one time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Said {
    Now,
    /// It stays.
    Omit,
    At(Stamp),
}

impl Said {
    /// That of a `struct timespec`.
    fn of_timespec(seconds: i64, nanoseconds: u32) -> Result<Said, Errno> {
        match nanoseconds {
            NOW => Ok(Said::Now),
            OMIT => Ok(Said::Omit),
            0..NANOSECONDS => Ok(Said::At(Stamp {
                seconds,
                nanoseconds,
            })),
            _ => Err(Errno::Invalid),
        }
    }

    /// That of a `struct timeval`.
    fn of_timeval(seconds: u32, microseconds: u32) -> Result<Said, Errno> {
        match microseconds {
            0..1_000_000 => Said::of_timespec(seconds.cast_signed().into(), microseconds * 1000),
            _ => Err(Errno::Invalid),
        }
    }

    fn stamp(self, now: Stamp, old: Stamp) -> Stamp {
        match self {
            Said::Now => now,
            Said::Omit => old,
            Said::At(stamp) => stamp,
        }
    }
}

/// What a program says of both times: read, written.
type Both = [Said; 2];

impl Service<'_> {
    fn stamp(&self) -> Stamp {
        Stamp::of(self.time_of_day())
    }

    fn change_times(&mut self, file: FileId, change: impl FnOnce(&mut FileTimes, Stamp)) {
        let now = self.stamp();
        let times = &mut self.linux.attributes.of_mut(file).times;
        change(times.get_or_insert(FileTimes::BOOT), now);
    }

    fn root_times(&mut self) -> &mut FileTimes {
        let times = &mut self.linux.attributes.root.times;
        times.get_or_insert(FileTimes::BOOT)
    }

    /// A file was made, and with it the directory changed that it is in.
    pub(super) fn mark_made(&mut self, file: FileId, name: &FileName) -> Result<(), Errno> {
        self.change_times(file, |times, now| *times = FileTimes::all(now));
        self.mark_directory_of(name)
    }

    /// A file was written to. Without a name it has no times that anybody would see.
    pub(super) fn mark_written(&mut self, file: &Inode) {
        if !file.is_removed() {
            self.mark_modified(file.id());
        }
    }

    fn mark_modified(&mut self, file: FileId) {
        self.change_times(file, |times, now| {
            (times.modified, times.changed) = (now, now);
        });
    }

    /// The name or the rights of a file were changed.
    pub(super) fn mark_changed(&mut self, file: FileId) {
        self.change_times(file, |times, now| times.changed = now);
    }

    /// A name came into the directory that it is in, or went from there.
    pub(super) fn mark_directory_of(&mut self, name: &FileName) -> Result<(), Errno> {
        let path = name.as_bytes();
        match path.iter().rposition(|byte| *byte == b'/') {
            Some(end) => {
                let directory = FileName::of_path(&path[..end]).map_err(|_| Errno::NameTooLong)?;
                let directory = self.files.entry(&directory)?.id;
                self.mark_modified(directory);
            }
            None => {
                let now = self.stamp();
                let times = self.root_times();
                (times.modified, times.changed) = (now, now);
            }
        }
        Ok(())
    }

    /// Changes the times of what a path names, as a program says. Devices, and what the kernel makes, keep theirs.
    fn set_times(&mut self, path: &GuestPath, said: Both) -> Reply {
        self.status_of(path)?;
        if made::kind(path).is_some() || said == [Said::Omit; 2] {
            return Ok(Done::ZERO);
        }
        let now = self.stamp();
        match path.file_name()? {
            None => self.root_times().say(said, now),
            Some(name) if self.files.is_lower(&name) => return Err(Errno::ReadOnly.into()),
            Some(name) => {
                let file = self.files.entry(&name)?.id;
                self.change_times(file, |times, now| times.say(said, now));
            }
        }
        Ok(Done::ZERO)
    }

    /// The same of what is open, which may have another name by now, or none.
    fn set_times_of_open(&mut self, call: Call, fd: u32, said: Both) -> Reply {
        let open = self.opened(call, fd)?;
        let Object::File(inode) = &open.object else {
            return match &open.object {
                Object::Directory(_) => self.set_times(&open.path, said),
                _ => Ok(Done::ZERO),
            };
        };
        // What is read-only keeps its name.
        if let Some(name) = open.path.file_name()?
            && self.files.is_lower(&name)
            && self.files.entry(&name)?.id == inode.id()
        {
            return self.set_times(&open.path, said);
        }
        if !inode.is_removed() && said != [Said::Omit; 2] {
            self.change_times(inode.id(), |times, now| times.say(said, now));
        }
        Ok(Done::ZERO)
    }

    /// Changes the times of a path, or of what is open if there is none.
    fn set_times_at(&mut self, call: Call, from: u32, path: u32, said: Both) -> Reply {
        if path == 0 {
            return self.set_times_of_open(call, from, said);
        }
        let path = self.path_at_in(call, from, path)?;
        self.set_times(&path, said)
    }

    /// Two `struct timeval`; both times are now without them.
    fn said_in_timevals(&mut self, call: Call, at: u32) -> Result<Both, Fail> {
        if at == 0 {
            return Ok([Said::Now; 2]);
        }
        let words: [u32; 4] = self.words_in(call, at)?;
        Ok([
            Said::of_timeval(words[0], words[1])?,
            Said::of_timeval(words[2], words[3])?,
        ])
    }
}

/// `int utimensat(int directory, const char *, const struct timespec *, int flags)`
pub(super) fn utimensat(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [from, path, at, flags] = call.arguments();
    let said = match at {
        0 => [Said::Now; 2],
        at => {
            let words: [u32; 4] = kernel.words_in(call, at)?;
            let of = |at: usize| Said::of_timespec(words[at].cast_signed().into(), words[at + 1]);
            [of(0)?, of(2)?]
        }
    };
    set_as_said(kernel, call, [from, path, flags], said)
}

/// `int utimensat_time64(int directory, const char *, const struct timespec64 *, int flags)`
pub(super) fn utimensat_time64(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [from, path, at, flags] = call.arguments();
    let said = match at {
        0 => [Said::Now; 2],
        at => {
            let words: [u32; 8] = kernel.words_in(call, at)?;
            let of = |at: usize| {
                let seconds = u64::from(words[at]) | u64::from(words[at + 1]) << 32;
                Said::of_timespec(seconds.cast_signed(), words[at + 2])
            };
            [of(0)?, of(4)?]
        }
    };
    set_as_said(kernel, call, [from, path, flags], said)
}

/// The directory, the path and the flags of utimensat.
fn set_as_said(
    kernel: &mut Service<'_>,
    call: Call,
    [from, path, flags]: [u32; 3],
    said: Both,
) -> Reply {
    if flags & !FLAGS != 0 {
        return Err(Errno::Invalid.into());
    }
    let is_open = flags & EMPTY_PATH != 0
        && path != 0
        && kernel.string_in(call, path, user::PATH_MAX)?.is_empty();
    let path = if is_open { 0 } else { path };
    kernel.set_times_at(call, from, path, said)
}

/// `int utime(const char *, const struct utimbuf *)`: whole seconds.
pub(super) fn utime(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [path, at] = call.arguments();
    let said = match at {
        0 => [Said::Now; 2],
        at => {
            let words: [u32; 2] = kernel.words_in(call, at)?;
            [
                Said::of_timeval(words[0], 0)?,
                Said::of_timeval(words[1], 0)?,
            ]
        }
    };
    let path = kernel.path_in(call, path)?;
    kernel.set_times(&path, said)
}

/// `int utimes(const char *, const struct timeval *)`
pub(super) fn utimes(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [path, at] = call.arguments();
    let said = kernel.said_in_timevals(call, at)?;
    let path = kernel.path_in(call, path)?;
    kernel.set_times(&path, said)
}

/// `int futimesat(int directory, const char *, const struct timeval *)`
pub(super) fn futimesat(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [from, path, at] = call.arguments();
    let said = kernel.said_in_timevals(call, at)?;
    kernel.set_times_at(call, from, path, said)
}
