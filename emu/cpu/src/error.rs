//! Why a CPU could not be created.

use thiserror::Error;
use unicorn_engine::uc_error;

/// Why a CPU could not be created.
#[derive(Debug, Error)]
pub enum CpuError {
    /// The emulator returned an error.
    #[error("the emulator cannot be set up: {0}")]
    Engine(#[from] uc_error),
    /// The boot code did not reach ring 3.
    #[error("the CPU did not reach ring 3: {end:?}, cs and ss {selectors:#x?}")]
    Boot {
        /// How the emulator ended.
        end: Result<(), uc_error>,
        /// CS and SS at that time.
        selectors: [u32; 2],
    },
}
