//! Tells on standard error why processes die, as they do.
//!
//! # Invariants
//!
//! The words are those of a verdict ([`crate::autopsy`]). However many die, no more than [`MOST`]
//! are told of; what they print and how they end is the same as if nobody listened.

use host::programs::Programs;
use vm::event::Detail;

use crate::autopsy;
use crate::listener::Listener;
use crate::names::NameBook;

/// Of how many deaths is told.
const MOST: usize = 16;

/// What tells of deaths; names come from these files, the guest's.
#[must_use]
pub fn listener(files: Programs) -> Listener {
    let mut names = NameBook::new(files);
    let mut told = 0;
    Listener::new(Detail::Faults, move |_, event| {
        names.note(event);
        if told == MOST {
            return;
        }
        if let Some(death) = autopsy::explain(event, &mut names) {
            told += 1;
            anstream::eprintln!("vmlab: {death}");
            if told == MOST {
                anstream::eprintln!("vmlab: why others die is not told");
            }
        }
    })
}
