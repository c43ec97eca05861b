//! The page-fault decision.
//!
//! | the page's region | the page's content | load | store |
//! |---|---|---|---|
//! | none, or one that forbids the access | | killed | killed |
//! | stack, too far below %esp | none | killed | killed |
//! | zero | none | zeros, pristine | zeros |
//! | file, private | none, but in the page cache | share that frame | copy that frame |
//! | file, private | none | read into the cache | read a private copy |
//! | file, shared | none | share or read into the cache | the same, writable |
//! | any | in a swap slot | swap in | swap in, then as below |
//! | private | in a frame, several users | map | copy |
//! | private | in a frame, only user | map | map writable |
//!
//! # Invariants
//!
//! A resolved fault leaves an entry that grants the access, so the instruction can restart, or it
//! makes its process wait for a disk and fault again. A fault that is not resolved has changed
//! nothing but what it evicted.

use machine::addr::{Frame, Page, VirtAddr};
use machine::mmu::{Access, Ring, probe};
use machine::pte::PteFlags;
use smallvec::SmallVec;

use crate::ids::User;
use crate::kill::{BadAccess, Kill};
use crate::observe::event::{Detail, Event, Fault, Outcome};
use crate::pager::Pager;
use crate::pager::denied::Denied;
use crate::residency::content::{FilePage, Part, Place};
use crate::space::region::{Backing, Protection, Purpose, Region};
use crate::space::spt::ContentId;
use crate::space::user_range::Client;

/// The distance below the stack pointer at which an access still grows the stack. PUSHA stores 32
/// bytes below %esp before it updates %esp (SDM vol. 2, PUSHA; "Stack Growth" in the Pintos
/// documentation).
const BELOW_STACK_POINTER: u32 = 32;

/// Where the bytes of an untouched page come from.
pub(crate) enum Source {
    Zero,
    File(FilePage),
}

/// The page-fault handler.
impl Pager {
    /// Resolves a page fault: makes the access possible, or says why the process must end.
    ///
    /// # Errors
    /// [`Kill`] if the process must end.
    ///
    /// # Examples
    ///
    // lab 2 example
    /// ```
    /// use kit::Machine;
    /// use vm::{BadAccess, VmOptions};
    ///
    /// let mut machine = Machine::new(8, 64, VmOptions::default());
    /// let space = machine.space();
    /// machine.zeros(space, 0x0a00_0000, 4);
    /// assert_eq!(machine.vm.usage().frames_in_use, 0);
    ///
    /// machine.store(space, 0x0a00_1234, 7)?; // faults, is resolved, and tried again
    /// assert_eq!(machine.load(space, 0x0a00_1234)?, 7);
    /// assert_eq!(machine.vm.usage().frames_in_use, 1);
    /// assert_eq!(machine.vm.stats().minor_faults, 1);
    ///
    /// let beyond = machine.load(space, 0x0a00_4000);
    /// assert_eq!(beyond, Err(BadAccess::Unmapped.into()));
    /// # Ok::<(), vm::Kill>(())
    /// ```
    pub fn resolve(&mut self, client: Client, addr: VirtAddr, access: Access) -> Result<(), Kill> {
        // Another instruction faults: the last one has been executed and needs its pages no more.
        self.let_go();
        self.resolve_again(client, addr, access)
    }

    /// Resolves a page fault of an instruction that has faulted before and has not been executed
    /// since. What its earlier faults brought in stays in its frames.
    ///
    /// # Errors
    /// [`Kill`] if the process must end.
    pub fn resolve_again(
        &mut self,
        client: Client,
        addr: VirtAddr,
        access: Access,
    ) -> Result<(), Kill> {
        let space = client.space;
        // Two instructions that hold frames could keep each other from ever completing.
        if self.in_hand.is_of_another(space) {
            self.let_go();
        }
        let result = self.resolve_for(Ring::User, client, addr, access);
        let page = addr.page();
        // Also if the process has to wait: what it waits for must not be evicted meanwhile.
        if let Some(frame) = self.frame_of(User { space, page }) {
            self.in_hand.take(space, frame);
        }
        result
    }

    /// Makes the frames in hand evictable again, because another instruction is at work.
    pub(crate) fn let_go(&mut self) {
        self.in_hand.let_go();
    }

