//! Tests whose answer nobody knows before they run: the program gets a number that was not known when
//! the kernel was written, and what it has to print is what it prints on the sound kernel.
//!
//! # Invariants
//!
//! - A test with `nonce = true` has the number as its last argument, 16 hexadecimal digits; what its
//!   suite expects is for the number 0.
//! - For any other number the expected console comes from the machine program that is trusted, never
//!   from the one that is graded. Statistics, files and logs are judged as they stand in the suite.

use std::fmt;
use std::io;
use std::path::Path;
use std::str::FromStr;

use host::scratch::Scratch;
use protocol::settings::Settings;
use thiserror::Error;

use crate::runner::Job;
use crate::suite::{Suite, Test};

/// A number that programs compute with.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Nonce(pub u64);

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for Nonce {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Nonce, Self::Err> {
        text.parse().map(Nonce)
    }
}

/// Why it is not known what to expect.
#[derive(Debug, Error)]
pub enum NonceError {
    /// There is no folder for the guests' files.
    #[error("cannot make a temporary folder: {0}")]
    Host(#[from] io::Error),
    /// The trusted kernel fails on the test.
    #[error("the sound kernel does not run {test} to its end: {why}")]
    Unsound {
        /// SUITE/NAME.
        test: String,
        /// How it ended.
        why: String,
    },
}

/// Gives the tests of some suites the number; `sound` is the machine program that is trusted.
///
/// # Errors
/// [`NonceError`].
pub fn give(suites: &mut [Suite], nonce: Nonce, sound: &Path) -> Result<(), NonceError> {
    let folders = Scratch::new()?;
    for suite in suites {
        for test in suite.tests.iter_mut().filter(|test| test.nonce) {
            test.args.push(nonce.to_string());
            if nonce != Nonce::default() {
                test.expect = console(test, sound, &folders.path().join("one")).map_err(|why| {
                    NonceError::Unsound {
                        test: format!("{}/{}", suite.name, test.name),
                        why,
                    }
                })?;
            }
        }
    }
    Ok(())
}

/// What the test's program prints on a machine program, or how else that ended.
fn console(test: &Test, program: &Path, folder: &Path) -> Result<String, String> {
    let console = Job::of(test, &Settings::default()).console(program, folder)?;
    String::from_utf8(console).map_err(|_| "it prints what is no text".to_owned())
}
