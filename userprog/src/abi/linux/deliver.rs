//! Signals on their way: sending them, calling handlers, returning from them, and the end by one.
//!
//! A handler is called with a frame on the program's stack, as Linux lays it out: with SA_SIGINFO `struct
//! rt_sigframe`, else `struct sigframe`. Beside it the kernel keeps all registers, x87 and SSE included; when
//! the handler returns they come back, and then what it has changed of the general ones in its frame.
//!
//! # Invariants
//! A signal is acted on when its process is about to go on: after a system call, or at the end of its time
//! slice. What the kernel keeps is bounded: a program that never returns from handlers loses the oldest.

use cpu::context::Context;
use cpu::registers::Registers;
use machine::addr::VirtAddr;
use vm::{Client, SpaceId, UserPtr};

use super::altstack::{self, AltStack};
use super::encode::Encoder;
use super::exceptions::FaultInfo;
use super::signals::{Action, ActionFlags, Cause, Due, Signal, SignalSet};
use crate::abi::Abi;
use crate::process::{ExitStatus, Pid};
use crate::service::Service;
use crate::turn::Next;

/// Handlers inside handlers whose registers are kept.
const MOST_KEPT: usize = 32;
/// Words of a `struct sigcontext`.
const CONTEXT_WORDS: usize = 22;
/// Bytes of a `siginfo_t`.
const INFO_BYTES: usize = 128;
/// Where a `struct sigframe` has its context, and what of the mask does not fit that.
const CONTEXT_AT: u32 = 8;
const EXTRA_MASK_AT: u32 = CONTEXT_AT + 4 * CONTEXT_WORDS as u32;
/// Where a `struct rt_sigframe` has its parts.
const INFO_AT: u32 = 16;
const UCONTEXT_AT: u32 = INFO_AT + INFO_BYTES as u32;
/// Where a `struct ucontext` has its context and its mask.
const CONTEXT_IN_UCONTEXT: u32 = 20;
const MASK_IN_UCONTEXT: u32 = CONTEXT_IN_UCONTEXT + 4 * CONTEXT_WORDS as u32;
/// The direction flag, the trap flag: clear in a handler.
const CLEARED_FLAGS: u32 = 1 << 10 | 1 << 8;
/// `sigreturn` and `rt_sigreturn`.
const SIGRETURN: u32 = 119;
const RT_SIGRETURN: u32 = 173;

/// What the kernel keeps while a handler runs.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    /// Where its frame is, as its return finds it.
    frame: u32,
    context: Context,
}

/// Which of the two layouts a frame has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FrameKind {
    Plain,
    WithInfo,
}

