//! Runs random programs on the emulated CPU, and checks after each stop that ring 3 has gained no
//! privilege.

use cpu::registers::Registers;
use machine::addr::{Frame, PhysAddr};
use machine::work::Work;

use crate::one_space::{OneSpace, Stop};
use crate::outcome::{End, Float};
use crate::pages::Page;
use crate::programs::{PAGES, Program};
use crate::values::FXSAVE;
use bare::PAGE;

/// The work limit of each program.
const LIMIT: Work = Work(3000);
/// The most faults: two for each page, if pages are never unmapped.
const MOST_FAULTS: usize = 12;
/// The limit on single steps of each program.
const MOST_STEPS: usize = 3000;
/// The flags that ring 3 changes: arithmetic ones, TF, DF, NT, RF, AC, ID.
const RING_3_FLAGS: u32 = 0x0025_4dd5;

/// A machine for one program after the other.
pub(crate) struct ProgramMachine {
    space: OneSpace,
    frames: [Frame; 6],
}

/// How a program is run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Pace {
    /// In normal blocks.
    Free,
    /// Each instruction in a block of its own.
    Stepped,
}

/// The state at the end.
#[derive(PartialEq)]
pub(crate) struct Final {
    pub end: End,
    pub registers: Registers,
    pub float: Float,
    pub memory: Vec<[u8; PAGE]>,
}

impl ProgramMachine {
    /// Creates a machine that can start with these x87 and SSE states.
    pub(crate) fn new(floats: &[[u8; FXSAVE]]) -> ProgramMachine {
        let mut space = OneSpace::new(floats);
        ProgramMachine {
            frames: std::array::from_fn(|_| space.machine.frame()),
            space,
        }
    }

    /// Runs a program with its pages in these states.
    ///
    /// # Errors
    /// What ring 3 gained illegally, or another event that must not happen.
    pub(crate) fn run(
        &mut self,
        program: &Program,
        states: &[Page; 6],
        pace: Pace,
    ) -> Result<Final, String> {
        self.set_up(program, states);
        let (eip, eflags) = (program.start, program.eflags);
        self.space
            .resume(&program.general, eip, eflags, program.float);
        let end = self.go(states, pace)?;
        let content = |frame: Frame| {
            let mut bytes = [0; PAGE];
            self.space.machine.memory.read(frame.start(), &mut bytes);
            bytes
        };
        Ok(Final {
            end,
            registers: self.space.machine.cpu.registers(),
            float: Float::of_registers(&self.space.machine.cpu.float_registers()),
            memory: self.frames.map(content).to_vec(),
        })
    }

    fn set_up(&mut self, program: &Program, states: &[Page; 6]) {
        let data: Vec<u8> = program.data.iter().copied().cycle().take(PAGE).collect();
        for (index, frame) in self.frames.into_iter().enumerate() {
            match index {
                0 | 1 => self.space.machine.memory.zero(frame),
                _ => self.space.machine.memory.write(frame.start(), &data),
            }
            // Code of the last program may be data or other code in this one.
            self.space.machine.memory.renew(frame);
            let first = states[index].first();
            self.space.give(PAGES[index], frame, first);
        }
        let offset = program.start as usize % PAGE;
        let below = program.code.len().min(PAGE - offset);
        let (first, second) = program.code.split_at(below);
        let memory = &self.space.machine.memory;
        memory.write(PhysAddr(self.frames[0].start().0 + offset as u32), first);
        memory.write(self.frames[1].start(), second);
    }

    fn go(&mut self, states: &[Page; 6], pace: Pace) -> Result<End, String> {
        let until = self.space.machine.cpu.work() + LIMIT;
        let (mut faults, mut steps) = (0, 0);
        loop {
            let stop = match pace {
                Pace::Free => self.space.run(until),
                Pace::Stepped => self.space.step(until),
            };
            self.check_ring()?;
            let fault = match stop {
                Stop::Fault(fault) => fault,
                Stop::End(end) => return Ok(end),
                Stop::Step if steps < MOST_STEPS => {
                    steps += 1;
                    continue;
                }
                Stop::Step => return Ok(End::Endless),
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
            self.space.give(PAGES[index], self.frames[index], rights);
        }
    }

    fn check_ring(&self) -> Result<(), String> {
        let registers = self.space.machine.cpu.registers();
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
