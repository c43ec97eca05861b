//! The guest's console in a run that may be restarted from the beginning.
//!
//! # Invariants
//!
//! A restarted guest first reads what it read before, and only then from the keyboard. What it
//! prints again is not shown again.

use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::rc::Rc;

use driver::console::{Keyboard, Screen};

/// What was read and printed so far. Clones share one tape.
#[derive(Clone)]
pub(super) struct Tape(Rc<RefCell<Inner>>);

struct Inner {
    screen: Screen,
    keyboard: Keyboard,
    typed: Vec<u8>,
    /// Bytes of the input that the guest has read since the last start.
    read: usize,
    /// Bytes shown in all runs together.
    shown: u64,
    /// Bytes that the guest has printed since the last start.
    printed: u64,
}

impl Tape {
    /// Returns an empty tape for this console.
    pub(super) fn new(screen: Screen) -> Tape {
        Tape(Rc::new(RefCell::new(Inner {
            keyboard: screen.keyboard(),
            screen,
            typed: Vec::new(),
            read: 0,
            shown: 0,
            printed: 0,
        })))
    }

    /// Rewinds the tape, when the guest is restarted.
    pub(super) fn rewind(&self) {
        let mut inner = self.0.borrow_mut();
        (inner.read, inner.printed) = (0, 0);
    }
}

/// For the machine's output.
impl Write for Tape {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut inner = self.0.borrow_mut();
        let known = inner.shown.saturating_sub(inner.printed);
        inner.printed += bytes.len() as u64;
        if let Some(new) = usize::try_from(known).ok().and_then(|n| bytes.get(n..)) {
            inner.screen.write_all(new)?;
            inner.shown = inner.printed;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.borrow_mut().screen.flush()
    }
}

/// For the machine's input.
impl Read for Tape {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let mut inner = self.0.borrow_mut();
        let inner = &mut *inner;
        if inner.read == inner.typed.len() {
            let bytes = inner.keyboard.read(to)?;
            inner.typed.extend_from_slice(&to[..bytes]);
            inner.read += bytes;
            return Ok(bytes);
        }
        let mut known = &inner.typed[inner.read..];
        let bytes = known.read(to)?;
        inner.read += bytes;
        Ok(bytes)
    }
}
