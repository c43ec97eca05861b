//! Page faults, which are all mistakes of programs: what a program may access is in frames.
//!
//! # Invariants
//!
//! Whether an access is allowed depends on the region alone.

use machine::addr::VirtAddr;
use machine::mmu::{Access, Ring, probe};
use smallvec::SmallVec;

use crate::ids::{SpaceId, User};
use crate::kill::{BadAccess, Kill};
use crate::observe::event::{Detail, Event, Fault, Outcome};
use crate::pager::Pager;
use crate::space::region::Protection;
use crate::space::user_range::Client;

impl Pager {
    /// Handles an access of a program that its page tables do not allow.
    ///
    /// # Errors
    /// [`Kill`] if the process must end.
    pub fn resolve(&mut self, client: Client, addr: VirtAddr, access: Access) -> Result<(), Kill> {
        self.stats.faults += 1;
        let user = User {
            space: client.space,
            page: addr.page(),
        };
        let found = self.allowed(user.space, addr, access);
        let found = found.map(|()| self.spaces.frame_in_region(user));
        if found.is_ok() {
            self.stats.minor_faults += 1;
        }
        let outcome = match found {
            Ok(frame) => Outcome::Upgraded(frame),
            Err(bad) => Outcome::Killed(bad.into()),
        };
        if self.is_heard(Detail::Faults) {
            let root = self.user_root(user.space);
            let code = probe(&self.memory, root, addr, access, Ring::User).err();
            self.tell(Event::Fault(Fault {
                number: self.stats.faults,
                owner: self.owner(user.space),
                eip: self.eip,
                esp: client.stack,
                addr,
                access,
                ring: Ring::User,
                code: code.unwrap_or_default(),
                before: self.page_state(user.space, user.page),
                outcome,
                displaced: SmallVec::new(),
            }));
        }
        Ok(found.map(drop)?)
    }

    /// Does the same for an instruction that has faulted before and has not been executed since.
    ///
    /// # Errors
    /// As [`Pager::resolve`].
    pub fn resolve_again(
        &mut self,
        client: Client,
        addr: VirtAddr,
        access: Access,
    ) -> Result<(), Kill> {
        self.resolve(client, addr, access)
    }

    /// Checks whether a program may make an access.
    ///
    /// # Errors
    /// [`BadAccess`] if it may not.
    pub(crate) fn allowed(
        &self,
        space: SpaceId,
        addr: VirtAddr,
        access: Access,
    ) -> Result<(), BadAccess> {
        if !addr.is_user() {
            return Err(BadAccess::KernelAddress);
        }
        let page = addr.page();
        let Some(region) = self.spaces.region(User { space, page }) else {
            return Err(BadAccess::Unmapped);
        };
        let may_write = region.protection.contains(Protection::WRITE);
        match access {
            _ if region.protection.is_empty() => Err(BadAccess::NoAccess),
            Access::Write if !may_write => Err(BadAccess::ReadOnly),
            _ => Ok(()),
        }
    }
}