    /// Resolves, counts and logs a fault of the program, or of the kernel during a system call.
    pub(crate) fn resolve_for(
        &mut self,
        ring: Ring,
        client: Client,
        addr: VirtAddr,
        access: Access,
    ) -> Result<(), Kill> {
        // Also faults that end the process: the log numbers all of them.
        self.stats.faults += 1;
        let heard = self.is_heard(Detail::Faults);
        // Before the decision: the log shows the page and the error code as the CPU met them.
        let circumstances = heard.then(|| self.circumstances(ring, client, addr, access));
        let result = match self.decide(client, addr, access) {
            // No error: the process sleeps, repeats its instruction and faults again.
            Err(Denied::Busy(until)) => Ok(self.wait_for_frame(until)),
            Err(Denied::Kill(kill)) => Err(kill),
            Ok(outcome) => Ok(outcome),
        };
        match result {
            // Major and minor as in `getrusage`: whether a disk had to be read.
            Ok(outcome) if outcome.is_major() => self.stats.major_faults += 1,
            Ok(_) => self.stats.minor_faults += 1,
            Err(_) => {}
        }
        if let Some(circumstances) = circumstances {
            let outcome = result.unwrap_or_else(Outcome::Killed);
            let displaced = std::mem::take(&mut self.displaced);
            self.emit(Event::Fault(Fault {
                outcome,
                displaced,
                ..circumstances
            }));
        }
        self.debug_check();
        result.map(|_| ())
    }

    /// Returns the log record of a fault before it is served: no page has been evicted for it yet.
    fn circumstances(
        &mut self,
        ring: Ring,
        client: Client,
        addr: VirtAddr,
        access: Access,
    ) -> Fault {
        // Evictions by system calls since the last fault do not belong to this one.
        self.displaced.clear();
        let page = addr.page();
        let directory = &self.space(client.space).directory;
        // The directory that CR3 named at the fault; they differ with an isolated kernel half.
        let root = match ring {
            Ring::User => directory.user_root(),
            Ring::Kernel => directory.root(),
        };
        Fault {
            number: self.stats.faults,
            owner: self.owner(client.space),
            eip: self.eip,
            esp: client.stack,
            addr,
            access,
            ring,
            code: probe(self.residency.memory(), root, addr, access, ring)
                .err()
                .unwrap_or_default(),
            before: self.page_state(client.space, page),
            outcome: Outcome::Waited,
            displaced: SmallVec::new(),
        }
    }

    /// Decides by the table above: brings the page in, or gives its entry the missing right.
    ///
    /// # Contract
    /// - Before: the entry of the address does not allow the access.
    /// - After: it does, and the page holds what its region, its file or its last stay in a frame says.
    ///   The answer is what was done. On an error the page is as it was.
    ///
    /// # Errors
    /// [`Denied`] if the access is impossible, or not possible yet.
    fn decide(
        &mut self,
        client: Client,
        addr: VirtAddr,
        access: Access,
    ) -> Result<Outcome, Denied> {
        let region = self.allowed(client, addr, access)?;
        let user = User {
            space: client.space,
            page: addr.page(),
        };
        // lab 2.2: decide what a fault needs
        // The content comes before the region's backing: a page that was stored to differs from it.
        if self.residency.content_of(user).is_some() {
            return self.resolve_touched(user, access);
        }
        let is_shared_file = region.is_shared_file();
        match source(region, user.page) {
            Source::Zero => {
                // `allowed` has checked the stack pointer; here growth only differs in the log.
                let grows = region.purpose == Purpose::Stack;
                let frame = self.zero_fill(user, access == Access::Write)?;
                Ok(match grows {
                    true => Outcome::StackGrown(frame),
                    false => Outcome::ZeroFilled(frame),
                })
            }
            // Asked at each fault: the file may have been truncated since it was mapped.
            Source::File(page) if is_past_end(&page) => Err(Kill::PastEndOfFile.into()),
            Source::File(page) if is_shared_file => self.resolve_shared(user, page),
            Source::File(page) => self.resolve_private(user, page, access),
        }
        // lab given
        // | // Until 2.2: what did not come when its region was mapped is not to be had.
        // | Err(Kill::OutOfFrames.into())
        // lab end
    }

    /// Returns the region that allows an access.
    ///
    /// # Contract
    /// - After: nothing has changed. What counts is the region, not the page-table entry; and in
    ///   the stack's region, for a page that was never touched, the stack pointer of the client.
    ///
    /// # Errors
    /// [`BadAccess`] if there is none.
    pub(crate) fn allowed(
        &self,
        client: Client,
        addr: VirtAddr,
        access: Access,
    ) -> Result<&Region, BadAccess> {
        if !addr.is_user() {
            return Err(BadAccess::KernelAddress);
        }
        let spt = self.space(client.space).spt();
        let region = spt.region(addr.page()).ok_or(BadAccess::Unmapped)?;
        if region.protection.is_empty() {
            return Err(BadAccess::NoAccess);
        }
        // A load or fetch needs no check of its own: any right allows it (SDM vol. 3, 4.6.1).
        if access == Access::Write && !region.protection.contains(Protection::WRITE) {
            return Err(BadAccess::ReadOnly);
        }
        // lab 3.2: say where the stack may grow
        // Only a page without content is growth. What the stack has pushed before stays readable
        // below %esp, even in swap. `saturating_sub`: a program may load any value into %esp.
        let near_stack = addr.0 >= client.stack.0.saturating_sub(BELOW_STACK_POINTER);
        if region.purpose == Purpose::Stack && !near_stack && spt.content(addr.page()).is_none() {
            return Err(BadAccess::BelowStack);
        }
        // lab given
        // | // Until 3.2: all pages that the stack may have are there from the start.
        // lab end
        Ok(region)
    }

