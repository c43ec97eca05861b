//! What happens when the user or the system asks the command to end: Ctrl-C, SIGTERM, a terminal
//! that is closed.
//!
//! # Invariants
//!
//! - From the signal on no process is started ([`crate::process_group`]), and those that were started are ended. That
//!   is known before the first of them ends, so nobody has to take its end for a result.
//! - The command ends at once, with [`Exit::Interrupted`], and its temporary folders are gone; but one that has
//!   [`caught`](catch) the first signal ends by itself.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use protocol::exit::Exit;

use crate::{process_group, scratch};

static HANDLER: Once = Once::new();
/// Whether a signal has come.
static RAISED: AtomicBool = AtomicBool::new(false);
/// Whether the command ends by itself at the first one.
static CAUGHT: AtomicBool = AtomicBool::new(false);

/// Sees to it that signals are heeded.
pub(crate) fn listen() {
    HANDLER.call_once(|| {
        if let Err(error) = ctrlc::set_handler(heed) {
            log::warn!("processes and temporary folders will stay after Ctrl-C: {error}");
        }
    });
}

/// Has the command go on after a first signal, with what is left to do when [`is_raised`]; a second
/// one ends it.
pub fn catch() {
    CAUGHT.store(true, Ordering::SeqCst);
    listen();
}

/// Whether the command was asked to end.
pub fn is_raised() -> bool {
    RAISED.load(Ordering::SeqCst)
}

fn heed() {
    let is_first = !RAISED.swap(true, Ordering::SeqCst);
    process_group::end_all();
    if is_first && CAUGHT.load(Ordering::SeqCst) {
        return;
    }
    scratch::remove_all();
    std::process::exit(Exit::Interrupted.code().into());
}
