//! Command lines, and how a program finds its arguments on the stack.
//!
//! ```text
//! 0xc0000000  end of the stack
//!             strings, argv[0] lowest, each with its zero
//!             zeros up to a multiple of 4
//!             argv[argc] = 0
//!             argv[argc - 1] ... argv[0]
//!             argv
//!             argc
//! esp ->      0, where a return address would be
//! ```
//!
//! # Invariants
//!
//! Words are separated by runs of spaces and by nothing else. The result of
//! [`CommandLine::initial_stack`] is at most one page and starts at a multiple of 4.

use std::fmt;
use std::rc::Rc;

use machine::addr::{KERNEL_BASE, VirtAddr};
use thiserror::Error;

use crate::limits::{MAX_COMMAND_LINE, MAX_INITIAL_STACK};

/// The command line, or its representation on the stack, is longer than a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("the command line does not fit a page")]
pub struct TooLong;

/// The name of a process in messages: the first word of its command line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProcessName(Rc<[u8]>);

impl ProcessName {
    /// This name.
    #[must_use]
    pub fn new(name: &[u8]) -> ProcessName {
        ProcessName(name.into())
    }

    /// Returns the bytes of the name, as they are printed on the console.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// For the log: bytes that are not UTF-8 are replaced.
impl fmt::Display for ProcessName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        String::from_utf8_lossy(&self.0).fmt(f)
    }
}

/// A command line, split at spaces.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CommandLine {
    words: Vec<Vec<u8>>,
}

fn words_between_spaces(line: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let words = line.split(|byte| *byte == b' ');
    words.filter(|word| !word.is_empty()).map(<[u8]>::to_vec)
}

/// The upper end of a new process' stack.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InitialStack {
    /// Its bytes from `pointer` up to the end of user space.
    pub bytes: Vec<u8>,
    /// The initial stack pointer.
    pub pointer: VirtAddr,
}

impl CommandLine {
    /// Splits a command line: at the zeros in it, if its words are such that spaces could not tell them apart,
    /// or else at spaces.
    ///
    /// # Errors
    /// [`TooLong`] if it has more than [`MAX_COMMAND_LINE`] bytes.
    pub fn parse(line: &[u8]) -> Result<CommandLine, TooLong> {
        if line.len() > MAX_COMMAND_LINE {
            return Err(TooLong);
        }
        let words = match line.contains(&0) {
            true => line.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect(),
            false => words_between_spaces(line).collect(),
        };
        Ok(CommandLine { words })
    }

    /// A command line of these words.
    #[must_use]
    pub fn of_words(words: Vec<Vec<u8>>) -> CommandLine {
        CommandLine { words }
    }

    /// Its words.
    #[must_use]
    pub fn words(&self) -> &[Vec<u8>] {
        &self.words
    }

    /// As Pintos has it: no word has a space in it.
    #[must_use]
    pub fn split_at_spaces(&self) -> CommandLine {
        let words = self
            .words
            .iter()
            .flat_map(|word| words_between_spaces(word));
        CommandLine {
            words: words.collect(),
        }
    }

    /// Returns the name of the program, empty if the line has no word.
    pub fn program(&self) -> &[u8] {
        self.words.first().map_or(&[], Vec::as_slice)
    }

    /// Returns the name of the process in messages.
    #[must_use]
    pub fn process_name(&self) -> ProcessName {
        ProcessName(self.program().into())
    }

