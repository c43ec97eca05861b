//! Runs random programs on the emulated CPU, and looks after each stop if ring 3 has got more than
//! it may have.

use cpu::context::Context;
use cpu::exit::Exit;
use cpu::registers::Registers;
use machine::addr::{Frame, PhysAddr, VirtAddr};
use machine::paging::PageDirectory;
use machine::pte::PteFlags;
use machine::work::Work;

use crate::common::{Machine, PAGE};
use crate::emulated::load;
use crate::outcome::{End, Fault, Float};
use crate::pages::{Page, Rights};
use crate::programs::{PAGES, Program};
use crate::values::FXSAVE;

/// The work that each program may do.
const LIMIT: Work = Work(3000);
/// Two for each page, if they are never taken away.
const MOST_FAULTS: usize = 12;
/// The flags that ring 3 changes: arithmetic ones, TF, DF, NT, RF, AC, ID.
const RING_3_FLAGS: u32 = 0x0025_4dd5;

/// A machine for one program after the other.
pub struct ProgramMachine {
    machine: Machine,
    directory: PageDirectory,
    frames: [Frame; 6],
    contexts: Vec<Context>,
}

/// The state at the end.
#[derive(PartialEq)]
pub struct Final {
    pub end: End,
    pub registers: Registers,
    pub float: Float,
    pub memory: Vec<[u8; PAGE]>,
}

impl ProgramMachine {
    /// A machine with these x87 and SSE states to start with.
    pub fn new(floats: &[[u8; FXSAVE]]) -> ProgramMachine {
        let mut machine = Machine::new();
        let contexts = floats
            .iter()
            .map(|state| load(&mut machine, state))
            .collect();
        ProgramMachine {
            directory: machine.space(),
            frames: std::array::from_fn(|_| machine.frame()),
            machine,
            contexts,
        }
    }

    /// Runs a program with its pages in these states.
    ///
    /// # Errors
    /// What ring 3 got that it may not have, or what else never happens.
    pub fn run(&mut self, program: &Program, states: &[Page; 6]) -> Result<Final, String> {
        self.set_up(program, states);
        let [eax, ecx, edx, ebx, esp, ebp, esi, edi] = program.general;
        let registers = Registers {
            eax,
            ecx,
            edx,
            ebx,
            esp,
            ebp,
            esi,
            edi,
            eip: program.start,
            eflags: program.eflags,
            ..Registers::default()
        };
        let mut context = self.contexts[program.float].clone();
        context.set_registers(&registers);
        self.machine.cpu.resume(&context, self.directory.root());
        let end = self.go(states)?;
        let content = |frame: Frame| {
            let mut bytes = [0; PAGE];
            self.machine.memory.read(frame.start(), &mut bytes);
            bytes
        };
        Ok(Final {
            end,
            registers: self.machine.cpu.registers(),
            float: Float::of_registers(&self.machine.cpu.float_registers()),
            memory: self.frames.map(content).to_vec(),
        })
    }

    fn set_up(&mut self, program: &Program, states: &[Page; 6]) {
        let data: Vec<u8> = program.data.iter().copied().cycle().take(PAGE).collect();
        for (index, frame) in self.frames.into_iter().enumerate() {
            match index {
                0 | 1 => self.machine.memory.zero(frame),
                _ => self.machine.memory.write(frame.start(), &data),
            }
            // What was code for the last program is none for this one, or may be again.
            self.machine.memory.renew(frame);
            self.give(index, states[index].first());
        }
        let offset = program.start as usize % PAGE;
        let below = program.code.len().min(PAGE - offset);
        let (first, second) = program.code.split_at(below);
        let memory = &self.machine.memory;
        memory.write(PhysAddr(self.frames[0].start().0 + offset as u32), first);
        memory.write(self.frames[1].start(), second);
    }

    fn give(&mut self, index: usize, rights: Rights) {
        let page = VirtAddr(PAGES[index]).page();
        let flags = match rights {
            Rights::None => {
                self.machine.unmap(&self.directory, page);
                return;
            }
            Rights::Read => PteFlags::USER_READ,
            Rights::Write => PteFlags::USER_WRITE,
        };
        let frame = self.frames[index];
        self.machine.map(&self.directory, page, frame, flags);
    }

    fn go(&mut self, states: &[Page; 6]) -> Result<End, String> {
        let until = self.machine.cpu.work() + LIMIT;
        let mut faults = 0;
        loop {
            let exit = self.machine.cpu.run(until);
            self.check_ring()?;
            let fault = match exit {
                Exit::PageFault(fault) => Fault {
                    addr: fault.addr.0,
                    code: fault.code.bits() & 7,
                },
                Exit::Syscall => return Ok(End::Syscall),
                Exit::Tick => return Ok(End::Endless),
                Exit::Exception {
                    exception,
                    error_code,
                } => {
                    return Ok(End::Exception {
                        vector: exception.vector(),
                        code: error_code,
                    });
                }
                Exit::Debug(_) => return Err("a debugger's stop without a debugger".to_string()),
            };
            let index = PAGES.iter().position(|page| *page == fault.addr & !0xfff);
            let rights = index.and_then(|index| states[index].after(fault.code & 2 != 0));
            let (Some(index), Some(rights)) = (index, rights) else {
                return Ok(End::PageFault(fault));
            };
            faults += 1;
            if faults > MOST_FAULTS {
                return Err("page faults where pages are there".to_string());
            }
            self.give(index, rights);
        }
    }

    fn check_ring(&self) -> Result<(), String> {
        let registers = self.machine.cpu.registers();
        if (registers.cs, registers.ss) != (0x1b, 0x23) {
            let (cs, ss) = (registers.cs, registers.ss);
            return Err(format!("CS {cs:#x} and SS {ss:#x} are not those of ring 3"));
        }
        match registers.eflags & !RING_3_FLAGS {
            0x202 => Ok(()),
            other => Err(format!("flags {other:#x} besides those of ring 3")),
        }
    }
}
