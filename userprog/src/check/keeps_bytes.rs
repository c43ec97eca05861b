//! A page keeps its bytes, wherever it was in between: in a slot, or in another frame.

use vm::Event;

use super::bytes::difference;
use super::shadow::{Place, Shadow};
use super::spot::Spot;

/// The rule.
pub(super) const RULE: &str = "a page keeps its bytes, wherever it is";

/// Returns what is wrong with a page whose new entry names another frame than the one it was in.
pub(super) fn broken(event: &Event, before: &Shadow) -> Option<String> {
    let Event::Entry {
        owner, page, new, ..
    } = event
    else {
        return None;
    };
    let spot = Spot::of(*owner, *page);
    let (there, frame) = (before.place(spot)?, new.frame());
    if !new.is_present() || there == Place::Frame(frame) {
        return None;
    }
    let now = before.bytes(frame);
    match there {
        Place::Frame(old) => {
            let differs = difference(&before.bytes(old), &now[..])?;
            Some(format!(
                "{spot} was in frame {old} and is in frame {frame} now, with other bytes: {differs}; a copy \
                 has all bytes of what it is a copy of"
            ))
        }
        Place::Slot(slot) => {
            let kept = before.kept(slot)?;
            let differs = difference(&kept.bytes, &now[..])?;
            let mut slots = before.all_kept();
            let other = slots.find(|(_, other)| difference(&other.bytes, &now[..]).is_none());
            let whose = match other {
                Some((slot, other)) => {
                    format!("; they are those of slot {slot}, where {} went", other.of)
                }
                None if now.iter().all(|byte| *byte == 0) => "; all are zero".to_owned(),
                None => String::new(),
            };
            Some(format!(
                "{spot} went to slot {slot} at work {} and came back to frame {frame} with other bytes: \
                 {differs}{whose}",
                kept.at
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use vm::event::Fate;

    use super::*;
    use crate::check::testing::*;

    fn swapped_out() -> Shadow {
        let mapped = after(zeros(), &[maps(mine(), FRAME)]);
        fill(&mapped, FRAME, 5);
        let to_slot = evicts(mine(), FRAME, Fate::SwappedOut(SLOT));
        after(mapped, &[unmaps(mine(), FRAME), to_slot])
    }

    #[test]
    fn a_page_comes_back_from_its_slot_as_it_went_there() {
        let away = swapped_out();
        fill(&away, OTHER_FRAME, 5);
        after(away, &[maps(mine(), OTHER_FRAME)]);
    }

    #[test]
    fn zeros_in_its_place_are_told() {
        let what = broken(&maps(mine(), OTHER_FRAME), &swapped_out()).unwrap();
        assert_eq!(
            what,
            "page 0x00102000 of process 1 went to slot 9 at work 100 and came back to frame 4 with other \
             bytes: byte 0x0 should be 0x05 and is 0x00; all are zero"
        );
    }

    #[test]
    fn so_are_the_bytes_of_another_slot() {
        let away = after(swapped_out(), &[maps(other(), FRAME)]);
        fill(&away, FRAME, 6);
        let to_slot = evicts(other(), FRAME, Fate::SwappedOut(vm::Slot::new(8)));
        let away = after(away, &[unmaps(other(), FRAME), to_slot]);
        fill(&away, OTHER_FRAME, 6);
        let what = broken(&maps(mine(), OTHER_FRAME), &away).unwrap();
        assert!(
            what.ends_with("those of slot 8, where page 0x00102000 of process 2 went"),
            "{what}"
        );
    }

    #[test]
    fn a_copy_has_the_bytes_of_the_page() {
        let shared = after(zeros(), &[maps_read_only(mine(), FRAME)]);
        fill(&shared, FRAME, 5);
        assert!(broken(&maps(mine(), OTHER_FRAME), &shared).is_some());
        fill(&shared, OTHER_FRAME, 5);
        assert_eq!(broken(&maps(mine(), OTHER_FRAME), &shared), None);
    }

    #[test]
    fn what_was_given_up_may_be_anything() {
        let mut away = swapped_out();
        away.forget(mine().owner(), mine().page..machine::addr::Page::new(0x103));
        assert_eq!(broken(&maps(mine(), OTHER_FRAME), &away), None);
    }
}
