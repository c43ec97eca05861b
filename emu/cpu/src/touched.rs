//! Tells which frames a program touches, access by access, in order: for reference strings.
//!
//! # Invariants
//!
//! - Every fetch, load and store of the program is told, an access or instruction over the border
//!   of two pages as both; the hardware's own reads of page tables are not. An instruction's page
//!   is told before those of its operands.
//! - Nothing of it is installed, and no access looked at, unless somebody listens.
//! - Listening changes nothing that the program can see: the emulator translates the same blocks.

use std::cell::Cell;
use std::rc::Rc;

use machine::addr::{Frame, PAGE_SIZE, Page, PhysAddr, VirtAddr};
use machine::mmu::{Access, Ring, probe};
use unicorn_engine::{HookType, uc_error};

use crate::engine::{Engine, drop_all_code, read_eip};
use crate::shared::Shared;

/// Is called with the frame of each access, again and again if one is used so.
pub type Listener = Box<dyn Fn(Frame)>;

/// Who listens, and where the program is.
pub(crate) struct Touched {
    listener: Listener,
    block: Cell<Option<CodeFrames>>,
}

/// The frames that the block lies in which is being executed.
#[derive(Clone, Copy)]
struct CodeFrames {
    first: Frame,
    /// The page on which it ends and its frame, if that is not the first one.
    last: Option<(Page, Frame)>,
    /// Whether the first one was told of.
    told: bool,
}

impl Touched {
    /// Has the frames of all accesses from here on told to `listener`.
    pub fn install(
        engine: &mut Engine<'static>,
        shared: &Rc<Shared>,
        listener: Listener,
    ) -> Result<Rc<Touched>, uc_error> {
        let touched = Rc::new(Touched {
            listener,
            block: Cell::default(),
        });
        let (own, machine) = (Rc::clone(&touched), Rc::clone(shared));
        engine.add_block_hook(1, 0, move |_, start, bytes| {
            own.block_begins(&machine, VirtAddr(start as u32), bytes);
        })?;
        let (own, machine) = (Rc::clone(&touched), Rc::clone(shared));
        let kinds = HookType::MEM_READ | HookType::MEM_WRITE;
        engine.add_mem_hook(kinds, 1, 0, move |engine, _, at, bytes, _| {
            own.access(&machine, engine, PhysAddr(at as u32), bytes as u32);
            true
        })?;
        // What is translated already does not call the hooks.
        drop_all_code(engine);
        Ok(touched)
    }

    /// The emulator has stopped. The block that it was in may not have come to its end.
    pub fn run_ends(&self, shared: &Shared, engine: &Engine) {
        // A block that may not begin was come to, and no more.
        let Some(block) = self.block.take().filter(|_| !shared.counter.reached()) else {
            return;
        };
        self.tell_first(block);
        if block.last.is_some()
            && let Some(frame) = code_frame(shared, read_eip(engine).page())
        {
            self.tell(frame);
        }
    }

    /// The emulator comes to a block. It is told of when something happens in it, for it may not be let
    /// begin.
    fn block_begins(&self, shared: &Shared, start: VirtAddr, bytes: u32) {
        if let Some(block) = self.block.take() {
            self.tell_first(block);
            if let Some((_, frame)) = block.last {
                self.tell(frame);
            }
        }
        let Some(first) = code_frame(shared, start.page()) else {
            return;
        };
        let end = VirtAddr(start.0.wrapping_add(bytes.max(1) - 1)).page();
        let last = (end != start.page()).then(|| code_frame(shared, end));
        let last = last.flatten().map(|frame| (end, frame));
        let told = false;
        self.block.set(Some(CodeFrames { first, last, told }));
    }

    fn tell_first(&self, block: CodeFrames) {
        if !block.told {
            self.tell(block.first);
        }
    }

    /// The emulator tells physical addresses.
    fn access(&self, shared: &Shared, engine: &Engine, at: PhysAddr, bytes: u32) {
        self.tell_instruction(engine);
        let frame = at.frame();
        self.tell(frame);
        if at.0 % PAGE_SIZE + bytes > PAGE_SIZE
            && let Some(next) = shared.frame_behind(engine, frame)
        {
            self.tell(next);
        }
    }

    /// The page of the instruction that makes an access.
    fn tell_instruction(&self, engine: &Engine) {
        let Some(block) = self.block.get() else {
            return;
        };
        self.block.set(Some(CodeFrames {
            told: true,
            ..block
        }));
        match block.last {
            Some((page, frame)) if read_eip(engine).page() == page => {
                self.tell_first(block);
                self.tell(frame);
            }
            _ => self.tell(block.first),
        }
    }

    fn tell(&self, frame: Frame) {
        (self.listener)(frame);
    }
}

impl Shared {
    /// The frame of the page behind the one in `frame`, if the instruction at EIP has an access
    /// that begins in `frame` and ends there.
    fn frame_behind(&self, engine: &Engine, frame: Frame) -> Option<Frame> {
        let instruction = self.instruction(engine)?;
        let pages = self.pages_left_behind(engine, &instruction);
        let lies_in = |page: &Page| data_frame(self, *page) == Some(frame);
        let page = pages.into_iter().find(lies_in)?;
        data_frame(self, page.checked_add(1)?)
    }
}

fn code_frame(shared: &Shared, page: Page) -> Option<Frame> {
    frame_of(shared, page, Access::Fetch)
}

fn data_frame(shared: &Shared, page: Page) -> Option<Frame> {
    frame_of(shared, page, Access::Read)
}

fn frame_of(shared: &Shared, page: Page, access: Access) -> Option<Frame> {
    let root = shared.root.get();
    let found = probe(&shared.memory, root, page.start(), access, Ring::User);
    found.ok().map(|found| found.frame)
}
