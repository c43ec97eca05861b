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
}

impl Number {
    /// All calls, in the order of their numbers.
    const ALL: [Number; 20] = [
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

    /// The call with this number, if there is one.
    pub fn from_word(word: u32) -> Option<Number> {
        Number::ALL.get(usize::try_from(word).ok()?).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_has_the_number_of_its_place() {
        for (number, call) in Number::ALL.iter().enumerate() {
            assert_eq!(*call as usize, number);
            assert_eq!(Number::from_word(number as u32), Some(*call));
        }
        assert_eq!(Number::from_word(20), None);
        assert_eq!(Number::from_word(u32::MAX), None);
    }
}
