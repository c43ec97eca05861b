//! The quota of the guest's files on the host.
//!
//! # Invariants
//!
//! `used` is the sum over all files, named or removed but still in use, of their pages plus one
//! page for the file itself. An operation that would exceed the limit is refused before anything is
//! written. So a guest can fill the host neither with bytes nor with files.

use std::cell::Cell;
use std::io;
use std::rc::Rc;

use machine::addr::PAGE_SIZE;

/// The quota that all files share. Clones share one count.
///
/// # Examples
///
/// ```
/// use userprog::files::Quota;
///
/// let room = Quota::new(8192);
/// room.take(5000)?;
/// assert!(room.clone().take(5000).is_err()); // clones count together
/// room.give_back(5000);
/// assert_eq!(room.used(), 0);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Quota(Rc<Room>);

#[derive(Debug)]
struct Room {
    limit: u64,
    used: Cell<u64>,
}

/// Returns the space that a file of `length` bytes takes.
pub(super) fn room_for(length: u64) -> u64 {
    let page = u64::from(PAGE_SIZE);
    length
        .checked_next_multiple_of(page)
        .and_then(|bytes| bytes.checked_add(page))
        .unwrap_or(u64::MAX)
}

impl Quota {
    /// Creates a quota of `limit` bytes, of which none is used.
    #[must_use]
    pub fn new(limit: u64) -> Quota {
        Quota(Rc::new(Room {
            limit,
            used: Cell::new(0),
        }))
    }

    /// Returns the number of bytes in use.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.0.used.get()
    }

    /// Takes space regardless of the limit, for files that existed before the guest.
    pub fn take_existing(&self, bytes: u64) {
        self.0.used.set(self.used().saturating_add(bytes));
    }

    /// Takes `bytes` of space.
    ///
    /// # Errors
    /// [`io::ErrorKind::StorageFull`] if the limit would be exceeded; then nothing is taken.
    pub fn take(&self, bytes: u64) -> io::Result<()> {
        match self.used().checked_add(bytes) {
            Some(used) if used <= self.0.limit => {
                self.0.used.set(used);
                Ok(())
            }
            _ if bytes == 0 => Ok(()),
            _ => Err(io::ErrorKind::StorageFull.into()),
        }
    }

    /// Gives back space that was taken.
    pub fn give_back(&self, bytes: u64) {
        debug_assert!(
            bytes <= self.used(),
            "more room is given back than was taken"
        );
        self.0.used.set(self.used().saturating_sub(bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_refused_at_the_limit_and_there_again_once_given_back() {
        let quota = Quota::new(8192);
        quota.take(8192).unwrap();
        assert_eq!(
            quota.take(1).unwrap_err().kind(),
            io::ErrorKind::StorageFull
        );
        assert_eq!(
            quota.take(u64::MAX).unwrap_err().kind(),
            io::ErrorKind::StorageFull
        );
        quota.give_back(4096);
        quota.take(4096).unwrap();
        assert_eq!(quota.used(), 8192);
    }

    #[test]
    fn an_empty_file_takes_a_page_too() {
        assert_eq!(room_for(0), 4096);
        assert_eq!(room_for(1), 8192);
        assert_eq!(room_for(4096), 8192);
        assert_eq!(room_for(u64::MAX), u64::MAX);
    }

    #[test]
    fn what_was_there_before_may_be_more_than_the_limit_but_cannot_grow() {
        let quota = Quota::new(4096);
        quota.take_existing(10_000);
        assert!(quota.take(1).is_err());
        assert!(quota.take(0).is_ok());
    }
}
