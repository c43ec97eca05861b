//! The kernel's half of the address spaces: shared by all, supervisor only, with the page tables
//! visible in it; and a user's half without unneeded page tables.

use machine::addr::{Frame, KERNEL_BASE, Page, PhysAddr, VirtAddr};
use machine::layout::{KERNEL_DYNAMIC, Layout, SELF_MAP};
use machine::memory::PhysMemory;
use machine::mmu::{Access, PageFaultCode, Ring, probe, translate};
use machine::paging::{PageDirectory, PageTables};
use machine::pte::{Pte, PteFlags};

fn machine() -> (PhysMemory, PageTables) {
    let layout = Layout::new(64);
    let memory = PhysMemory::new(layout.total_frames()).unwrap();
    let tables = PageTables::new(memory.clone(), layout);
    (memory, tables)
}

fn read(memory: &PhysMemory, directory: &PageDirectory, addr: VirtAddr) -> u32 {
    let walk = translate(memory, directory.root(), addr, Access::Read, Ring::Kernel).unwrap();
    memory.read_u32(walk.phys(addr))
}

#[test]
fn a_kernel_mapping_made_while_spaces_exist_is_seen_in_all_of_them_at_once() {
    let (memory, mut tables) = machine();
    let spaces = [tables.create().unwrap(), tables.create().unwrap()];
    let page = KERNEL_DYNAMIC.page().checked_add(5000).unwrap();
    let frame = tables.reserve().unwrap();
    memory.write_u32(frame.start(), 0x600d);

    let _ = tables.map_kernel(page, frame, PteFlags::KERNEL);
    let later = tables.create().unwrap();
    for space in spaces.iter().chain([&later]) {
        assert_eq!(read(&memory, space, page.start()), 0x600d);
    }

    let (old, _) = tables.unmap_kernel(page);
    assert_eq!(old.frame(), frame);
    for space in spaces.iter().chain([&later]) {
        let gone = probe(
            &memory,
            space.root(),
            page.start(),
            Access::Read,
            Ring::Kernel,
        );
        assert_eq!(gone, Err(PageFaultCode::empty()));
    }
}

#[test]
fn all_of_ram_is_at_its_alias_global_and_for_ring_0_alone() {
    let (memory, mut tables) = machine();
    let space = tables.create().unwrap();
    for number in 0..memory.frames() {
        let alias = VirtAddr(KERNEL_BASE.0 + (number << 12));
        let walk = probe(&memory, space.root(), alias, Access::Write, Ring::Kernel).unwrap();
        assert_eq!(walk.frame, Frame::new(number));
        assert!(walk.pte.has(PteFlags::GLOBAL));
        let user = probe(&memory, space.root(), alias, Access::Read, Ring::User);
        assert_eq!(user, Err(PageFaultCode::PRESENT | PageFaultCode::USER));
    }
    let end = VirtAddr(KERNEL_BASE.0 + (memory.frames() << 12));
    assert!(probe(&memory, space.root(), end, Access::Read, Ring::Kernel).is_err());
}

#[test]
fn page_tables_are_read_at_their_own_virtual_addresses() {
    let (memory, mut tables) = machine();
    let space = tables.create().unwrap();
    let page = VirtAddr(0x0804_8000).page();
    let frame = tables.layout().first_user_frame();
    let _ = tables
        .map(&space, page, frame, PteFlags::USER_WRITE)
        .unwrap();

    // The entry of a page is word number `page` of the self-map; that of a table is in the
    // directory, which the self-map shows as its own last page.
    let entry = read(&memory, &space, VirtAddr(SELF_MAP.0 + 4 * page.number()));
    assert_eq!(Pte::from_bits(entry), tables.entry(&space, page));
    let directory = VirtAddr(SELF_MAP.0 + 4096 * SELF_MAP.page().directory_index() as u32);
    let entry = read(
        &memory,
        &space,
        VirtAddr(directory.0 + 4 * page.directory_index() as u32),
    );
    let [(_, table)] = tables.user_tables(&space)[..] else {
        panic!("one table")
    };
    assert_eq!(Pte::from_bits(entry).frame(), table);
    let itself = read(&memory, &space, VirtAddr(directory.0 + 4092));
    assert_eq!(Pte::from_bits(itself).frame(), space.root());

    let user = probe(&memory, space.root(), SELF_MAP, Access::Read, Ring::User);
    assert!(user.is_err(), "ring 3 must not read page tables");
}

