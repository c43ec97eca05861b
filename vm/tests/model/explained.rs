//! Checks that the machine's answer agrees with the model, or that it reports a lack of memory and
//! there is one.

use std::collections::BTreeSet;

use vm::content::Kind;
use vm::{AdviceError, ForkError, Kill, User};

use crate::pair::{Pair, Process};
use crate::reference::Verdict;
use crate::sights::Sight;
use crate::steps::Part;

/// Returns the number of frames that private pages leave free: as many as one instruction may need,
/// or half of the frames if there are few.
fn reserve(frames: u32) -> u32 {
    vm::MINIMUM_RESIDENT.min(frames / 2)
}

impl Pair<'_> {
    /// Checks that a sequence of accesses had the results that the model predicts. It ends at the
    /// first that is refused.
    pub(crate) fn assert_explained(&self, verdicts: &[Verdict], result: Result<(), Kill>) {
        let is_refused = |verdict: &Verdict| matches!(verdict, Verdict::Refused(_));
        let first = verdicts.iter().position(is_refused);
        match result {
            Ok(()) => assert_eq!(first.map(|first| verdicts[first]), None),
            Err(kill @ (Kill::OutOfTables | Kill::OutOfSwap)) => self.assert_no_room(kill),
            Err(kill) => {
                let before = &verdicts[..first.unwrap_or(verdicts.len())];
                let by_open = kill == Kill::PastEndOfFile && before.contains(&Verdict::Open);
                let refused = first.map(|first| verdicts[first]);
                let by_refused = refused == Some(Verdict::Refused(kill));
                assert!(by_open || by_refused, "{kill:?} for {verdicts:?}");
            }
        }
        if result == Err(Kill::PastEndOfFile) {
            self.sights.note(Sight::PastEnd);
        }
        if result.is_ok() && verdicts.contains(&Verdict::Open) {
            self.sights.note(Sight::Lingering);
        }
    }

    /// Checks that a refusal for lack of memory is justified.
    fn assert_no_room(&self, kill: Kill) {
        assert!(!self.setup.is_ample(), "{kill}");
        match kill {
            Kill::OutOfTables => {
                self.sights.note(Sight::OutOfTables);
                assert_eq!(self.machine.vm.tables().free_frames(), 0, "{kill}");
            }
            Kill::OutOfSwap => {
                self.sights.note(Sight::OutOfSwap);
                let is_full = self.private_contents() >= self.most_private();
                assert!(is_full || self.model.any_pins(), "{kill}");
            }
            _ => panic!("{kill} has nothing to do with room"),
        }
    }

    fn most_private(&self) -> usize {
        let (frames, slots) = (self.setup.frames, self.machine.vm.swap().most_evicted());
        (frames - reserve(frames) + slots) as usize
    }

    fn private_contents(&self) -> usize {
        let vm = &self.machine.vm;
        let contents = vm
            .spaces()
            .flat_map(|(_, space)| space.spt().all_contents());
        let contents: BTreeSet<_> = contents.map(|(_, content)| content).collect();
        let is_private = |id: &_| matches!(vm.content(*id).kind, Kind::Private { .. });
        contents.into_iter().filter(is_private).count()
    }

    /// Returns whether a page has a private content, in a frame or a slot.
    pub(crate) fn is_private(&self, user: User) -> bool {
        let vm = &self.machine.vm;
        let content = vm.space(user.space).spt().content(user.page);
        content.is_some_and(|id| matches!(vm.content(id).kind, Kind::Private { .. }))
    }

    fn is_swap_full(&self) -> bool {
        let swap = self.machine.vm.swap();
        swap.in_use() >= swap.most_evicted()
    }

    pub(crate) fn assert_no_room_for_a_fork(&self, error: ForkError) {
        self.sights.note(Sight::NoFork);
        let for_room = matches!(
            error,
            ForkError::Tables(_) | ForkError::Copy(Kill::OutOfTables | Kill::OutOfSwap)
        );
        assert!(for_room && !self.setup.is_ample(), "{error}");
    }

    /// Checks that advice for a range with holes or pins is followed for the rest and reports them.
    pub(crate) fn check_advice(&self, who: &Process, part: &Part, done: Result<(), AdviceError>) {
        let mapped = self.model.is_mapped(who.number, part.area, &part.within);
        match done {
            Ok(()) => assert!(mapped),
            Err(AdviceError::Hole) => assert!(!mapped),
            // Another process may have pinned a frame that the two share.
            Err(AdviceError::Pinned) => assert!(self.model.any_pins()),
            Err(AdviceError::PageOut) => {
                self.sights.note(Sight::SwapFull);
                assert!(self.is_swap_full(), "a page was not written out");
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Checks that after a page-out no page of the range is in a frame, unless it is pinned or
    /// found no slot.
    pub(crate) fn assert_paged_out(&self, who: &Process, part: &Part) {
        let (vm, space) = (&self.machine.vm, who.space);
        for page in part.pages().start.until(part.pages().end) {
            let user = User { space, page };
            if let Some(frame) = vm.frame_of(user) {
                let has_no_slot = self.is_private(user) && self.is_swap_full();
                let is_pinned = vm.frames().info(frame).pins() > 0;
                assert!(is_pinned || has_no_slot, "{page} is not paged out");
            }
        }
    }
}
