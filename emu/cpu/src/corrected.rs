//! The functions of the corrected emulator beyond its own interface (`unicorn/c/api.h`).

use std::ptr::NonNull;

use machine::addr::{Frame, PAGE_SIZE, Page, VirtAddr};
use unicorn_engine::uc_engine;

use crate::engine::Engine;

/// The account of work that generated code keeps.
#[repr(C)]
pub(crate) struct WorkAccount {
    /// The number of blocks that may begin before the emulator stops. Each block decrements it.
    pub left: i64,
    /// The block before which the emulator stopped because no work was left.
    pub refused_start: u32,
    /// Its length in bytes; 0 if the emulator did not stop for that reason.
    pub refused_length: u32,
}

unsafe extern "C" {
    fn uc_x86_work(engine: *mut uc_engine) -> *mut WorkAccount;
    fn uc_x86_limit_next_block(engine: *mut uc_engine, instructions: u32);
    fn uc_x86_exception(engine: *mut uc_engine, error_code: *mut u32, eip: *mut u32);
    fn uc_x86_flush_page(engine: *mut uc_engine, addr: u32);
    fn uc_x86_drop_code(engine: *mut uc_engine, start: u32, length: u32);
}

/// Returns the engine's account of work, which is valid as long as the engine lives.
pub(crate) fn work_account(engine: &Engine) -> NonNull<WorkAccount> {
    // SAFETY: the engine is live; the account is a part of it.
    let account = unsafe { uc_x86_work(engine.get_handle()) };
    NonNull::new(account).expect("the account is a part of the engine")
}

/// Limits the next block that begins to `instructions` instructions.
pub(crate) fn limit_next_block(engine: &mut Engine, instructions: u32) {
    // SAFETY: the engine is live.
    unsafe { uc_x86_limit_next_block(engine.get_handle(), instructions) }
}

/// Returns the error code of the exception that ended the last run, and its instruction.
pub(crate) fn last_exception(engine: &Engine) -> (u32, VirtAddr) {
    let (mut error_code, mut eip) = (0, 0);
    // SAFETY: the engine is live, and the places are valid for one word each.
    unsafe { uc_x86_exception(engine.get_handle(), &raw mut error_code, &raw mut eip) };
    (error_code, VirtAddr(eip))
}

/// Invalidates one page in the TLB.
pub(crate) fn flush_page(engine: &mut Engine, page: Page) {
    // SAFETY: the engine is live.
    unsafe { uc_x86_flush_page(engine.get_handle(), page.start().0) }
}

/// Drops the code that was translated from a frame.
pub(crate) fn drop_code_of(engine: &mut Engine, frame: Frame) {
    // SAFETY: the engine is live, and the frame lies in the RAM that is mapped in it.
    unsafe { uc_x86_drop_code(engine.get_handle(), frame.start().0, PAGE_SIZE) }
}
