//! How the kernel accesses user memory.

/// The address through which the kernel accesses user memory.
///
/// All of RAM is mapped for the kernel, so a user's frame has two addresses, and two entries with
/// separate A and D bits ("Accessed and Dirty Bits" in the Pintos documentation). There are two
/// ways to deal with that; both have the same results.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum AliasPolicy {
    /// The kernel uses its alias, and the frame table reads and clears A and D in all entries of a
    /// frame. (High memory has no alias; there the kernel uses the user's address.)
    #[default]
    Sync,
    /// The kernel uses the user's address, so that no other entry is ever used.
    UserAddress,
}