    /// Puts the process to sleep until the first of the frames that disks are filling is ready.
    fn wait_for_frame(&mut self, until: u64) -> Outcome {
        self.disks.wait_until(until);
        Outcome::Waited
    }

    /// Resolves a fault on a page that has a content: it is in swap, or its entry lacks a right.
    fn resolve_touched(&mut self, user: User, access: Access) -> Result<Outcome, Denied> {
        let content = self.residency.content_of(user).expect("touched");
        let mut outcome = match self.content(content).place {
            Place::Slot(_) => Some(self.swap_in(user, access)?),
            Place::Frame(_) => None,
        };
        let frame = self.frame_of(user).expect("it was just brought in");
        // Another process's fault may have brought it in, and the disk may still be filling it.
        self.wait_for_content(frame);
        let rights = self.residency.rights(user, content);
        let rights = rights.expect("the region allows the access");
        // The region allows the store but the rights do not: the page is copy-on-write.
        if access == Access::Write && !rights.contains(PteFlags::WRITABLE) {
            let unshared = self.unshare(user, frame)?;
            outcome = Some(outcome.map_or(unshared, |first| first.followed_by(unshared)));
        } else {
            // An entry that was left out, write-protected for users that are gone, or just made.
            self.residency.grant(user)?;
        }
        Ok(outcome.unwrap_or(Outcome::Upgraded(frame)))
    }

    /// Resolves a fault on an untouched page of a shared mapping: all mappings share one frame.
    fn resolve_shared(&mut self, user: User, page: FilePage) -> Result<Outcome, Denied> {
        match self.residency.cached(&page.key()) {
            None => self.read_to_cache(user, page),
            Some((content, frame)) => self.share_cached(user, content, frame),
        }
    }

    /// Resolves a fault on an untouched page of a private file mapping.
    ///
    /// # Contract
    /// - Before: the page is untouched, and the file has it.
    /// - After: a load leaves it with the content that the page cache has for it, which was read if
    ///   it was not there. After a store it has a content of its own, which began as a copy of the
    ///   cached one, or was read for this page alone if the page was not in the cache.
    fn resolve_private(
        &mut self,
        user: User,
        page: FilePage,
        access: Access,
    ) -> Result<Outcome, Denied> {
        // lab 8.2: let all who run a program share its pages
        match (self.residency.cached(&page.key()), access) {
            // Private at once: from the cache it would be claimed or copied right after.
            (None, Access::Write) => self.read_private(user, page),
            (None, Access::Read | Access::Fetch) => self.read_to_cache(user, page),
            (Some((_, frame)), Access::Write) => {
                // The copy is made now; on a real disk its source would not be there yet.
                self.wait_for_content(frame);
                self.copy_cached(user, frame)
            }
            (Some((content, frame)), Access::Read | Access::Fetch) => {
                self.share_cached(user, content, frame)
            }
        }
        // lab given
        // | // Until 8.2: each process reads for itself.
        // | self.read_private(user, page)
        // lab end
    }

    /// Gives an untouched page the content that the page cache has for it.
    fn share_cached(
        &mut self,
        user: User,
        content: ContentId,
        frame: Frame,
    ) -> Result<Outcome, Denied> {
        self.wait_for_content(frame);
        self.residency.share(user, content)?;
        Ok(Outcome::Shared(frame))
    }

    /// Puts the process to sleep until the disk has filled a frame.
    fn wait_for_content(&mut self, frame: Frame) {
        self.disks.wait_until(self.frames().info(frame).ready_at());
    }
}

impl Outcome {
    /// Combines a swap-in with the copy that followed it, or with the claim.
    fn followed_by(self, unshared: Outcome) -> Outcome {
        match (self, unshared) {
            (Outcome::SwappedIn(frame, slot), Outcome::Copied(copy)) => {
                Outcome::SwappedInAndCopied(frame, slot, copy)
            }
            (first, _) => first,
        }
    }
}

/// Returns where the bytes of an untouched page of a region come from.
pub(crate) fn source(region: &Region, page: Page) -> Source {
    match &region.backing {
        Backing::Zero => Source::Zero,
        Backing::File { file, first } => {
            let number = first + (page.number() - region.start.number());
            Source::File(FilePage {
                file: file.clone(),
                part: Part::Whole(number),
            })
        }
        Backing::Mixed { file, pieces } => Source::File(FilePage {
            file: file.clone(),
            part: Part::Pieces(pieces.clone()),
        }),
    }
}

/// Returns whether the page lies wholly past the end of its file, as after a truncation.
pub(crate) fn is_past_end(page: &FilePage) -> bool {
    match page.part {
        Part::Whole(number) => {
            u64::from(number) * u64::from(machine::addr::PAGE_SIZE) >= page.file.len()
        }
        // Pieces are of an executable, which nothing writes to or truncates while it runs.
        Part::Pieces(_) => false,
    }
}
