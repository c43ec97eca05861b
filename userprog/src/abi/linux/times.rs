//! The times of files: when they were made, written and changed, and what utimensat and its relatives say instead.
//!
//! # Invariants
//! - What was not touched in this run has the time of the machine's start: the host's times reach nobody.
//! - Reading changes no time, as on a file system that is mounted with `noatime`. A file that is mapped so that stores
//!   reach it counts as written then, whenever the stores are.

use vm::{FileId, FileSource};

use super::attributes::Whose;
use super::call::{Call, Done, Fail, Reply};
use super::clock::{BOOT_TIME, Time};
use super::paths::WORKING_DIRECTORY;
use super::user;
use crate::errno::Errno;
use crate::files::{FileName, Inode};
use crate::service::Service;

/// UTIME_NOW, in place of nanoseconds.
const NOW: u32 = 0x3fff_ffff;
/// UTIME_OMIT.
const OMIT: u32 = 0x3fff_fffe;
/// AT_SYMLINK_NOFOLLOW and AT_EMPTY_PATH. Programs have no links whose times they could change.
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

    /// The content was changed.
    fn modify(&mut self, now: Stamp) {
        (self.modified, self.changed) = (now, now);
    }

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
    /// Nanoseconds that are none, which is an error once what is meant was found.
    Wrong,
}

impl Said {
    /// That of a `struct timespec`.
    fn of_timespec(seconds: i64, nanoseconds: u32) -> Said {
        match nanoseconds {
            NOW => Said::Now,
            OMIT => Said::Omit,
            0..NANOSECONDS => Said::At(Stamp {
                seconds,
                nanoseconds,
            }),
            _ => Said::Wrong,
        }
    }

    /// That of a `struct timeval`.
    fn of_timeval(seconds: u32, microseconds: u32) -> Result<Said, Errno> {
        match microseconds {
            0..1_000_000 => {
                let nanoseconds = microseconds * 1000;
                Ok(Said::of_timespec(seconds.cast_signed().into(), nanoseconds))
            }
            _ => Err(Errno::Invalid),
        }
    }

    fn stamp(self, now: Stamp, old: Stamp) -> Stamp {
        match self {
            Said::Now => now,
            Said::Omit | Said::Wrong => old,
            Said::At(stamp) => stamp,
        }
    }
}

/// What a program says of both times: read, written.
type Both = [Said; 2];

impl Service<'_> {
    /// Now, as files have it.
    pub(super) fn stamp(&self) -> Stamp {
        Stamp::of(self.time_of_day())
    }

    fn change_times(&mut self, file: FileId, change: impl FnOnce(&mut FileTimes, Stamp)) {
        let now = self.stamp();
        change(self.linux.attributes.of_mut(file).times_mut(), now);
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
        self.change_times(file, FileTimes::modify);
    }

    /// The name of a file was changed.
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
                self.linux.attributes.root.times_mut().modify(now);
            }
        }
        Ok(())
    }

    /// Changes times as a program says.
    fn set_times(&mut self, whose: Whose, said: Both) -> Reply {
        if said.contains(&Said::Wrong) {
            return Err(Errno::Invalid.into());
        }
        let now = self.stamp();
        if let Some(attribute) = self.linux.attributes.of_whose_mut(whose) {
            attribute.times_mut().say(said, now);
        }
        Ok(Done::ZERO)
    }

    /// Those of a path, or of what is open if there is none.
    fn set_times_at(&mut self, call: Call, from: u32, path: u32, said: Both) -> Reply {
        let whose = if path == 0 && from != WORKING_DIRECTORY {
            let open = self.opened(call, from)?;
            self.whose_open(&open)?
        } else {
            let path = self.path_at_in(call, from, path)?;
            self.whose(&path)?
        };
        self.set_times(whose, said)
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
            [of(0), of(2)]
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
            [of(0), of(4)]
        }
    };
    set_as_said(kernel, call, [from, path, flags], said)
}

/// The directory, the path and the flags of utimensat. If nothing is to change, nothing is looked at.
fn set_as_said(
    kernel: &mut Service<'_>,
    call: Call,
    [from, path, flags]: [u32; 3],
    said: Both,
) -> Reply {
    if said == [Said::Omit; 2] {
        return Ok(Done::ZERO);
    }
    let is_open = path == 0 && from != WORKING_DIRECTORY;
    if flags & !FLAGS != 0 || (is_open && flags != 0) {
        return Err(Errno::Invalid.into());
    }
    if flags & EMPTY_PATH == 0 || !kernel.string_in(call, path, user::PATH_MAX)?.is_empty() {
        return kernel.set_times_at(call, from, path, said);
    }
    let whose = match from {
        WORKING_DIRECTORY => {
            let directory = kernel.group_of(call.pid()).directory.clone();
            kernel.whose(&directory)?
        }
        from => {
            let open = kernel.opened_in_any_way(call, from)?;
            kernel.whose_open(&open)?
        }
    };
    kernel.set_times(whose, said)
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
    kernel.set_times_at(call, WORKING_DIRECTORY, path, said)
}

/// `int utimes(const char *, const struct timeval *)`
pub(super) fn utimes(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [path, at] = call.arguments();
    let said = kernel.said_in_timevals(call, at)?;
    kernel.set_times_at(call, WORKING_DIRECTORY, path, said)
}

/// `int futimesat(int directory, const char *, const struct timeval *)`
pub(super) fn futimesat(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [from, path, at] = call.arguments();
    let said = kernel.said_in_timevals(call, at)?;
    kernel.set_times_at(call, from, path, said)
}
