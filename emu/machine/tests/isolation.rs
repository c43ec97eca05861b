//! The isolated kernel half: what ring 3's directory contains, and what it does not.

use machine::addr::{Frame, KERNEL_PAGE, Page, VirtAddr};
use machine::layout::{KERNEL_DYNAMIC, Layout};
use machine::memory::PhysMemory;
use machine::mmu::{Access, PageFaultCode, Ring, probe, translate};
use machine::paging::{KernelHalf, OutOfTables, PageDirectory, PageTables};
use machine::pte::PteFlags;
use machine::tlb::{Stale, Tlb};

fn machine() -> (PhysMemory, PageTables) {
    let layout = Layout::new(64);
    let memory = PhysMemory::new(layout.total_frames()).unwrap();
    let tables = PageTables::with_kernel_half(memory.clone(), layout, KernelHalf::Isolated);
    (memory, tables)
}

/// Returns the page of the kernel's half that maps the entry page.
fn entry_page(tables: &PageTables) -> Page {
    tables.layout().alias(tables.entry_page()).unwrap()
}

fn map(tables: &mut PageTables, space: &PageDirectory, page: Page, frame: u32) {
    let frame = Frame::new(tables.layout().first_user_frame().number() + frame);
    let _ = tables
        .map(space, page, frame, PteFlags::USER_WRITE)
        .unwrap();
}

#[test]
fn of_the_kernels_half_ring_3_has_the_entry_page_alone() {
    let (memory, mut tables) = machine();
    let space = tables.create().unwrap();
    let entry = entry_page(&tables);
    for page in KERNEL_PAGE.until(Page::new(Page::COUNT - 1)) {
        let found = |ring| {
            let walk = probe(
                &memory,
                space.user_root(),
                page.start(),
                Access::Write,
                ring,
            );
            walk.map(|walk| walk.frame)
        };
        if page == entry {
            assert_eq!(found(Ring::Kernel), Ok(tables.entry_page()));
            let forbidden = PageFaultCode::PRESENT | PageFaultCode::USER | PageFaultCode::WRITE;
            assert_eq!(found(Ring::User), Err(forbidden));
        } else {
            assert_eq!(found(Ring::Kernel), Err(PageFaultCode::WRITE), "{page}");
        }
    }
    tables.check_user_directory(&space);
}

#[test]
fn the_kernel_has_all_of_it_and_nothing_in_it_is_global() {
    let (memory, mut tables) = machine();
    let dynamic = KERNEL_DYNAMIC.page();
    let frame = tables.reserve().unwrap();
    let _ = tables.map_kernel(dynamic, frame, PteFlags::KERNEL);
    let space = tables.create().unwrap();
    let aliases = (0..memory.frames()).map(|number| tables.layout().alias(Frame::new(number)));
    for page in aliases.flatten().chain([dynamic]) {
        let walk = probe(
            &memory,
            space.root(),
            page.start(),
            Access::Write,
            Ring::Kernel,
        );
        assert!(!walk.unwrap().pte.has(PteFlags::GLOBAL), "{page}");
    }
}

#[test]
fn a_page_table_of_the_users_half_comes_and_goes_in_both_directories() {
    let (memory, mut tables) = machine();
    let space = tables.create().unwrap();
    let free = tables.free_frames();
    let page = VirtAddr(0x0804_8000).page();
    map(&mut tables, &space, page, 1);
    assert_eq!(tables.free_frames(), free - 1, "one table for both");
    // A store of ring 3 sets D in the entry that the kernel sees too.
    let store = translate(
        &memory,
        space.user_root(),
        page.start(),
        Access::Write,
        Ring::User,
    );
    assert!(store.is_ok());
    assert!(tables.entry(&space, page).has(PteFlags::DIRTY));
    tables.check_user_directory(&space);

    let _ = tables.unmap(&space, page);
    assert_eq!(tables.free_frames(), free);
    let gone = probe(
        &memory,
        space.user_root(),
        page.start(),
        Access::Read,
        Ring::User,
    );
    assert_eq!(gone, Err(PageFaultCode::USER));
    tables.check_user_directory(&space);
}

#[test]
fn a_changed_page_concerns_the_tlb_of_ring_3() {
    let (memory, mut tables) = machine();
    let (space, other) = (tables.create().unwrap(), tables.create().unwrap());
    let page = Page::new(1);
    for space in [&space, &other] {
        map(&mut tables, space, page, 1);
        let load = translate(
            &memory,
            space.user_root(),
            page.start(),
            Access::Read,
            Ring::User,
        );
        load.unwrap();
    }
    let tlb = Tlb::default();
    tlb.switch_to(space.user_root());
    tlb.forget();
    tlb.note(tables.unmap(&other, page).1);
    assert_eq!(tlb.take_stale(), Stale::Pages(vec![]));
    tlb.note(tables.unmap(&space, page).1);
    assert_eq!(tlb.take_stale(), Stale::Pages(vec![page]));
}

#[test]
fn a_space_for_which_there_is_but_one_frame_takes_none() {
    let (_, mut tables) = machine();
    while tables.free_frames() > 3 {
        tables.reserve().unwrap();
    }
    let space = tables.create().unwrap();
    assert_eq!(tables.free_frames(), 1);
    assert_eq!(tables.create(), Err(OutOfTables));
    assert_eq!(tables.free_frames(), 1, "nothing changed");
    let _ = tables.destroy(space);
    assert_eq!(tables.free_frames(), 3);
    tables.create().unwrap();
}
