//! The invariants of the residency, in code.

use std::collections::BTreeMap;

use machine::pte::PteFlags;

use crate::ids::User;
use crate::residency::Residency;
use crate::residency::content::{Content, Kind, Place};
use crate::space::spt::ContentId;

impl Residency {
    /// Checks the invariants, and that all counts agree. (Of invariant 3 it checks that no entry
    /// has D set for a frame that does not count as dirty. A D bit that was lost with its entry
    /// shows only in wrong bytes.) Returns the number of items it looked at.
    ///
    /// # Panics
    /// If one is broken, which only a bug can cause.
    pub(crate) fn check(&self) -> u64 {
        self.check_contents() + self.check_spaces() + self.check_frames() + self.check_swap()
    }

    fn check_contents(&self) -> u64 {
        let mut looked_at = 0;
        let mut cached = 0;
        for (id, content) in self.contents.iter() {
            assert!(!content.users().is_empty(), "{id:?} has no user");
            match content.place {
                Place::Frame(frame) => {
                    assert_eq!(self.frames.info(frame).content, Some(id), "frame {frame}");
                }
                Place::Slot(slot) => {
                    assert_eq!(
                        self.swap.owner(slot),
                        Some(id),
                        "{id:?} is in slot {slot}, whose owner by the swap table is another, or nobody"
                    );
                    assert!(self.is_private(id), "a page of a file in slot {slot}");
                }
            }
            if let Kind::File(page) = &content.kind {
                assert_eq!(
                    self.cache.get(&page.key()),
                    Some(&id),
                    "{page:?} is not in the cache"
                );
                cached += 1;
            }
            for user in content.users() {
                looked_at += 1;
                let space = self.spaces.get(user.space);
                assert_eq!(space.spt.content(user.page), Some(id), "{user:?}");
                self.check_entry(*user, id, content);
            }
        }
        assert_eq!(self.cache.len(), cached, "pages in the cache");
        looked_at
    }

    /// Checks a user's entry: P is set exactly if the hardware may reach the page, and no right is
    /// granted that the page does not have.
    fn check_entry(&self, user: User, id: ContentId, content: &Content) {
        let entry = self
            .tables
            .entry(&self.spaces.get(user.space).directory, user.page);
        let rights = self.rights(user, id);
        match (content.place, rights) {
            (Place::Frame(frame), Some(rights)) if entry.is_present() => {
                assert_eq!(entry.frame(), frame, "{user:?} points elsewhere");
                let writable = entry.has(PteFlags::WRITABLE);
                assert!(
                    !writable || rights.contains(PteFlags::WRITABLE),
                    "{user:?} can store"
                );
                assert!(entry.has(PteFlags::USER), "{user:?} is the kernel's");
                let is_lost = entry.has(PteFlags::DIRTY) && !self.dirty(frame);
                assert!(!is_lost, "a store of {user:?} is lost");
            }
            (Place::Frame(frame), Some(_)) => {
                let left_out = self.entries_left_out || self.frames.info(frame).ready_at > 0;
                assert!(left_out, "{user:?} has no entry for frame {frame}");
            }
            _ => assert!(
                !entry.is_present(),
                "{user:?} has an entry for what is not there"
            ),
        }
    }

    fn check_spaces(&self) -> u64 {
        let mut looked_at = 0;
        let mut pins: BTreeMap<_, u32> = BTreeMap::new();
        let mut regions = 0;
        for (id, space) in self.spaces.iter() {
            space.spt.regions.check();
            regions += space.spt.regions.len();
            let mut resident = 0;
            for (page, content) in space.spt.all_contents() {
                assert!(
                    space.spt.region(page).is_some(),
                    "{page} has a content but no region"
                );
                resident += u32::from(self.contents.get(content).frame().is_some());
            }
            assert_eq!(space.resident, resident, "resident pages of {id:?}");
            self.tables.check_user_directory(&space.directory);
            let tables = self.tables.user_tables(&space.directory).len() as u64;
            let entries = self.tables.user_entries(&space.directory);
            looked_at += 1024 * (tables + 1);
            for (page, entry) in entries {
                let frame = self.frame_of(User { space: id, page });
                assert_eq!(frame, Some(entry.frame()), "entry of {page} in {id:?}");
            }
            for (page, count) in &space.pins {
                let frame = self
                    .frame_of(User {
                        space: id,
                        page: *page,
                    })
                    .expect("pinned page");
                *pins.entry(frame).or_insert(0) += count;
            }
        }
        assert_eq!(self.spaces.regions(), regions, "regions of all spaces");
        looked_at += regions as u64;
        for (frame, count) in &pins {
            assert!(
                self.frames.info(*frame).pins >= *count,
                "pins of frame {frame}"
            );
        }
        let pinned: u32 = self.frames.iter().map(|(_, info)| info.pins).sum();
        let owned = pins.values().sum::<u32>() + self.pins_in_tokens;
        assert_eq!(pinned, owned, "pins, and those that somebody will end");
        looked_at
    }

    fn check_frames(&self) -> u64 {
        let mut held = 0;
        for (frame, info) in self.frames.iter() {
            if let Some(id) = info.content {
                held += 1;
                let place = self.contents.get(id).place;
                assert_eq!(place, Place::Frame(frame), "what frame {frame} holds");
                let alias = self.tables.alias_entry(frame);
                let stored_to = alias.is_some_and(|entry| entry.has(PteFlags::DIRTY));
                assert!(
                    !stored_to || self.dirty(frame),
                    "a store of the kernel's is lost: D in its alias of frame {frame} does not make it dirty"
                );
            } else {
                assert_eq!(info.pins, 0, "pins on frame {frame}, which holds nothing");
            }
        }
        assert_eq!(
            self.frames.in_use(),
            held,
            "frames that the table counts as in use, and frames that hold something: one is lost, or was \
             handed out twice"
        );
        u64::from(self.frames.count())
    }

    fn check_swap(&self) -> u64 {
        self.swap.check();
        for (slot, id) in self.swap.used() {
            assert_eq!(
                self.contents.get(id).place,
                Place::Slot(slot),
                "what slot {slot} holds"
            );
        }
        for (id, slot) in self.swap.copies() {
            let content = self.contents.get(id);
            assert!(content.frame().is_some(), "what slot {slot} has a copy of");
            let is_kept = matches!(content.kind, Kind::Private { pristine: false });
            assert!(is_kept, "slot {slot} has a copy of what needs none");
        }
        u64::from(self.swap.in_use())
    }
}
