//! The program of a test under gdb, while the interface is suspended.

use std::io::{self, Write};
use std::process::Child;
use std::thread;
use std::time::Duration;

use ratatui::crossterm::event::{self, Event};
use ratatui::crossterm::terminal::{disable_raw_mode, enable_raw_mode};

use super::again::Again;
use super::terminal::Signals;

/// Interval at which keys and the program are polled.
const TICK: Duration = Duration::from_millis(50);

/// Runs the program, which waits for gdb, until it ends, and then waits for a key. Meanwhile Ctrl-C
/// goes to the program; other signals end both.
///
/// # Errors
/// The program cannot be started, or the terminal cannot be used.
pub(super) fn run(again: &Again, signals: &Signals) -> io::Result<()> {
    let line = again.under_gdb();
    let mut stdout = io::stdout();
    write!(
        stdout,
        "vmlab: {id} under gdb. In another terminal, in {root}:\n\n    \
         gdb -x docs/gdbinit -ex debugpintos\n\nHere, until it ends or Ctrl-C:\n\n    {line}\n\n",
        id = again.id(),
        root = again.root().display(),
    )?;
    stdout.flush()?;
    wait(again.shell(&line).spawn()?, signals)?;
    write!(
        stdout,
        "\nvmlab: press any key to return to `vmlab lab watch`. "
    )?;
    stdout.flush()?;
    enable_raw_mode()?;
    let key = wait_for_key(signals);
    disable_raw_mode()?;
    key
}

fn wait(mut child: Child, signals: &Signals) -> io::Result<()> {
    while child.try_wait()?.is_none() {
        if signals.come_for_us().is_some() {
            child.kill()?;
            child.wait()?;
            break;
        }
        thread::sleep(TICK);
    }
    // A Ctrl-C that ended the program was not for us either.
    signals.come_for_us();
    Ok(())
}

fn wait_for_key(signals: &Signals) -> io::Result<()> {
    while signals.come().is_none() {
        if event::poll(TICK)? && matches!(event::read()?, Event::Key(_)) {
            break;
        }
    }
    Ok(())
}
