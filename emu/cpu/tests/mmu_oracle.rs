//! Our page-table walk compared with the emulator's own: 20,000 accesses through random page tables
//! reach the same byte of RAM, or cause the same fault, and leave the same A and D bits.

use bare::oracle::{End, Oracle, slot};
use bare::{PAGE, Random};
use cpu::registers::Registers;
use machine::addr::{Frame, PhysAddr, VirtAddr};
use machine::memory::PhysMemory;
use machine::mmu::{Access, Ring, translate};

/// RAM: the directory, its random tables, the tables of the test itself, then frames with code.
const ROOT: Frame = Frame::new(0);
const TABLES: [Frame; 3] = [Frame::new(1), Frame::new(2), Frame::new(3)];
const OWN_TABLE: Frame = Frame::new(4);
const STUB: Frame = Frame::new(5);
const USER_STUB: Frame = Frame::new(6);
const FIRST_TARGET: u32 = 8;
const TARGETS: u32 = 24;

/// The directory entry of the test's own page table, for pages 0 and 1 of it.
const OWN_ENTRY: u32 = 0x200;
const STUB_ADDR: VirtAddr = VirtAddr(OWN_ENTRY << 22);
const USER_STUB_ADDR: VirtAddr = VirtAddr(OWN_ENTRY << 22 | 0x1000);
/// Directory entries that name the random tables.
const ENTRIES: [u32; 4] = [0, 1, 0x123, 0x3ff];
/// Pages of each random table that are used.
const PAGES: u32 = 6;

/// What the stub of the program does, by its offset in the page: a load, a store, a jump.
const LANDING: u32 = 0;
const LOAD: u32 = 0x10;
const STORE: u32 = 0x20;
const JUMP: u32 = 0x30;

const TABLE_SETS: u32 = 1000;
const ACCESSES: u32 = 20;

/// Writes every 16 bytes: `mov eax, <address of this>; int 0x30`, and a word to store to.
fn fill_targets(memory: &PhysMemory) {
    for frame in FIRST_TARGET..FIRST_TARGET + TARGETS {
        for index in 0..PAGE as u32 / 16 {
            let at = PhysAddr(frame << 12 | index << 4);
            memory.write(
                at,
                &bare::code(&[&[0xb8], &at.0.to_le_bytes(), &[0xcd, 0x30]]),
            );
        }
    }
}

/// Writes the same program for both rings, each on a page that only that ring can execute.
fn write_stubs(memory: &PhysMemory) {
    memory.write_u32(slot(ROOT, OWN_ENTRY), OWN_TABLE.start().0 | 0x67);
    memory.write_u32(slot(OWN_TABLE, 0), STUB.start().0 | 0x63);
    memory.write_u32(slot(OWN_TABLE, 1), USER_STUB.start().0 | 0x67);
    let programs: [(u32, &[u8]); 4] = [
        (LANDING, &[0xcd, 0x30]),
        (LOAD, &[0x8b, 0x03, 0xcd, 0x30]), // mov eax, [ebx]; int 0x30
        (STORE, &[0x89, 0x03, 0xcd, 0x30]), // mov [ebx], eax; int 0x30
        (JUMP, &[0xff, 0xe3]),             // jmp ebx
    ];
    for frame in [STUB, USER_STUB] {
        for (offset, program) in programs {
            memory.write(PhysAddr(frame.start().0 + 0x800 + offset), program);
        }
    }
}

/// Returns an entry with random bits, more often present than not.
fn randomise(memory: &PhysMemory, random: &mut Random) {
    let flags = |random: &mut Random| {
        let usual = [0x7, 0x5, 0x3, 0x1][random.below(4) as usize];
        match random.below(8) {
            0 => random.draw() & 0xfff,
            1 => usual & !1 | (random.draw() & 0xff0),
            _ => usual | (random.draw() & 0xff8),
        }
    };
    for entry in ENTRIES {
        let table = TABLES[random.below(3) as usize];
        memory.write_u32(slot(ROOT, entry), table.start().0 | flags(random));
    }
    for table in TABLES {
        for page in 0..PAGES {
            let frame = FIRST_TARGET + random.below(TARGETS);
            memory.write_u32(slot(table, page), frame << 12 | flags(random));
        }
    }
}

#[test]
fn both_walkers_agree_on_20_000_accesses() {
    let memory = PhysMemory::new(FIRST_TARGET + TARGETS).unwrap();
    fill_targets(&memory);
    write_stubs(&memory);
    let landing = VirtAddr(USER_STUB_ADDR.0 + 0x800 + LANDING);
    let mut oracle = Oracle::new(&memory, ROOT, (STUB, STUB_ADDR), landing);
    let mut random = Random::new(2);
    let mut faults = 0;
    for _ in 0..TABLE_SETS {
        randomise(&memory, &mut random);
        for frame in [ROOT, TABLES[0], TABLES[1], TABLES[2]] {
            oracle.sync(&memory, frame);
        }
        for _ in 0..ACCESSES {
            let entry = ENTRIES[random.below(4) as usize];
            let slot = random.below(PAGE as u32 / 16) << 4;
            let page = VirtAddr(entry << 22 | random.below(PAGES) << 12 | slot);
            let access = [Access::Read, Access::Write, Access::Fetch][random.below(3) as usize];
            let ring = [Ring::User, Ring::Kernel][random.below(2) as usize];
            faults += u32::from(compare(&memory, &mut oracle, page, access, ring));
        }
    }
    // Neither outcome is rare.
    assert!((4000..16000).contains(&faults), "{faults} faults");
}

/// Makes one access with both walkers. Returns whether it faulted.
fn compare(
    memory: &PhysMemory,
    oracle: &mut Oracle,
    addr: VirtAddr,
    access: Access,
    ring: Ring,
) -> bool {
    let stub = match ring {
        Ring::User => USER_STUB_ADDR,
        Ring::Kernel => STUB_ADDR,
    };
    let (program, target) = match access {
        Access::Read => (LOAD, addr.0 + 1),
        Access::Write => (STORE, addr.0 + 8),
        Access::Fetch => (JUMP, addr.0),
    };
    let marker = 0x5eed_0000 | addr.offset();
    let eip = stub.0 + 0x800 + program;
    let registers = Registers {
        eax: marker,
        ebx: target,
        eip,
        eflags: 0x202,
        ..Registers::default()
    };
    let end = oracle.run(ROOT, &registers, ring);
    let ours = translate(memory, ROOT, VirtAddr(target), access, ring);
    let what = format!("{access:?} of {addr} by {ring:?}: {ours:?}, {end:?}");
    match ours {
        Err(_) => assert_eq!(
            end,
            End::PageFault {
                cr2: VirtAddr(target)
            },
            "{what}"
        ),
        Ok(found) => {
            assert_eq!(end, End::Interrupt(0x30), "{what}");
            let phys = found.phys(addr);
            if access == Access::Write {
                let frame = oracle.frame(found.frame);
                let at = phys.offset() as usize + 8;
                assert_eq!(frame[at..at + 4], marker.to_le_bytes(), "{what}");
                oracle.sync(memory, found.frame);
            } else {
                assert_eq!(
                    oracle.register(unicorn_engine::RegisterX86::EAX),
                    phys.0,
                    "{what}"
                );
            }
        }
    }
    for frame in [ROOT, TABLES[0], TABLES[1], TABLES[2]] {
        let mut own = [0; PAGE];
        memory.read(frame.start(), &mut own);
        assert!(own == oracle.frame(frame), "{what}: other bits in {frame}");
    }
    ours.is_err()
}
