//! The entry point: changes the virtual memory for a process at a given moment, and reports whether
//! the process has to sleep.
//!
//! A [`Vm`] can be read at any time. The [`Pager`] in it, which does all the work, is lent out
//! mutably by [`Vm::serve`] alone, which takes the [`Moment`] and returns a [`Served`].
//!
//! # Invariants
//! - Each event has a time and an instruction to which it is attributed: those of the moment at
//!   which it is served.
//! - How long a process has to wait is in the [`Served`] of its own request and is not kept: no
//!   process waits for what was done for another.

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

/// The virtual memory of a machine. It can be read directly, and changed by [`Vm::serve`].
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
/// Nor can the wait that a call results in be ignored:
///
/// ```compile_fail
/// # #![deny(unused_must_use)]
/// # fn end(vm: &mut vm::Vm, space: vm::SpaceId, moment: vm::Moment) {
/// vm.serve(moment, |vm| vm.destroy_space(space));
/// # }
/// ```
#[derive(Debug)]
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
    /// Creates the virtual memory of a machine with these page tables, this TLB and `swap`.
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
    #[must_use]
    pub fn new(tables: PageTables, tlb: Tlb, swap: Box<dyn BlockDevice>, options: VmOptions) -> Vm {
        Vm {
            pager: Pager::new(tables, tlb, swap, options),
        }
    }

    /// Lends the pager to `task`, for one process or for none, and reports whether it has to sleep.
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
        // Entries changed since the last event belong to the old time and instruction.
        pager.tell_entries();
        pager.eip = moment.eip;
        pager.disks.set_now(moment.work.0);
        let result = task(pager);
        // Taken even if the result is an error: the disk is busy with what was asked of it.
        let resolved = match pager.disks.take_wait() {
            None => Resolved::GoOn,
            Some(until) => Resolved::Sleep { until: Work(until) },
        };
        Served { result, resolved }
    }

    /// Sets whether a process is being scheduled. One that is not keeps no minimum resident set.
    pub fn set_resident(&mut self, space: SpaceId, is_resident: bool) {
        self.pager.set_resident(space, is_resident);
    }

    /// Returns the number of reverse-map entries visited since the last call, beyond a few for each
    /// content. The kernel charges processes for them.
    pub fn take_walked(&mut self) -> u64 {
        self.pager.take_walked()
    }

    /// Starts handing each event up to this level of detail to `recorder`, as it happens.
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

    /// Starts recording the reference string. No page may have been touched yet. The caller must
    /// report to the returned log each frame that a program touches.
    ///
    /// # Panics
    /// If a frame is in use.
    pub fn record_touches(&mut self, options: RecordingOptions) -> Rc<TouchLog> {
        self.pager.record_touches(options)
    }

    /// Reads a program's memory: the bytes that it would read itself, whether they are in a frame,
    /// in swap, in a file or not there yet. Returns the number of bytes before the first page that
    /// the program may not read or whose device fails.
    ///
    /// Changes nothing; `self` is mutable only because reading a disk needs that.
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

    /// Writes to a program's memory as far as the program could store at this moment without a
    /// fault. Returns the number of bytes before the first page to which it could not.
    pub fn poke(&mut self, space: SpaceId, to: VirtAddr, from: &[u8]) -> usize {
        self.pager.poke(space, to, from)
    }
}
