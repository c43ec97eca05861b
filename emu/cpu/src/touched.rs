//! Reports the frames that a program accesses, in order: for reference strings.
//!
//! # Invariants
//!
//! - Every fetch, load and store of the program is reported; one that crosses a page boundary is
//!   reported for both pages. The hardware's own reads of page tables are not. An instruction's
//!   page is reported before those of its operands.
//! - Without a listener no hook is installed and no access is examined.
//! - Listening changes nothing that the program can observe: the emulator translates the same
//!   blocks.

use std::cell::Cell;
use std::rc::Rc;

use machine::addr::{Frame, PAGE_SIZE, Page, PhysAddr, VirtAddr};
use machine::mmu::{Access, Ring, probe};
use unicorn_engine::{HookType, uc_error};

use crate::engine::{Engine, drop_all_code, read_eip};
use crate::shared::Shared;

/// Called with the frame of each access; consecutive accesses to the same frame are not merged.
pub type Listener = Box<dyn Fn(Frame)>;

/// The listener, and the current block of the program.
pub(crate) struct Touched {
    listener: Listener,
    block: Cell<Option<CodeFrames>>,
}

impl std::fmt::Debug for Touched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Touched").finish_non_exhaustive()
    }
}

/// The frames of the block that is being executed.
#[derive(Clone, Copy, Debug)]
struct CodeFrames {
    first: Frame,
    /// The page on which it ends and its frame, if that is not the first one.
    last: Option<(Page, Frame)>,
    /// Whether the first one was reported.
    told: bool,
}

impl Touched {
    /// Starts reporting the frames of all accesses to `listener`.
    pub(crate) fn install(
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
        // Code that is already translated does not call the hooks.
        drop_all_code(engine);
        Ok(touched)
    }

    /// Handles the end of a run, possibly in the middle of a block.
    pub(crate) fn run_ends(&self, shared: &Shared, engine: &Engine) {
        // A block that was refused was reached, but nothing in it was executed.
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

    /// Handles a block that the emulator reached. It is reported when something happens in it,
    /// since it need not begin.
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

    /// Reports the first frame of a block, unless that was done.
    fn tell_first(&self, block: CodeFrames) {
        if !block.told {
            self.tell(block.first);
        }
    }

    /// Handles an access, whose physical address the emulator reports.
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

    /// Reports the frame of the instruction that makes an access.
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
    /// Returns the frame of the page after the one in `frame`, if the instruction at EIP has an
    /// access that begins in `frame` and ends on that page.
    fn frame_behind(&self, engine: &Engine, frame: Frame) -> Option<Frame> {
        // The emulator has the physical address only, and a frame does not say which page follows.
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
