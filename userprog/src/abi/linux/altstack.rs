//! sigaltstack: a stack of its own for handlers, which are called even if the program has used up its stack.
//!
//! # Invariants
//! An alternate stack is not changed while the program is on it.

use machine::addr::VirtAddr;

use super::call::{Call, Done, Reply};
use super::encode::Encoder;
use crate::errno::Errno;
use crate::service::Service;

/// SS_ONSTACK, SS_DISABLE, SS_AUTODISARM.
const ON_STACK: u32 = 1;
const DISABLE: u32 = 2;
const AUTODISARM: u32 = 1 << 31;
/// MINSIGSTKSZ.
const LEAST_BYTES: u32 = 2048;

/// An alternate stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct AltStack {
    start: u32,
    bytes: u32,
}

impl AltStack {
    /// Where its first frame ends.
    pub(super) fn end(self) -> u32 {
        self.start.wrapping_add(self.bytes)
    }

    /// Whether a stack pointer is in it.
    pub(super) fn holds(self, stack: VirtAddr) -> bool {
        let from_start = stack.0.wrapping_sub(self.start);
        from_start > 0 && from_start <= self.bytes
    }
}

/// The fields of a `stack_t` for a program whose stack pointer is here.
pub(super) fn encode(alternate: Option<AltStack>, stack: VirtAddr) -> Vec<u8> {
    let (start, flags, bytes) = match alternate {
        None => (0, DISABLE, 0),
        Some(on) if on.holds(stack) => (on.start, ON_STACK, on.bytes),
        Some(off) => (off.start, 0, off.bytes),
    };
    let fields = Encoder::default().u32(start).u32(flags).u32(bytes);
    fields.finish()
}

/// `int sigaltstack(const stack_t *new, stack_t *old)`
pub(super) fn sigaltstack(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [new, old] = call.arguments();
    let before = kernel.linux_of(call.pid()).alternate;
    if new != 0 {
        let [start, flags, bytes] = kernel.words_in(call, new)?;
        if before.is_some_and(|alternate| alternate.holds(call.caller.stack)) {
            return Err(Errno::Permission.into());
        }
        let alternate = match flags & !AUTODISARM {
            DISABLE => None,
            0 | ON_STACK if bytes < LEAST_BYTES => return Err(Errno::NoMemory.into()),
            0 | ON_STACK => Some(AltStack { start, bytes }),
            _ => return Err(Errno::Invalid.into()),
        };
        kernel.linux_mut(call.pid()).alternate = alternate;
    }
    kernel.copy_out_if_wanted(call, old, &encode(before, call.caller.stack))?;
    Ok(Done::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_is_used_from_its_end_down() {
        let stack = AltStack {
            start: 0x1000,
            bytes: 0x800,
        };
        let holds = [0x1000, 0x1001, 0x1800, 0x1801].map(|at| stack.holds(VirtAddr(at)));
        assert_eq!(holds, [false, true, true, false]);
        assert_eq!(stack.end(), 0x1800);
    }
}
