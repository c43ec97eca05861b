//! Page directories compared with a naive model: a map from pages to frames and flags.

use std::collections::BTreeMap;

use machine::addr::{Frame, KERNEL_PAGE, Page, PhysAddr};
use machine::layout::{Layout, SELF_MAP};
use machine::memory::PhysMemory;
use machine::paging::{KernelHalf, PageDirectory, PageTables};
use machine::pte::{Pte, PteFlags};
use proptest::prelude::*;

const SPACES: usize = 3;

#[derive(Clone, Debug)]
enum Step {
    Map(usize, Page, u32, PteFlags),
    Unmap(usize, Page),
    Clear(usize, Page, PteFlags),
    Renew(usize),
}

/// Generates pages that share page tables with each other, and pages that do not.
fn page() -> impl Strategy<Value = Page> {
    let near = (0..4u32, 0..6u32).prop_map(|(table, page)| table << 10 | page);
    let far = prop_oneof![
        Just(0),
        Just(KERNEL_PAGE.number() - 1),
        Just(0x3ff),
        Just(0x400)
    ];
    prop_oneof![4 => near, 1 => far].prop_map(Page::new)
}

fn flags() -> impl Strategy<Value = PteFlags> {
    let bits = PteFlags::WRITABLE | PteFlags::ACCESSED | PteFlags::DIRTY | PteFlags::AVAILABLE_1;
    any::<u32>()
        .prop_map(move |random| PteFlags::USER_READ | PteFlags::from_bits_truncate(random) & bits)
}

fn step() -> impl Strategy<Value = Step> {
    let space = 0..SPACES;
    prop_oneof![
        6 => (space.clone(), page(), 0..64u32, flags()).prop_map(|(s, p, f, g)| Step::Map(s, p, f, g)),
        4 => (space.clone(), page()).prop_map(|(s, p)| Step::Unmap(s, p)),
        3 => (space.clone(), page()).prop_map(|(s, p)| Step::Clear(s, p, PteFlags::ACCESSED)),
        1 => space.prop_map(Step::Renew),
    ]
}

type Model = BTreeMap<Page, Pte>;

fn check(tables: &PageTables, space: &PageDirectory, model: &Model) {
    let entries: Model = tables.user_entries(space).into_iter().collect();
    assert_eq!(&entries, model);
    for (page, pte) in model {
        assert_eq!(tables.entry(space, *page), *pte);
    }
    // Exactly the page tables that the pages need.
    let mut needed: Vec<usize> = model.keys().map(|page| page.directory_index()).collect();
    needed.dedup();
    let has: Vec<usize> = tables
        .user_tables(space)
        .into_iter()
        .map(|(index, _)| index)
        .collect();
    assert_eq!(has, needed);
}

/// Checks that the kernel's half is the same everywhere, except for the self-map of each directory.
fn check_kernel_half(memory: &PhysMemory, tables: &PageTables, space: &PageDirectory) {
    let entry = |directory: &PageDirectory, index: u32| {
        Pte::from_bits(memory.read_u32(PhysAddr(directory.root().start().0 + 4 * index)))
    };
    let self_map = SELF_MAP.page().directory_index() as u32;
    for index in KERNEL_PAGE.directory_index() as u32..self_map {
        assert_eq!(entry(space, index), entry(tables.boot_directory(), index));
        assert!(!entry(space, index).has(PteFlags::USER));
    }
    assert_eq!(entry(space, self_map).frame(), space.root());
    assert!(!entry(space, self_map).has(PteFlags::USER));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn directories_hold_what_a_map_would(
        half in proptest::sample::select(vec![KernelHalf::Shared, KernelHalf::Isolated]),
        steps in proptest::collection::vec(step(), 1..120),
    ) {
        let layout = Layout::new(64);
        let memory = PhysMemory::new(layout.total_frames()).unwrap();
        let mut tables = PageTables::with_kernel_half(memory.clone(), layout, half);
        let free = tables.free_frames();
        let frame = |index: u32| Frame::new(layout.first_user_frame().number() + index);
        let mut spaces: Vec<PageDirectory> =
            (0..SPACES).map(|_| tables.create().unwrap()).collect();
        let mut models = vec![Model::new(); SPACES];
        for step in steps {
            match step {
                Step::Map(space, page, index, flags) => {
                    let _ = tables.map(&spaces[space], page, frame(index), flags).unwrap();
                    // A and D survive new flags, but not a new frame.
                    let old = models[space].get(&page).filter(|old| old.frame() == frame(index));
                    let known = PteFlags::ACCESSED | PteFlags::DIRTY;
                    let kept = old.map_or(PteFlags::empty(), |old| old.flags() & known);
                    models[space].insert(page, Pte::new(frame(index), flags | kept));
                }
                Step::Unmap(space, page) => {
                    let (old, _) = tables.unmap(&spaces[space], page);
                    prop_assert_eq!(old, models[space].remove(&page).unwrap_or_default());
                }
                Step::Clear(space, page, flags) => {
                    let (old, _) = tables.update(&spaces[space], page, |pte| pte.without(flags));
                    let entry = models[space].get_mut(&page);
                    prop_assert_eq!(old, entry.as_deref().copied().unwrap_or_default());
                    if let Some(entry) = entry {
                        *entry = entry.without(flags);
                    }
                }
                Step::Renew(space) => {
                    let new = tables.create().unwrap();
                    let _ = tables.destroy(std::mem::replace(&mut spaces[space], new));
                    models[space].clear();
                }
            }
        }
        for (space, model) in spaces.iter().zip(&models) {
            check(&tables, space, model);
            check_kernel_half(&memory, &tables, space);
            tables.check_user_directory(space);
        }
        for space in spaces {
            let _ = tables.destroy(space);
        }
        prop_assert_eq!(tables.free_frames(), free);
        // Free frames hold zeros: the next directory starts empty without being cleared.
        let empty = vec![0; 4096];
        while let Ok(free) = tables.reserve() {
            let mut content = vec![1; 4096];
            memory.read(free.start(), &mut content);
            prop_assert_eq!(&content, &empty);
        }
    }
}
