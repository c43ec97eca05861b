//! The exit codes of the `vmlab` command.
//!
//! They are the same for every subcommand, and only a signal makes the program end with another
//! one: a panic is caught and reported as [`Exit::Kernel`] or [`Exit::Bug`], depending on its
//! origin.

use std::process::ExitCode;

/// How a subcommand ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// Code 0: the program exited with status 0, all tests passed, the list was printed.
    Success,
    /// Code 1: the guest ended in any other way, or a test failed.
    Failed,
    /// Code 2: the command line or something it names cannot be used.
    Usage,
    /// Code 3: a bug of vmlab.
    Bug,
    /// Code 4: the kernel that was run, `vm` and `userprog`, panicked, is not fully written, or
    /// does not come to an end.
    Kernel,
    /// Code 130, as of a shell: Ctrl-C or another signal asked the command to end.
    Interrupted,
}

impl Exit {
    /// Returns the number that the caller sees.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Exit::Success => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Bug => 3,
            Exit::Kernel => 4,
            Exit::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

/// The paragraph on exit codes at the end of `--help`, for subcommands that run a program.
pub const RUN_CODES: &str = "Exit codes:
  0  the program exited with status 0
  1  it ended in any other way: another status, killed, work limit, not loadable, halted
  2  usage or set-up: an unknown option, a file that cannot be read...
  3  a bug of vmlab
  4  the kernel failed: it panicked, is not written yet, or serves a fault without end";

/// The same for `grade`.
pub const GRADE_CODES: &str = "Exit codes:
  0  all tests passed
  1  a test failed, or the kernel in it
  2  usage or set-up: an unknown option, an error in a suite file...
  3  a bug of vmlab
  130  interrupted by Ctrl-C or a signal: the score is that of the tests that had ended";

/// The same for the subcommands that run no kernel.
pub const PRINT_CODES: &str = "Exit codes:
  0  done
  2  usage or set-up
  3  a bug of vmlab";

/// The same for `bench`, which runs a kernel, but no program of the user's.
pub const BENCH_CODES: &str = "Exit codes:
  0  done
  2  usage or set-up
  3  a bug of vmlab
  4  the kernel failed: it panicked, or is not written yet";
