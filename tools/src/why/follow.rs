//! What each event of the virtual memory means for the page that is followed.
//!
//! # Invariants
//!
//! After a fault, the tracked place of the page in each process is the kernel's own, with one
//! exception: no event says that a process gives up a page that it shares with others in swap. This
//! is noticed when the process touches the page again.

use machine::addr::Frame;
use machine::pte::Pte;
use vm::event::{Eviction, Fate, Fault, Outcome, PagePlace, access_name};
use vm::{Event, Owner};

use super::history::{Kind, State, Whereabouts};
use super::words;
use crate::inspect::pagedir;

impl State {
    pub(super) fn hear_memory(&mut self, work: u64, event: &Event) {
        match owner_of(event) {
            Some(owner)
                if !self.births.contains_key(&owner) && self.names.process(owner).is_none() =>
            {
                self.building
                    .entry(owner)
                    .or_default()
                    .push((work, event.clone()));
            }
            None => {
                let building = self.building.values_mut();
                building.for_each(|events| events.push((work, event.clone())));
            }
            _ => {}
        }
        for owner in self.tracks.keys().copied().collect::<Vec<_>>() {
            self.follow(work, owner, event);
        }
        if let Event::Fault(fault) = event {
            self.explain_evictions(fault);
            self.settle(work);
        }
        if !matches!(event, Event::Entry { .. }) {
            self.let_go(work);
        }
    }

    /// Updates the page of one process for an event.
    pub(super) fn follow(&mut self, work: u64, owner: Owner, event: &Event) {
        let Some(track) = self.tracks.get_mut(&owner) else {
            return;
        };
        let page = track.page;
        let in_frame = |frame: &Frame| track.place == Whereabouts::Frame(*frame);
        let (kind, text) = match event {
            Event::Entry {
                owner: whose,
                page: at,
                old,
                new,
            } if (*whose, *at) == (owner, page) => {
                if new.is_present() {
                    track.is_in(new.frame());
                } else {
                    track.holds = track.forbidden;
                    self.emptied.push(owner);
                }
                let present = if new.is_present() {
                    ""
                } else {
                    " not present:"
                };
                (
                    Kind::Entry,
                    format!("has another entry,{present} {}", entry_change(*old, *new)),
                )
            }
            Event::Entry {
                owner: whose,
                page: at,
                old,
                new,
            } => {
                let is_new = new.is_present() && !(old.is_present() && old.frame() == new.frame());
                if !is_new || !in_frame(&new.frame()) || !track.sharers.insert((*whose, *at)) {
                    return;
                }
                let text = format!("is used by process {} too, at {}", whose.0, at.start());
                (Kind::Sharing, text)
            }
            Event::Fault(fault) if (fault.owner, fault.addr.page()) == (owner, page) => {
                return self.own_fault(work, fault);
            }
            Event::Fault(fault) => {
                return self.fault_of_others(work, owner, fault);
            }
            Event::Evicted(eviction) if in_frame(&eviction.frame) => {
                return self.evicted(work, owner, eviction);
            }
            Event::FrameFreed { frame } if in_frame(frame) => {
                track.is_nowhere();
                (
                    Kind::End,
                    format!("has no content any more; frame {frame} is free"),
                )
            }
            Event::SlotFreed { slot } if track.place == Whereabouts::Slot(*slot) => {
                track.is_nowhere();
                (
                    Kind::End,
                    format!("has no content any more; slot {slot} is free"),
                )
            }
            Event::WrittenBack { frame, file, .. } if in_frame(frame) => (
                Kind::Disk,
                format!("is written to file {file}, and stays in frame {frame}"),
            ),
            Event::PageOutFailed { frame } if in_frame(frame) => (
                Kind::Disk,
                format!("cannot be written out, and stays in frame {frame}"),
            ),
            Event::Mapped {
                owner: whose,
                region,
            } if *whose == owner && region.pages().contains(&page) => {
                track.forbidden = region.protection.is_empty();
                (Kind::Region, words::mapping(region, page))
            }
            Event::Unmapped {
                owner: whose,
                start,
                end,
            } if *whose == owner && (*start..*end).contains(&page) => {
                track.is_nowhere();
                (Kind::Region, "may not be used any more".to_owned())
            }
            Event::Refused {
                owner: whose,
                addr,
                access,
                why,
                ..
            } if (*whose, addr.page()) == (owner, page) => {
                let access = access_name(*access);
                (
                    Kind::End,
                    format!("is refused to a system call ({access} of {addr}): {why}"),
                )
            }
            _ => return,
        };
        let log = self.log(work, event);
        self.step(work, owner, kind, text, log);
    }

    fn own_fault(&mut self, work: u64, fault: &Fault) {
        let text = format!(
            "{}: fault {}, {}",
            words::outcome(fault.outcome),
            fault.number,
            words::access(fault, &mut self.names)
        );
        let Some(track) = self.tracks.get_mut(&fault.owner) else {
            return;
        };
        if fault.before.place == PagePlace::Untouched {
            track.is_nowhere();
        }
        if let Some(frame) = fault.outcome.frame() {
            track.is_in(frame);
            track.came_from = None;
        }
        if matches!(
            fault.outcome,
            Outcome::Copied(_) | Outcome::SwappedInAndCopied(..)
        ) {
            track.sharers.clear();
        }
        let log = self.log(work, &Event::Fault(fault.clone()));
        self.step(work, fault.owner, Kind::Fault, text, log);
    }

