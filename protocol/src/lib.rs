//! The protocol between the grader and the machine program.
//!
//! The grader (`vmlab`, crate `grading`) does not link the kernel that it grades. For each attempt
//! of a test it starts the machine program (`vmlab-machine`, crate `driver`), which does, and reads
//! its output. So a change of the kernel rebuilds the machine program alone, and a kernel that is
//! wrong or hostile runs in a separate process from the one that judges it.
//!
//! # The protocol
//! 1. `vmlab-machine kinds` prints the [`kind::Kinds`] as JSON: names that a suite file may use.
//! 2. `vmlab-machine run OPTIONS` makes one run; the options are those of a [`request::Request`].
//!    - standard input is the program's keyboard, standard output its console, and nothing else;
//!    - standard error has messages; if the run came to an end, its last line is a JSON object,
//!      [`stats::Printed`];
//!    - the file of `--record` is a [`record::Record`] as JSON, complete or absent. It is written when
//!      the run ends, when the kernel panics, and when its time is up;
//!    - the exit code is one of [`exit::Exit`]; a signal means that the host ended it.
//!
//! # Invariants
//! No value of this protocol depends on the host, the time or the order of threads, except the fact
//! that a limit of the host was reached.

pub mod difference;
pub mod exit;
pub mod kernel_panic;
pub mod kind;
pub mod level;
pub mod pages;
pub mod record;
pub mod request;
pub mod settings;
pub mod similar;
pub mod stats;
