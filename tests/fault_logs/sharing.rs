//! Pages of several processes: the same program, and fork.

use protocol::level::Level;

use crate::scene::{Scene, load, logs_as_before, page, store, store_pages};
use executables::asm::{Arg, Asm, EXEC, WAIT, program};

/// `pid_t fork(void)`
const FORK: u32 = 64;

/// Forks; the child does something and exits, then the parent goes on.
fn with_child(asm: &mut Asm, child: impl FnOnce(&mut Asm)) {
    let pid = asm.result_of(FORK, &[]);
    asm.if_zero(|asm| {
        child(asm);
        asm.exit(0);
    });
    asm.call(WAIT, &[Arg::At(pid)]);
}

#[test]
fn two_processes_of_one_program_share_its_code() {
    let child = program(|asm| {
        store(asm, page(1));
        asm.exit(0);
    });
    let scene = Scene::new(|asm| {
        let name = asm.string("child");
        let pids = [0; 2].map(|_| asm.result_of(EXEC, &[name.into()]));
        for pid in pids {
            asm.call(WAIT, &[Arg::At(pid)]);
        }
    });
    logs_as_before!(scene.file("child", child).frames(16));
}

#[test]
fn fork_shares_until_the_first_store() {
    let scene = Scene::new(|asm| {
        store(asm, page(1));
        with_child(asm, |asm| {
            load(asm, page(1));
            store(asm, page(1));
        });
    });
    logs_as_before!(scene.frames(16));
}

#[test]
fn the_last_owner_of_a_page_needs_no_copy() {
    let scene = Scene::new(|asm| {
        store(asm, page(1));
        with_child(asm, |asm| load(asm, page(1)));
        store(asm, page(1));
    });
    logs_as_before!(scene.frames(16));
}

#[test]
fn fork_takes_the_right_to_store_from_both() {
    let scene = Scene::new(|asm| {
        store(asm, page(1));
        with_child(asm, |asm| store(asm, page(1)));
        store(asm, page(1));
    });
    logs_as_before!(
        scene
            .frames(16)
            .level(Level::Entries)
            .only("page=0x08051000")
    );
}

#[test]
fn a_shared_page_in_swap_comes_back_for_all_its_owners() {
    let scene = Scene::new(|asm| {
        store_pages(asm, 1..=8);
        with_child(asm, |asm| load(asm, page(1)));
        load(asm, page(1));
    });
    logs_as_before!(scene.frames(8));
}

#[test]
fn a_shared_page_in_swap_is_copied_for_who_stores_to_it() {
    let scene = Scene::new(|asm| {
        store_pages(asm, 1..=8);
        with_child(asm, |asm| store(asm, page(1)));
        load(asm, page(1));
    });
    logs_as_before!(scene.frames(8));
}

#[test]
fn a_process_that_ends_leaves_the_frames_that_others_share() {
    let scene = Scene::new(|asm| {
        store_pages(asm, 1..=2);
        with_child(asm, |asm| store(asm, page(1)));
    });
    logs_as_before!(scene.frames(16).level(Level::Evictions));
}
