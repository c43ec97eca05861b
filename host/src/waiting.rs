//! A note that something still runs, for a person who sees nothing else happen.
//!
//! # Invariants
//!
//! It goes to standard error and only if that is a terminal, it never covers a line that something
//! else has begun, and it is gone from the screen before anything else is printed.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

/// How often the seconds on screen move on.
const TICK: Duration = Duration::from_millis(250);
/// Back to the start of the line, and the line away.
const CLEAR: &str = "\r\x1b[K";

/// The note; dropping it ends it.
pub struct Waiting {
    /// None if there is no terminal.
    state: Option<Arc<Mutex<State>>>,
}

struct State {
    what: &'static str,
    silence: Duration,
    /// Since when nothing happened; None while silence means nothing.
    silent_since: Option<Instant>,
    shown: bool,
}

impl Waiting {
    /// Shows `what` during each silence that is longer than `silence`.
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

    /// Takes the note off the screen; the silence begins anew.
    pub fn hide(&self) {
        self.set(Some(Instant::now()));
    }

    /// Takes the note off the screen; from here on silence means nothing, until the next
    /// [`Waiting::hide`].
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
            // The cursor goes back to the start: a line of the log then covers the note.
            say(&format!("{CLEAR}{} ({} s)\r", self.what, elapsed.as_secs()));
        }
    }
}

/// Runs beside the command, until its note is dropped.
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

/// A note that cannot be shown is no error.
fn say(text: &str) {
    let mut stderr = io::stderr();
    let _ = stderr
        .write_all(text.as_bytes())
        .and_then(|()| stderr.flush());
}
