//! The commands that look into a machine. Their program is `vmlab-tools`; `vmlab` hands its command line on to it.
//!
//! # Invariants
//!
//! Whoever looks changes nothing; a program does the same whether it is looked at or not.
//!
//! # Where to read
//! [`cli`] has a file for each subcommand. [`inspect`] shows what is where at a moment, [`why`] how a page came
//! there, [`record`] collects a run, [`html`] draws it, [`trace`] writes it for Perfetto, [`policies`] compares
//! them, [`gdb`] debugs, [`mod@bench`] measures.

pub mod bench;
pub mod cli;
pub mod gdb;
pub mod html;
pub mod inspect;
pub mod policies;
pub mod record;
pub mod trace;
pub mod why;
