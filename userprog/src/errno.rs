//! The errors of system calls that have Linux' numbers for them, returned as negative results: those beyond
//! the Pintos interface, and Linux' own.

use vm::{AdviceError, Kill, MapError, PinError, UnmapError};

use crate::syscall::Answer;

/// Why a call failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(i32)]
pub(crate) enum Errno {
    /// EPERM: not for this caller.
    Permission = 1,
    /// ENOENT: no such file.
    NoEntry = 2,
    /// ESRCH: no such process.
    NoProcess = 3,
    /// EINTR: a signal came first.
    Interrupted = 4,
    /// EIO: a disk failed.
    Io = 5,
    /// ENXIO: nothing of the kind is behind that position.
    NoSuchPlace = 6,
    /// E2BIG: arguments and environment are too long.
    TooBig = 7,
    /// ENOEXEC: not a program for this machine.
    NotExecutable = 8,
    /// EBADF: no file is open under that number.
    BadFd = 9,
    /// ECHILD: no child to wait for.
    NoChild = 10,
    /// EAGAIN: a limit is reached for now.
    Again = 11,
    /// ENOMEM: no memory, or a part of the range is not mapped.
    NoMemory = 12,
    /// EACCES: not permitted for this file.
    Access = 13,
    /// EFAULT: the memory does not allow the access.
    Fault = 14,
    /// EBUSY: it is in use as what it is.
    Busy = 16,
    /// EEXIST: a part of the range is in use, or there is such a file.
    Exists = 17,
    /// ENODEV: this cannot be mapped.
    NoDevice = 19,
    /// ENOTDIR: a part of the path is no directory.
    NotDirectory = 20,
    /// EISDIR: it is a directory.
    IsDirectory = 21,
    /// EINVAL: misaligned, empty, unknown, or not possible for pinned pages.
    Invalid = 22,
    /// ENFILE: too many files are in use in the whole machine.
    TooManyInUse = 23,
    /// EMFILE: too many files of this process are open.
    TooManyOpen = 24,
    /// ENOTTY: not a terminal.
    NotTerminal = 25,
    /// ETXTBSY: a process executes the file.
    Executed = 26,
    /// ENOSPC: the file system is full.
    NoSpace = 28,
    /// ESPIPE: there is no position in it.
    NoPosition = 29,
    /// EROFS: the file system is only to be read.
    ReadOnly = 30,
    /// EPIPE: nobody will read from the pipe.
    BrokenPipe = 32,
    /// ERANGE: the buffer is too small.
    Range = 34,
    /// ENAMETOOLONG: no file has so long a name.
    NameTooLong = 36,
    /// ENOSYS: not implemented by this kernel.
    NoSuchCall = 38,
    /// ENOTEMPTY: the directory has entries.
    NotEmpty = 39,
    /// ELOOP: too many scripts or links lead to each other.
    Links = 40,
    /// EOPNOTSUPP: files have nothing of the kind.
    NotSupported = 95,
    /// ETIMEDOUT: the time to wait has passed.
    TimedOut = 110,
}

impl Errno {
    /// The result of a call that failed so.
    pub(crate) fn as_result(self) -> u32 {
        (-(self as i32)) as u32
    }
}

impl From<Result<(), Errno>> for Answer {
    fn from(result: Result<(), Errno>) -> Answer {
        match result {
            Ok(()) => Answer::DONE,
            Err(error) => error.into(),
        }
    }
}

impl From<Errno> for Answer {
    fn from(error: Errno) -> Answer {
        Answer::Value(error.as_result())
    }
}

impl From<MapError> for Errno {
    fn from(error: MapError) -> Errno {
        match error {
            MapError::BadRange | MapError::TooManyRegions(_) => Errno::NoMemory,
            MapError::Overlap => Errno::Exists,
            MapError::Kill(kill) => kill.into(),
            MapError::Unsupported => Errno::NoSuchCall,
        }
    }
}

impl From<UnmapError> for Errno {
    fn from(error: UnmapError) -> Errno {
        match error {
            UnmapError::NoSuchMapping | UnmapError::TooManyRegions(_) => Errno::NoMemory,
            UnmapError::WriteBack { .. } => Errno::Io,
        }
    }
}

impl From<AdviceError> for Errno {
    fn from(error: AdviceError) -> Errno {
        match error {
            AdviceError::Hole | AdviceError::TooManyRegions(_) => Errno::NoMemory,
            AdviceError::Pinned => Errno::Invalid,
            AdviceError::PageOut => Errno::Io,
            AdviceError::Kill(kill) => kill.into(),
            AdviceError::Unsupported => Errno::NoSuchCall,
        }
    }
}

impl From<PinError> for Errno {
    fn from(error: PinError) -> Errno {
        match error {
            PinError::Kill(kill) => kill.into(),
            PinError::TooMany => Errno::Again,
            PinError::NotPinned => Errno::Invalid,
            PinError::Unsupported => Errno::NoSuchCall,
        }
    }
}

impl From<Kill> for Errno {
    fn from(kill: Kill) -> Errno {
        match kill {
            Kill::BadAccess(_) | Kill::PastEndOfFile => Errno::Fault,
            Kill::OutOfFrames | Kill::OutOfSwap | Kill::OutOfTables => Errno::NoMemory,
            Kill::SwapRead(_) | Kill::FileRead(_) | Kill::PageOut => Errno::Io,
        }
    }
}