#[test]
fn a_directory_has_a_table_for_each_4_mib_with_a_mapped_page_and_no_other() {
    let (memory, mut tables) = machine();
    let before = tables.free_frames();
    let space = tables.create().unwrap();
    let frame = tables.layout().first_user_frame();
    let pages = [0, 1, 1023, 1024, 0xbffff].map(Page::new);
    for page in pages {
        let _ = tables
            .map(&space, page, frame, PteFlags::USER_READ)
            .unwrap();
    }
    let indexes = |tables: &PageTables| -> Vec<usize> {
        tables
            .user_tables(&space)
            .into_iter()
            .map(|(index, _)| index)
            .collect()
    };
    assert_eq!(indexes(&tables), [0, 1, 767]);
    let _ = tables.unmap(&space, Page::new(1024));
    assert_eq!(indexes(&tables), [0, 767]);
    for page in pages {
        let _ = tables.unmap(&space, page);
    }
    assert_eq!(indexes(&tables), []);
    let _ = tables.destroy(space);
    assert_eq!(tables.free_frames(), before);
    for _ in 0..before {
        let frame = tables.reserve().unwrap();
        let clean = (0..1024).all(|n| memory.read_u32(PhysAddr(frame.start().0 + 4 * n)) == 0);
        assert!(clean, "free kernel frame {frame} holds something");
    }
}

mod against_a_model {
    //! Random maps, unmaps and changes compared with a map of pages.

    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[derive(Clone, Debug)]
    enum Step {
        Map(usize, u32, u32, bool),
        Unmap(usize, u32),
        Access(usize, u32, bool),
        Protect(usize, u32),
    }

    fn step() -> impl Strategy<Value = Step> {
        let page = prop_oneof![0..3u32, 1022..1026u32, 0xbfffe..0xc0000u32];
        let space = 0..2usize;
        prop_oneof![
            (space.clone(), page.clone(), 0..64u32, any::<bool>())
                .prop_map(|(s, p, f, w)| Step::Map(s, p, f, w)),
            (space.clone(), page.clone()).prop_map(|(s, p)| Step::Unmap(s, p)),
            (space.clone(), page.clone(), any::<bool>())
                .prop_map(|(s, p, w)| Step::Access(s, p, w)),
            (space, page).prop_map(|(s, p)| Step::Protect(s, p)),
        ]
    }

    proptest! {
        #[test]
        fn tables_say_what_was_mapped(steps in prop::collection::vec(step(), 1..80)) {
            let (memory, mut tables) = machine();
            let spaces = [tables.create().unwrap(), tables.create().unwrap()];
            let mut model: BTreeMap<(usize, u32), Pte> = BTreeMap::new();
            let first = tables.layout().first_user_frame().number();
            for step in steps {
                match step {
                    Step::Map(s, p, f, w) => {
                        let flags = if w { PteFlags::USER_WRITE } else { PteFlags::USER_READ };
                        let frame = Frame::new(first + f);
                        let _ = tables.map(&spaces[s], Page::new(p), frame, flags).unwrap();
                        let old = model.get(&(s, p)).filter(|old| old.frame() == frame);
                        let kept = PteFlags::ACCESSED | PteFlags::DIRTY;
                        let kept = old.map_or(PteFlags::empty(), |old| old.flags() & kept);
                        model.insert((s, p), Pte::new(frame, flags | kept));
                    }
                    Step::Unmap(s, p) => {
                        let (old, _) = tables.unmap(&spaces[s], Page::new(p));
                        prop_assert_eq!(old, model.remove(&(s, p)).unwrap_or(Pte::EMPTY));
                    }
                    Step::Access(s, p, w) => {
                        let access = if w { Access::Write } else { Access::Read };
                        let addr = Page::new(p).start();
                        let walk = translate(&memory, spaces[s].root(), addr, access, Ring::User);
                        let entry = model.get_mut(&(s, p));
                        let allowed = |e: &&mut Pte| !w || e.has(PteFlags::WRITABLE);
                        match entry.filter(allowed) {
                            None => prop_assert!(walk.is_err()),
                            Some(entry) => {
                                *entry = entry.with(PteFlags::ACCESSED);
                                if w {
                                    *entry = entry.with(PteFlags::DIRTY);
                                }
                                prop_assert_eq!(walk.unwrap().frame, entry.frame());
                            }
                        }
                    }
                    Step::Protect(s, p) => {
                        let read_only = |e: Pte| e.without(PteFlags::WRITABLE);
                        let _ = tables.update(&spaces[s], Page::new(p), read_only);
                        if let Some(entry) = model.get_mut(&(s, p)) {
                            *entry = read_only(*entry);
                        }
                    }
                }
                for (number, space) in spaces.iter().enumerate() {
                    let expected: Vec<_> = model
                        .range((number, 0)..(number + 1, 0))
                        .map(|((_, p), entry)| (Page::new(*p), *entry))
                        .collect();
                    prop_assert_eq!(tables.user_entries(space), expected);
                }
            }
        }
    }
}
