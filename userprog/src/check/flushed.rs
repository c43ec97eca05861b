//! The CPU never continues with a translation that contradicts its entry.

use machine::paging::contradicts;
use machine::pte::{Pte, PteFlags};
use machine::tlb::Tlb;
use vm::{Event, Owner};

use super::spot::Spot;
use crate::stuck::EntryInWords;

/// The rule.
pub(super) const RULE: &str = "the TLB has nothing that an entry contradicts";

/// Entries that have changed since the CPU last ran, and of which the TLB may hold the old state.
#[derive(Default, Debug)]
pub(super) struct Changed(Vec<(Spot, Pte, Pte)>);

impl Changed {
    /// Records a change.
    pub(super) fn note(&mut self, event: &Event) {
        if let Event::Entry {
            owner,
            page,
            old,
            new,
        } = event
            && contradicts(*old, *new)
        {
            self.0.push((Spot::of(*owner, *page), *old, *new));
        }
    }

    /// Returns what is wrong if the CPU continues with a process after the invalidations in `tlb`.
    pub(super) fn broken(&mut self, running: Owner, tlb: &Tlb) -> Option<String> {
        let mut changed = self.0.drain(..);
        let of_it = changed.find(|(spot, ..)| spot.owner() == running && !tlb.is_due(spot.page));
        let (spot, old, new) = of_it?;
        let lost = PteFlags::from_bits_retain(old.bits() & !new.bits());
        let (what, then) = if old.frame() != new.frame() || lost.contains(PteFlags::PRESENT) {
            (was_and_is(spot, old, new), "uses that without a fault")
        } else if lost.contains(PteFlags::WRITABLE) {
            (was_and_is(spot, old, new), "stores there without a fault")
        } else if lost.contains(PteFlags::ACCESSED) {
            (
                format!("A was cleared in the entry of {spot}"),
                "uses the page without setting A again",
            )
        } else {
            (
                format!("D was cleared in the entry of {spot}"),
                "stores there without setting D again",
            )
        };
        Some(format!(
            "{what}, but the TLB was not told (a Flush is for Tlb::note): the CPU still has the old entry and {then}"
        ))
    }
}

fn was_and_is(spot: Spot, old: Pte, new: Pte) -> String {
    let (old, new) = (EntryInWords(old), EntryInWords(new));
    format!("the entry of {spot} was {old} and is {new}")
}

#[cfg(test)]
mod tests {
    use machine::addr::Frame;

    use super::*;
    use crate::check::testing::*;

    fn unmapped() -> Changed {
        let used = Pte::new(FRAME, PteFlags::USER_WRITE | PteFlags::ACCESSED);
        let mut changed = Changed::default();
        changed.note(&entry(mine(), used, Pte::EMPTY));
        changed
    }

    #[test]
    fn a_used_entry_that_is_emptied_is_flushed() {
        let tlb = Tlb::default();
        let what = unmapped().broken(mine().owner(), &tlb).unwrap();
        assert!(
            what.contains("frame 3, writable, the user's and is not present"),
            "{what}"
        );
        tlb.flush_everything();
        assert_eq!(unmapped().broken(mine().owner(), &tlb), None);
    }

    #[test]
    fn those_of_other_spaces_go_when_these_are_left() {
        assert_eq!(unmapped().broken(other().owner(), &Tlb::default()), None);
    }

    #[test]
    fn an_entry_that_was_never_used_is_in_no_tlb() {
        let mut changed = Changed::default();
        changed.note(&unmaps(mine(), Frame::new(3)));
        assert_eq!(changed.broken(mine().owner(), &Tlb::default()), None);
    }
}
