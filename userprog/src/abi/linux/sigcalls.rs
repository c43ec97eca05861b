//! kill, tkill, tgkill, rt_sigaction, rt_sigprocmask, rt_sigpending, rt_sigsuspend, pause, sigreturn,
//! rt_sigreturn.
//!
//! # Invariants
//! Sets of signals have 8 bytes.

use super::call::{Call, Done, Fail, Reply};
use super::deliver::FrameKind;
use super::encode::Encoder;
use super::groups::Meant;
use super::signals::{Action, ActionFlags, Cause, Signal, SignalSet};
use crate::errno::Errno;
use crate::process::Pid;
use crate::service::Service;

/// The bytes of a set of signals.
const SET_BYTES: u32 = 8;

/// `int kill(pid_t, int signal)`: to a process, a group or all others; one that has ended is there until it is
/// waited for.
pub(super) fn kill(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [pid, number] = call.arguments();
    let meant = Meant::by(kernel, call, pid);
    let processes = kernel.receivers(call, meant);
    let has_ended = |pid| kernel.processes.family(pid).is_some();
    let is_none = match meant {
        Meant::One(pid) => processes.is_empty() && !has_ended(pid),
        _ => processes.is_empty(),
    };
    if is_none {
        return Err(Errno::NoProcess.into());
    }
    let signal = signal_or_none(number)?;
    let cause = Cause::sent_by(kernel.processes.leader(call.pid()));
    for process in processes {
        signal.inspect(|signal| kernel.send(process, *signal, cause));
    }
    Ok(Done::ZERO)
}

/// `int tkill(int tid, int signal)`
pub(super) fn tkill(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [tid, number] = call.arguments();
    send_to_thread(kernel, call, None, tid, number)
}

/// `int tgkill(int tgid, int tid, int signal)`
pub(super) fn tgkill(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [process, tid, number] = call.arguments();
    send_to_thread(kernel, call, Some(process), tid, number)
}

/// `int rt_sigaction(int signal, const struct sigaction *new, struct sigaction *old, size_t)`
pub(super) fn rt_sigaction(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [number, new, old, size] = call.arguments();
    let signal = Signal::new(number).filter(|_| size == SET_BYTES);
    let signal = signal.ok_or(Errno::Invalid)?;
    let before = kernel.group_of(call.pid()).signals.action(signal);
    if new != 0 {
        let [handler, flags, restorer, low, high] = kernel.words_in(call, new)?;
        let action = Action {
            handler,
            flags: ActionFlags::from_bits_truncate(flags),
            restorer,
            mask: SignalSet(u64::from(low) | u64::from(high) << 32).blockable(),
        };
        let signals = &mut kernel.group_mut(call.pid()).signals;
        if !signals.set_action(signal, action) {
            return Err(Errno::Invalid.into());
        }
        if signals.ignores(signal) {
            for thread in kernel.processes.threads(call.pid()) {
                let signals = &mut kernel.linux_mut(thread).signals;
                signals.pending.remove(signal);
            }
        }
    }
    let fields = Encoder::default()
        .u32(before.handler)
        .u32(before.flags.bits())
        .u32(before.restorer)
        .u64(before.mask.0);
    kernel.copy_out_if_wanted(call, old, &fields.finish())?;
    Ok(Done::ZERO)
}

/// `int rt_sigprocmask(int how, const sigset_t *new, sigset_t *old, size_t)`
pub(super) fn rt_sigprocmask(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [how, new, old, size] = call.arguments();
    if size != SET_BYTES {
        return Err(Errno::Invalid.into());
    }
    let before = kernel.linux_of(call.pid()).signals.mask;
    if new != 0 {
        let given = set_in(kernel, call, new)?;
        let mask = match how {
            0 => before.union(given),
            1 => before.without(given),
            2 => given,
            _ => return Err(Errno::Invalid.into()),
        };
        kernel.linux_mut(call.pid()).signals.mask = mask.blockable();
    }
    kernel.copy_out_if_wanted(call, old, &before.0.to_le_bytes())?;
    Ok(Done::ZERO)
}

