//! The swap cache: a page that was swapped in and not stored to is not written again, and its copy
//! does not make swap full.

use kit::Machine;
use machine::addr::PAGE_SIZE;
use proptest::prelude::*;
use vm::{AliasPolicy, Kill, SpaceId, UserPtr, VmOptions};

const AT: u32 = 0x1000_0000;

fn page(number: u32) -> u32 {
    AT + number * PAGE_SIZE
}

/// Creates a machine of eight frames and `slots` slots, and a process that has stored to `pages`
/// pages.
fn filled(slots: u64, pages: u32) -> (Machine, SpaceId) {
    let mut machine = Machine::new(8, slots, VmOptions::default());
    let space = machine.space();
    machine.zeros(space, AT, pages);
    for number in 0..pages {
        machine
            .store(space, page(number), number as u8 + 1)
            .unwrap();
    }
    (machine, space)
}

/// Loads from all pages.
fn load_all(machine: &mut Machine, space: SpaceId, pages: u32) {
    for number in 0..pages {
        assert_eq!(machine.load(space, page(number)), Ok(number as u8 + 1));
        machine.vm.check_invariants();
    }
}

#[test]
fn pages_that_are_only_loaded_from_are_written_once() {
    let (mut machine, space) = filled(64, 24);
    load_all(&mut machine, space, 24);
    let written = machine.vm.stats().swap_writes;
    assert_eq!(written, 24, "each page, when it left for the first time");
    for _ in 0..10 {
        load_all(&mut machine, space, 24);
    }
    let stats = machine.vm.stats();
    assert_eq!(stats.swap_writes, written);
    assert!(stats.swap_cached > 200, "{stats:?}");
    machine.vm.destroy_space(space);
    machine.assert_nothing_left();
}

#[test]
fn a_store_makes_the_copy_old_whether_a_program_or_the_kernel_makes_it() {
    for alias in [AliasPolicy::Sync, AliasPolicy::UserAddress] {
        let options = VmOptions {
            alias,
            ..VmOptions::default()
        };
        let mut machine = Machine::new(8, 64, options);
        let space = machine.space();
        machine.zeros(space, AT, 24);
        for round in 1..6 {
            for number in 0..24 {
                let at = page(number);
                match number % 3 {
                    0 => machine.store(space, at, round).unwrap(),
                    1 => machine
                        .vm
                        .write_user(kit::client(space), UserPtr(at), &[round])
                        .unwrap(),
                    _ => {
                        machine.load(space, at).unwrap();
                    }
                }
            }
            for number in 0..24 {
                let expected = if number % 3 == 2 { 0 } else { round };
                assert_eq!(machine.load(space, page(number)), Ok(expected));
            }
        }
    }
}

// lab 10 tests
#[test]
fn what_comes_back_for_a_store_of_its_only_user_leaves_no_copy() {
    let (mut machine, space) = filled(64, 24);
    for number in (0..24).chain(0..24) {
        machine
            .store(space, page(number), number as u8 + 1)
            .unwrap();
        let copies = machine.vm.swap().copies().count();
        assert_eq!(copies, 0, "after page {number}");
    }
    let child = machine.fork(space);
    machine.store(child, page(0), 99).unwrap();
    // The parent's page is as it was; only the child's copy is not.
    assert_eq!(machine.vm.swap().copies().count(), 1);
    load_all(&mut machine, space, 24);
}

#[test]
fn with_every_slot_a_copy_as_many_pages_fit_as_without_one() {
    // Eight frames less the reserve of four, and 15 slots less the one for exchanges.
    let most = 4 + 14;
    let (mut machine, space) = filled(15, most);
    load_all(&mut machine, space, most);
    assert!(machine.vm.swap().copies().count() > 0);
    machine.zeros(space, page(most), 1);
    let one_more = machine.store(space, page(most), 1);
    assert_eq!(one_more, Err(Kill::OutOfSwap));
    load_all(&mut machine, space, most);
}

#[test]
fn what_parent_and_child_share_is_written_once_for_both() {
    let (mut machine, parent) = filled(64, 12);
    let child = machine.fork(parent);
    for _ in 0..5 {
        load_all(&mut machine, parent, 12);
        load_all(&mut machine, child, 12);
    }
    assert_eq!(machine.vm.stats().swap_writes, 12);
    machine.store(child, page(3), 99).unwrap();
    for _ in 0..3 {
        load_all(&mut machine, parent, 12);
        assert_eq!(machine.load(child, page(3)), Ok(99));
    }
    machine.vm.destroy_space(parent);
    assert_eq!(machine.load(child, page(3)), Ok(99));
    machine.vm.destroy_space(child);
    machine.assert_nothing_left();
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Compares loads and stores with an array of bytes, under every number of slots. An access is
    /// refused exactly when frames and slots are full, however many slots have copies.
    // lab 10 tests
    #[test]
    fn copies_change_neither_what_is_read_nor_who_is_refused(
        slots in 0_u64..24,
        steps in prop::collection::vec((0_u32..24, any::<Option<u8>>()), 1..300)
    ) {
        let mut machine = Machine::new(8, slots, VmOptions::default());
        let space = machine.space();
        machine.zeros(space, AT, 24);
        let most = 4 + slots.saturating_sub(1) as usize;
        let mut stored = std::collections::BTreeMap::new();
        for (number, store) in steps {
            let at = page(number);
            // An anonymous page needs room even for a load, as a store may follow without a fault.
            let fits = stored.contains_key(&number) || stored.len() < most;
            let expected = |is: u8| if fits { Ok(is) } else { Err(Kill::OutOfSwap) };
            match store {
                None => {
                    let was = stored.get(&number).copied().unwrap_or(0);
                    prop_assert_eq!(machine.load(space, at), expected(was));
                }
                Some(byte) => {
                    let done = machine.store(space, at, byte).map(|()| byte);
                    prop_assert_eq!(done, expected(byte));
                    if fits {
                        stored.insert(number, byte);
                    }
                }
            }
            machine.vm.check_invariants();
        }
    }
}
