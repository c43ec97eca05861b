//! A console in memory.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

/// A console that keeps what is printed. Its clones are the same console: one is for the machine, another
/// stays with the test.
#[derive(Clone, Debug, Default)]
pub struct Console(Rc<RefCell<Vec<u8>>>);

impl Console {
    /// Returns what was printed so far, as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.borrow()).into_owned()
    }

    /// Takes what was printed so far.
    #[must_use]
    pub fn take(&self) -> Vec<u8> {
        self.0.take()
    }
}

impl Write for Console {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
