//! The terminal, and the signals that end who has it.
//!
//! # Invariants
//! A terminal that was taken is given back as it was: when [`Screen`] is dropped, before a panic is told,
//! and while something else has it.

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

/// Whether there is a terminal to take.
pub fn is_there() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// The terminal, taken.
pub struct Screen {
    terminal: DefaultTerminal,
}

impl Screen {
    /// Takes the terminal.
    ///
    /// # Errors
    /// That it is none that can be.
    pub fn open() -> io::Result<Screen> {
        let terminal = ratatui::try_init()?;
        Ok(Screen { terminal })
    }

    /// Draws what is known.
    ///
    /// # Errors
    /// That it cannot be written to.
    pub fn draw(&mut self, model: &mut Model) -> io::Result<()> {
        self.terminal.draw(|frame| view::draw(frame, model))?;
        Ok(())
    }

    /// Lends the terminal to something else.
    ///
    /// # Errors
    /// That it cannot be given back or taken again.
    pub fn lend<T>(&mut self, to: impl FnOnce() -> T) -> io::Result<T> {
        self.terminal.show_cursor()?;
        ratatui::try_restore()?;
        let done = to();
        enable_raw_mode()?;
        execute!(io::stdout(), EnterAlternateScreen, Clear(ClearType::All))?;
        // A new one takes the screen to be empty. `clear` would ask the terminal where its cursor is, and
        // what is typed meanwhile would be taken for the answer.
        self.terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        Ok(done)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

/// The signals that end a command. They are noted, so that it can clear up.
pub struct Signals {
    last: Arc<AtomicUsize>,
}

/// A signal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signal(i32);

impl Signals {
    /// Notes them from now on.
    ///
    /// # Errors
    /// That the system does not let one.
    pub fn note() -> io::Result<Signals> {
        let last = Arc::new(AtomicUsize::new(0));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            let number = usize::try_from(signal).expect("a signal's number is positive");
            flag::register_usize(signal, Arc::clone(&last), number)?;
        }
        Ok(Signals { last })
    }

    /// The one that has come.
    pub fn come(&self) -> Option<Signal> {
        let number = i32::try_from(self.last.load(Ordering::SeqCst)).expect("it was one");
        (number != 0).then_some(Signal(number))
    }

    /// The one that has come, but for Ctrl-C, which was meant for who has the terminal.
    pub fn come_for_us(&self) -> Option<Signal> {
        let interrupt = usize::try_from(SIGINT).expect("a signal's number is positive");
        // Another one that comes in between is not lost.
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
    /// That the system does not let one.
    pub fn obey(self) -> io::Result<()> {
        low_level::emulate_default_handler(self.0)
    }
}
