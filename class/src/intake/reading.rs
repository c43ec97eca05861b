//! Reading within the limits: whole files, and streams that may have no end.
//!
//! # Invariants
//! - The bytes that a reader produces are counted, whatever its source claims.
//! - A wanted file that was read is UTF-8 without NUL bytes.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use thiserror::Error;

use super::limits::{ALL_BYTES, FILE_BYTES, HEADER_BYTES, STREAM_BYTES};
use super::refusal::Refusal;
use crate::sources::Sources;

/// The wanted files as they are read: collected, counted, and checked to be text.
pub(super) struct Reading {
    files: Sources,
    left: u64,
}

impl Reading {
    /// Nothing read yet.
    pub(super) fn new() -> Reading {
        Reading {
            files: Sources::new(),
            left: ALL_BYTES,
        }
    }

    /// Reads one wanted file to its end. An error of the reader becomes the refusal that `broken` makes of it.
    ///
    /// # Errors
    /// It is too large, no text, or `broken`.
    pub(super) fn take(
        &mut self,
        path: &str,
        reader: impl Read,
        broken: impl FnOnce(io::Error) -> Refusal,
    ) -> Result<(), Refusal> {
        let mut bytes = Vec::new();
        // One byte more than allowed distinguishes a file of exactly that size from a larger one.
        let mut limited = reader.take(FILE_BYTES + 1);
        limited.read_to_end(&mut bytes).map_err(broken)?;
        let size = bytes.len() as u64;
        check_size(path, size)?;
        self.left = self.left.checked_sub(size).ok_or(Refusal::AllTooLarge)?;
        check_text(path, &bytes)?;
        self.files.insert(path.to_owned(), bytes);
        Ok(())
    }

    /// What was read.
    pub(super) fn finish(self) -> Sources {
        self.files
    }
}

/// Refuses a wanted file of more than [`FILE_BYTES`].
///
/// # Errors
/// It is larger.
pub(super) fn check_size(path: &str, size: u64) -> Result<(), Refusal> {
    if size > FILE_BYTES {
        return Err(Refusal::TooLarge {
            path: path.to_owned(),
        });
    }
    Ok(())
}

/// The compiler takes UTF-8 only, and a NUL byte reveals a binary file that is called `.rs`.
fn check_text(path: &str, bytes: &[u8]) -> Result<(), Refusal> {
    if bytes.contains(&0) || std::str::from_utf8(bytes).is_err() {
        return Err(Refusal::NotText {
            path: path.to_owned(),
        });
    }
    Ok(())
}

/// A reader stopped at a limit; found inside the [`io::Error`] that it made.
#[derive(Debug, Error)]
#[error("more than {STREAM_BYTES} bytes come out of it")]
pub(super) struct Overrun;

/// The number of bytes that a [`Metered`] reader may still produce. Kept apart from the reader, which its user owns.
#[derive(Debug)]
pub(super) struct Meter {
    stream: Cell<u64>,
    headers: Cell<Option<u64>>,
    ended: Cell<bool>,
}

impl Meter {
    /// Until [`Meter::allow_body`], no more than [`HEADER_BYTES`] are produced.
    pub(super) fn allow_headers(&self) {
        self.headers.set(Some(HEADER_BYTES));
    }

    /// From now on, only the whole stream is limited.
    pub(super) fn allow_body(&self) {
        self.headers.set(None);
    }

    /// Whether the reader came to its end.
    pub(super) fn ended(&self) -> bool {
        self.ended.get()
    }

    fn left(&self) -> u64 {
        let stream = self.stream.get();
        self.headers.get().map_or(stream, |left| left.min(stream))
    }

    fn count(&self, read: u64) {
        self.stream.set(self.stream.get() - read);
        self.headers.set(self.headers.get().map(|left| left - read));
    }
}

/// A reader that produces at most [`STREAM_BYTES`].
pub(super) struct Metered<R> {
    inner: R,
    meter: Rc<Meter>,
}

impl<R> Metered<R> {
    /// A reader with its whole allowance.
    pub(super) fn new(inner: R) -> Metered<R> {
        let meter = Rc::new(Meter {
            stream: Cell::new(STREAM_BYTES),
            headers: Cell::new(None),
            ended: Cell::new(false),
        });
        Metered { inner, meter }
    }

    /// The meter of this reader.
    pub(super) fn meter(&self) -> Rc<Meter> {
        Rc::clone(&self.meter)
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let left = self.meter.left();
        if left == 0 {
            return Err(io::Error::other(Overrun));
        }
        let room = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
        let read = self.inner.read(&mut buffer[..room])?;
        self.meter.count(read as u64);
        self.meter.ended.set(read == 0);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refuse(error: io::Error) -> Refusal {
        Refusal::damaged("file", error)
    }

    #[test]
    fn a_file_of_just_the_limit_is_taken_and_one_byte_more_is_not() {
        let limit = FILE_BYTES as usize;
        let mut reading = Reading::new();
        reading
            .take("a.rs", &*vec![b'x'; limit], refuse)
            .expect("it is within the limit");
        let refusal = reading.take("b.rs", &*vec![b'x'; limit + 1], refuse);
        assert!(matches!(refusal, Err(Refusal::TooLarge { path }) if path == "b.rs"));
    }

    #[test]
    fn all_files_together_are_limited() {
        let file = vec![b'x'; FILE_BYTES as usize];
        let mut reading = Reading::new();
        for number in 0..ALL_BYTES / FILE_BYTES {
            reading
                .take(&format!("{number}.rs"), &*file, refuse)
                .expect("it is within the limit");
        }
        let refusal = reading.take("more.rs", &b"x"[..], refuse);
        assert!(matches!(refusal, Err(Refusal::AllTooLarge)));
    }

    #[test]
    fn a_stream_without_end_stops_at_the_limit() {
        let mut reader = Metered::new(io::repeat(0));
        let error = io::copy(&mut reader, &mut io::sink()).expect_err("it has no end");
        assert!(matches!(Refusal::damaged("tar", error), Refusal::Bomb));
    }
}
