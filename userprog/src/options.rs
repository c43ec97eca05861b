//! The options of a machine.

use std::io;

use cap_std::fs::Dir;
use cpu::CpuError;
use machine::disk::BlockDevice;
use machine::layout::Layout;
use machine::paging::KernelHalf;
use machine::work::Work;
use thiserror::Error;
use vm::{AliasPolicy, PolicyKind, SlotAllocatorKind, VmOptions};

use crate::abi::Abi;
use crate::check::Checking;
use crate::limits::{DEFAULT_FILE_QUOTA, DEFAULT_FRAMES};

/// The options of a machine. The same options, files and program result in the same run.
pub struct MachineOptions {
    pub(crate) frames: u32,
    pub(crate) kernel_pages: Option<u32>,
    pub(crate) kernel_half: KernelHalf,
    pub(crate) swap: Box<dyn BlockDevice>,
    pub(crate) vm: VmOptions,
    pub(crate) seed: u64,
    pub(crate) max_work: Work,
    pub(crate) file_quota: u64,
    pub(crate) checking: Checking,
    pub(crate) abi: Option<Abi>,
    pub(crate) root: Option<Dir>,
    pub(crate) aslr: Option<u64>,
}

impl std::fmt::Debug for MachineOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MachineOptions").finish_non_exhaustive()
    }
}

impl MachineOptions {
    /// Returns the options of the usual machine for course work, with `swap` as its swap disk.
    #[must_use]
    pub fn new(swap: Box<dyn BlockDevice>) -> MachineOptions {
        MachineOptions {
            frames: DEFAULT_FRAMES,
            kernel_pages: None,
            kernel_half: KernelHalf::default(),
            swap,
            vm: VmOptions::default(),
            seed: 0,
            max_work: Work::MAX,
            file_quota: DEFAULT_FILE_QUOTA,
            checking: Checking::Off,
            abi: None,
            root: None,
            aslr: None,
        }
    }

    /// Sets the number of frames for user pages, 1 to [`Layout::MAX_USER_FRAMES`].
    #[must_use]
    pub fn frames(self, frames: u32) -> MachineOptions {
        MachineOptions { frames, ..self }
    }

    /// Limits the number of page directories and page tables at one time. Without this, the size of
    /// the kernel's pool is the limit, which holds in any case.
    #[must_use]
    pub fn kernel_pages(self, pages: u32) -> MachineOptions {
        MachineOptions {
            kernel_pages: Some(pages),
            ..self
        }
    }

    /// Sets how much of the kernel's half is in the page directories on which ring 3 runs.
    #[must_use]
    pub fn kernel_half(self, kernel_half: KernelHalf) -> MachineOptions {
        MachineOptions {
            kernel_half,
            ..self
        }
    }

    /// Sets how the kernel accesses user memory.
    #[must_use]
    pub fn alias(self, alias: AliasPolicy) -> MachineOptions {
        MachineOptions {
            vm: VmOptions { alias, ..self.vm },
            ..self
        }
    }

    /// Sets the replacement policy.
    #[must_use]
    pub fn policy(self, policy: PolicyKind) -> MachineOptions {
        MachineOptions {
            vm: VmOptions { policy, ..self.vm },
            ..self
        }
    }

    /// Sets the allocator of swap slots.
    #[must_use]
    pub fn slot_allocator(self, slot_allocator: SlotAllocatorKind) -> MachineOptions {
        MachineOptions {
            vm: VmOptions {
                slot_allocator,
                ..self.vm
            },
            ..self
        }
    }

    /// Sets the seed of all random choices: time slices ([`crate::scheduler`]), and those of a
    /// replacement policy. With 0 all time slices are equal.
    #[must_use]
    pub fn seed(self, seed: u64) -> MachineOptions {
        MachineOptions {
            seed,
            vm: VmOptions { seed, ..self.vm },
            ..self
        }
    }

    /// Sets the work limit, at which the machine is powered off.
    #[must_use]
    pub fn max_work(self, max_work: Work) -> MachineOptions {
        MachineOptions { max_work, ..self }
    }

    /// Sets the time, as work, that a disk, swap or files, needs to transfer a page. A process
    /// sleeps until its transfer is done, and others run.
    #[must_use]
    pub fn disk_latency(self, latency: Work) -> MachineOptions {
        MachineOptions {
            vm: VmOptions {
                disk_latency: latency.0,
                ..self.vm
            },
            ..self
        }
    }

    /// Sets the most bytes that the guest's files may take on the host.
    #[must_use]
    pub fn file_quota(self, file_quota: u64) -> MachineOptions {
        MachineOptions { file_quota, ..self }
    }

    /// Which interface all programs have; without this, each has the one that its file says.
    #[must_use]
    pub fn abi(self, abi: Abi) -> MachineOptions {
        MachineOptions {
            abi: Some(abi),
            ..self
        }
    }

    /// A directory whose files are there too, to be read, wherever the guest's own has nothing of a name.
    #[must_use]
    pub fn root(self, root: Dir) -> MachineOptions {
        MachineOptions {
            root: Some(root),
            ..self
        }
    }

    /// Where the parts of Linux programs are, that may be in several places, follows from this seed; without it
    /// they are always in the same.
    #[must_use]
    pub fn aslr(self, seed: u64) -> MachineOptions {
        MachineOptions {
            aslr: Some(seed),
            ..self
        }
    }

    /// Sets whether each event is checked against the rules for a virtual memory. That changes
    /// nothing but the time that the host takes.
    #[must_use]
    pub fn checking(self, checking: Checking) -> MachineOptions {
        MachineOptions { checking, ..self }
    }
}

/// Why a machine could not be created.
#[derive(Debug, Error)]
pub enum MachineError {
    /// The number of frames is out of range.
    #[error("a machine has 1 to {most} user frames, not {0}", most = Layout::MAX_USER_FRAMES)]
    Frames(u32),
    /// The host lacks memory for the RAM.
    #[error("the host has no memory for the machine's RAM ({0}); choose fewer frames")]
    Memory(#[source] io::Error),
    /// The CPU could not be set up.
    #[error(transparent)]
    Cpu(#[from] CpuError),
    /// The directory with the guest's files cannot be read.
    #[error("the directory with the guest's files cannot be read: {0}")]
    Files(#[source] io::Error),
}
