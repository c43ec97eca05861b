//! What the kernel's own work costs, in guest work.
//!
//! What always holds: whatever a program can make long costs work in proportion, so that nobody
//! gets much done for few blocks and every run ends at its limit. The numbers are about what the
//! same work costs the host, in basic blocks.

use emu::work::Work;

/// Getting from the guest into the kernel and back, for whatever reason.
pub const KERNEL_ENTRY: Work = Work(20);
/// Moving up to a page of bytes between user memory and a file or the console.
pub const PAGE_MOVED: Work = Work(100);
/// Making a process, whether or not it comes to life.
pub const NEW_PROCESS: Work = Work(2_000);
/// Looking a file up, making or removing one: the host has to be asked.
pub const FILE_LOOKUP: Work = Work(200);
