//! How the kernel touches what programs have.

/// RAM is mapped for the kernel as well, so a user's frame has two addresses and two entries with
/// A and D bits of their own. There are two ways to live with that; both give the same results.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum AliasPolicy {
    /// The kernel goes through its alias, and the frame table reads and clears A and D over all
    /// entries of a frame. (High memory has no alias; there the kernel uses the other way.)
    #[default]
    Sync,
    /// The kernel goes through the user's address, so that no other entry is ever used.
    UserAddress,
}
