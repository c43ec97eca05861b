//! Accesses that cannot be granted.

use crate::scene::{Scene, load, logs_as_before, page, store, store_pages};
use executables::asm::{CODE, WRITE};

/// `int mprotect(void *address, unsigned length, int protection)`
const MPROTECT: u32 = 68;

#[test]
fn the_null_pointer_kills() {
    logs_as_before!(Scene::new(|asm| load(asm, 0)));
}

#[test]
fn a_store_to_code_kills() {
    logs_as_before!(Scene::new(|asm| store(asm, CODE)));
}

#[test]
fn a_kernel_address_kills() {
    logs_as_before!(Scene::new(|asm| load(asm, 0xc000_0000)));
}

#[test]
fn a_jump_to_nowhere_kills_at_its_target() {
    logs_as_before!(Scene::new(|asm| {
        asm.raw(&[0x68, 0, 0, 0, 0x20, 0xc3]); // push $0x20000000; ret
    }));
}

#[test]
fn a_store_far_below_the_stack_pointer_kills() {
    logs_as_before!(Scene::new(|asm| {
        asm.raw(&[0xc6, 0x84, 0x24, 0, 0xe0, 0xff, 0xff, 7]); // movb $7, -8192(%esp)
    }));
}

#[test]
fn mprotect_takes_the_right_to_store() {
    logs_as_before!(Scene::new(|asm| {
        store(asm, page(1));
        asm.call(MPROTECT, &[page(1).into(), 4096.into(), 1.into()]);
        load(asm, page(1));
        store(asm, page(1));
    }));
}

#[test]
fn a_bad_pointer_is_refused_before_any_access() {
    // The buffer begins in the last page of data, and nothing is behind that: nothing is printed.
    logs_as_before!(Scene::new(|asm| {
        asm.call(WRITE, &[1.into(), (page(16) - 4).into(), 8.into()]);
    }));
}

#[test]
fn full_swap_kills_who_asks_for_more() {
    let scene = Scene::new(|asm| store_pages(asm, 1..=15));
    logs_as_before!(scene.slots(4));
}
