//! The virtual memory as tests use it: each call is a request of its own, at a time that the test
//! sets.
//!
//! # Invariants
//!
//! A call that sleeps advances the time for the next one. The wait that a call results in is kept
//! until the test takes it.

use std::io;
use std::ops::{Deref, DerefMut, Range};

use machine::addr::{Page, VirtAddr};
use machine::mmu::Access;
use machine::paging::OutOfTables;
use machine::work::Work;
use vm::{
    AdviceError, Client, FileMapping, FileRef, ForkError, Kill, MapError, MapId, Moment, Owner,
    Pager, PinError, Protection, Region, Resolved, SpaceId, UnmapError, UserPtr, Vm,
};

/// A virtual memory that serves one call after the other.
#[derive(Debug)]
pub struct ServedVm {
    vm: Vm,
    moment: Moment,
    wait: Option<Work>,
}

impl ServedVm {
    /// Creates one at time 0.
    #[must_use]
    pub fn new(vm: Vm) -> ServedVm {
        let moment = Moment {
            work: Work::ZERO,
            eip: VirtAddr(0),
        };
        let wait = None;
        ServedVm { vm, moment, wait }
    }

    /// Sets the time of the next calls.
    pub fn set_time(&mut self, time: u64) {
        self.moment.work = Work(time);
    }

    /// Takes the time until which the calling process has to sleep because of its calls so far.
    pub fn take_wait(&mut self) -> Option<u64> {
        self.wait.take().map(|until| until.0)
    }

    /// See [`Pager::resolve`].
    ///
    /// # Errors
    /// Those of [`Pager::resolve`].
    pub fn resolve(
        &mut self,
        client: Client,
        addr: VirtAddr,
        access: Access,
    ) -> Result<Resolved, Kill> {
        self.fault(|vm| vm.resolve(client, addr, access))
    }

    /// See [`Pager::resolve_again`].
    ///
    /// # Errors
    /// Those of [`Pager::resolve_again`].
    pub fn resolve_again(
        &mut self,
        client: Client,
        addr: VirtAddr,
        access: Access,
    ) -> Result<Resolved, Kill> {
        self.fault(|vm| vm.resolve_again(client, addr, access))
    }

    /// See [`Pager::create_space`].
    ///
    /// # Errors
    /// Those of [`Pager::create_space`].
    pub fn create_space(&mut self, owner: Owner) -> Result<SpaceId, OutOfTables> {
        let made = self.moment.work;
        self.call(|vm| vm.create_space(owner, made))
    }

    /// See [`Pager::fork_space`].
    ///
    /// # Errors
    /// Those of [`Pager::fork_space`].
    pub fn fork_space(&mut self, parent: SpaceId, owner: Owner) -> Result<SpaceId, ForkError> {
        let made = self.moment.work;
        self.call(|vm| vm.fork_space(parent, owner, made))
    }

    fn fault(
        &mut self,
        resolve: impl FnOnce(&mut Pager) -> Result<(), Kill>,
    ) -> Result<Resolved, Kill> {
        let served = self.vm.serve(self.moment, resolve);
        served.result.map(|()| served.resolved)
    }

    fn call<R>(&mut self, task: impl FnOnce(&mut Pager) -> R) -> R {
        let served = self.vm.serve(self.moment, task);
        self.moment.work = Work(self.vm.now());
        if let Resolved::Sleep { until } = served.resolved {
            self.wait = self.wait.max(Some(until));
        }
        served.result
    }
}

impl Deref for ServedVm {
    type Target = Vm;

    fn deref(&self) -> &Vm {
        &self.vm
    }
}

impl DerefMut for ServedVm {
    fn deref_mut(&mut self) -> &mut Vm {
        &mut self.vm
    }
}

macro_rules! served {
    ($errors:literal: $($name:ident($($arg:ident: $type:ty),*) -> $result:ty;)*) => {
        impl ServedVm {
            $(
                #[doc = concat!("See [`Pager::", stringify!($name), "`].", $errors)]
                pub fn $name(&mut self, $($arg: $type),*) -> $result {
                    self.call(|vm| vm.$name($($arg),*))
                }
            )*
        }
    };
}

served! {
    "":
    destroy_space(space: SpaceId) -> ();
    file_resized(file: &FileRef, old: u64) -> ();
}

served! {
    "\n\n# Errors\nThose that it documents.":
    map(space: SpaceId, region: Region) -> Result<(), MapError>;
    add_stack(space: SpaceId) -> Result<(), MapError>;
    mmap(space: SpaceId, mapping: FileMapping) -> Result<MapId, MapError>;
    munmap(space: SpaceId, id: MapId) -> Result<(), UnmapError>;
    unmap(space: SpaceId, pages: Range<Page>) -> Result<(), UnmapError>;
    page_out(space: SpaceId, pages: Range<Page>) -> Result<(), AdviceError>;
    will_need(space: SpaceId, pages: Range<Page>) -> Result<(), AdviceError>;
    dont_need(space: SpaceId, pages: Range<Page>) -> Result<(), AdviceError>;
    cold(space: SpaceId, pages: Range<Page>) -> Result<(), AdviceError>;
    sync(space: SpaceId, pages: Range<Page>) -> Result<(), UnmapError>;
    protect(space: SpaceId, pages: Range<Page>, to: Protection) -> Result<(), AdviceError>;
    pin(client: Client, pages: Range<Page>, access: Access) -> Result<(), PinError>;
    unpin(space: SpaceId, pages: Range<Page>) -> Result<(), PinError>;
    check_user(client: Client, at: UserPtr, bytes: u32, access: Access) -> Result<u32, Kill>;
    read_user(client: Client, from: UserPtr, to: &mut [u8]) -> Result<(), Kill>;
    write_user(client: Client, to: UserPtr, from: &[u8]) -> Result<(), Kill>;
    read_user_string(client: Client, from: UserPtr, limit: usize) -> Result<Option<Vec<u8>>, Kill>;
    file_read(file: &FileRef, offset: u64, to: &mut [u8]) -> io::Result<usize>;
    file_write(file: &FileRef, offset: u64, from: &[u8]) -> io::Result<()>;
}
