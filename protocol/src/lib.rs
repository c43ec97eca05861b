//! What the grader and the machine program say to each other.
//!
//! The grader (`vmlab`, crate `grading`) knows nothing of the kernel that it grades: it does not have the
//! virtual memory in it. It starts the machine program (`vmlab-machine`, crate `driver`), which has, once for
//! each attempt of a test, and reads what that leaves. So a change of the kernel builds the machine
//! program alone, and a kernel that is wrong, or hostile, is in another process than what judges it.
//!
//! # The protocol
//! 1. `vmlab-machine kinds` prints the [`kind::Kinds`] as JSON: names that a suite file may use.
//! 2. `vmlab-machine run OPTIONS` is one run: the options are those of a [`request::Request`].
//!    - standard input is the program's keyboard, standard output its console, and nothing else;
//!    - standard error has messages; its last line, if the run came to an end, is a JSON object,
//!      [`stats::Printed`];
//!    - the file of `--record` is a [`record::Record`] as JSON, whole or not there. It is written when the
//!      run ends, when the kernel panics, and when it has had its time;
//!    - the exit code is one of [`exit::Exit`]; a signal says that the host ended it.
//!
//! # Invariants
//! No value of this protocol depends on the host, the time or the order of threads, but for the fact that a
//! limit of the host was reached.

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
