//! Why there is no CPU.

use thiserror::Error;
use unicorn_engine::uc_error;

/// Why there is no CPU.
#[derive(Debug, Error)]
pub enum CpuError {
    /// The emulator refused.
    #[error("the emulator cannot be set up: {0}")]
    Engine(#[from] uc_error),
    /// The way into ring 3 led elsewhere.
    #[error("the CPU did not reach ring 3: {end:?}, cs and ss {selectors:#x?}")]
    Boot {
        /// How the emulator ended.
        end: Result<(), uc_error>,
        /// CS and SS at that time.
        selectors: [u32; 2],
    },
}
