//! A note that something is still running, for a user who sees no other output.
//!
//! # Invariants
//!
//! It goes to standard error, and only if that is a terminal. It never covers a line that something
//! else has begun, and it is erased before anything else is printed.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

/// Interval at which the seconds on screen are updated.
const TICK: Duration = Duration::from_millis(250);
/// Moves to the start of the line and erases it.
const CLEAR: &str = "\r\x1b[K";

/// The note, which ends when it is dropped.
#[derive(Debug)]
pub struct Waiting {
    /// None if there is no terminal.
    state: Option<Arc<Mutex<State>>>,
}

#[derive(Debug)]
struct State {
    what: &'static str,
    silence: Duration,
    /// The start of the current silence; None while silence means nothing.
    silent_since: Option<Instant>,
    shown: bool,
}

impl Waiting {
    /// Shows `what` during each silence that is longer than `silence`.
    #[must_use]
    pub fn start(what: &'static str, silence: Duration) -> Waiting {
        if !io::stderr().is_terminal() {
            return Waiting { state: None };
        }
        let silent_since = Some(Instant::now());
        let state = Arc::new(Mutex::new(State {
            what,
            silence,
            silent_since,
            shown: false,
        }));
        let watched = Arc::downgrade(&state);
        thread::spawn(move || watch(&watched));
        Waiting { state: Some(state) }
    }

    /// Erases the note, and restarts the silence.
    pub fn hide(&self) {
        self.set(Some(Instant::now()));
    }

    /// Erases the note; silence means nothing until the next [`Waiting::hide`].
    pub fn pause(&self) {
        self.set(None);
    }

    fn set(&self, silent_since: Option<Instant>) {
        if let Some(state) = &self.state {
            let mut state = lock(state);
            state.clear();
            state.silent_since = silent_since;
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.pause();
    }
}

impl State {
    fn clear(&mut self) {
        if self.shown {
            say(CLEAR);
            self.shown = false;
        }
    }

    fn show_if_silent(&mut self) {
        if let Some(elapsed) = self.silent_since.map(|since| since.elapsed())
            && elapsed >= self.silence
        {
            self.shown = true;
            // The cursor goes back to the start, so that a line of the log covers the note.
            say(&format!("{CLEAR}{} ({} s)\r", self.what, elapsed.as_secs()));
        }
    }
}

/// Runs on a thread of its own until the note is dropped.
fn watch(state: &Weak<Mutex<State>>) {
    while let Some(state) = state.upgrade() {
        lock(&state).show_if_silent();
        drop(state);
        thread::sleep(TICK);
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Prints a note; failing to is no error.
fn say(text: &str) {
    let mut stderr = io::stderr();
    let _ = stderr
        .write_all(text.as_bytes())
        .and_then(|()| stderr.flush());
}
