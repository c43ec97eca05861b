//! Runs cases on the emulated CPU, with a kernel that knows nothing but page states.

use cpu::context::Context;
use cpu::exception::Exception;
use cpu::exit::Exit;
use cpu::registers::Registers;
use machine::addr::{Frame, PhysAddr, VirtAddr};
use machine::paging::PageDirectory;
use machine::pte::PteFlags;
use machine::work::Work;

use crate::case::{CODE, Case, DATA, FLAGS, STACK, WINDOW};
use crate::common::Machine;
use crate::outcome::{End, Fault, Float, Outcome};
use crate::pages::{PAGES, Page, Pages, Rights};
use crate::values::FXSAVE;

/// More blocks than any case needs.
const ENOUGH: Work = Work(2000);
/// More faults than any case has.
const MANY_FAULTS: usize = 15;
/// `int3`, which is behind each instruction.
pub const INT3: u8 = 0xcc;
/// Where x87 and SSE states are loaded from.
const STATE: VirtAddr = VirtAddr(0x0c00_0000);

/// A machine with the pages of a case and nothing else.
pub struct Emulated {
    machine: Machine,
    directory: PageDirectory,
    /// Of [`PAGES`].
    frames: [Frame; 5],
    /// The first page of code.
    code: Frame,
    /// One for each x87 and SSE state.
    contexts: Vec<Context>,
}

impl Emulated {
    /// A machine whose contexts have these x87 and SSE states.
    pub fn new(floats: &[[u8; FXSAVE]]) -> Emulated {
        let mut machine = Machine::new();
        let contexts = floats
            .iter()
            .map(|state| load(&mut machine, state))
            .collect();
        let directory = machine.space();
        let frames = std::array::from_fn(|_| machine.frame());
        let code = machine.frame();
        let first = VirtAddr(CODE - 1).page();
        machine.map(&directory, first, code, PteFlags::USER_READ);
        Emulated {
            machine,
            directory,
            frames,
            code,
            contexts,
        }
    }

    /// Runs a case with its pages in some state.
    pub fn run(&mut self, case: &Case, pages: Pages) -> Outcome {
        self.set_up(case, pages);
        let [eax, ecx, edx, ebx, esp, ebp, esi, edi] = case.general;
        let registers = Registers {
            eax,
            ecx,
            edx,
            ebx,
            esp,
            ebp,
            esi,
            edi,
            eip: case.eip,
            eflags: case.eflags,
            ..Registers::default()
        };
        let mut context = self.contexts[case.float].clone();
        context.set_registers(&registers);
        self.machine.cpu.resume(&context, self.directory.root());
        let (end, faults) = self.go(pages, self.machine.cpu.work() + ENOUGH);
        self.outcome(end, faults)
    }

    fn set_up(&mut self, case: &Case, pages: Pages) {
        for frame in self.frames.into_iter().chain([self.code]) {
            self.machine.memory.zero(frame);
        }
        for ((page, frame), addr) in pages.all().into_iter().zip(self.frames).zip(PAGES) {
            let rights = match (addr, page) {
                (CODE, Page::Resident) => Rights::Read,
                _ => page.first(),
            };
            self.give(addr, frame, rights);
        }
        let memory = &self.machine.memory;
        let mut code = case.bytes.clone();
        code.resize(32, INT3);
        for (addr, bytes, first, second) in [
            (
                DATA - WINDOW as u32 / 2,
                &case.data[..],
                self.frames[0],
                self.frames[1],
            ),
            (
                STACK - WINDOW as u32 / 2,
                &case.stack[..],
                self.frames[2],
                self.frames[3],
            ),
            (case.eip, &code[..], self.code, self.frames[4]),
        ] {
            let offset = addr & 0xfff;
            let below = bytes.len().min(0x1000 - offset as usize);
            memory.write(PhysAddr(first.start().0 + offset), &bytes[..below]);
            memory.write(second.start(), &bytes[below..]);
        }
    }

    fn give(&mut self, addr: u32, frame: Frame, rights: Rights) {
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

    fn go(&mut self, pages: Pages, until: Work) -> (End, Vec<Fault>) {
        let mut faults = Vec::new();
        loop {
            let fault = match self.machine.cpu.run(until) {
                Exit::PageFault(fault) => Fault {
                    addr: fault.addr.0,
                    code: fault.code.bits() & 7,
                },
                Exit::Exception {
                    exception: Exception::Breakpoint,
                    ..
                } => return (End::Next, faults),
                Exit::Exception {
                    exception,
                    error_code,
                } => {
                    let vector = exception.vector();
                    let code = error_code;
                    return (End::Exception { vector, code }, faults);
                }
                Exit::Tick => return (End::Endless, faults),
                Exit::Syscall => return (End::Syscall, faults),
                Exit::Debug(stop) => panic!("{stop:?}, but nothing was asked for"),
            };
            let Some((frame, rights)) = self.resolution(fault, pages) else {
                return (End::PageFault(fault), faults);
            };
            if faults.len() == MANY_FAULTS {
                return (End::Endless, faults);
            }
            faults.push(fault);
            self.give(fault.addr & !0xfff, frame, rights);
        }
    }

    fn resolution(&self, fault: Fault, pages: Pages) -> Option<(Frame, Rights)> {
        let index = PAGES.iter().position(|page| *page == fault.addr & !0xfff)?;
        let rights = pages.all()[index].after(fault.code & 2 != 0)?;
        let rights = if index == 4 { Rights::Read } else { rights };
        Some((self.frames[index], rights))
    }

    fn outcome(&self, end: End, faults: Vec<Fault>) -> Outcome {
        let registers = self.machine.cpu.registers();
        let window = |first: Frame, second: Frame| {
            let mut bytes = [0; WINDOW];
            let (below, above) = bytes.split_at_mut(WINDOW / 2);
            let memory = &self.machine.memory;
            let end = first.start().0 + 0x1000;
            memory.read(PhysAddr(end - below.len() as u32), below);
            memory.read(second.start(), above);
            bytes
        };
        Outcome {
            end,
            faults,
            general: [
                registers.eax,
                registers.ecx,
                registers.edx,
                registers.ebx,
                registers.esp,
                registers.ebp,
                registers.esi,
                registers.edi,
            ],
            eip: registers.eip - u32::from(end == End::Next),
            eflags: registers.eflags & FLAGS,
            segments: [
                registers.ds,
                registers.es,
                registers.fs,
                registers.gs,
                registers.ss,
            ],
            float: Float::of_registers(&self.machine.cpu.float_registers()),
            data: window(self.frames[0], self.frames[1]),
            stack: window(self.frames[2], self.frames[3]),
        }
    }
}

/// A context with this x87 and SSE state.
pub fn load(machine: &mut Machine, state: &[u8; FXSAVE]) -> Context {
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
