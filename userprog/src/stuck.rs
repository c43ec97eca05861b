//! Detection of endless faults, by counting.
//!
//! An incomplete virtual memory may report a fault as resolved and leave an entry that forbids the
//! access: the instruction faults again, for ever. No clock is needed to detect that.
//!
//! # Invariants
//! - A fault that is reported as resolved, without a wait for a disk, leaves an entry that grants
//!   the access; the run is stopped at the first that does not.
//! - No instruction faults [`MAX_REPEATS`] times with nothing executed in between. One that is served
//!   correctly needs a few: six pages, each perhaps after a wait.
//! - A stop is reported, and not blamed on the program. The machine is left as it is, since a
//!   kernel that is wrong here would be wrong in tearing it down.

use std::fmt;

use machine::addr::{Page, VirtAddr};
use machine::mmu::{Access, Ring, probe};
use machine::pte::{Pte, PteFlags};
use vm::{Pager, SpaceId};

use crate::process::Pid;
use crate::repeats::{MAX_REPEATS, Repeats};

/// A fault that the virtual memory has reported as resolved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ServedFault {
    /// Its sequence number, from 1.
    pub number: u64,
    /// The process.
    pub pid: Pid,
    /// The instruction.
    pub eip: VirtAddr,
    /// The address.
    pub addr: VirtAddr,
    /// The kind of access.
    pub access: Access,
}

/// Why a run was stopped: the kernel serves faults, and the program makes no progress.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stuck {
    /// The fault that was served last.
    pub fault: ServedFault,
    /// The page's entry after that; [`Pte::EMPTY`] if it has no page table.
    pub entry: Pte,
    /// What is wrong.
    pub how: Standstill,
}

/// Why a program makes no progress.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standstill {
    /// The entry forbids the access.
    Forbidden,
    /// The entry grants the access, and yet it faults: the TLB has a stale entry.
    Stale,
    /// The process waits for a disk each time, and its page is not there afterwards.
    WaitsInVain,
    /// Two pages of the instruction evict each other.
    InTurns {
        /// The other page.
        other: Page,
    },
}

/// Returns what is wrong after a fault was served; `None` if the program can continue.
pub(crate) fn judge(
    vm: &Pager,
    space: SpaceId,
    fault: ServedFault,
    waits: bool,
    repeats: &Repeats,
) -> Option<Stuck> {
    let (memory, root) = (vm.tables().memory(), vm.user_root(space));
    // A probe of RAM, not a question to the virtual memory, which may be wrong about it.
    let granted = probe(memory, root, fault.addr, fault.access, Ring::User).is_ok();
    let how = match (granted, waits) {
        (false, false) => Standstill::Forbidden,
        _ if !repeats.are_too_many() => return None,
        _ => match repeats.other {
            Some(other) => Standstill::InTurns { other },
            None if granted => Standstill::Stale,
            None => Standstill::WaitsInVain,
        },
    };
    let directory = vm.directory(space);
    Some(Stuck {
        fault,
        entry: vm.tables().entry(directory, fault.addr.page()),
        how,
    })
}

impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ServedFault {
            number, pid, eip, ..
        } = self.fault;
        let page = self.fault.addr.page().start();
        let entry = EntryInWords(self.entry);
        let access = in_words(self.fault.access);
        match self.how {
            Standstill::Forbidden => write!(
                f,
                "fault {number} was resolved, but its entry still forbids the access: the entry of \
                 page {page} is {entry}, it should allow {access} by the user"
            ),
            Standstill::Stale => write!(
                f,
                "fault {number} was resolved, as {MAX_REPEATS} before it of the same instruction: \
                 the entry of page {page} is {entry} and allows {access} by the user, so the TLB \
                 has a stale one; a change of the entry was not flushed"
            ),
            Standstill::WaitsInVain => write!(
                f,
                "fault {number} was resolved by waiting for a disk, as {MAX_REPEATS} before it of \
                 the same instruction, and its page is still not there: the entry of page {page} \
                 is {entry}, it should allow {access} by the user"
            ),
            Standstill::InTurns { other } => write!(
                f,
                "fault {number} was resolved, as {MAX_REPEATS} before it of the same instruction: \
                 it needs page {page} and page {} at once, and the fault of one takes the other \
                 away; the entry of page {page} is {entry}",
                other.start()
            ),
        }?;
        write!(f, " (process {pid}, eip {eip})")
    }
}

pub(crate) fn in_words(access: Access) -> &'static str {
    match access {
        Access::Read => "a load",
        Access::Write => "a store",
        Access::Fetch => "an instruction fetch",
    }
}

/// A page-table entry in words.
pub(crate) struct EntryInWords(pub Pte);

