//! The life of a page: first touch, eviction, swap, and back.

use vm::replacement::fifo;

use crate::scene::{Scene, load, logs_as_before, page, store, store_pages};
use executables::asm::CODE;
use executables::elf_writer::{ElfWriter, Load};

#[test]
fn a_program_begins_with_a_page_of_stack_and_one_of_code() {
    logs_as_before!(Scene::new(|_| {}));
}

#[test]
fn the_first_store_gets_a_frame_of_zeros() {
    logs_as_before!(Scene::new(|asm| {
        store(asm, page(1));
        store(asm, page(1) + 0xfff);
        load(asm, page(1));
    }));
}

#[test]
fn a_page_that_was_only_loaded_from_is_dropped_not_swapped() {
    logs_as_before!(Scene::new(|asm| {
        load(asm, page(1));
        store_pages(asm, 2..=9);
        load(asm, page(1));
    }));
}

#[test]
fn a_stored_page_goes_to_swap_and_comes_back() {
    logs_as_before!(Scene::new(|asm| {
        store_pages(asm, 1..=9);
        load(asm, page(1));
    }));
}

#[test]
fn a_slot_with_a_copy_is_only_taken_when_no_other_is_free() {
    let scene = Scene::new(|asm| {
        store_pages(asm, 1..=8);
        for round in 1..=6 {
            load(asm, page(round));
        }
    });
    logs_as_before!(scene.slots(6));
}

#[test]
fn a_page_that_comes_back_unchanged_is_not_written_again() {
    let scene = Scene::new(|asm| {
        store_pages(asm, 1..=8);
        load(asm, page(1));
        store_pages(asm, 2..=9);
    });
    logs_as_before!(scene.only("0x08051000"));
}

#[test]
fn data_of_the_executable_are_read_when_they_are_used() {
    logs_as_before!(Scene::new(|asm| {
        let data = asm.data(&[7; 3 * 4096]);
        load(asm, data + 2 * 4096);
        load(asm, data);
    }));
}

#[test]
fn data_of_the_executable_are_claimed_by_the_first_store() {
    logs_as_before!(Scene::new(|asm| {
        let data = asm.data(&[7; 2 * 4096]);
        load(asm, data);
        store(asm, data);
        store(asm, data + 4096);
    }));
}

#[test]
fn code_is_dropped_and_read_from_its_file_again() {
    let scene = Scene::new(|asm| store_pages(asm, 1..=9));
    logs_as_before!(scene.policy(fifo::POLICY));
}

#[test]
fn the_stack_grows_page_by_page() {
    logs_as_before!(Scene::new(|asm| {
        for _ in 0..4 {
            asm.raw(&[0x81, 0xec, 0, 0x10, 0, 0]); // sub $4096, %esp
            asm.raw(&[0x6a, 7]); // push $7
        }
    }));
}

#[test]
fn a_pusha_may_store_32_bytes_below_the_stack_pointer() {
    logs_as_before!(Scene::new(|asm| {
        asm.raw(&[0x81, 0xe4, 0, 0xf0, 0xff, 0xff]); // and $0xfffff000, %esp
        asm.raw(&[0x60]); // pusha
    }));
}

#[test]
fn a_store_across_two_pages_faults_in_both() {
    logs_as_before!(Scene::new(|asm| {
        let addr = page(2) - 2;
        asm.raw(&[0xc7, 0x05]).raw(&addr.to_le_bytes()).raw(&[1; 4]); // movl $0x01010101, addr
    }));
}

#[test]
fn a_gigabyte_of_bss_costs_only_what_is_touched() {
    let mut code = executables::asm::Asm::new();
    store(&mut code, page(0));
    store(&mut code, page(0) + 0x3fff_f000);
    code.exit(0);
    let bss = Load {
        memory_bytes: 0x4000_0000,
        ..Load::new(page(0), &[], Load::RW)
    };
    let executable = ElfWriter::new(CODE)
        .load(Load::new(CODE, &code.into_code(), Load::RX))
        .load(bss)
        .build();
    logs_as_before!(Scene::of_executable(executable));
}
