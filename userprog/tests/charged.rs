//! The kernel charges a program in proportion to what it does for it: a work limit ends every
//! program, after no more calls than that work allows. These tests count work, never time.

use executables::asm::*;
use executables::elf_writer::{ElfWriter, Load};
use machine::work::Work;
use small::{Done, Machine};
use userprog::RunEnd;
use userprog::limits::MAX_REGIONS;

/// The address at which a GiB of zeros is mapped.
const GIB_AT: u32 = 0x2000_0000;
const GIB: u32 = 1 << 30;
const READ_WRITE: u32 = 3;
const PRIVATE_ZEROS: u32 = 2 | 32;
/// Linux' ENOMEM, as a result.
const NO_MEMORY: u32 = -12i32 as u32;

fn run(limit: u64, asm: &Asm) -> Done {
    // A byte for each page of the GiB.
    let room = Load {
        memory_bytes: 4 << 20,
        ..Load::new(0x1000_0000, &[], Load::RW)
    };
    let loads = asm.parts().into_iter().chain([room]);
    let main = loads.fold(ElfWriter::new(CODE), ElfWriter::load).build();
    let machine = Machine::new().options(|options| options.max_work(Work(limit)));
    machine.file("main", &main).run("main")
}

fn map_gib(asm: &mut Asm) {
    let args = [GIB_AT, GIB, READ_WRITE, PRIVATE_ZEROS, 0, 0].map(Arg::from);
    asm.call(MMAP2, &args).expect(GIB_AT, 99);
}

/// Removes the rights from every second page, from ESI on, `times` times.
fn split(asm: &mut Asm, times: u32) {
    asm.raw(&[0xbe]).raw(&GIB_AT.to_le_bytes()); // mov esi, GIB_AT
    asm.repeat(times, |asm| {
        asm.raw(&[0x6a, 0]).raw(&[0x68, 0, 0x10, 0, 0]); // push 0; push 4096
        asm.raw(&[0x56, 0x6a, MPROTECT as u8, 0xcd, 0x30]); // push esi; push MPROTECT; int $0x30
        asm.raw(&[0x83, 0xc4, 16]); // add esp, 16
        asm.raw(&[0x81, 0xc6, 0, 0x20, 0, 0]); // add esi, 8192
    });
}

/// Returns the least work of a call that is repeated until the limit ends the program.
fn work_a_call(prepare: impl Fn(&mut Asm), number: u32, args: &[Arg]) -> u64 {
    const WORK: u64 = 20_000_000;
    let mut asm = Asm::new();
    prepare(&mut asm);
    let before = run(u64::MAX, asm.exit(0)).report.stats;
    let mut asm = Asm::new();
    prepare(&mut asm);
    asm.repeat(u32::MAX, |asm| {
        asm.call(number, args);
    });
    let done = run(before.work + WORK, &asm);
    assert_eq!(done.report.end, RunEnd::WorkLimit);
    WORK / (done.report.stats.system_calls - before.system_calls + 1)
}

#[test]
fn splitting_a_mapping_is_cheap_and_ends_at_the_limit_of_regions() {
    let mut asm = Asm::new();
    map_gib(&mut asm);
    // Each creates two more regions; a few are there already.
    split(&mut asm, MAX_REGIONS as u32 / 2 - 8);
    asm.expect(0, 1);
    split(&mut asm, MAX_REGIONS as u32);
    asm.expect(NO_MEMORY, 2);
    // Regions that are alike again are joined.
    let all = [GIB_AT, GIB, READ_WRITE].map(Arg::from);
    asm.call(MPROTECT, &all).expect(0, 3);
    split(&mut asm, 1);
    asm.expect(0, 4).exit(0);
    let done = run(u64::MAX, &asm);
    assert_eq!(done.status(), 0);
}

#[test]
fn a_fork_costs_work_for_the_regions_and_pages_that_it_copies() {
    let prepare = |asm: &mut Asm| {
        map_gib(asm);
        split(asm, 30_000);
    };
    // The child ends at once, so the limit on processes is never reached.
    let mut asm = Asm::new();
    prepare(&mut asm);
    asm.repeat(u32::MAX, |asm| {
        asm.call(FORK, &[]);
        asm.if_zero(|asm| {
            asm.exit(0);
        });
    });
    let done = run(50_000_000, &asm);
    assert_eq!(done.report.end, RunEnd::WorkLimit);
    assert!(done.report.stats.processes <= 50_000_000 / 600_000 + 1);
}