impl fmt::Display for EntryInWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let EntryInWords(entry) = *self;
        if !entry.is_present() {
            return f.write_str("not present");
        }
        let rights = match entry.has(PteFlags::WRITABLE) {
            true => "writable",
            false => "read-only",
        };
        let whose = match entry.has(PteFlags::USER) {
            true => "the user's",
            false => "the kernel's",
        };
        write!(f, "frame {}, {rights}, {whose}", entry.frame().number())
    }
}

#[cfg(test)]
mod tests {
    use machine::addr::Frame;
    use machine::disk::MemoryDisk;
    use machine::layout::Layout;
    use machine::memory::PhysMemory;
    use machine::paging::PageTables;
    use machine::tlb::Tlb;
    use machine::work::Work;
    use vm::{Client, Moment, Owner, Resolved, Vm, VmOptions};

    use super::*;

    const PAGE: Page = Page::new(0x0804a);

    fn stuck(flags: PteFlags, how: Standstill) -> String {
        let stuck = Stuck {
            fault: ServedFault {
                number: 412,
                pid: Pid(1),
                eip: VirtAddr(0x0804_8010),
                addr: VirtAddr(0x0804_a123),
                access: Access::Write,
            },
            entry: Pte::new(Frame::new(8204), flags),
            how,
        };
        stuck.to_string()
    }

    fn vm() -> Vm {
        let layout = Layout::new(8);
        let memory = PhysMemory::new(layout.total_frames()).unwrap();
        let tables = PageTables::new(memory, layout);
        let swap = Box::new(MemoryDisk::new(0));
        Vm::new(tables, Tlb::default(), swap, VmOptions::default())
    }

    #[test]
    fn a_served_fault_is_judged_by_the_entry_that_it_left() {
        let eip = VirtAddr(0x0804_8010);
        let fault = ServedFault {
            number: 1,
            pid: Pid(1),
            eip,
            addr: VirtAddr(0xbfff_fff0),
            access: Access::Write,
        };
        let work = Work::ZERO;
        let served = vm().serve(Moment { work, eip }, |vm| {
            judged_before_and_after(vm, fault)
        });
        assert_eq!(served.resolved, Resolved::GoOn);
    }

    fn judged_before_and_after(vm: &mut Pager, fault: ServedFault) {
        let space = vm.create_space(Owner(1), Work::ZERO).unwrap();
        let page = fault.addr.page();
        let mut repeats = Repeats::default();
        repeats.first(page);
        let judge = |vm: &Pager, waits, repeats: &Repeats| {
            judge(vm, space, fault, waits, repeats).map(|stuck| stuck.how)
        };
        // Without a region no kernel could serve it.
        assert_eq!(judge(vm, false, &repeats), Some(Standstill::Forbidden));
        assert_eq!(judge(vm, true, &repeats), None);

        vm.add_stack(space).unwrap();
        let client = Client {
            space,
            stack: fault.addr,
        };
        vm.resolve(client, fault.addr, fault.access).unwrap();
        assert_eq!(judge(vm, false, &repeats), None);

        (1..MAX_REPEATS).for_each(|_| repeats.again(page));
        assert_eq!(judge(vm, false, &repeats), Some(Standstill::Stale));
        let other = Page::new(7);
        repeats.again(other);
        repeats.again(page);
        assert_eq!(
            judge(vm, false, &repeats),
            Some(Standstill::InTurns { other })
        );
        vm.destroy_space(space);
    }

    #[test]
    fn an_entry_that_forbids_is_shown_with_what_it_should_allow() {
        assert_eq!(
            stuck(PteFlags::USER_READ, Standstill::Forbidden),
            "fault 412 was resolved, but its entry still forbids the access: the entry of page \
             0x0804a000 is frame 8204, read-only, the user's, it should allow a store by the user \
             (process 1, eip 0x08048010)"
        );
        let absent = stuck(PteFlags::empty(), Standstill::Forbidden);
        assert!(absent.contains("is not present, it should"), "{absent}");
    }

    #[test]
    fn an_entry_that_grants_the_access_is_stale_in_the_tlb() {
        let text = stuck(PteFlags::USER_WRITE, Standstill::Stale);
        assert!(text.contains("so the TLB has a stale one"), "{text}");
    }

    #[test]
    fn pages_that_take_each_other_away_are_both_named() {
        let other = Page::new(0x0804b);
        let text = stuck(PteFlags::USER_WRITE, Standstill::InTurns { other });
        assert!(
            text.contains("page 0x0804a000 and page 0x0804b000"),
            "{text}"
        );
    }

    #[test]
    fn faults_are_counted_from_the_first_of_an_instruction() {
        let mut repeats = Repeats::default();
        for _ in 0..2 {
            repeats.first(PAGE);
            (1..MAX_REPEATS - 1).for_each(|_| repeats.again(PAGE));
            assert!(!repeats.are_too_many());
        }
        repeats.again(PAGE);
        assert!(repeats.are_too_many());
        assert_eq!(repeats.other, None);
        repeats.again(Page::new(7));
        assert_eq!(repeats.other, Some(PAGE));
    }
}
