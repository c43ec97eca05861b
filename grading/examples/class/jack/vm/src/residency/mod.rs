//! Where pages are: the one owner of frames, contents, address spaces, page tables, the page cache
//! and swap slots.
//!
//! Everything about where a page is changes through the transitions of [`Residency`], the arrows of
//! "the life of a page" in `docs/architecture.md`:
//!
//! | transition | what it does |
//! |---|---|
//! | [`take_free`](Residency::take_free), [`give_back`](Residency::give_back) | a frame that belongs to nobody, as a token |
//! | [`adopt`](Residency::adopt) | untouched → in a frame: zeros, of a file, or a copy |
//! | [`share`](Residency::share) | one more page has a content: the page cache, fork |
//! | [`swap_in`](Residency::swap_in) | in swap → in a frame, for all who have it |
//! | [`unshare`](Residency::unshare) | copy-on-write: one page leaves a content for a copy |
//! | [`claim`](Residency::claim) | a page of a file becomes its only user's own |
//! | [`grant`](Residency::grant) | the entry gets the rights that the page has by now |
//! | [`swap_out`](Residency::swap_out), [`evict_to_file`](Residency::evict_to_file), [`drop_clean`](Residency::drop_clean) | eviction: to swap, to the file, nowhere |
//! | [`discard`](Residency::discard) | a page that its file has no more |
//! | [`release`](Residency::release) | a page gives its content up; the last one frees it |
//! | [`add_region`](Residency::add_region), [`unmap`](Residency::unmap) | what may be in a range comes, and goes with all that is there |
//! | [`protect`](Residency::protect) | other rights for a range |
//! | [`write_back`](Residency::write_back), [`mark_clean`](Residency::mark_clean) | a dirty page of a file, written and staying |
//! | [`pin`](Residency::pin), [`unpin`](Residency::unpin) | a frame stays where it is, as a token |
//! | [`clear_accessed`](Residency::clear_accessed) | use is forgotten, over all entries |
//!
//! # Invariants
//! - A transition succeeds wholly or changes nothing: what can fail, a device or the room for a page
//!   table, is done or made sure of first. The CPU stands still meanwhile, so nobody stores to a page
//!   between its write to a device and the end of its entries.
//! - A transition says what it did ([`change`]); who counts, logs, records or replaces learns it from
//!   that. Nothing here knows of policies, time or events.
//! - After each: a page is in one place; a frame's users and the entries that point to it are the
//!   same set; what an emptied entry knew of A and D is remembered with the frame; a slot belongs to
//!   one content; a frame is free, in a token or holds one content.

pub mod change;
mod check;
pub mod content;
pub mod enter;
mod entries;
mod files;
pub mod frame;
pub mod leave;
pub mod pin;
mod query;
mod spaces;
pub mod swap;
pub mod token;
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
pub struct Residency {
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
    /// Whether an entry had to be left out for want of a page table.
    entries_left_out: bool,
    /// Pages that processes have pinned.
    pinned_pages: u32,
    /// Pins that are tokens in somebody's hand.
    pins_in_tokens: u32,
}

impl Residency {
    /// Nothing is anywhere yet: all user frames and all slots of `swap` are free.
    pub fn new(tables: PageTables, tlb: Tlb, swap: SwapTable, alias: AliasPolicy) -> Residency {
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
