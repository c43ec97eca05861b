//! How user programs are compiled: the C compiler, and what a source declares.
//!
//! The build script of crate `images` uses it for the bundled programs, and crate `host` for those of
//! students, so both are compiled in the same way.

pub mod compiler;
pub mod declared;
