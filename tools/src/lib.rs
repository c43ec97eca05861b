//! The commands that inspect a machine. Their program is `vmlab-tools`; `vmlab` passes its command
//! line on to it.
//!
//! # Invariants
//!
//! Inspection changes nothing: a program does the same whether it is inspected or not.
//!
//! # Where to read
//! [`cli`] has a file for each subcommand. [`inspect`] shows the kernel's state at a moment, [`why`]
//! the history of a page. [`record`] records a run, [`html`] draws it, [`trace`] writes it for
//! Perfetto. [`policies`] compares replacement policies, [`workloads`] has real programs for that, [`gdb`] is the debugger, [`mod@bench`]
//! measures.

pub mod bench;
pub mod cli;
pub mod gdb;
pub mod html;
pub mod inspect;
pub mod policies;
pub mod record;
pub mod trace;
pub mod why;
pub mod workloads;