#[test]
fn calls_over_many_regions_or_pages_cost_work_for_them() {
    let in_60_000_regions = |asm: &mut Asm| {
        map_gib(asm);
        split(asm, 30_000);
    };
    let [at, length] = [GIB_AT, GIB].map(Arg::from);
    let vec = Arg::from(0x1000_0000);
    let pages = u64::from(GIB / 4096);
    assert!(work_a_call(map_gib, MINCORE, &[at, length, vec]) >= pages / 16);
    assert!(work_a_call(in_60_000_regions, MINCORE, &[at, length, vec]) >= 600_000);
    let cold = Arg::from(20);
    assert!(work_a_call(in_60_000_regions, MADVISE, &[at, length, cold]) >= 600_000);
    // A buffer is checked as a whole, although no file is open under that number.
    let everything = Arg::from(0xc000_0000 - 0x1000_0000);
    let readable = |asm: &mut Asm| {
        in_60_000_regions(asm);
        // Rights that differ but allow loads.
        let [at, length] = [GIB_AT, GIB].map(Arg::from);
        asm.call(MPROTECT, &[at, length, 1.into()]).expect(0, 3);
    };
    assert!(work_a_call(readable, WRITE, &[99.into(), at, length]) >= 20);
    assert!(work_a_call(map_gib, PAGEMAP, &[at, vec]) >= 20);
    assert!(work_a_call(|_| {}, MADVISE, &[at, everything, cold]) >= 20);
    assert!(work_a_call(|_| {}, YIELD, &[]) >= 20);
}

/// Maps the first page of the program's own file at `times` places, and loads from each.
fn map_one_page_often(asm: &mut Asm, times: u32) {
    const PRIVATE: u32 = 2;
    let name = asm.string("main");
    let file = asm.result_of(OPEN, &[name.into()]);
    asm.raw(&[0xbe]).raw(&GIB_AT.to_le_bytes()); // mov esi, GIB_AT
    asm.repeat(times, |asm| {
        // push 0; push [file]; push PRIVATE; push 1; push 4096
        asm.raw(&[0x6a, 0, 0xff, 0x35]).raw(&file.to_le_bytes());
        asm.raw(&[0x6a, PRIVATE as u8, 0x6a, 1, 0x68, 0, 0x10, 0, 0]);
        asm.raw(&[0x56, 0x6a, MMAP2 as u8, 0xcd, 0x30]); // push esi; push MMAP2; int $0x30
        asm.raw(&[0x83, 0xc4, 28, 0x8a, 0x06]); // add esp, 28; mov al, [esi]
        asm.raw(&[0x81, 0xc6, 0, 0x20, 0, 0]); // add esi, 8192
    });
}

#[test]
fn what_looks_at_a_page_that_is_mapped_often_costs_work_for_each_place() {
    let vec = Arg::from(0x1000_0000);
    let work = |times| {
        let prepare = |asm: &mut Asm| map_one_page_often(asm, times);
        work_a_call(prepare, PAGEMAP, &[GIB_AT.into(), vec])
    };
    let (few, many) = (work(30), work(3_200));
    assert!(few < 60, "{few}");
    assert!(many >= few + 3_168 / 16 - 1, "{many}");
}

#[test]
fn bytes_that_are_read_or_written_cost_work_for_their_pages() {
    let [at, length] = [GIB_AT, GIB].map(Arg::from);
    for (number, fd) in [(WRITE, 1), (READ, 0)] {
        let mut asm = Asm::new();
        map_gib(&mut asm);
        asm.repeat(u32::MAX, |asm| {
            asm.call(number, &[fd.into(), at, length]);
        });
        // A call that moves pages stops when no work is left.
        let done = run(1_000_000, &asm);
        assert_eq!(done.report.end, RunEnd::WorkLimit);
        assert!(done.report.stats.work < 1_100_000, "{number}");
        assert!(done.console.len() <= 4096 * 10_000);
    }
}

