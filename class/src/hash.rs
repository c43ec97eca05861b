//! Hashes, by which changes are noticed.
//!
//! # Invariants
//! Lengths are hashed as well, so that items cannot run into each other.

use sha2::{Digest, Sha256};

use crate::sources::Sources;

/// SHA-256 of what was added so far.
///
/// # Examples
///
/// ```
/// use class::hash::Hash;
///
/// let of = |parts: &[&str]| {
///     let mut hash = Hash::default();
///     parts.iter().for_each(|part| hash.add(part.as_bytes()));
///     hash.text()
/// };
/// assert_eq!(of(&["ab", "c"]).len(), 64);
/// assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
/// ```
#[derive(Clone, Default, Debug)]
pub struct Hash(Sha256);

impl Hash {
    /// Adds bytes.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    /// Adds files and their paths.
    pub fn add_sources(&mut self, sources: &Sources) {
        self.add(&(sources.len() as u64).to_le_bytes());
        for (path, bytes) in sources {
            self.add(path.as_bytes());
            self.add(bytes);
        }
    }

    /// Returns the hash in hexadecimal digits.
    #[must_use]
    pub fn text(self) -> String {
        let bytes = self.0.finalize();
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(parts: &[&str]) -> String {
        let mut hash = Hash::default();
        parts.iter().for_each(|part| hash.add(part.as_bytes()));
        hash.text()
    }

    #[test]
    fn where_one_part_ends_and_the_next_begins_makes_a_difference() {
        assert_eq!(of(&["ab", "c"]), of(&["ab", "c"]));
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_ne!(of(&["", "a"]), of(&["a", ""]));
    }
}
