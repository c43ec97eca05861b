//! The limits on regions: a request that exceeds one is refused, and nothing is lost or changed.

use kit::{Machine, client, region};
use machine::addr::{PAGE_SIZE, VirtAddr};
use vm::{
    Access, ForkError, MAX_REGIONS, MAX_REGIONS_OF_ALL, MapError, Owner, Protection, SpaceId,
    TooManyRegions, UnmapError, VmOptions,
};

const AT: u32 = 0x1000_0000;
/// The address of a region of more than one page, below all others.
const WIDE: u32 = 0x0800_0000;

/// Maps every second page until there are `count` regions, or the limit is reached.
fn fill(machine: &mut Machine, space: SpaceId, count: usize) -> Result<(), MapError> {
    for number in machine.vm.space(space).spt().regions().len()..count {
        let at = AT + 2 * number as u32 * PAGE_SIZE;
        machine.vm.map(space, region(at, 1, Protection::READ))?;
    }
    Ok(())
}

fn regions(machine: &Machine, space: SpaceId) -> usize {
    machine.vm.space(space).spt().regions().len()
}

#[test]
fn an_address_space_has_a_limit_of_regions() {
    let mut machine = Machine::new(8, 0, VmOptions::default());
    let space = machine.space();
    fill(&mut machine, space, MAX_REGIONS).unwrap();
    let more = fill(&mut machine, space, MAX_REGIONS + 1);
    assert_eq!(more, Err(TooManyRegions.into()));
    assert_eq!(regions(&machine, space), MAX_REGIONS);
    // A region that closes a gap joins two regions, and is never one too many.
    let gap = region(AT + PAGE_SIZE, 1, Protection::READ);
    machine.vm.map(space, gap).unwrap();
    assert_eq!(regions(&machine, space), MAX_REGIONS - 1);
    machine.vm.destroy_space(space);
    machine.assert_nothing_left();
}

#[test]
fn a_hole_that_makes_one_region_too_many_takes_nothing_away() {
    let mut machine = Machine::new(8, 0, VmOptions::default());
    let space = machine.space();
    machine.zeros(space, WIDE, 3);
    for page in 0..3 {
        let byte = page as u8 + 1;
        machine.store(space, WIDE + page * PAGE_SIZE, byte).unwrap();
    }
    let start = VirtAddr(WIDE).page();
    let middle = start.checked_add(1).unwrap()..start.checked_add(2).unwrap();
    let pinned = machine.vm.pin(client(space), middle.clone(), Access::Read);
    pinned.unwrap();
    fill(&mut machine, space, MAX_REGIONS).unwrap();
    let unmapped = machine.vm.unmap(space, middle.clone());
    assert!(matches!(unmapped, Err(UnmapError::TooManyRegions(_))));
    for page in 0..3 {
        let byte = page as u8 + 1;
        assert_eq!(machine.load(space, WIDE + page * PAGE_SIZE), Ok(byte));
    }
    machine.vm.unpin(space, middle.clone()).unwrap();
    // At the border of a region it does not split it.
    let border = start..middle.start;
    machine.vm.unmap(space, border).unwrap();
    assert!(machine.load(space, WIDE).is_err());
    assert_eq!(machine.load(space, WIDE + PAGE_SIZE), Ok(2));
    machine.vm.destroy_space(space);
    machine.assert_nothing_left();
}

#[test]
fn all_address_spaces_together_have_a_limit_of_regions() {
    let mut machine = Machine::new(8, 0, VmOptions::default());
    let spaces: Vec<SpaceId> = (0..4).map(|_| machine.space()).collect();
    for space in &spaces {
        fill(&mut machine, *space, MAX_REGIONS).unwrap();
    }
    assert_eq!(4 * MAX_REGIONS, MAX_REGIONS_OF_ALL);
    let last = machine.space();
    assert_eq!(fill(&mut machine, last, 1), Err(TooManyRegions.into()));
    // A child would need as many as its parent, and the fork is refused as a whole.
    let child = machine.vm.fork_space(spaces[0], Owner(99));
    assert_eq!(child, Err(ForkError::TooManyRegions(TooManyRegions)));
    assert_eq!(regions(&machine, spaces[0]), MAX_REGIONS);
    // Destroying a space makes room again, up to the last region.
    machine.vm.destroy_space(spaces[3]);
    fill(&mut machine, last, 5).unwrap();
    let child = machine.vm.fork_space(spaces[0], Owner(99));
    assert_eq!(child, Err(ForkError::TooManyRegions(TooManyRegions)));
    machine.vm.destroy_space(last);
    let child = machine.fork(spaces[0]);
    assert_eq!(regions(&machine, child), MAX_REGIONS);
    for space in spaces[..3].iter().chain([&child]) {
        machine.vm.destroy_space(*space);
    }
    machine.assert_nothing_left();
}
