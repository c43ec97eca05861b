//! The errors of the calls beyond the Pintos interface: Linux' numbers, returned as negative
//! results.

use vm::{AdviceError, Kill, MapError, PinError, UnmapError};

use super::Answer;

/// Why a call failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(i32)]
pub(super) enum Errno {
    /// EIO: a disk failed.
    Io = 5,
    /// EBADF: no file is open under that number.
    BadFd = 9,
    /// EAGAIN: a limit is reached for now.
    Again = 11,
    /// ENOMEM: no memory, or a part of the range is not mapped.
    NoMemory = 12,
    /// EACCES: not permitted for this file.
    Access = 13,
    /// EFAULT: the memory does not allow the access.
    Fault = 14,
    /// EEXIST: a part of the range is in use.
    Exists = 17,
    /// EINVAL: misaligned, empty, unknown, or not possible for pinned pages.
    Invalid = 22,
    /// ENOSPC: the file system is full.
    NoSpace = 28,
    /// ENOSYS: not implemented by this kernel.
    NoSuchCall = 38,
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
        Answer::Value((-(error as i32)) as u32)
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
