//! Mapped files.

use protocol::level::Level;

use crate::scene::{Scene, load, logs_as_before, store, store_pages};
use executables::asm::{Arg, Asm, MMAP, MUNMAP, OPEN};

/// Where the tests map.
const MAP: u32 = 0x1000_0000;
/// `void *mmap2(void *address, unsigned length, int protection, int flags, int fd, unsigned offset)`
const MMAP2: u32 = 65;
/// `int msync(void *address, unsigned length)`
const MSYNC: u32 = 67;
const READ_WRITE: u32 = 3;
const SHARED: u32 = 1;
const PRIVATE: u32 = 2;

fn scene(write: impl FnOnce(&mut Asm)) -> Scene {
    Scene::new(write).file("data", vec![b'x'; 3 * 4096])
}

/// Opens the file; gives the address of its descriptor.
fn open(asm: &mut Asm) -> u32 {
    let name = asm.string("data");
    asm.result_of(OPEN, &[name.into()])
}

/// Maps the file; gives the address of the mapping's number.
fn map(asm: &mut Asm, at: u32) -> u32 {
    let file = open(asm);
    asm.result_of(MMAP, &[Arg::At(file), at.into()])
}

fn map_2(asm: &mut Asm, at: u32, bytes: u32, flags: u32) {
    let file = open(asm);
    let args = [
        at.into(),
        bytes.into(),
        READ_WRITE.into(),
        flags.into(),
        Arg::At(file),
        0.into(),
    ];
    asm.call(MMAP2, &args);
}

#[test]
fn a_mapped_file_is_read_page_by_page() {
    logs_as_before!(scene(|asm| {
        map(asm, MAP);
        load(asm, MAP + 2 * 4096);
        load(asm, MAP);
    }));
}

#[test]
fn a_dirty_mapped_page_is_written_back_at_its_eviction() {
    logs_as_before!(scene(|asm| {
        map(asm, MAP);
        store(asm, MAP);
        store_pages(asm, 1..=8);
        load(asm, MAP);
    }));
}

#[test]
fn a_clean_mapped_page_is_dropped_at_its_eviction() {
    logs_as_before!(scene(|asm| {
        map(asm, MAP);
        load(asm, MAP);
        store_pages(asm, 1..=8);
        load(asm, MAP);
    }));
}

#[test]
fn munmap_writes_back_what_is_dirty_and_nothing_else() {
    let scene = scene(|asm| {
        let mapping = map(asm, MAP);
        load(asm, MAP);
        store(asm, MAP + 4096);
        asm.call(MUNMAP, &[Arg::At(mapping)]);
    });
    logs_as_before!(scene.level(Level::Evictions));
}

#[test]
fn exit_writes_back_what_is_dirty() {
    let scene = scene(|asm| {
        map(asm, MAP);
        store(asm, MAP + 2 * 4096);
    });
    logs_as_before!(scene.level(Level::Evictions));
}

#[test]
fn msync_leaves_the_page_where_it_is_and_clean() {
    let scene = scene(|asm| {
        map(asm, MAP);
        store(asm, MAP);
        for _ in 0..2 {
            asm.call(MSYNC, &[MAP.into(), 4096.into()]);
        }
    });
    logs_as_before!(scene.level(Level::Entries).only("0x10000"));
}

#[test]
fn two_mappings_of_a_file_share_its_frames() {
    logs_as_before!(scene(|asm| {
        map(asm, MAP);
        map(asm, MAP + 0x10_0000);
        store(asm, MAP);
        load(asm, MAP + 0x10_0000);
    }));
}

#[test]
fn a_private_mapping_claims_a_page_that_nobody_else_uses() {
    logs_as_before!(scene(|asm| {
        map_2(asm, MAP, 4096, PRIVATE);
        load(asm, MAP);
        store(asm, MAP);
    }));
}

#[test]
fn a_private_mapping_copies_a_page_that_others_use() {
    logs_as_before!(scene(|asm| {
        map_2(asm, MAP + 0x10_0000, 4096, SHARED);
        map_2(asm, MAP, 4096, PRIVATE);
        load(asm, MAP + 0x10_0000);
        load(asm, MAP);
        store(asm, MAP);
    }));
}

#[test]
fn a_page_behind_the_end_of_the_file_cannot_be_had() {
    logs_as_before!(scene(|asm| {
        map_2(asm, MAP, 5 * 4096, SHARED);
        load(asm, MAP + 2 * 4096);
        load(asm, MAP + 3 * 4096);
    }));
}

#[test]
fn an_access_after_munmap_kills() {
    logs_as_before!(scene(|asm| {
        let mapping = map(asm, MAP);
        load(asm, MAP);
        asm.call(MUNMAP, &[Arg::At(mapping)]);
        load(asm, MAP);
    }));
}
