//! Replacement policies on reference strings, without address spaces, swap or CPU.

mod behaviour;
mod cost;
mod properties;
mod publications;
mod reference;
mod textbook;
