//! The page directories of an address space: one, or one for the kernel and one for ring 3.

use crate::addr::Frame;

/// How much of the kernel's half is in the directories on which ring 3 runs.
///
/// # Examples
///
/// ```
/// use machine::addr::KERNEL_PAGE;
/// use machine::layout::Layout;
/// use machine::memory::PhysMemory;
/// use machine::paging::{KernelHalf, PageTables};
///
/// for (half, is_mapped) in [(KernelHalf::Shared, true), (KernelHalf::Isolated, false)] {
///     let layout = Layout::new(8);
///     let memory = PhysMemory::new(layout.total_frames())?;
///     let mut tables = PageTables::with_kernel_half(memory, layout, half);
///     let space = tables.create()?;
///     let of_user_pool = layout.alias(layout.first_user_frame()).expect("low memory");
///     let entry = tables.user_directory_entry(&space, of_user_pool.directory_index());
///     assert_eq!(entry.is_present(), is_mapped);
///     assert!(tables.directory_entry(&space, KERNEL_PAGE.directory_index()).is_present());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum KernelHalf {
    /// All of it, protected from ring 3 by the U/S bits of its entries. An address space has one
    /// directory, and entering the kernel does not load CR3.
    #[default]
    Shared,
    /// Only the CPU's entry page ([`super::PageTables::entry_page`]). An address space has a second
    /// directory, on which ring 3 runs: kernel page-table isolation (KPTI, in Linux PTI).
    Isolated,
}

/// A page directory and, if the kernel's half is isolated, the second one for ring 3. It owns their
/// frames and the page tables of the user's half until [`super::PageTables::destroy`].
#[derive(PartialEq, Eq, Debug)]
pub struct PageDirectory {
    root: Frame,
    user_root: Frame,
}

impl PageDirectory {
    /// Creates one directory for the kernel and for ring 3.
    pub(super) fn whole(root: Frame) -> PageDirectory {
        PageDirectory {
            root,
            user_root: root,
        }
    }

    /// Creates a directory for the kernel and a second one for ring 3.
    pub(super) fn with_user_root(root: Frame, user_root: Frame) -> PageDirectory {
        PageDirectory { root, user_root }
    }

    /// Returns the frame of the directory with both halves: the value of CR3 in the kernel.
    #[inline]
    #[must_use]
    pub fn root(&self) -> Frame {
        self.root
    }

    /// Returns the frame of the directory on which ring 3 runs: the same unless the kernel's half
    /// is isolated.
    #[inline]
    #[must_use]
    pub fn user_root(&self) -> Frame {
        self.user_root
    }

    /// Returns the frames of its one or two directories.
    pub(super) fn roots(&self) -> impl Iterator<Item = Frame> + use<> {
        let second = (self.user_root != self.root).then_some(self.user_root);
        std::iter::once(self.root).chain(second)
    }
}
