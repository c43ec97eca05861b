//! Reports what the residency did, in one place: to the policy, the counters, the disk clock, the
//! recording of touches and the log.
//!
//! # Invariants
//!
//! Changes of page-table entries are logged before the event that they belong to.

use log::{Level, log, log_enabled};
use machine::addr::Frame;
use machine::paging::Change;

use crate::ids::{Owner, User};
use crate::observe::event::{Detail, Event, Eviction, Fate};
use crate::pager::disk_time::Disk;
use crate::pager::{LOG_TARGET, Pager, Recorder};
use crate::residency::change::{Left, Loaded, LostWrite, Released, WrittenBack};
use crate::residency::content::Place;
use crate::residency::token::FreeFrame;
use crate::study::recording;

/// What happened to frames and slots.
impl Pager {
    /// Reports that a content came into a frame. Returns the frame.
    pub(super) fn loaded(&mut self, loaded: Loaded) -> Frame {
        let Loaded { content, frame, .. } = loaded;
        // With the residency as it is now: a policy may clear the accessed bit of an older page.
        self.policy.loaded(frame, &mut self.residency);
        self.stats.loads += 1;
        let in_use = u64::from(self.residency.frames().in_use());
        self.stats.peak_frames = self.stats.peak_frames.max(in_use);
        if self.recording.is_some() {
            let place = self.place_of(self.residency.content(content).users()[0]);
            if let Some(recording) = &mut self.recording {
                recording.settled(frame, content, self.residency.content(content), place);
            }
        }
        frame
    }

    /// Reports an eviction. Returns the frame, for the page that it was evicted for.
    pub(super) fn evicted(&mut self, left: Left) -> FreeFrame {
        let frame = left.free.frame();
        match left.fate {
            Fate::SwappedOut(_) => {
                self.stats.swap_writes += 1;
                // The asker sleeps until the write is done: it cannot use the frame before.
                self.disks.transfer(Disk::Swap);
            }
            Fate::StillInSwap(_) => self.stats.swap_cached += 1,
            Fate::WrittenBack(_) => self.count_write_back(left.wrote),
            Fate::Dropped => {}
        }
        let slots = u64::from(self.residency.swap().in_use());
        self.stats.peak_slots = self.stats.peak_slots.max(slots);
        if self.is_heard(Detail::Faults) {
            let eviction = Eviction {
                frame,
                owner: self.owner(left.first.space),
                page: left.first.page,
                fate: left.fate,
            };
            self.displaced.push(eviction);
            self.emit(Event::Evicted(eviction));
        }
        self.forgotten(&left);
        self.stats.evictions += 1;
        self.vacated(frame);
        left.free
    }

    /// Reports that a content past the end of its file was dropped, and frees its frame.
    pub(super) fn discarded(&mut self, left: Left) {
        let frame = left.free.frame();
        self.forgotten(&left);
        self.residency.give_back(left.free);
        self.vacated(frame);
        self.emit(Event::FrameFreed { frame });
    }

    /// Releases a page's content; see [`Residency::release`](crate::residency::Residency).
    ///
    /// # Errors
    /// [`LostWrite`] if a dirty page could not be written back; it is released all the same.
    pub(crate) fn release(&mut self, user: User) -> Result<(), LostWrite> {
        let released = self.residency.release(user);
        self.released(released)
    }

    /// Reports that a page gave up its content.
    ///
    /// # Errors
    /// As [`Pager::release`].
    pub(super) fn released(&mut self, released: Released) -> Result<(), LostWrite> {
        // The log shows the write before the frame that it came from is free.
        if let Some(written) = &released.written {
            self.written_back(written);
        }
        if let (Some(_), Some(recording)) = (released.freed, &mut self.recording) {
            recording.freed(released.content);
        }
        match released.freed {
            Some(Place::Frame(frame)) => {
                self.vacated(frame);
                self.emit(Event::FrameFreed { frame });
            }
            Some(Place::Slot(slot)) => self.emit(Event::SlotFreed { slot }),
            None => {}
        }
        match released.lost {
            Some(lost) => {
                let (file, page) = (lost.file, lost.page);
                self.emit(Event::WriteBackFailed { file, page });
                Err(lost)
            }
            None => Ok(()),
        }
    }

