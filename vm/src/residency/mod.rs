//! Where pages are: contents, the frame table, the swap table.

pub mod content;
pub mod frame;
pub mod swap;
