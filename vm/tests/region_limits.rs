//! How many regions there may be: who wants more is refused, and nothing is lost or changed.

use kit::{Machine, region};
use machine::addr::PAGE_SIZE;
use vm::{
    ForkError, MAX_REGIONS, MAX_REGIONS_OF_ALL, MapError, Owner, Protection, SpaceId,
    TooManyRegions, VmOptions,
};

const AT: u32 = 0x1000_0000;

/// Maps every second page until there are `count` regions, or no more are allowed.
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
    // What closes a gap makes of two regions one, and is never too much.
    let gap = region(AT + PAGE_SIZE, 1, Protection::READ);
    machine.vm.map(space, gap).unwrap();
    assert_eq!(regions(&machine, space), MAX_REGIONS - 1);
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
    // A child would have as many as its parent, and is refused as a whole.
    let child = machine.vm.fork_space(spaces[0], Owner(99));
    assert_eq!(child, Err(ForkError::TooManyRegions(TooManyRegions)));
    assert_eq!(regions(&machine, spaces[0]), MAX_REGIONS);
    // Room comes back with an end, to the last region.
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
