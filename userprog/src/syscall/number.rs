//! The numbers of the system calls.

/// A system call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)] // the functions that serve them say what they do
pub enum Number {
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

/// The calls of the Pintos interface, in the order of their numbers from 0.
const PINTOS: [Number; 20] = [
    Number::Halt,
    Number::Exit,
    Number::Exec,
    Number::Wait,
    Number::Create,
    Number::Remove,
    Number::Open,
    Number::Filesize,
    Number::Read,
    Number::Write,
    Number::Seek,
    Number::Tell,
    Number::Close,
    Number::Mmap,
    Number::Munmap,
    Number::Chdir,
    Number::Mkdir,
    Number::Readdir,
    Number::Isdir,
    Number::Inumber,
];

/// The first number of the calls beyond that interface.
const FIRST_EXTENDED: usize = 64;

/// The calls beyond it, in the order of their numbers.
const EXTENDED: [Number; 15] = [
    Number::Fork,
    Number::Mmap2,
    Number::Munmap2,
    Number::Msync,
    Number::Mprotect,
    Number::Madvise,
    Number::Mincore,
    Number::PinPages,
    Number::UnpinPages,
    Number::Pagemap,
    Number::Physical,
    Number::Getpid,
    Number::Yield,
    Number::Ftruncate,
    Number::Vmstat,
];

impl Number {
    /// The call with this number, if there is one.
    pub fn from_word(word: u32) -> Option<Number> {
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
        assert_eq!(Number::from_word(0), Some(Number::Halt));
        assert_eq!(Number::from_word(13), Some(Number::Mmap));
        assert_eq!(Number::from_word(19), Some(Number::Inumber));
        assert_eq!(Number::from_word(64), Some(Number::Fork));
        assert_eq!(Number::from_word(78), Some(Number::Vmstat));
        for none in [20, 63, 79, u32::MAX] {
            assert_eq!(Number::from_word(none), None);
        }
    }
}