/// `int rt_sigpending(sigset_t *, size_t)`
pub(super) fn rt_sigpending(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [to, size] = call.arguments();
    if size > SET_BYTES {
        return Err(Errno::Invalid.into());
    }
    let signals = kernel.linux_of(call.pid()).signals;
    let pending = signals.coming(&kernel.group_of(call.pid()).signals);
    kernel.copy_out(call, to, &pending.0.to_le_bytes()[..size as usize])?;
    Ok(Done::ZERO)
}

/// `int rt_sigsuspend(const sigset_t *, size_t)`
pub(super) fn rt_sigsuspend(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [from, size] = call.arguments();
    if size != SET_BYTES {
        return Err(Errno::Invalid.into());
    }
    let mask = set_in(kernel, call, from)?;
    suspend(kernel, call, mask);
    Ok(Done::Wait)
}

/// Has signals come by the mask at an address while a call waits, which passes the bytes that it has; null is none.
pub(super) fn wait_with_mask(
    kernel: &mut Service<'_>,
    call: Call,
    from: u32,
    size: u32,
) -> Result<(), Fail> {
    if from == 0 {
        return Ok(());
    }
    if size != SET_BYTES {
        return Err(Errno::Invalid.into());
    }
    let mask = set_in(kernel, call, from)?;
    suspend(kernel, call, mask);
    Ok(())
}

fn suspend(kernel: &mut Service<'_>, call: Call, mask: SignalSet) {
    let linux = kernel.linux_mut(call.pid());
    // The call is made again when the process is woken: the mask from before it is the first one.
    linux.suspended.get_or_insert(linux.signals.mask);
    linux.signals.mask = mask.blockable();
}

/// `int pause(void)`
pub(super) fn pause(kernel: &mut Service<'_>, call: Call) -> Reply {
    let linux = kernel.linux_mut(call.pid());
    linux.suspended.get_or_insert(linux.signals.mask);
    Ok(Done::Wait)
}

/// `int sigreturn(void)`: the handler has taken the frame's first two words off the stack.
pub(super) fn sigreturn(_: &mut Service<'_>, call: Call) -> Reply {
    let frame = call.caller.stack.0.wrapping_sub(8);
    Ok(Done::Return(frame, FrameKind::Plain))
}

/// `int rt_sigreturn(void)`: the handler has taken the frame's first word off the stack.
pub(super) fn rt_sigreturn(_: &mut Service<'_>, call: Call) -> Reply {
    let frame = call.caller.stack.0.wrapping_sub(4);
    Ok(Done::Return(frame, FrameKind::WithInfo))
}

fn set_in(kernel: &mut Service<'_>, call: Call, from: u32) -> Result<SignalSet, Fail> {
    let [low, high] = kernel.words_in(call, from)?;
    Ok(SignalSet(u64::from(low) | u64::from(high) << 32))
}

/// The signal of a number; none of 0, which only asks whether there is somebody.
fn signal_or_none(number: u32) -> Result<Option<Signal>, Errno> {
    match number {
        0 => Ok(None),
        number => Signal::new(number).map(Some).ok_or(Errno::Invalid),
    }
}

/// Sends a signal to a thread, of this process if one is named.
fn send_to_thread(
    kernel: &mut Service<'_>,
    call: Call,
    process: Option<u32>,
    tid: u32,
    number: u32,
) -> Reply {
    let is_positive = |number: u32| (number as i32) > 0;
    if !is_positive(tid) || !process.is_none_or(is_positive) {
        return Err(Errno::Invalid.into());
    }
    let thread = Pid(tid);
    let is_its = |process: u32| kernel.processes.leader(thread) == Pid(process);
    if !kernel.is_linux(thread) || !process.is_none_or(is_its) {
        return Err(Errno::NoProcess.into());
    }
    let signal = signal_or_none(number)?;
    if let Some(signal) = signal {
        let cause = Cause::sent_to_thread_by(kernel.processes.leader(call.pid()));
        kernel.send_to_thread(thread, signal, cause);
    }
    Ok(Done::ZERO)
}
