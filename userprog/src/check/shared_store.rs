//! No entry allows a store to a page that is shared, unless it is a page of a file that is mapped
//! shared.

use machine::pte::{Pte, PteFlags};
use vm::Event;

use super::shadow::Shadow;
use super::spot::Spot;

/// The rule.
pub(super) const RULE: &str = "nobody stores to a private page that others share";

/// Returns the page through whose new entry a store would be visible to others.
pub(super) fn broken(event: &Event, before: &Shadow) -> Option<String> {
    let Event::Entry {
        owner, page, new, ..
    } = event
    else {
        return None;
    };
    if !new.is_present() {
        return None;
    }
    let spot = Spot::of(*owner, *page);
    let (frame, is_other) = (new.frame(), |(other, _): &(Spot, Pte)| *other != spot);
    let (other, _) = before.entries(frame).find(is_other)?;
    let could_store = |(spot, entry): &(Spot, Pte)| {
        let region = before.region(*spot);
        entry.has(PteFlags::WRITABLE) && !region.is_some_and(|region| region.is_shared_file())
    };
    let mut all = before.entries(frame).filter(is_other).chain([(spot, *new)]);
    let (writer, _) = all.find(could_store)?;
    let reader = if writer == spot { other } else { spot };
    Some(format!(
        "{writer} and {reader} share frame {frame}, and the entry of {writer} allows stores: what is stored \
         there the other sees; a shared private page is read-only until it is copied"
    ))
}

#[cfg(test)]
mod tests {
    use vm::Sharing;

    use super::*;
    use crate::check::testing::*;

    #[test]
    fn nobody_stores_to_what_another_has() {
        let mapped = after(zeros(), &[maps(mine(), FRAME)]);
        let what = broken(&maps_read_only(other(), FRAME), &mapped).unwrap();
        assert!(
            what.contains("the entry of page 0x00102000 of process 1 allows stores"),
            "{what}"
        );
        let shared = after(
            zeros(),
            &[
                maps_read_only(mine(), FRAME),
                maps_read_only(other(), FRAME),
            ],
        );
        assert!(broken(&maps(other(), FRAME), &shared).is_some());
    }

    #[test]
    fn all_who_map_a_file_shared_store_to_it() {
        let file = shadow(&region(Sharing::Shared, true));
        fill(&file, FRAME, 3);
        after(file, &[maps(mine(), FRAME), maps(other(), FRAME)]);
    }
}