    /// Returns the initial stack of the program.
    ///
    /// # Errors
    /// [`TooLong`] if that takes more than [`MAX_INITIAL_STACK`] bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// use userprog::args::CommandLine;
    ///
    /// let line = CommandLine::parse(b"echo  hi")?;
    /// assert_eq!(line.program(), b"echo");
    /// let stack = line.initial_stack()?;
    /// assert_eq!(stack.pointer.0 as usize + stack.bytes.len(), 0xc000_0000);
    ///
    /// let (words, _) = stack.bytes.as_chunks();
    /// let words: Vec<u32> = words.iter().map(|word| u32::from_le_bytes(*word)).collect();
    /// let (argc, argv) = (words[1], words[2]);
    /// assert_eq!((argc, argv), (2, stack.pointer.0 + 12));
    /// let first = (words[3] - stack.pointer.0) as usize;
    /// assert_eq!(&stack.bytes[first..], b"echo\0hi\0");
    /// # Ok::<(), userprog::args::TooLong>(())
    /// ```
    pub fn initial_stack(&self) -> Result<InitialStack, TooLong> {
        let strings: usize = self.words.iter().map(|word| word.len() + 1).sum();
        // Below the strings: the pointers and the null pointer after them, argv, argc and the
        // return address ("Program Startup Details" in the Pintos documentation).
        let words_below = self.words.len() + 1 + 3;
        let length = strings.next_multiple_of(4) + 4 * words_below;
        if length > MAX_INITIAL_STACK {
            return Err(TooLong);
        }
        let at = |from_end: usize| KERNEL_BASE.0 - from_end as u32;

        let mut bytes = Vec::with_capacity(length);
        let mut push = |word: u32| bytes.extend_from_slice(&word.to_le_bytes());
        push(0);
        push(self.words.len() as u32);
        push(at(length - 3 * 4));
        let mut string = strings;
        for word in &self.words {
            push(at(string));
            string -= word.len() + 1;
        }
        push(0);
        bytes.resize(length - strings, 0);
        for word in &self.words {
            bytes.extend_from_slice(word);
            bytes.push(0);
        }
        Ok(InitialStack {
            bytes,
            pointer: VirtAddr(at(length)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(line: &str) -> InitialStack {
        CommandLine::parse(line.as_bytes())
            .unwrap()
            .initial_stack()
            .unwrap()
    }

    #[test]
    fn the_stack_has_the_layout_of_the_manual_byte_for_byte() {
        let stack = stack("/bin/ls  -l foo   bar");
        assert_eq!(stack.pointer, VirtAddr(0xbfff_ffcc));
        let mut expected = Vec::new();
        for word in [
            0u32, // return address, 0xbfffffcc
            4,    // argc
            0xbfff_ffd8,
            0xbfff_ffed,
            0xbfff_fff5,
            0xbfff_fff8,
            0xbfff_fffc,
            0,
        ] {
            expected.extend_from_slice(&word.to_le_bytes());
        }
        expected.extend_from_slice(b"\0/bin/ls\0-l\0foo\0bar\0");
        assert_eq!(stack.bytes, expected);
    }

    #[test]
    fn the_stack_ends_where_user_space_ends_and_is_aligned() {
        for line in ["a", "ab", "abc", "abcd", "a b", "a bc def ghij", ""] {
            let stack = stack(line);
            assert_eq!(
                stack.pointer.0 + stack.bytes.len() as u32,
                KERNEL_BASE.0,
                "{line:?}"
            );
            assert_eq!(stack.pointer.0 % 4, 0, "{line:?}");
        }
    }

    #[test]
    fn runs_of_spaces_count_once_and_other_white_space_is_part_of_a_word() {
        let line = CommandLine::parse(b"  two\twords  here ").unwrap();
        assert_eq!(line.words, [b"two\twords".to_vec(), b"here".to_vec()]);
        assert_eq!(line.process_name().as_bytes(), b"two\twords");
    }

    #[test]
    fn words_with_zeros_between_them_may_have_spaces_in_them() {
        let line = CommandLine::parse(b"sh\0-c\0echo  a\0").unwrap();
        assert_eq!(line.words(), [&b"sh"[..], b"-c", b"echo  a", b""]);
        let split = line.split_at_spaces();
        assert_eq!(split.words(), [&b"sh"[..], b"-c", b"echo", b"a"]);
    }

    #[test]
    fn a_line_without_words_has_an_empty_program_name() {
        assert_eq!(CommandLine::parse(b"   ").unwrap().program(), b"");
    }

    #[test]
    fn arguments_that_do_not_fit_a_page_are_refused() {
        assert_eq!(
            CommandLine::parse(&[b'a'; MAX_COMMAND_LINE + 1]),
            Err(TooLong)
        );
        // 4095 bytes of line leave no room for the pointers.
        let line = CommandLine::parse(&[b'a'; MAX_COMMAND_LINE]).unwrap();
        assert_eq!(line.initial_stack(), Err(TooLong));
        // "p" and words of one letter: 2 bytes and a pointer of 4 each.
        let fits = CommandLine::parse("p ".repeat(679).as_bytes()).unwrap();
        assert_eq!(fits.initial_stack().unwrap().bytes.len(), 4092);
        let too_many = CommandLine::parse("p ".repeat(681).as_bytes()).unwrap();
        assert_eq!(too_many.initial_stack(), Err(TooLong));
    }
}
