//! The guest's console on the host: standard output and standard input of the command.
//!
//! # Invariants
//!
//! - Standard output gets what the guest prints and nothing else.
//! - A reader that closes the pipe (`vmlab run ... | head -1`) ends the output, not the guest. So does
//!   a full disk, which [`Screen::written`] reports afterwards.
//! - While the guest is silent for long, a note on standard error says that it is running, if that is
//!   a terminal.

use std::cell::RefCell;
use std::io::{self, BufWriter, IsTerminal, Read, Stdin, Stdout, Write};
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use host::waiting::Waiting;

/// How long a guest may be silent before a note says that it is still running.
const SILENCE: Duration = Duration::from_secs(2);

/// Buffered output. Clones share one buffer.
#[derive(Clone)]
struct Output(Arc<Mutex<BufWriter<Stdout>>>);

impl Output {
    fn new(writer: BufWriter<Stdout>) -> Output {
        Output(Arc::new(Mutex::new(writer)))
    }

    fn lock(&self) -> MutexGuard<'_, BufWriter<Stdout>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets another thread flush the output when the printing thread hangs.
pub struct Flusher(Output);

impl Flusher {
    /// Flushes the output. What cannot be written is lost with the process that is being ended.
    pub fn flush(&self) {
        let Flusher(output) = self;
        if let Err(error) = output.lock().flush() {
            log::warn!("console output is lost: {error}");
        }
    }
}

/// Standard output as the guest's console. Clones share one console.
#[derive(Clone)]
pub struct Screen {
    inner: Rc<RefCell<Inner>>,
}

struct Inner {
    output: Output,
    /// Whether it is a terminal, where output is shown at once.
    terminal: bool,
    /// Whether it is closed for output.
    closed: bool,
    /// The error that closed it, unless its reader has gone.
    failed: Option<io::Error>,
    waiting: Waiting,
}

impl Screen {
    /// Returns a console on standard output.
    pub fn new() -> Screen {
        let stdout = io::stdout();
        let terminal = stdout.is_terminal();
        let waiting = Waiting::start("vmlab: the guest is running", SILENCE);
        let output = Output::new(BufWriter::with_capacity(1 << 16, stdout));
        Screen {
            inner: Rc::new(RefCell::new(Inner {
                output,
                terminal,
                closed: false,
                failed: None,
                waiting,
            })),
        }
    }

    /// Returns a keyboard that reads the guest's input from standard input.
    pub fn keyboard(&self) -> Keyboard {
        Keyboard {
            screen: self.clone(),
            input: io::stdin(),
        }
    }

    /// Closes it: flushes the output and ends the notes.
    pub fn close(&self) {
        let mut inner = self.inner.borrow_mut();
        inner.waiting.pause();
        inner.flush();
    }

    /// Returns a handle for another thread to flush the output with.
    pub fn flusher(&self) -> Flusher {
        Flusher(self.inner.borrow().output.clone())
    }

    /// Checks, after [`Screen::close`], that all output was written. A closed pipe is no error.
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

impl Default for Screen {
    fn default() -> Screen {
        Screen::new()
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
        if !self.closed {
            let written = self.output.lock().write_all(bytes);
            self.note(written);
        }
        if self.terminal {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if !self.closed {
            let flushed = self.output.lock().flush();
            self.note(flushed);
        }
    }

    fn note(&mut self, result: io::Result<()>) {
        if let Err(error) = result {
            self.closed = true;
            if error.kind() != io::ErrorKind::BrokenPipe {
                self.failed = Some(error);
            }
        }
    }
}

/// Flushes what was printed before a panic of the kernel.
impl Drop for Inner {
    fn drop(&mut self) {
        self.flush();
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.inner.borrow_mut().write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.borrow_mut().flush();
        Ok(())
    }
}

/// Standard input as the guest's keyboard. It is read only when the guest reads.
pub struct Keyboard {
    screen: Screen,
    input: Stdin,
}

impl Read for Keyboard {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.screen.flush()?;
        // The guest now waits for the user, so silence means nothing.
        self.screen.inner.borrow().waiting.pause();
        let read = self.input.read(to);
        self.screen.inner.borrow().waiting.hide();
        read
    }
}
