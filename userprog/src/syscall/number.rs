//! The numbers of the system calls.

/// A system call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)] // the functions that serve them say what they do
pub(super) enum Number {
    Halt,
    Exit,
    Exec,
    Wait,
    Create,
    Remove,
    Open,
    Filesize,
    Read,
    Write,
    Seek,
    Tell,
    Close,
    Mmap,
    Munmap,
    Chdir,
    Mkdir,
    Readdir,
    Isdir,
    Inumber,
    Fork,
    Mmap2,
    Munmap2,
    Msync,
    Mprotect,
    Madvise,
    Mincore,
    PinPages,
    UnpinPages,
    Pagemap,
    Physical,
    Getpid,
    Yield,
    Ftruncate,
    Vmstat,
}

/// The calls of the Pintos interface with their names, in the order of their numbers from 0.
const PINTOS: [(Number, &str); 20] = [
    (Number::Halt, "halt"),
    (Number::Exit, "exit"),
    (Number::Exec, "exec"),
    (Number::Wait, "wait"),
    (Number::Create, "create"),
    (Number::Remove, "remove"),
    (Number::Open, "open"),
    (Number::Filesize, "filesize"),
    (Number::Read, "read"),
    (Number::Write, "write"),
    (Number::Seek, "seek"),
    (Number::Tell, "tell"),
    (Number::Close, "close"),
    (Number::Mmap, "mmap"),
    (Number::Munmap, "munmap"),
    (Number::Chdir, "chdir"),
    (Number::Mkdir, "mkdir"),
    (Number::Readdir, "readdir"),
    (Number::Isdir, "isdir"),
    (Number::Inumber, "inumber"),
];

/// The first number of the calls beyond that interface.
const FIRST_EXTENDED: usize = 64;

/// The calls beyond it, in the order of their numbers.
const EXTENDED: [(Number, &str); 15] = [
    (Number::Fork, "fork"),
    (Number::Mmap2, "mmap2"),
    (Number::Munmap2, "munmap2"),
    (Number::Msync, "msync"),
    (Number::Mprotect, "mprotect"),
    (Number::Madvise, "madvise"),
    (Number::Mincore, "mincore"),
    (Number::PinPages, "pin_pages"),
    (Number::UnpinPages, "unpin_pages"),
    (Number::Pagemap, "pagemap"),
    (Number::Physical, "physical"),
    (Number::Getpid, "getpid"),
    (Number::Yield, "yield"),
    (Number::Ftruncate, "ftruncate"),
    (Number::Vmstat, "vmstat"),
];

impl Number {
    /// Returns the call with this number, if there is one, and its name in the user library.
    pub(super) fn from_word(word: u32) -> Option<(Number, &'static str)> {
        let number = usize::try_from(word).ok()?;
        match number.checked_sub(FIRST_EXTENDED) {
            Some(extended) => EXTENDED.get(extended).copied(),
            None => PINTOS.get(number).copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_has_the_number_of_its_place() {
        assert_eq!(Number::from_word(0), Some((Number::Halt, "halt")));
        assert_eq!(Number::from_word(13), Some((Number::Mmap, "mmap")));
        assert_eq!(Number::from_word(19), Some((Number::Inumber, "inumber")));
        assert_eq!(Number::from_word(64), Some((Number::Fork, "fork")));
        assert_eq!(Number::from_word(78), Some((Number::Vmstat, "vmstat")));
        for none in [20, 63, 79, u32::MAX] {
            assert_eq!(Number::from_word(none), None);
        }
    }
}
