//! The guest's console on the host: standard output and standard input of the command.
//!
//! # Invariants
//!
//! Standard output gets what the guest prints and nothing else, as soon as it is printed: nothing
//! of it is held back here, so it is out whatever ends the command. A reader that went away (`vmlab
//! run ... | head -1`) ends the run where it is for its output, and else the output alone; so does
//! a full disk, which [`Screen::written`] tells afterwards; while the guest is silent for long, a
//! note on standard error says that it runs, if a person can see it.

use std::cell::RefCell;
use std::io::{self, IsTerminal, Read, Stdin, Stdout, Write};
use std::rc::Rc;
use std::time::Duration;

use host::waiting::Waiting;
use userprog::PauseFlag;

/// How long a guest may be silent before a note says that it is still running.
const SILENCE: Duration = Duration::from_secs(2);

/// What becomes of a run whose output nobody reads any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unread {
    /// It stops: the output is what it is for.
    Stop,
    /// It goes on: something else is made of it.
    GoOn,
}

/// Standard output as the guest's console. Clones share one console.
#[derive(Clone, Debug)]
pub struct Screen {
    inner: Rc<RefCell<Inner>>,
}

#[derive(Debug)]
struct Inner {
    output: Stdout,
    /// A person watches.
    terminal: bool,
    unread: Unread,
    /// Stops the run.
    stop: Option<PauseFlag>,
    /// Whether it is closed for output.
    closed: bool,
    /// The error that closed it, unless its reader has gone.
    failed: Option<io::Error>,
    waiting: Waiting,
}

impl Screen {
    /// Standard output, of a run of which that becomes if nobody reads it.
    #[must_use]
    pub fn new(unread: Unread) -> Screen {
        let output = io::stdout();
        let terminal = output.is_terminal();
        let waiting = Waiting::start("vmlab: the guest is running", SILENCE);
        Screen {
            inner: Rc::new(RefCell::new(Inner {
                output,
                terminal,
                unread,
                stop: None,
                closed: false,
                failed: None,
                waiting,
            })),
        }
    }

    /// Returns a keyboard that reads the guest's input from standard input.
    #[must_use]
    pub fn keyboard(&self) -> Keyboard {
        Keyboard {
            screen: self.clone(),
            input: io::stdin(),
        }
    }

    /// Has the run that prints here pause for good when nobody reads it any more, if it is one that
    /// stops then.
    pub fn stop_unread(&self, flag: PauseFlag) {
        let mut inner = self.inner.borrow_mut();
        if inner.unread == Unread::Stop {
            inner.stop = Some(flag);
        }
    }

    /// Ends it: there are no more notes.
    pub fn close(&self) {
        self.inner.borrow().waiting.pause();
    }

    /// Whether all output is out. That nobody reads it any more is no error.
    ///
    /// # Errors
    /// A message, if there is output that could not be written.
    pub fn written(&self) -> Result<(), String> {
        match &self.inner.borrow().failed {
            Some(error) => Err(format!("cannot write to standard output: {error}")),
            None => Ok(()),
        }
    }
}

impl Inner {
    fn write(&mut self, bytes: &[u8]) {
        // A note must not cover a line that the guest has begun.
        if self.terminal && bytes.last() != Some(&b'\n') {
            self.waiting.pause();
        } else {
            self.waiting.hide();
        }
        if self.closed {
            return;
        }
        let mut output = self.output.lock();
        if let Err(error) = output.write_all(bytes).and_then(|()| output.flush()) {
            self.closed = true;
            if error.kind() != io::ErrorKind::BrokenPipe {
                self.failed = Some(error);
            } else if let Some(stop) = &self.stop {
                stop.raise();
            }
        }
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.inner.borrow_mut().write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Standard input as the guest's keyboard. It is read only when the guest reads.
#[derive(Debug)]
pub struct Keyboard {
    screen: Screen,
    input: Stdin,
}

impl Read for Keyboard {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        // Silence is the person's now.
        self.screen.inner.borrow().waiting.pause();
        let read = self.input.read(to);
        self.screen.inner.borrow().waiting.hide();
        read
    }
}
