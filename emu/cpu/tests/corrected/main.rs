//! The behaviour that each correction of the emulator fixes. A correction's file names its test.

mod blocks;
mod flags;
mod floats;
mod segments;
mod sse;
mod x87;
