//! The console: output of the guest and the kernel, and the keyboard.
//!
//! # Invariants
//!
//! Bytes reach the output in the order in which they were printed, and input is read only after all
//! output so far was flushed. If the host's output fails, the bytes are lost with one warning in
//! the log; the guest cannot observe that, and the run continues.

use std::io::{self, Read, Write};

/// The machine's console.
pub struct Console {
    output: Box<dyn Write>,
    input: Box<dyn Read>,
    broken: bool,
}

impl std::fmt::Debug for Console {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Console").finish_non_exhaustive()
    }
}

impl Console {
    /// Creates a console that prints to `output` and has `input` as its keyboard.
    #[must_use]
    pub fn new(output: Box<dyn Write>, input: Box<dyn Read>) -> Console {
        Console {
            output,
            input,
            broken: false,
        }
    }

    /// Prints bytes.
    pub fn write(&mut self, bytes: &[u8]) {
        let result = self.output.write_all(bytes);
        self.note(result);
    }

    /// Flushes the output to the host.
    pub fn flush(&mut self) {
        let result = self.output.flush();
        self.note(result);
    }

    /// Reads until `to` is full or the input has ended. Returns the number of bytes read.
    pub fn read(&mut self, to: &mut [u8]) -> usize {
        self.flush();
        let mut filled = 0;
        while filled < to.len() {
            match self.input.read(&mut to[filled..]) {
                Ok(0) => break,
                Ok(bytes) => filled += bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    log::warn!("console input: {error}");
                    break;
                }
            }
        }
        filled
    }

    /// Reads until a line ends, `to` is full or the input has ended; returns how many bytes there were.
    pub fn read_line(&mut self, to: &mut [u8]) -> usize {
        let mut filled = 0;
        while filled < to.len() && self.read(&mut to[filled..=filled]) == 1 {
            filled += 1;
            if to[filled - 1] == b'\n' {
                break;
            }
        }
        filled
    }

    fn note(&mut self, result: io::Result<()>) {
        match result {
            Err(error) if !self.broken => {
                self.broken = true;
                log::warn!("console output is lost: {error}");
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte a call, with an interruption before each.
    struct Slow(Vec<u8>, bool);

    impl Read for Slow {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            match self.0.pop() {
                Some(byte) => {
                    to[0] = byte;
                    Ok(1)
                }
                None => Ok(0),
            }
        }
    }

    struct Closed;

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }

    #[test]
    fn input_is_read_until_full_and_then_until_its_end() {
        let input = Slow(b"olleh".to_vec(), false);
        let mut console = Console::new(Box::new(io::sink()), Box::new(input));
        let mut to = [0; 3];
        assert_eq!((console.read(&mut to), &to), (3, b"hel"));
        assert_eq!((console.read(&mut to), &to), (2, b"lol"));
        assert_eq!(console.read(&mut to), 0);
    }

    #[test]
    fn a_line_is_read_with_its_end_and_no_further() {
        let input = Slow(b"dnocen\ntsrif".to_vec(), false);
        let mut console = Console::new(Box::new(io::sink()), Box::new(input));
        let mut to = [0; 16];
        let mut next = || {
            let read = console.read_line(&mut to);
            String::from_utf8_lossy(&to[..read]).into_owned()
        };
        assert_eq!([next(), next(), next()], ["first\n", "necond", ""]);
    }

    #[test]
    fn a_host_that_takes_no_output_does_not_stop_the_machine() {
        let mut console = Console::new(Box::new(Closed), Box::new(io::empty()));
        console.write(b"lost");
        console.flush();
        assert!(console.broken);
    }
}
