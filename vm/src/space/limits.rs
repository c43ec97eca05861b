//! The limits on the number of regions.

use thiserror::Error;

/// The most regions of an address space: Linux' default for `vm.max_map_count`.
pub const MAX_REGIONS: usize = 65_530;
/// The most regions of all address spaces together.
pub const MAX_REGIONS_OF_ALL: usize = 4 * MAX_REGIONS;

/// The operation would exceed a limit on regions; nothing changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error(
    "an address space may have {MAX_REGIONS} regions, all together may have {MAX_REGIONS_OF_ALL}"
)]
pub struct TooManyRegions;