    /// Handles a fault on another page: it may have brought the page in, or have been on a page
    /// that shares its content.
    fn fault_of_others(&mut self, work: u64, owner: Owner, fault: &Fault) {
        let Some(track) = self.tracks.get_mut(&owner) else {
            return;
        };
        let whose = (fault.owner, fault.addr.page());
        let cause = format!("fault {} of process {}", fault.number, fault.owner.0);
        let (kind, text) = match fault.outcome {
            Outcome::SwappedIn(frame, slot) | Outcome::SwappedInAndCopied(frame, slot, _)
                if track.came(slot, frame) =>
            {
                track.is_in(frame);
                track.came_from = None;
                (
                    Kind::Arrival,
                    format!("comes back from slot {slot} into frame {frame}, for {cause}"),
                )
            }
            Outcome::Copied(copy) if track.sharers.remove(&whose) => {
                let text = format!(
                    "is shared less: process {} has a copy of its own in frame {copy}, {cause}",
                    whose.0.0
                );
                (Kind::Sharing, text)
            }
            _ => return,
        };
        let log = self.log(work, &Event::Fault(fault.clone()));
        self.step(work, owner, kind, text, log);
    }

    fn evicted(&mut self, work: u64, owner: Owner, eviction: &Eviction) {
        let was_emptied = self.emptied.contains(&owner);
        let Some(track) = self.tracks.get_mut(&owner) else {
            return;
        };
        let sharers = std::mem::take(&mut track.sharers);
        let has_it = was_emptied || track.holds;
        track.is_nowhere();
        if !has_it {
            return;
        }
        if let Fate::SwappedOut(slot) | Fate::StillInSwap(slot) = eviction.fate {
            track.place = Whereabouts::Slot(slot);
            track.just_evicted = true;
            track.sharers = sharers;
        }
        let cause = self.cause();
        let frame = eviction.frame;
        let text = format!(
            "loses frame {frame}, {}: for {cause}",
            words::fate(eviction.fate)
        );
        let number = self.forgotten + self.steps.len() as u64;
        let log = self.log(work, &Event::Evicted(*eviction));
        self.step(work, owner, Kind::Eviction, text, log);
        self.unexplained.push((frame, number));
    }

    /// Names a fault as the cause of the evictions that it led to.
    fn explain_evictions(&mut self, fault: &Fault) {
        for (frame, number) in std::mem::take(&mut self.unexplained) {
            let displaced = fault.displaced.iter().find(|one| one.frame == frame);
            let index = number
                .checked_sub(self.forgotten)
                .map(|index| index as usize);
            let (Some(eviction), Some(index)) = (displaced, index) else {
                continue;
            };
            let access = words::access(fault, &mut self.names);
            let cause = format!(
                "fault {} of process {}, {access}",
                fault.number, fault.owner.0
            );
            if let Some(step) = self.steps.get_mut(index) {
                step.text = format!(
                    "loses frame {frame}, {}: for {cause}",
                    words::fate(eviction.fate)
                );
            }
        }
    }

    /// Handles pages whose entries were emptied without an eviction: others keep the shared
    /// content.
    fn let_go(&mut self, work: u64) {
        for owner in std::mem::take(&mut self.emptied) {
            let Some(track) = self.tracks.get_mut(&owner).filter(|track| !track.holds) else {
                continue;
            };
            if let Whereabouts::Frame(frame) = track.place {
                track.is_nowhere();
                let text = format!("has no content any more; others keep frame {frame}");
                self.step(work, owner, Kind::End, text, String::new());
            }
        }
    }

    /// Handles the end of a fault or system call: pages that are in a frame again without a fault
    /// were requested by the call.
    pub(super) fn settle(&mut self, work: u64) {
        let arrived = self.tracks.iter_mut().filter_map(|(owner, track)| {
            track.just_evicted = false;
            let slot = track.came_from.take()?;
            Some((*owner, track.place, slot))
        });
        let arrived: Vec<_> = arrived.collect();
        let cause = self.cause();
        for (owner, place, slot) in arrived {
            let place = words::place(place);
            let text = format!("comes back from slot {slot}, it is {place}: for {cause}");
            self.step(work, owner, Kind::Arrival, text, String::new());
        }
    }

    /// Describes what the kernel is doing when it does not serve a fault.
    fn cause(&self) -> String {
        match self.call {
            Some((pid, call)) => format!("the system call {call} of process {pid}"),
            None => "a program that is loaded".to_owned(),
        }
    }
}

/// Returns the process of an event that is about one process.
fn owner_of(event: &Event) -> Option<Owner> {
    match event {
        Event::Fault(Fault { owner, .. })
        | Event::Refused { owner, .. }
        | Event::Mapped { owner, .. }
        | Event::Unmapped { owner, .. }
        | Event::Entry { owner, .. } => Some(*owner),
        _ => None,
    }
}

fn entry_change(old: Pte, new: Pte) -> String {
    let (old, new) = (pagedir::flags(old), pagedir::flags(new));
    format!("{old} before, {new} now")
}
