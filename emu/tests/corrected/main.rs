//! What each correction of the emulator makes right. A correction's file names its test.

#[path = "../common/mod.rs"]
mod common;
mod floats;
mod sse;
mod x87;
