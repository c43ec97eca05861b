//! The way in: the virtual memory is changed for a process at a moment, and says what becomes of the
//! process.
//!
//! [`Vm`] can be looked at by anybody. The [`Pager`] in it, which does all the work, is only lent out to
//! be changed by [`Vm::serve`], and that takes the [`Moment`] and hands back a [`Served`].
//!
//! # Invariants
//! - Whatever happens has a time and an instruction that it is put down to: those of the moment at
//!   which it is served.
//! - For how long a process has to wait is in the [`Served`] that its service comes to, and nowhere
//!   after that: no process waits for what was done for another.

use std::ops::Deref;
use std::rc::Rc;

use machine::addr::VirtAddr;
use machine::disk::BlockDevice;
use machine::paging::PageTables;
use machine::tlb::Tlb;
use machine::work::Work;

use crate::ids::SpaceId;
use crate::observe::event::Detail;
use crate::options::VmOptions;
use crate::pager::{Pager, Recorder};
use crate::served::{Moment, Resolved, Served};
use crate::study::touches::{RecordingOptions, TouchLog};

/// The virtual memory of a machine, to be looked at; to be changed by [`Vm::serve`].
///
/// ```
/// # fn end(vm: &mut vm::Vm, space: vm::SpaceId, moment: vm::Moment) -> vm::Resolved {
/// let ended = vm.serve(moment, |vm| vm.destroy_space(space));
/// ended.resolved
/// # }
/// ```
///
/// Without a moment it cannot be changed:
///
/// ```compile_fail,E0596
/// # fn end(vm: &mut vm::Vm, space: vm::SpaceId) {
/// vm.destroy_space(space);
/// # }
/// ```
///
/// Nor can a call be made whose waiting nobody minds:
///
/// ```compile_fail
/// # #![deny(unused_must_use)]
/// # fn end(vm: &mut vm::Vm, space: vm::SpaceId, moment: vm::Moment) {
/// vm.serve(moment, |vm| vm.destroy_space(space));
/// # }
/// ```
pub struct Vm {
    pager: Pager,
}

impl Deref for Vm {
    type Target = Pager;

    fn deref(&self) -> &Pager {
        &self.pager
    }
}