#[test]
fn pages_that_advice_moves_cost_as_much_as_their_bytes() {
    let [at, length] = [GIB_AT, 64 * 4096].map(Arg::from);
    let mut asm = Asm::new();
    map_gib(&mut asm);
    asm.repeat(100, |asm| {
        // A page that is only loaded from still has its copy in a slot, and is not written again.
        for page in 0..64 {
            asm.store(GIB_AT + page * 4096);
        }
        asm.call(MADVISE, &[at, length, 21.into()]); // MADV_PAGEOUT
        asm.call(MADVISE, &[at, length, 3.into()]); // MADV_WILLNEED
    });
    let done = run(u64::MAX, asm.exit(0));
    assert_eq!(done.status(), 0);
    assert!(done.report.stats.vm.swap_reads >= 6_400);
    assert!(done.report.stats.vm.swap_writes >= 6_400);
    assert!(done.report.stats.work >= 2 * 6_400 * 100);
}

#[test]
fn an_executable_costs_work_for_its_headers_also_if_it_is_refused() {
    const TIMES: u32 = 100;
    let work = |headers: u32| {
        let overlapping = (0..headers - 1).map(|_| Load::new(0x2000_0000, &[1; 8], Load::RW));
        let interpreter = Load {
            kind: 3,
            ..Load::data()
        };
        let loads = overlapping.chain([interpreter]);
        let refused = loads.fold(ElfWriter::new(CODE), ElfWriter::load).build();
        let mut asm = Asm::new();
        let line = asm.string("refused");
        asm.repeat(TIMES, |asm| {
            asm.call(EXEC, &[line.into()]).expect(u32::MAX, 1);
        });
        let machine = Machine::new().file("main", &asm.exit(0).build());
        let done = machine.file("refused", &refused).run("main");
        assert_eq!(done.status(), 0);
        done.report.stats.work
    };
    let usual = work(10);
    assert_eq!(work(14), usual);
    assert!(work(115) >= usual + u64::from(TIMES) * 100 * 20);
}

/// It stores to 64 pages of its stack in turn, for ever.
#[test]
fn a_program_that_thrashes_ends_long_before_its_work_is_done() {
    let thrashes = program(|asm| {
        asm.raw(&[0xbf, 0x00, 0xe0, 0xff, 0xbf]) // start: mov edi, 0xbfffe000
            .raw(&[0xb9, 64, 0, 0, 0]) // mov ecx, 64
            .raw(&[0x89, 0xfc]) // next: mov esp, edi
            .raw(&[0x89, 0x3f]) // mov [edi], edi
            .raw(&[0x81, 0xef, 0x00, 0x10, 0x00, 0x00]) // sub edi, 4096
            .raw(&[0x49]) // dec ecx
            .raw(&[0x75, 0xf3]) // jnz next
            .raw(&[0xeb, 0xe7]); // jmp start
    });
    // Pages that 16 frames cannot hold, in slots of eight sectors.
    let machine = Machine::with_swap(64 * 8)
        .options(|options| options.frames(16).max_work(Work(120_000_000)));
    let done = machine.file("main", &thrashes).run("main");
    assert_eq!(done.report.end, RunEnd::WorkLimit);
    let stats = done.report.stats;
    assert!((120_000..120_010).contains(&stats.vm.faults), "{stats:?}");
    assert!(stats.work < 30_000_000, "{stats:?}");
}

#[test]
fn a_program_that_does_nothing_but_call_ends_long_before_its_work_is_done() {
    let calls = program(|asm| {
        let start = asm.here();
        asm.call(TELL, &[2.into()]);
        asm.raw(&[0xb8]).raw(&start.to_le_bytes());
        asm.raw(&[0xff, 0xe0]); // mov eax, start; jmp eax
    });
    let machine = Machine::new().options(|options| options.max_work(Work(60_000_000)));
    let done = machine.file("main", &calls).run("main");
    assert_eq!(done.report.end, RunEnd::WorkLimit);
    let stats = done.report.stats;
    assert_eq!(stats.system_calls, 1_200_000);
    assert!(stats.work < 60_000_000, "{stats:?}");
}
