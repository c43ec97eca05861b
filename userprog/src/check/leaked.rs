//! Frames and slots that only one process used are free when it has ended.

use vm::view::FrameView;
use vm::{Slot, Vm};

use super::shadow::{Place, Shadow};

/// The rule.
pub(super) const RULE: &str = "what was a process' alone is free when it is gone";

/// Returns what is in use although no process has it any more.
pub(super) fn broken(vm: &Vm, now: &Shadow) -> Option<String> {
    frame(vm, now).or_else(|| slot(vm, now))
}

fn frame(vm: &Vm, now: &Shadow) -> Option<String> {
    let is_nobodys = |view: &FrameView| now.holders(Place::Frame(view.frame)).next().is_none();
    let leaked: Vec<FrameView> = vm.frames_in_use().filter(is_nobodys).collect();
    if let Some(first) = leaked.first() {
        let pins = match first.pins {
            0 => String::new(),
            pins => format!(", with {pins} pins"),
        };
        let frame = first.frame;
        let was = was_in(now, Place::Frame(frame));
        return Some(format!(
            "frame {frame}{was} is nobody's any more, but the frame table still has a content for it{pins}; \
             so it is with {} in all: a frame leak",
            leaked.len()
        ));
    }
    let held = vm.frames_in_use().count();
    let lost = (vm.usage().frames_in_use as usize).saturating_sub(held);
    (lost > 0).then(|| {
        format!("{lost} frames hold nothing, but the frame table does not give them out again: a frame leak")
    })
}

fn slot(vm: &Vm, now: &Shadow) -> Option<String> {
    let is_nobodys = |slot: &Slot| now.holders(Place::Slot(*slot)).next().is_none();
    let slots = vm.slots_in_use().map(|view| view.slot);
    let slots: Vec<Slot> = slots.filter(is_nobodys).collect();
    let slot = slots.first()?;
    let was = was_in(now, Place::Slot(*slot));
    Some(format!(
        "slot {slot}{was} is nobody's any more, but the swap table still has a content for it; so it is with \
         {} in all: a slot leak",
        slots.len()
    ))
}

fn was_in(now: &Shadow, place: Place) -> String {
    let last = now.last_in(place);
    last.map_or(String::new(), |spot| format!(", where {spot} was last,"))
}
