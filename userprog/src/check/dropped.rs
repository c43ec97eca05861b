//! A page that is evicted can be brought back: one that is not written has the same bytes in its
//! slot, in its file or as zeros, and one that is written has its own bytes there.

use machine::addr::Frame;
use vm::Event;
use vm::event::{Eviction, Fate};

use super::bytes::{Difference, difference};
use super::regions::{by, given};
use super::shadow::{Place, Shadow, Stored};
use super::spot::Spot;

/// The rule.
pub(super) const RULE: &str = "no store is lost";

/// Returns what was lost with a page that just left its frame, or was reported as written.
pub(super) fn broken(event: &Event, before: &Shadow) -> Option<String> {
    match event {
        Event::Evicted(Eviction {
            frame,
            owner,
            page,
            fate,
        }) => {
            let spot = Spot::of(*owner, *page);
            match fate {
                Fate::SwappedOut(_) => None,
                Fate::StillInSwap(slot) => {
                    let kept = before.kept(*slot)?;
                    let differs = difference(&kept.bytes, &before.bytes(*frame)[..])?;
                    let there = format!("slot {slot}, as it was at work {}", kept.at);
                    Some(lost(spot, DROPPED, &there, differs, before, *frame))
                }
                Fate::Dropped => source_differs(spot, DROPPED, *frame, before),
                Fate::WrittenBack(_) => source_differs(spot, WRITTEN, *frame, before),
            }
        }
        Event::FrameFreed { frame } => {
            let spot = sharer(*frame, before)?;
            source_differs(
                spot,
                "was given up by its last user and not written from",
                *frame,
                before,
            )
        }
        Event::WrittenBack { frame, .. } => {
            let spot = sharer(*frame, before)?;
            source_differs(spot, WRITTEN, *frame, before)
        }
        _ => None,
    }
}

/// Words for a page that was dropped.
const DROPPED: &str = "was dropped without being written from";
/// Words for a page that was written back.
const WRITTEN: &str = "was said to be written to its file from";

/// Returns a page of a shared mapping in a frame, whose bytes belong to its file, if there is one.
fn sharer(frame: Frame, before: &Shadow) -> Option<Spot> {
    let is_shared = |spot: &Spot| {
        let region = before.region(*spot);
        region.is_some_and(|region| region.is_shared_file())
    };
    before.holders(Place::Frame(frame)).find(is_shared)
}

fn source_differs(spot: Spot, how: &str, frame: Frame, before: &Shadow) -> Option<String> {
    let region = before.region(spot)?;
    let given = given(region, spot.page)?;
    let bytes = before.bytes(frame);
    let differs = difference(&given.bytes, &bytes[..given.count])?;
    let by = by(region, spot.page);
    Some(lost(spot, how, &by, differs, before, frame))
}

fn lost(
    spot: Spot,
    how: &str,
    there: &str,
    differs: Difference,
    before: &Shadow,
    frame: Frame,
) -> String {
    let stored = match before.store_to(frame) {
        Some(Stored { by: Some(by), at }) => {
            format!("it was dirty by work {at}: D was set in the entry of {by}")
        }
        Some(Stored { by: None, at }) => {
            format!("it was dirty by work {at}: D was set in the kernel's alias of the frame")
        }
        None => "no entry that points to the frame had D set".to_owned(),
    };
    let Difference { at, was, is } = differs;
    format!(
        "{spot} {how} frame {frame}, where byte {at:#x} is {is:#04x}; what is left of it is {there}, where that \
         byte is {was:#04x}; {stored}"
    )
}

#[cfg(test)]
mod tests {
    use vm::Sharing;

    use super::*;
    use crate::check::testing::*;

    #[test]
    fn zeros_that_were_stored_to_are_not_dropped() {
        let mut shadow = after(zeros(), &[maps(mine(), FRAME), unmaps(mine(), FRAME)]);
        let dropped = evicts(mine(), FRAME, Fate::Dropped);
        assert_eq!(broken(&dropped, &shadow), None);
        fill(&shadow, FRAME, 1);
        shadow.stored(FRAME, Some(mine()), 42);
        let what = broken(&dropped, &shadow).unwrap();
        assert!(
            what.contains(
                "dirty by work 42: D was set in the entry of page 0x00102000 of process 1"
            ),
            "{what}"
        );
    }

    #[test]
    fn a_slot_that_has_an_old_copy_is_not_gone_back_to() {
        let to_slot = evicts(mine(), FRAME, Fate::SwappedOut(SLOT));
        let there = [
            maps(mine(), FRAME),
            unmaps(mine(), FRAME),
            to_slot,
            maps(mine(), FRAME),
        ];
        let mut back = after(zeros(), &there);
        let again = evicts(mine(), FRAME, Fate::StillInSwap(SLOT));
        assert_eq!(broken(&again, &back), None);
        fill(&back, FRAME, 1);
        back.stored(FRAME, None, 42);
        let what = broken(&again, &back).unwrap();
        assert!(what.contains("is slot 9, as it was at work 100"), "{what}");
        assert!(
            what.contains("by work 42: D was set in the kernel's alias of the frame"),
            "{what}"
        );
    }

    #[test]
    fn the_last_user_of_a_shared_page_leaves_it_to_the_file() {
        let shadow = after(
            shadow(&region(Sharing::Shared, true)),
            &[maps(mine(), FRAME)],
        );
        fill(&shadow, FRAME, 3);
        let gone = after(shadow, &[unmaps(mine(), FRAME)]);
        let freed = Event::FrameFreed { frame: FRAME };
        assert_eq!(broken(&freed, &gone), None);
        fill(&gone, FRAME, 9);
        assert!(broken(&freed, &gone).unwrap().contains("page 2 of file #7"));
    }

    #[test]
    fn behind_the_end_of_a_file_nothing_is_kept() {
        let mut last = mine();
        last.page = machine::addr::Page::new(0x104);
        let shadow = after(shadow(&region(Sharing::Shared, true)), &[maps(last, FRAME)]);
        fill(&shadow, FRAME, 5);
        shadow
            .memory
            .with_frame_mut(FRAME, |bytes| bytes[4001..].fill(1));
        let gone = after(shadow, &[unmaps(last, FRAME)]);
        assert_eq!(broken(&Event::FrameFreed { frame: FRAME }, &gone), None);
    }
}
