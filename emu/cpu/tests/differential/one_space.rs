//! A CPU in one address space, with a kernel that only maps frames at pages.
//!
//! # Invariants
//!
//! Nothing but [`OneSpace::give`] changes what is mapped.

use cpu::context::Context;
use cpu::exit::Exit;
use cpu::registers::Registers;
use machine::addr::{Frame, VirtAddr};
use machine::paging::PageDirectory;
use machine::pte::PteFlags;
use machine::work::Work;

use crate::case::General;
use crate::outcome::{End, Fault};
use crate::pages::Rights;
use crate::values::FXSAVE;
use bare::Machine;

/// The address from which x87 and SSE states are loaded.
const STATE: VirtAddr = VirtAddr(0x0c00_0000);

/// The machine, and the address space that all runs in.
pub(crate) struct OneSpace {
    pub machine: Machine,
    pub directory: PageDirectory,
    /// One for each x87 and SSE state.
    contexts: Vec<Context>,
}

/// The end of a run of the CPU.
pub(crate) enum Stop {
    /// A page fault, about which something may be done.
    Fault(Fault),
    /// Nothing that could go on.
    End(End),
    /// The single step is done.
    Step,
}

impl OneSpace {
    /// Creates a machine that can start with these x87 and SSE states, with an empty address space.
    pub(crate) fn new(floats: &[[u8; FXSAVE]]) -> OneSpace {
        let mut machine = Machine::new();
        let contexts = floats
            .iter()
            .map(|state| load(&mut machine, state))
            .collect();
        OneSpace {
            directory: machine.space(),
            machine,
            contexts,
        }
    }

    /// Puts these registers and one of the x87 and SSE states on the CPU.
    pub(crate) fn resume(&mut self, general: &General, eip: u32, eflags: u32, float: usize) {
        let [eax, ecx, edx, ebx, esp, ebp, esi, edi] = *general;
        let registers = Registers {
            eax,
            ecx,
            edx,
            ebx,
            esp,
            ebp,
            esi,
            edi,
            eip,
            eflags,
            ..Registers::default()
        };
        let mut context = self.contexts[float].clone();
        context.set_registers(&registers);
        self.machine.cpu.resume(&context, self.directory.root());
    }

    /// Maps a frame at the page that begins at `addr`, or unmaps it.
    pub(crate) fn give(&mut self, addr: u32, frame: Frame, rights: Rights) {
        let page = VirtAddr(addr).page();
        let flags = match rights {
            Rights::None => {
                self.machine.unmap(&self.directory, page);
                return;
            }
            Rights::Read => PteFlags::USER_READ,
            Rights::Write => PteFlags::USER_WRITE,
        };
        self.machine.map(&self.directory, page, frame, flags);
    }

    /// Runs until the CPU needs a kernel.
    pub(crate) fn run(&mut self, until: Work) -> Stop {
        match self.machine.cpu.run(until) {
            Exit::PageFault(fault) => Stop::Fault(Fault {
                addr: fault.addr.0,
                code: fault.code.bits() & 7,
            }),
            Exit::Syscall => Stop::End(End::Syscall),
            Exit::Tick => Stop::End(End::Endless),
            Exit::Exception {
                exception,
                error_code,
            } => Stop::End(End::Exception {
                vector: exception.vector(),
                code: error_code,
            }),
            Exit::Debug(_) => Stop::Step,
        }
    }

    /// Executes one instruction, or one iteration of a repeated one.
    pub(crate) fn step(&mut self, until: Work) -> Stop {
        self.machine.cpu.step(self.directory.root());
        self.run(until)
    }
}

/// Returns a context with this x87 and SSE state.
fn load(machine: &mut Machine, state: &[u8; FXSAVE]) -> Context {
    let fxrstor = [
        &[0x0f, 0xae, 0x0d],
        &STATE.0.to_le_bytes()[..],
        &[0xcd, 0x30],
    ]
    .concat();
    let program = machine.program(&fxrstor);
    machine.place(&program.directory, STATE, state);
    assert_eq!(machine.run_program(&program), Exit::Syscall);
    let mut context = program.context.clone();
    machine.cpu.save(&mut context);
    machine.recycle(program);
    context
}
