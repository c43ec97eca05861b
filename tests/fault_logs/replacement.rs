//! Who is evicted: the same few programs under each policy.

use vm::replacement::{aging, clock, fifo, random, second_chance, sieve, ws_clock};

use crate::scene::{Scene, load, logs_as_before, page, store, store_pages};
use executables::asm::Asm;

/// `int pin_pages(void *address, unsigned length, int write)`
const PIN_PAGES: u32 = 71;

/// Fills the frames with pages 1 to 6, then stores to pages 7 to 10, and to page 1 in between.
fn one_page_in_use(asm: &mut Asm) {
    store_pages(asm, 1..=6);
    for number in 7..=10 {
        store(asm, page(1));
        store(asm, page(number));
    }
}

/// Uses pages 1 and 2 again and again while pages 3 to 12 are each stored to once.
fn a_scan_beside_two_pages(asm: &mut Asm) {
    for number in 3..=12 {
        load(asm, page(1));
        load(asm, page(2));
        store(asm, page(number));
    }
}

/// Loads pages 1 and 2, stores to pages 3 to 6, then needs more frames.
fn clean_and_dirty_pages(asm: &mut Asm) {
    load(asm, page(1));
    load(asm, page(2));
    store_pages(asm, 3..=10);
}

#[test]
fn fifo_evicts_the_oldest_even_if_it_is_in_use() {
    logs_as_before!(Scene::new(one_page_in_use).policy(fifo::POLICY));
}

#[test]
fn clock_gives_a_second_chance() {
    logs_as_before!(Scene::new(one_page_in_use).policy(clock::POLICY));
}

#[test]
fn clock_evicts_a_clean_page_as_soon_as_a_dirty_one() {
    logs_as_before!(Scene::new(clean_and_dirty_pages).policy(clock::POLICY));
}

#[test]
fn second_chance_prefers_a_clean_page() {
    logs_as_before!(Scene::new(clean_and_dirty_pages).policy(second_chance::POLICY));
}

#[test]
fn aging_keeps_what_was_used_of_late() {
    logs_as_before!(Scene::new(a_scan_beside_two_pages).policy(aging::POLICY));
}

#[test]
fn sieve_keeps_what_is_used_again_through_a_scan() {
    logs_as_before!(Scene::new(a_scan_beside_two_pages).policy(sieve::POLICY));
}

#[test]
fn fifo_loses_what_is_used_again_in_a_scan() {
    logs_as_before!(Scene::new(a_scan_beside_two_pages).policy(fifo::POLICY));
}

#[test]
fn ws_clock_takes_what_was_not_used_for_some_time() {
    logs_as_before!(Scene::new(a_scan_beside_two_pages).policy(ws_clock::POLICY));
}

#[test]
fn random_draws_the_same_lots_each_time() {
    logs_as_before!(Scene::new(one_page_in_use).policy(random::POLICY));
}

#[test]
fn a_pinned_page_is_never_evicted() {
    logs_as_before!(Scene::new(|asm| {
        asm.call(PIN_PAGES, &[page(1).into(), 4096.into(), 1.into()]);
        store_pages(asm, 2..=9);
        load(asm, page(1));
    }));
}
