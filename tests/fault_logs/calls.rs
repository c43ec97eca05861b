//! What system calls do to pages: buffers, advice, disks that take time.

use protocol::level::Level;

use crate::scene::{Scene, load, logs_as_before, page, store, store_pages};
use executables::asm::{Arg, EXEC, OPEN, READ, WAIT, WRITE, program};

/// `int madvise(void *address, unsigned length, int advice)`
const MADVISE: u32 = 69;
const WILLNEED: u32 = 3;
const DONTNEED: u32 = 4;
const COLD: u32 = 20;
const PAGEOUT: u32 = 21;

#[test]
fn a_buffer_is_faulted_in_by_the_kernel() {
    let scene = Scene::new(|asm| {
        let name = asm.string("data");
        let file = asm.result_of(OPEN, &[name.into()]);
        let buffer = page(2) - 4;
        asm.call(READ, &[Arg::At(file), buffer.into(), 8.into()]);
        asm.call(WRITE, &[1.into(), buffer.into(), 8.into()]);
    });
    logs_as_before!(scene.file("data", b"a line\n.".to_vec()));
}

#[test]
fn what_is_not_needed_is_zeros_the_next_time() {
    let scene = Scene::new(|asm| {
        store(asm, page(1));
        asm.call(MADVISE, &[page(1).into(), 4096.into(), DONTNEED.into()]);
        load(asm, page(1));
    });
    logs_as_before!(scene.level(Level::Evictions));
}

#[test]
fn page_out_writes_to_swap_at_once() {
    let scene = Scene::new(|asm| {
        store_pages(asm, 1..=2);
        asm.call(MADVISE, &[page(1).into(), 8192.into(), PAGEOUT.into()]);
        load(asm, page(2));
    });
    logs_as_before!(scene.level(Level::Evictions));
}

#[test]
fn what_will_be_needed_is_there_before_it_is_touched() {
    let scene = Scene::new(|asm| {
        store_pages(asm, 1..=2);
        asm.call(MADVISE, &[page(1).into(), 8192.into(), PAGEOUT.into()]);
        asm.call(MADVISE, &[page(1).into(), 8192.into(), WILLNEED.into()]);
        store_pages(asm, 1..=2);
    });
    logs_as_before!(scene.level(Level::Entries).only("0x0805"));
}

#[test]
fn a_cold_page_is_the_next_to_go() {
    logs_as_before!(Scene::new(|asm| {
        store_pages(asm, 1..=6);
        asm.call(MADVISE, &[page(4).into(), 4096.into(), COLD.into()]);
        store(asm, page(7));
    }));
}

#[test]
fn while_a_disk_reads_for_one_the_other_runs() {
    let child = program(|asm| {
        store_pages(asm, 1..=2);
        asm.exit(0);
    });
    let scene = Scene::new(|asm| {
        let name = asm.string("child");
        let pid = asm.result_of(EXEC, &[name.into()]);
        store_pages(asm, 1..=2);
        asm.call(WAIT, &[Arg::At(pid)]);
    });
    logs_as_before!(scene.file("child", child).latency(500).frames(16));
}
