//! The interface of all kinds of submissions.

use std::collections::BTreeMap;

use super::listing::Listing;
use super::reading::Reading;
use super::refusal::Refusal;
use crate::sources::Sources;

/// The path in the hand-out of each wanted entry, by the entry's id.
pub(super) type Wanted = BTreeMap<usize, String>;

/// A folder or an archive: first listed, then the wanted files alone are read.
pub(super) trait Container {
    /// Adds every entry to the listing. Contents are not kept.
    ///
    /// # Errors
    /// It is damaged, or the listing refuses an entry.
    fn list(&mut self, listing: &mut Listing) -> Result<(), Refusal>;

    /// Reads the wanted entries, by the ids that [`Container::list`] gave them.
    ///
    /// # Errors
    /// One is damaged, or refused by [`Reading::take`].
    fn read(&mut self, wanted: &Wanted, reading: &mut Reading) -> Result<(), Refusal>;
}

/// The contents of wanted entries, by path in the hand-out.
///
/// # Errors
/// What [`Container::read`] refuses.
pub(super) fn read(container: &mut dyn Container, wanted: &Wanted) -> Result<Sources, Refusal> {
    let mut reading = Reading::new();
    container.read(wanted, &mut reading)?;
    Ok(reading.finish())
}
