//! The terminal, and the signals that end the command.
//!
//! # Invariants
//! The terminal is restored when [`Screen`] is dropped, before a panic is reported, and while it is
//! lent to something else.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{Clear, ClearType, EnterAlternateScreen, enable_raw_mode};
use ratatui::{DefaultTerminal, Terminal};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

use super::model::Model;
use super::view;

/// Returns whether there is a terminal to use.
pub(super) fn is_there() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// The terminal in use by the interface.
pub(super) struct Screen {
    terminal: DefaultTerminal,
}

impl Screen {
    /// Takes over the terminal.
    ///
    /// # Errors
    /// It cannot be set up.
    pub(super) fn open() -> io::Result<Screen> {
        let terminal = ratatui::try_init()?;
        Ok(Screen { terminal })
    }

    /// Draws the state.
    ///
    /// # Errors
    /// It cannot be written to.
    pub(super) fn draw(&mut self, model: &mut Model) -> io::Result<()> {
        self.terminal.draw(|frame| view::draw(frame, model))?;
        Ok(())
    }

    /// Lends the terminal to something else.
    ///
    /// # Errors
    /// It cannot be restored or taken over again.
    pub(super) fn lend<T>(&mut self, to: impl FnOnce() -> T) -> io::Result<T> {
        self.terminal.show_cursor()?;
        ratatui::try_restore()?;
        let done = to();
        enable_raw_mode()?;
        execute!(io::stdout(), EnterAlternateScreen, Clear(ClearType::All))?;
        // A new one assumes that the screen is empty. `clear` would ask the terminal for its cursor
        // position, and read what is typed meanwhile as the answer.
        self.terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        Ok(done)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

/// The signals that end a command. They are recorded, so that it can clean up.
pub(super) struct Signals {
    last: Arc<AtomicUsize>,
}

/// A signal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Signal(i32);

impl Signals {
    /// Records them from now on.
    ///
    /// # Errors
    /// The system refuses.
    pub(super) fn note() -> io::Result<Signals> {
        let last = Arc::new(AtomicUsize::new(0));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            let number = usize::try_from(signal).expect("a signal's number is positive");
            flag::register_usize(signal, Arc::clone(&last), number)?;
        }
        Ok(Signals { last })
    }

    /// Returns the signal that has arrived.
    pub(super) fn come(&self) -> Option<Signal> {
        let number = i32::try_from(self.last.load(Ordering::SeqCst)).expect("it was one");
        (number != 0).then_some(Signal(number))
    }

    /// Returns the signal that has arrived, except Ctrl-C, which was meant for the program in the
    /// terminal.
    pub(super) fn come_for_us(&self) -> Option<Signal> {
        let interrupt = usize::try_from(SIGINT).expect("a signal's number is positive");
        // A signal that arrives in between is not lost.
        let _ = self
            .last
            .compare_exchange(interrupt, 0, Ordering::SeqCst, Ordering::SeqCst);
        self.come()
    }
}

impl Signal {
    /// Ends this process as the signal would have.
    ///
    /// # Errors
    /// The system refuses.
    pub(super) fn obey(self) -> io::Result<()> {
        low_level::emulate_default_handler(self.0)
    }
}