impl Vm {
    /// The virtual memory of a machine with these page tables, that TLB, and `swap` to swap to.
    ///
    /// # Examples
    ///
    /// ```
    /// use machine::addr::VirtAddr;
    /// use machine::disk::MemoryDisk;
    /// use machine::layout::Layout;
    /// use machine::memory::PhysMemory;
    /// use machine::paging::PageTables;
    /// use machine::tlb::Tlb;
    /// use machine::work::Work;
    /// use vm::{Moment, Owner, Vm, VmOptions};
    ///
    /// let layout = Layout::new(8);
    /// let memory = PhysMemory::new(layout.total_frames())?;
    /// let tables = PageTables::new(memory, layout);
    /// let swap = Box::new(MemoryDisk::new(64 * 8)); // 8 sectors a page
    /// let mut vm = Vm::new(tables, Tlb::default(), swap, VmOptions::default());
    ///
    /// let start = Moment { work: Work::ZERO, eip: VirtAddr(0) };
    /// let created = vm.serve(start, |vm| vm.create_space(Owner(1), Work::ZERO));
    /// let space = created.for_nobody()?;
    /// assert_eq!(vm.regions(space).len(), 0);
    /// assert_eq!((vm.usage().frames, vm.usage().slots), (8, 64));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(tables: PageTables, tlb: Tlb, swap: Box<dyn BlockDevice>, options: VmOptions) -> Vm {
        Vm {
            pager: Pager::new(tables, tlb, swap, options),
        }
    }

    /// Does what `task` asks for, for one process, or for none.
    ///
    /// # Examples
    ///
    // lab 4 example
    /// ```
    /// use kit::{Machine, client};
    /// use machine::addr::VirtAddr;
    /// use machine::work::Work;
    /// use vm::{Access, Moment, Resolved, VmOptions};
    ///
    /// let options = VmOptions { disk_latency: 1000, ..VmOptions::default() };
    /// let mut machine = Machine::new(8, 64, options);
    /// let space = machine.space();
    /// let addr = VirtAddr(0x0a00_0000);
    /// machine.zeros(space, addr.0, 1);
    /// machine.store(space, addr.0, 7)?;
    /// machine.vm.page_out(space, addr.page()..addr.page().checked_add(1).unwrap())?;
    ///
    /// // The page is on the disk: whoever touches it sleeps until it has been read.
    /// let now = Moment { work: Work(50_000), eip: VirtAddr(0x0804_8000) };
    /// let served = machine.vm.serve(now, |vm| vm.resolve(client(space), addr, Access::Read));
    /// assert_eq!(served.result, Ok(()));
    /// assert_eq!(served.resolved, Resolved::Sleep { until: Work(51_000) });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn serve<R>(&mut self, moment: Moment, task: impl FnOnce(&mut Pager) -> R) -> Served<R> {
        let pager = &mut self.pager;
        // What has changed so far was at the time before.
        pager.tell_entries();
        pager.eip = moment.eip;
        pager.disks.set_now(moment.work.0);
        let result = task(pager);
        let resolved = match pager.disks.take_wait() {
            None => Resolved::GoOn,
            Some(until) => Resolved::Sleep { until: Work(until) },
        };
        Served { result, resolved }
    }

    /// Tells whether a process has turns. One that has none for now keeps no frame that others need.
    pub fn set_resident(&mut self, space: SpaceId, is_resident: bool) {
        self.pager.set_resident(space, is_resident);
    }

    /// How many pages that share a frame with others were gone through since this was last asked, beyond
    /// a few for each frame. The kernel asks after each call, and charges for them.
    pub fn take_walked(&mut self) -> u64 {
        self.pager.take_walked()
    }

    /// Has every event up to this detail handed to `recorder` from here on, as it happens.
    ///
    /// # Examples
    ///
    // lab 2 example
    /// ```
    /// use std::{cell::RefCell, rc::Rc};
    ///
    /// use kit::Machine;
    /// use vm::VmOptions;
    /// use vm::event::{Detail, Event, Outcome};
    ///
    /// let mut machine = Machine::new(8, 64, VmOptions::default());
    /// let space = machine.space();
    /// machine.zeros(space, 0x0a00_0000, 4);
    /// let log = Rc::new(RefCell::new(Vec::new()));
    /// let copy = Rc::clone(&log);
    /// let recorder = move |_, event: &Event| copy.borrow_mut().push(event.clone());
    /// machine.vm.record(Detail::Faults, Box::new(recorder));
    ///
    /// machine.store(space, 0x0a00_1234, 7)?;
    /// let log = log.borrow();
    /// let [Event::Fault(fault)] = &log[..] else { panic!("one fault, and nothing else") };
    /// let frame = machine.frame(space, 0x0a00_1234).expect("just stored to");
    /// assert_eq!(fault.outcome, Outcome::ZeroFilled(frame));
    /// assert!(fault.to_string().ends_with(&format!("page=untouched: zero-fill frame={frame}")));
    /// # Ok::<(), vm::Kill>(())
    /// ```
    pub fn record(&mut self, detail: Detail, recorder: Recorder) {
        self.pager.record(detail, recorder);
    }

    /// Has the reference string recorded from here on. No page may have been touched yet; whoever
    /// runs programs has to tell the log which frames they touch.
    ///
    /// # Panics
    /// If a frame is in use.
    pub fn record_touches(&mut self, options: RecordingOptions) -> Rc<TouchLog> {
        self.pager.record_touches(options)
    }

    /// Reads a program's memory: what it would find there itself, be it in a frame, in swap, in a
    /// file or nowhere yet. Gives how many bytes there are before the first page that the program
    /// may not read, or that its device does not give.
    ///
    /// It changes nothing, and takes the machine for itself only since a disk does.
    ///
    /// # Examples
    ///
    // lab 4 example
    /// ```
    /// use kit::Machine;
    /// use machine::addr::VirtAddr;
    /// use vm::VmOptions;
    ///
    /// let mut machine = Machine::new(8, 64, VmOptions::default());
    /// let space = machine.space();
    /// let addr = VirtAddr(0x0a00_0000);
    /// machine.zeros(space, addr.0, 1);
    /// machine.store(space, addr.0, 7)?;
    /// machine.vm.page_out(space, addr.page()..addr.page().checked_add(1).unwrap())?;
    ///
    /// // A debugger reads the page in its slot, where it stays.
    /// let mut bytes = [0xff; 2];
    /// assert_eq!(machine.vm.peek(space, addr, &mut bytes), 2);
    /// assert_eq!(bytes, [7, 0]);
    /// assert_eq!(machine.frame(space, addr.0), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn peek(&mut self, space: SpaceId, from: VirtAddr, to: &mut [u8]) -> usize {
        self.pager.peek(space, from, to)
    }

    /// Writes a program's memory where the program could store at this moment without a fault.
    /// Gives how many bytes come before the first page where it could not.
    pub fn poke(&mut self, space: SpaceId, to: VirtAddr, from: &[u8]) -> usize {
        self.pager.poke(space, to, from)
    }
}
