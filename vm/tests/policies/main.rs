//! Replacement policies on reference strings, without address spaces, swap or CPU.

mod behaviour;
mod cost;
mod properties;
mod reference;
mod textbook;