impl Service<'_> {
    /// Sends a signal to a process, and wakes a thread of it that has to act.
    pub(super) fn send(&mut self, pid: Pid, signal: Signal, cause: Cause) {
        if self.processes.get(pid).personality.abi() != Abi::Linux {
            return;
        }
        let leader = self.processes.leader(pid);
        if self.is_ignored(leader, signal) {
            return;
        }
        self.group_mut(pid).signals.pending.add(signal, cause);
        let threads = self.processes.threads(pid).into_iter();
        let acts = |thread: &Pid| {
            !self.has_ended(*thread) && !self.linux_of(*thread).signals.mask.contains(signal)
        };
        if let Some(thread) = threads.into_iter().find(acts) {
            self.linux.wakeups.wake(thread);
        }
    }

    /// Sends a signal to one thread, and wakes it if it has to act.
    pub(super) fn send_to_thread(&mut self, thread: Pid, signal: Signal, cause: Cause) {
        if self.is_ignored(thread, signal) || self.has_ended(thread) {
            return;
        }
        let signals = &mut self.linux_mut(thread).signals;
        signals.pending.add(signal, cause);
        if !signals.mask.contains(signal) {
            self.linux.wakeups.wake(thread);
        }
    }

    /// Whether nothing comes of a signal for a thread. It may be handled by the time it is no longer blocked.
    fn is_ignored(&self, thread: Pid, signal: Signal) -> bool {
        let is_blocked = self.linux_of(thread).signals.mask.contains(signal);
        !is_blocked && self.group_of(thread).signals.ignores(signal)
    }

    /// The signal about which a thread has to do something next, which stays to be done.
    pub(super) fn due(&self, pid: Pid) -> Option<Due> {
        let signals = self.linux_of(pid).signals;
        signals.due(&self.group_of(pid).signals)
    }

    fn take_due(&mut self, pid: Pid) -> Option<Due> {
        let mut signals = self.linux_of(pid).signals;
        let due = signals.take_due(&mut self.group_mut(pid).signals);
        self.linux_mut(pid).signals = signals;
        due
    }

    /// Acts on the signals of the process on the CPU, which would go on with `next`.
    pub(super) fn deliver_signals(&mut self, pid: Pid, next: Next) -> Next {
        if !matches!(next, Next::Resume | Next::Yield) {
            return next;
        }
        while let Some(due) = self.take_due(pid) {
            match due {
                Due::End(signal) => return self.end_by(pid, signal),
                Due::Handle(signal, action, cause) => {
                    let told = FaultInfo {
                        cause,
                        ..FaultInfo::default()
                    };
                    if !self.call_handler(pid, signal, action, told) {
                        return self.end_by(pid, Signal::SEGMENT);
                    }
                }
            }
        }
        next
    }

    /// Signals of a Linux process whose time slice is over.
    pub(crate) fn deliver_at_tick(&mut self, pid: Pid) -> Next {
        self.deliver_signals(pid, Next::Yield)
    }

    /// Has the process on the CPU go on in its handler of a fault; `false` if it has none, or blocks the signal.
    pub(super) fn is_handled(&mut self, pid: Pid, signal: Signal, fault: FaultInfo) -> bool {
        let action = self.group_of(pid).signals.action(signal);
        let is_blocked = self.linux_of(pid).signals.mask.contains(signal);
        let has_handler = action.handler > 1 && !is_blocked;
        has_handler && self.call_handler(pid, signal, action, fault)
    }

    /// Ends a process by a signal. The first one is nobody's child who could say so.
    pub(crate) fn end_by(&mut self, pid: Pid, signal: Signal) -> Next {
        let name = &self.processes.get(pid).name;
        log::info!("{pid} ({name}) is ended by {signal}");
        if self.processes.relatives(pid).0.is_none() {
            let name = name.as_bytes();
            let message = [name, format!(": {signal}\n").as_bytes()].concat();
            self.console.write(&message);
        }
        Next::End(ExitStatus::Signalled(signal))
    }

    /// Has the process on the CPU go on in a handler; `false` if there is no room on its stack.
    fn call_handler(&mut self, pid: Pid, signal: Signal, action: Action, fault: FaultInfo) -> bool {
        let space = self.processes.get(pid).space;
        let registers = self.cpu.registers();
        let blocked_now = self.linux_of(pid).signals.mask;
        let mask = self.linux_mut(pid).suspended.take().unwrap_or(blocked_now);
        let kind = match action.flags.contains(ActionFlags::INFO) {
            true => FrameKind::WithInfo,
            false => FrameKind::Plain,
        };
        let alternate = self.linux_of(pid).alternate;
        let to_change = action.flags.contains(ActionFlags::ON_STACK);
        let changed = alternate.filter(|to| to_change && !to.holds(registers.stack()));
        let place = Place {
            below: changed.map_or(registers.esp, AltStack::end),
            alternate: altstack::encode(alternate, registers.stack()),
        };
        let (frame, bytes) = frame(kind, signal, action, &registers, mask, fault, &place);
        let client = Client {
            space,
            stack: VirtAddr(frame),
        };
        if self.vm.write_user(client, UserPtr(frame), &bytes).is_err() {
            return false;
        }
        let context = self.context_on_cpu(pid);
        let linux = self.linux_mut(pid);
        if linux.kept.len() == MOST_KEPT {
            linux.kept.remove(0);
        }
        linux.kept.push(Kept { frame, context });
        let mut blocked = mask.union(action.mask);
        if !action.flags.contains(ActionFlags::NO_DEFER) {
            blocked = blocked.with(signal);
        }
        linux.signals.mask = blocked.blockable();
        if action.flags.contains(ActionFlags::RESET) {
            self.group_mut(pid)
                .signals
                .set_action(signal, Action::default());
        }
        self.cpu.set_registers(&Registers {
            eip: action.handler,
            esp: frame,
            eax: signal.number(),
            edx: match kind {
                FrameKind::WithInfo => frame + INFO_AT,
                FrameKind::Plain => 0,
            },
            ecx: match kind {
                FrameKind::WithInfo => frame + UCONTEXT_AT,
                FrameKind::Plain => 0,
            },
            eflags: registers.eflags & !CLEARED_FLAGS,
            ..registers
        });
        true
    }

    /// Takes the process on the CPU back to where a handler interrupted it; `frame` is where the frame
    /// begins.
    pub(super) fn return_from_handler(&mut self, pid: Pid, frame: u32, kind: FrameKind) -> Next {
        let space = self.processes.get(pid).space;
        let Some((words, mask)) = self.read_frame(space, frame, kind) else {
            return self.end_by(pid, Signal::SEGMENT);
        };
        let kept = &mut self.linux_mut(pid).kept;
        let found = kept.iter().rposition(|kept| kept.frame == frame);
        let context = found.map(|index| {
            // Handlers inside this one will not return any more.
            let mut inner = kept.drain(index..);
            inner.next().expect("the one that was found").context
        });
        if let Some(context) = context {
            let root = self.vm.user_root(space);
            self.cpu.resume(&context, root);
        }
        self.cpu.set_registers(&registers_of(&words));
        self.linux_mut(pid).signals.mask = mask.blockable();
        Next::Resume
    }

    fn read_frame(
        &mut self,
        space: SpaceId,
        frame: u32,
        kind: FrameKind,
    ) -> Option<([u32; CONTEXT_WORDS], SignalSet)> {
        let client = Client {
            space,
            stack: VirtAddr(frame),
        };
        let mut read = |at: u32, to: &mut [u8]| -> Option<()> {
            let at = frame.checked_add(at)?;
            self.vm.read_user(client, UserPtr(at), to).ok()
        };
        let mut words = [[0; 4]; CONTEXT_WORDS];
        let mut mask = [0; 8];
        match kind {
            FrameKind::Plain => {
                read(CONTEXT_AT, words.as_flattened_mut())?;
                mask[..4].copy_from_slice(&words[CONTEXT_WORDS - 2]);
                read(EXTRA_MASK_AT, &mut mask[4..])?;
            }
            FrameKind::WithInfo => {
                read(UCONTEXT_AT + CONTEXT_IN_UCONTEXT, words.as_flattened_mut())?;
                read(UCONTEXT_AT + MASK_IN_UCONTEXT, &mut mask)?;
            }
        }
        let mask = SignalSet(u64::from_le_bytes(mask));
        Some((words.map(u32::from_le_bytes), mask))
    }

    /// All registers of the process on the CPU.
    fn context_on_cpu(&mut self, pid: Pid) -> Context {
        let mut context = self.processes.get(pid).context.clone();
        self.cpu.save(&mut context);
        context
    }
}

