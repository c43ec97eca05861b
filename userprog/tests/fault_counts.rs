//! The number of faults per page: the rules that docs/lab.md states.

use executables::asm::*;
use executables::elf_writer::{ElfWriter, Load};
use small::Machine;
use vm::Stats;

const AREA: u32 = 0x1000_0000;
const PAGES: u32 = 20;

/// What a program does to each page of an area in sequence.
const LOAD: &[u8] = &[0x8a, 0x06]; // mov al, [esi]
const STORE: &[u8] = &[0x88, 0x06]; // mov [esi], al

/// Returns the counters of a program that makes one pass over an area for each of `passes`.
fn count(area: &Load, passes: &[&[u8]]) -> Stats {
    let mut asm = Asm::new();
    for pass in passes {
        asm.raw(&[0xbe]).raw(&AREA.to_le_bytes()); // mov esi, AREA
        asm.repeat(PAGES, |asm| {
            asm.raw(pass).raw(&[0x81, 0xc6, 0, 0x10, 0, 0]); // add esi, 4096
        });
    }
    asm.exit(0);
    let loads = asm.parts().into_iter().chain([area.clone()]);
    let main = loads.fold(ElfWriter::new(CODE), ElfWriter::load).build();
    let done = Machine::new().file("main", &main).run("main");
    assert_eq!(done.status(), 0);
    done.report.stats.vm
}

/// Returns the faults of the passes over the area alone, the major ones among them, and the loads.
fn of_passes(area: &Load, passes: &[&[u8]]) -> [u64; 3] {
    let (without, with) = (count(area, &[]), count(area, passes));
    [
        with.faults - without.faults,
        with.major_faults - without.major_faults,
        with.loads - without.loads,
    ]
}

#[test]
fn zeros_cost_one_fault_a_page_whether_loaded_or_stored_to_first() {
    let zeros = Load {
        memory_bytes: PAGES * 4096,
        ..Load::new(AREA, &[], Load::RW)
    };
    for passes in [&[LOAD][..], &[STORE], &[LOAD, STORE], &[STORE, LOAD]] {
        assert_eq!(of_passes(&zeros, passes), [20, 0, 20]);
    }
}

#[test]
fn data_of_the_executable_cost_one_fault_a_page_and_another_for_a_store_after_a_load() {
    let data = Load::new(AREA, &[7; (PAGES * 4096) as usize], Load::RW);
    assert_eq!(of_passes(&data, &[LOAD]), [20, 20, 20]);
    assert_eq!(of_passes(&data, &[STORE]), [20, 20, 20]);
    assert_eq!(of_passes(&data, &[STORE, LOAD]), [20, 20, 20]);
    assert_eq!(of_passes(&data, &[LOAD, STORE]), [40, 20, 20]);
}
