//! Runs cases on the emulated CPU, with a kernel that only implements page states.

use machine::addr::{Frame, PhysAddr, VirtAddr};
use machine::pte::PteFlags;
use machine::work::Work;

use crate::case::{CODE, Case, DATA, FLAGS, STACK, WINDOW};
use crate::one_space::{OneSpace, Stop};
use crate::outcome::{End, Fault, Float, Outcome};
use crate::pages::{PAGES, Page, Pages, Rights};
use crate::values::FXSAVE;

/// More blocks than any case needs.
const ENOUGH: Work = Work(2000);
/// More faults than any case has.
const MANY_FAULTS: usize = 15;
/// `int3`, which follows each instruction.
pub(crate) const INT3: u8 = 0xcc;
/// Its vector.
const BREAKPOINT: u32 = 3;

/// A machine with the pages of a case and nothing else.
pub(crate) struct Emulated {
    space: OneSpace,
    /// Of [`PAGES`].
    frames: [Frame; 5],
    /// The first page of code.
    code: Frame,
}

impl Emulated {
    /// Creates a machine that can start with these x87 and SSE states.
    pub(crate) fn new(floats: &[[u8; FXSAVE]]) -> Emulated {
        let mut space = OneSpace::new(floats);
        let frames = std::array::from_fn(|_| space.machine.frame());
        let code = space.machine.frame();
        let first = VirtAddr(CODE - 1).page();
        space
            .machine
            .map(&space.directory, first, code, PteFlags::USER_READ);
        Emulated {
            space,
            frames,
            code,
        }
    }

    /// Runs a case with its pages in some state.
    pub(crate) fn run(&mut self, case: &Case, pages: Pages) -> Outcome {
        self.set_up(case, pages);
        self.space
            .resume(&case.general, case.eip, case.eflags, case.float);
        let (end, faults) = self.go(pages, self.space.machine.cpu.work() + ENOUGH);
        self.outcome(end, faults)
    }

    fn set_up(&mut self, case: &Case, pages: Pages) {
        for frame in self.frames.into_iter().chain([self.code]) {
            self.space.machine.memory.zero(frame);
        }
        for ((page, frame), addr) in pages.all().into_iter().zip(self.frames).zip(PAGES) {
            let rights = match (addr, page) {
                (CODE, Page::Resident) => Rights::Read,
                _ => page.first(),
            };
            self.space.give(addr, frame, rights);
        }
        let memory = &self.space.machine.memory;
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

    fn go(&mut self, pages: Pages, until: Work) -> (End, Vec<Fault>) {
        let mut faults = Vec::new();
        loop {
            let fault = match self.space.run(until) {
                Stop::Fault(fault) => fault,
                Stop::End(End::Exception {
                    vector: BREAKPOINT, ..
                }) => return (End::Next, faults),
                Stop::End(end) => return (end, faults),
                Stop::Step => panic!("nobody asked for a step"),
            };
            let Some((frame, rights)) = self.resolution(fault, pages) else {
                return (End::PageFault(fault), faults);
            };
            if faults.len() == MANY_FAULTS {
                return (End::Endless, faults);
            }
            faults.push(fault);
            self.space.give(fault.addr & !0xfff, frame, rights);
        }
    }

    fn resolution(&self, fault: Fault, pages: Pages) -> Option<(Frame, Rights)> {
        let index = PAGES.iter().position(|page| *page == fault.addr & !0xfff)?;
        let rights = pages.all()[index].after(fault.code & 2 != 0)?;
        let rights = if index == 4 { Rights::Read } else { rights };
        Some((self.frames[index], rights))
    }

    fn outcome(&self, end: End, faults: Vec<Fault>) -> Outcome {
        let registers = self.space.machine.cpu.registers();
        let window = |first: Frame, second: Frame| {
            let mut bytes = [0; WINDOW];
            let (below, above) = bytes.split_at_mut(WINDOW / 2);
            let memory = &self.space.machine.memory;
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
            float: Float::of_registers(&self.space.machine.cpu.float_registers()),
            data: window(self.frames[0], self.frames[1]),
            stack: window(self.frames[2], self.frames[3]),
        }
    }
}
