//! How many regions there may be.

use thiserror::Error;

/// Regions that an address space may have, as many as Linux allows.
pub const MAX_REGIONS: usize = 65_530;
/// Regions that all address spaces together may have.
pub const MAX_REGIONS_OF_ALL: usize = 4 * MAX_REGIONS;

/// There would be more regions than there may be; nothing changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error(
    "an address space may have {MAX_REGIONS} regions, all together may have {MAX_REGIONS_OF_ALL}"
)]
pub struct TooManyRegions;