    /// Reports that a page was written back to its file without an eviction.
    pub(super) fn written_back(&mut self, written: &WrittenBack) {
        self.count_write_back(written.wrote);
        self.emit(Event::WrittenBack {
            frame: written.frame,
            file: written.file,
            page: written.page,
        });
    }

    /// Returns a name for a page of a process that no later process reuses, unlike [`User`].
    pub(super) fn place_of(&self, user: User) -> recording::Place {
        (self.owner(user.space), user.page)
    }

    /// Starts handing each event up to this level of detail to `recorder`, as it happens.
    pub(super) fn record(&mut self, detail: Detail, recorder: Recorder) {
        self.recorder = Some((detail, recorder));
        if self.is_heard(Detail::Entries) {
            self.residency.keep_journal();
        }
    }

    /// Returns whether anything listens to events of this level of detail. Details that are costly
    /// to collect are collected only then.
    pub fn is_heard(&self, detail: Detail) -> bool {
        let recorded = self
            .recorder
            .as_ref()
            .is_some_and(|(most, _)| detail <= *most);
        recorded || log_enabled!(target: LOG_TARGET, level(detail))
    }

    /// Logs an event, after the changes of entries that belong to it.
    pub(crate) fn emit(&mut self, event: Event) {
        self.tell_entries();
        self.tell(&event);
    }

    /// Logs an event before the changes of entries that it caused.
    pub(super) fn emit_first(&mut self, event: Event) {
        self.tell(&event);
    }

    /// Logs the changes of page-table entries since the last event.
    pub(super) fn tell_entries(&mut self) {
        let changes = self.residency.take_journal();
        self.tell_changes(changes);
    }

    /// Logs changes of page-table entries with the owners of their address spaces.
    pub(super) fn tell_changes(&mut self, changes: Vec<(Owner, Change)>) {
        for (owner, change) in changes {
            self.tell(&Event::Entry {
                owner,
                page: change.page,
                old: change.old,
                new: change.new,
            });
        }
    }

    fn tell(&mut self, event: &Event) {
        let (now, detail) = (self.disks.now(), event.detail());
        // Failing devices and lost data show at the default level.
        let level = match event {
            Event::PageOutFailed { .. } | Event::WriteBackFailed { .. } => Level::Warn,
            _ => level(detail),
        };
        log!(target: LOG_TARGET, level, "{now:>10} {event}");
        if let Some((most, recorder)) = &mut self.recorder
            && detail <= *most
        {
            recorder(now, event);
        }
    }

    fn count_write_back(&mut self, wrote: bool) {
        // A page wholly past the end of its file is not written, so no disk is busy with it.
        if wrote {
            self.stats.write_backs += 1;
            self.disks.transfer(Disk::Files);
        }
    }

    /// Reports to the recording that the pages of a dropped content are untouched from now on.
    fn forgotten(&mut self, left: &Left) {
        if let (Some(gone), Some(recording)) = (&left.forgotten, &mut self.recording) {
            let spaces = &self.residency;
            let places = gone.users().iter();
            let places = places.map(|user| (spaces.space(user.space).owner(), user.page));
            recording.dropped(left.content, gone, places);
        }
    }

    /// Reports to the policy that a frame holds nothing any more.
    fn vacated(&mut self, frame: Frame) {
        self.policy.released(frame);
        self.in_hand.forget(frame);
    }
}

/// Returns the level at which events of a detail go through the `log` crate.
fn level(detail: Detail) -> Level {
    match detail {
        Detail::Faults => Level::Info,
        Detail::Evictions => Level::Debug,
        Detail::Entries => Level::Trace,
    }
}
