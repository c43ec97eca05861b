//! A frame or a slot in use is not allocated to another page.

use vm::Event;
use vm::event::{Eviction, Fate, Fault, Outcome};

use super::shadow::{Place, Shadow};
use super::spot::Spot;

/// The rule.
pub(super) const RULE: &str = "a frame or slot in use is given to no other page";

/// Returns the page that is still in the place that another page has just got.
pub(super) fn broken(event: &Event, before: &Shadow) -> Option<String> {
    match event {
        Event::Evicted(Eviction {
            owner,
            page,
            fate: Fate::SwappedOut(slot),
            ..
        }) => {
            let spot = Spot::of(*owner, *page);
            let there = before.holders(Place::Slot(*slot)).next()?;
            let since = before.kept(*slot).map_or(0, |kept| kept.at);
            Some(format!(
                "{spot} was written to slot {slot}, where {there} has been since work {since} and still is: \
                 a slot is free only when what it holds is back in a frame or has no user left"
            ))
        }
        Event::Fault(Fault {
            owner,
            addr,
            outcome,
            ..
        }) => {
            let frame = match outcome {
                Outcome::ZeroFilled(frame)
                | Outcome::StackGrown(frame)
                | Outcome::FileRead(frame, ..)
                | Outcome::Copied(frame)
                | Outcome::SwappedInAndCopied(.., frame) => *frame,
                _ => return None,
            };
            let spot = Spot::of(*owner, addr.page());
            let mut others = before.holders(Place::Frame(frame));
            let there = others.find(|other| *other != spot)?;
            Some(format!(
                "{spot} was given frame {frame}, in which {there} still is: both would use the same bytes"
            ))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::*;

    #[test]
    fn a_slot_in_use_is_not_written_to() {
        let to_slot = |spot| evicts(spot, FRAME, Fate::SwappedOut(SLOT));
        let away = [maps(mine(), FRAME), unmaps(mine(), FRAME), to_slot(mine())];
        let away = after(zeros(), &away);
        let what = broken(&to_slot(other()), &away).unwrap();
        assert!(
            what.contains("slot 9, where page 0x00102000 of process 1 has been"),
            "{what}"
        );
        let free = after(away, &[Event::SlotFreed { slot: SLOT }]);
        assert_eq!(broken(&to_slot(other()), &free), None);
    }

    #[test]
    fn a_frame_in_use_is_given_to_nobody() {
        let mut shadow = after(zeros(), &[maps(mine(), FRAME)]);
        shadow.take_in(100, &maps(other(), FRAME));
        let what = broken(&fault(other(), Outcome::ZeroFilled(FRAME)), &shadow).unwrap();
        assert!(
            what.contains("in which page 0x00102000 of process 1 still is"),
            "{what}"
        );
        let shared = fault(other(), Outcome::Shared(FRAME));
        assert_eq!(broken(&shared, &shadow), None);
    }
}
