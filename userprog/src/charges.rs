//! What the kernel's own work costs, in guest work.
//!
//! # Invariants
//! Whatever a program can make long costs work in proportion, so that nobody gets much done for few
//! blocks and every run ends at its limit. The numbers are about what the same work costs the host,
//! in basic blocks. What came into being at a charge (a region, a page in a frame, a child) is taken
//! away without another one. docs/architecture.md has a table of all system calls.

use machine::work::Work;

/// Getting from the guest into the kernel and back, for whatever reason.
pub const KERNEL_ENTRY: Work = Work(20);
/// Moving up to a page of bytes between user memory and a file or the console.
pub const PAGE_MOVED: Work = Work(100);
/// Making a process, whether or not it comes to life.
pub const NEW_PROCESS: Work = Work(2_000);
/// Looking a file up, making or removing one: the host has to be asked.
pub const FILE_LOOKUP: Work = Work(200);
/// Changing, copying or checking a region beyond the first, which the call itself pays for.
pub const REGION: Work = Work(10);
/// Giving a page that is there to a child as well.
pub const PAGE_SHARED: Work = Work(20);
/// Reading a header of an executable, checking it, and planning a region or a few for its segment.
const HEADER: Work = Work(20);
/// Headers of an executable that [`NEW_PROCESS`] includes.
const INCLUDED_HEADERS: u64 = 16;
/// Regions, and pages with a content, that [`NEW_PROCESS`] includes.
const INCLUDED: u64 = 256;
/// Things of a kind that are looked at, one after the other, for one unit of work.
const LOOKED_AT_A_WORK: u64 = 16;

/// Looking at so many pages of a range, one after the other.
pub fn looking_at(items: u64) -> Work {
    Work(items / LOOKED_AT_A_WORK)
}

/// Going over so many regions.
pub fn regions(count: u64) -> Work {
    Work(REGION.0 * count.saturating_sub(1))
}

/// Loading an executable with so many program headers, beyond [`NEW_PROCESS`]. The page of a segment's
/// border is put together from all segments there, so segments that share pages cost each other.
pub fn loading(headers: u64) -> Work {
    let beyond = headers.saturating_sub(INCLUDED_HEADERS);
    Work(HEADER.0 * beyond + looking_at(beyond * beyond).0)
}

/// Copying an address space, beyond [`NEW_PROCESS`].
pub fn copying(regions: u64, pages: u64) -> Work {
    let beyond = |count: u64| count.saturating_sub(INCLUDED);
    Work(REGION.0 * beyond(regions) + PAGE_SHARED.0 * beyond(pages))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_small_costs_nothing_of_its_own_and_what_is_large_in_proportion() {
        assert_eq!((regions(0), regions(1)), (Work(0), Work(0)));
        assert_eq!(regions(60_001), Work(600_000));
        assert_eq!(
            (looking_at(15), looking_at(1 << 18)),
            (Work(0), Work(1 << 14))
        );
        assert_eq!((loading(16), loading(116)), (Work(0), Work(2_625)));
        assert_eq!(copying(256, 256), Work(0));
        assert_eq!(copying(60_256, 1_256), Work(620_000));
    }
}
