//! Where pages are: the single owner of frames, contents, address spaces, page tables, the page
//! cache and swap slots.
//!
//! A page changes its place only by the transitions of [`Residency`], which are the arrows of "The
//! life of a page" in `docs/architecture.md`:
//!
//! | transition | what it does |
//! |---|---|
//! | [`take_free`](Residency::take_free), [`give_back`](Residency::give_back) | an unused frame, as a token |
//! | [`adopt`](Residency::adopt) | untouched → in a frame: zeros, of a file, or a copy |
//! | [`share`](Residency::share) | one more page has a content: page cache, fork |
//! | [`swap_in`](Residency::swap_in) | in swap → in a frame, for all users |
//! | [`unshare`](Residency::unshare) | copy-on-write: one page leaves a content for a copy |
//! | [`claim`](Residency::claim) | a page of a file becomes its only user's private page |
//! | [`grant`](Residency::grant) | the entry gets the rights that the page now has |
//! | [`swap_out`](Residency::swap_out), [`evict_to_file`](Residency::evict_to_file), [`drop_clean`](Residency::drop_clean) | eviction: to swap, to the file, nowhere |
//! | [`discard`](Residency::discard) | a page past the end of its file is dropped |
//! | [`release`](Residency::release) | a page gives up its content; the last one frees it |
//! | [`add_region`](Residency::add_region), [`unmap`](Residency::unmap) | a region is added; a range is removed with its contents |
//! | [`protect`](Residency::protect) | other rights for a range |
//! | [`write_back`](Residency::write_back), [`mark_clean`](Residency::mark_clean) | write-back of a dirty page of a file that stays |
//! | [`pin`](Residency::pin), [`unpin`](Residency::unpin) | a frame keeps its content, as a token |
//! | [`clear_accessed`](Residency::clear_accessed) | the accessed bit is cleared in all entries |
//!
//! # Invariants
//! - A transition succeeds completely or changes nothing: what can fail, a device or the allocation
//!   of a page table, is done or checked first. The CPU does not run meanwhile, so no program
//!   stores to a page between its write to a device and the clearing of its entries.
//! - A transition returns what it did ([`change`]); counters, log, recording and policy learn it
//!   from that. Nothing here knows about policies, time or events.
//! - After each transition: a page is in one place; a frame's users and the entries that point to
//!   it are the same set; the A and D bits of a cleared entry are kept with the frame; a slot
//!   belongs to one content; a frame is free, in a token or holds one content.

pub(crate) mod change;
mod check;
pub mod content;
pub(crate) mod enter;
mod entries;
mod files;
pub mod frame;
pub(crate) mod leave;
pub(crate) mod pin;
mod query;
mod spaces;
pub mod swap;
pub(crate) mod token;
mod used;
mod users;

use std::collections::BTreeMap;

use machine::memory::PhysMemory;
use machine::paging::PageTables;
use machine::tlb::Tlb;

use crate::alias::AliasPolicy;
use crate::residency::content::{Contents, FileKey};
use crate::residency::frame::FrameTable;
use crate::residency::swap::SwapTable;
use crate::space::address_space::Spaces;
use crate::space::spt::ContentId;

/// Where every page of every address space is.
#[derive(Debug)]
pub(crate) struct Residency {
    tables: PageTables,
    memory: PhysMemory,
    tlb: Tlb,
    alias: AliasPolicy,
    frames: FrameTable,
    contents: Contents,
    /// Pages of files that are in frames.
    cache: BTreeMap<FileKey, ContentId>,
    spaces: Spaces,
    swap: SwapTable,
    /// Whether an entry was ever left out because no page table could be allocated.
    entries_left_out: bool,
    /// The number of pages that processes have pinned.
    pinned_pages: u32,
    /// The number of pins that exist as [`token::Pin`]s.
    pins_in_tokens: u32,
}

impl Residency {
    /// Creates a residency in which all user frames and all slots of `swap` are free.
    pub(crate) fn new(
        tables: PageTables,
        tlb: Tlb,
        swap: SwapTable,
        alias: AliasPolicy,
    ) -> Residency {
        Residency {
            memory: tables.memory().clone(),
            frames: FrameTable::new(tables.layout()),
            tables,
            tlb,
            alias,
            contents: Contents::default(),
            cache: BTreeMap::new(),
            spaces: Spaces::default(),
            swap,
            entries_left_out: false,
            pinned_pages: 0,
            pins_in_tokens: 0,
        }
    }
}
