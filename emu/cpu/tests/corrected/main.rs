//! What each correction of the emulator makes right. A correction's file names its test.

mod blocks;
mod flags;
mod floats;
mod segments;
mod sse;
mod x87;
