//! No entry points to a frame that lost its page.

use vm::Event;
use vm::event::Eviction;

use super::shadow::{Place, Shadow};
use super::spot::Spot;

/// The rule.
pub(super) const RULE: &str = "nobody maps a frame that was evicted or freed";

/// Returns what is wrong with a frame from which a page was just evicted, or that was freed.
pub(super) fn broken(event: &Event, before: &Shadow) -> Option<String> {
    let (frame, how) = match event {
        Event::Evicted(Eviction {
            frame, owner, page, ..
        }) => {
            let page = Spot::of(*owner, *page);
            (*frame, format!("{page} was evicted from frame {frame}"))
        }
        Event::FrameFreed { frame } => {
            let was = before.last_in(Place::Frame(*frame));
            let was = was.map_or(String::new(), |spot| format!(", where {spot} was last"));
            (*frame, format!("frame {frame}{was}, was freed"))
        }
        _ => return None,
    };
    let (spot, _) = before.entries(frame).next()?;
    Some(format!(
        "{how}, but the entry of {spot} still points to it: its process goes on using the frame of another"
    ))
}

#[cfg(test)]
mod tests {
    use vm::event::Fate;

    use super::*;
    use crate::check::testing::*;

    #[test]
    fn an_entry_that_points_to_an_evicted_frame_is_named() {
        let shared = after(
            zeros(),
            &[
                maps_read_only(mine(), FRAME),
                maps_read_only(other(), FRAME),
            ],
        );
        let one_left = after(shared, &[unmaps(mine(), FRAME)]);
        let evicted = evicts(mine(), FRAME, Fate::Dropped);
        let what = broken(&evicted, &one_left).unwrap();
        assert!(
            what.contains("the entry of page 0x00102000 of process 2 still points to it"),
            "{what}"
        );
        let none_left = after(one_left, &[unmaps(other(), FRAME)]);
        assert_eq!(broken(&evicted, &none_left), None);
    }

    #[test]
    fn so_is_one_that_points_to_a_freed_frame() {
        let mapped = after(zeros(), &[maps(mine(), FRAME)]);
        let what = broken(&Event::FrameFreed { frame: FRAME }, &mapped).unwrap();
        assert!(
            what.starts_with("frame 3, where page 0x00102000 of process 1 was last, was freed"),
            "{what}"
        );
    }
}