/// Where a handler's frame goes.
struct Place {
    below: u32,
    /// The `stack_t` that the handler finds.
    alternate: Vec<u8>,
}

/// The frame of a handler, and where it begins.
fn frame(
    kind: FrameKind,
    signal: Signal,
    action: Action,
    registers: &Registers,
    mask: SignalSet,
    fault: FaultInfo,
    place: &Place,
) -> (u32, Vec<u8>) {
    let length = match kind {
        FrameKind::Plain => EXTRA_MASK_AT + 4 + 8,
        FrameKind::WithInfo => UCONTEXT_AT + MASK_IN_UCONTEXT + 8 + 8,
    };
    // At the handler's first instruction the stack is as after a call: 4 bytes below a multiple of 16.
    let frame = (place.below.wrapping_sub(length).wrapping_add(4) & !15).wrapping_sub(4);
    let code_at = frame.wrapping_add(length - 8);
    let returns_to = match action.flags.contains(ActionFlags::RESTORER) {
        true => action.restorer,
        false => code_at,
    };
    let context = context(registers, mask, fault);
    let head = Encoder::default().u32(returns_to).u32(signal.number());
    let frame_bytes = match kind {
        FrameKind::Plain => head
            .bytes(&context)
            .u32((mask.0 >> 32) as u32)
            .bytes(&return_code(&[0x58], SIGRETURN)),
        FrameKind::WithInfo => {
            let info = Encoder::default()
                .u32(signal.number())
                .u32(0)
                .u32(fault.cause.code)
                .u32(fault.cause.fields[0])
                .u32(fault.cause.fields[1])
                .u32(fault.cause.fields[2])
                .up_to(INFO_BYTES);
            head.u32(frame.wrapping_add(INFO_AT))
                .u32(frame.wrapping_add(UCONTEXT_AT))
                .bytes(&info.finish())
                .zeros(8) // flags, link
                .bytes(&place.alternate)
                .bytes(&context)
                .u64(mask.0)
                .bytes(&return_code(&[], RT_SIGRETURN))
        }
    };
    (frame, frame_bytes.up_to(length as usize).finish())
}

/// `mov eax, number; int $0x80`, with something before it.
fn return_code(before: &[u8], number: u32) -> Vec<u8> {
    [before, &[0xb8], &number.to_le_bytes(), &[0xcd, 0x80]].concat()
}

/// A `struct sigcontext`.
fn context(r: &Registers, mask: SignalSet, fault: FaultInfo) -> Vec<u8> {
    let words = [
        r.gs.into(),
        r.fs.into(),
        r.es.into(),
        r.ds.into(),
        r.edi,
        r.esi,
        r.ebp,
        r.esp,
        r.ebx,
        r.edx,
        r.ecx,
        r.eax,
        fault.vector,
        fault.error_code,
        r.eip,
        r.cs.into(),
        r.eflags,
        r.esp,
        r.ss.into(),
        0, // where the x87 registers are: with the kernel
        mask.0 as u32,
        fault.addr,
    ];
    let _: &[u32; CONTEXT_WORDS] = &words;
    words
        .iter()
        .flat_map(|word: &u32| word.to_le_bytes())
        .collect()
}

/// The registers that a `struct sigcontext` has.
fn registers_of(words: &[u32; CONTEXT_WORDS]) -> Registers {
    Registers {
        edi: words[4],
        esi: words[5],
        ebp: words[6],
        esp: words[7],
        ebx: words[8],
        edx: words[9],
        ecx: words[10],
        eax: words[11],
        eip: words[14],
        eflags: words[16],
        ..Registers::default()
    }
}
