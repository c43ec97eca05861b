//! Files, the console and mappings, as programs see them.

use executables::asm::*;
use small::{Done, Machine};
use userprog::limits::MAX_OPEN_FILES;

const FAILED: u32 = u32::MAX;
const BUFFER: u32 = DATA + 0x8000;

fn run(write: impl FnOnce(&mut Asm)) -> Done {
    Machine::new()
        .file("main", &program(write))
        .file("file", b"some content")
        .run("main")
}

#[test]
fn a_file_is_made_written_read_and_removed() {
    let done = run(|asm| {
        let name = asm.string("new");
        asm.call(CREATE, &[name.into(), 5.into()]).expect(1, 1);
        asm.call(CREATE, &[name.into(), 5.into()]).expect(0, 2);
        asm.call(OPEN, &[name.into()]).expect(2, 3);
        asm.call(FILESIZE, &[2.into()]).expect(5, 4);
        let text = asm.data(b"1234567");
        asm.call(WRITE, &[2.into(), text.into(), 7.into()])
            .expect(7, 5);
        asm.call(TELL, &[2.into()]).expect(7, 6);
        asm.call(FILESIZE, &[2.into()]).expect(7, 7);
        asm.call(SEEK, &[2.into(), 2.into()]);
        asm.call(READ, &[2.into(), BUFFER.into(), 100.into()])
            .expect(5, 8);
        asm.call(WRITE, &[1.into(), BUFFER.into(), 5.into()]);
        asm.call(READ, &[2.into(), BUFFER.into(), 100.into()])
            .expect(0, 9);
        asm.call(REMOVE, &[name.into()]).expect(1, 10);
        asm.call(REMOVE, &[name.into()]).expect(0, 11);
        asm.call(OPEN, &[name.into()]).expect(FAILED, 12);
        asm.call(SEEK, &[2.into(), 0.into()]);
        asm.call(READ, &[2.into(), BUFFER.into(), 1.into()])
            .expect(1, 13);
        asm.exit(0);
    });
    assert_eq!(done.text(), "34567main: exit(0)\n");
    assert!(!done.folder.path().join("new").exists());
}

#[test]
fn each_open_has_its_own_position_and_a_closed_descriptor_is_none() {
    let done = run(|asm| {
        let name = asm.string("file");
        asm.call(OPEN, &[name.into()]).expect(2, 1);
        asm.call(OPEN, &[name.into()]).expect(3, 2);
        asm.call(READ, &[2.into(), BUFFER.into(), 4.into()])
            .expect(4, 3);
        asm.call(TELL, &[3.into()]).expect(0, 4);
        asm.call(CLOSE, &[2.into()]);
        asm.call(CLOSE, &[2.into()]);
        for call in [FILESIZE, TELL] {
            asm.call(call, &[2.into()]).expect(FAILED, 5);
        }
        asm.call(READ, &[2.into(), BUFFER.into(), 4.into()])
            .expect(FAILED, 6);
        asm.call(WRITE, &[2.into(), BUFFER.into(), 4.into()])
            .expect(FAILED, 7);
        asm.call(SEEK, &[2.into(), 4.into()]);
        asm.call(READ, &[3.into(), BUFFER.into(), 4.into()])
            .expect(4, 8);
        asm.exit(0);
    });
    assert_eq!(done.status(), 0);
}

#[test]
fn descriptors_that_are_none_fail_and_harm_nobody() {
    let done = run(|asm| {
        for fd in [1u32, 2, 1000, 0x8000_0000, FAILED] {
            asm.call(READ, &[fd.into(), BUFFER.into(), 1.into()])
                .expect(FAILED, 1);
        }
        for fd in [0u32, 2, 1000, FAILED] {
            asm.call(WRITE, &[fd.into(), BUFFER.into(), 1.into()])
                .expect(FAILED, 2);
        }
        for fd in [0u32, 1, 2, 1000, FAILED] {
            for call in [CLOSE, FILESIZE, TELL, MUNMAP, 18, 19] {
                asm.call(call, &[fd.into()]);
            }
            asm.call(SEEK, &[fd.into(), 5.into()]);
            asm.call(MMAP, &[fd.into(), 0x1000_0000.into()])
                .expect(FAILED, 3);
        }
        asm.exit(0);
    });
    assert_eq!(done.status(), 0);
}

#[test]
fn writes_past_the_end_leave_zeros_between() {
    let done = run(|asm| {
        let name = asm.string("file");
        asm.call(OPEN, &[name.into()]);
        asm.call(SEEK, &[2.into(), 5000.into()]);
        asm.call(READ, &[2.into(), BUFFER.into(), 1.into()])
            .expect(0, 1);
        asm.call(WRITE, &[2.into(), name.into(), 1.into()])
            .expect(1, 2)
            .exit(0);
    });
    assert_eq!(done.status(), 0);
    let mut expected = b"some content".to_vec();
    expected.resize(5000, 0);
    expected.push(b'f');
    assert_eq!(done.file("file"), expected);
}

#[test]
fn a_full_file_system_takes_what_fits() {
    let main = program(|asm| {
        let name = asm.string("big");
        asm.call(CREATE, &[name.into(), 0x7fff_ffff.into()])
            .expect(0, 1);
        asm.call(CREATE, &[name.into(), 0.into()]).expect(1, 2);
        asm.call(OPEN, &[name.into()]);
        asm.call(SEEK, &[2.into(), 0xffff_fff0.into()]);
        asm.call(WRITE, &[2.into(), BUFFER.into(), 0x100.into()])
            .expect(0, 3);
        asm.call(SEEK, &[2.into(), 0.into()]);
        // The program takes 4 pages, the new file itself 1: space for 3 pages of content is left.
        asm.call(WRITE, &[2.into(), (DATA + 0x1000).into(), 0xf000.into()])
            .expect(0x3000, 4);
        asm.exit(0);
    });
    assert_eq!(main.len().div_ceil(4096), 3);
    let machine = Machine::new().options(|options| options.file_quota(8 * 4096));
    let done = machine.file("main", &main).run("main");
    assert_eq!(done.status(), 0);
    assert_eq!(done.file("big").len(), 0x3000);
}

#[test]
fn a_running_program_cannot_be_changed_and_its_file_can_be_read() {
    let done = run(|asm| {
        let name = asm.string("main");
        asm.call(OPEN, &[name.into()]).expect(2, 1);
        asm.call(READ, &[2.into(), BUFFER.into(), 4.into()])
            .expect(4, 2);
        asm.load(BUFFER).expect(u32::from_le_bytes(*b"\x7fELF"), 3);
        asm.call(WRITE, &[2.into(), BUFFER.into(), 4.into()])
            .expect(0, 4);
        asm.call(TELL, &[2.into()]).expect(4, 5).exit(0);
    });
    assert_eq!(done.status(), 0);
}

#[test]
fn a_program_can_be_changed_once_nobody_runs_it() {
    let child = program(|asm| {
        asm.exit(0);
    });
    let parent = program(|asm| {
        let child = asm.string("child");
        asm.call(OPEN, &[child.into()]).expect(2, 1);
        let pid = asm.result_of(EXEC, &[child.into()]);
        asm.call(WRITE, &[2.into(), child.into(), 1.into()])
            .expect(0, 2);
        asm.call(WAIT, &[Arg::At(pid)]).expect(0, 3);
        asm.call(WRITE, &[2.into(), child.into(), 1.into()])
            .expect(1, 4)
            .exit(0);
    });
    let done = Machine::new()
        .file("main", &parent)
        .file("child", &child)
        .run("main");
    assert_eq!(done.status(), 0);
    assert_eq!(done.file("child")[0], b'c');
}

#[test]
fn names_that_lead_out_of_the_directory_do_not_exist() {
    let done = run(|asm| {
        for name in [
            "/etc/passwd",
            "../file",
            ".",
            "..",
            "./file",
            "",
            "a-name-too-long",
        ] {
            let name = asm.string(name);
            asm.call(OPEN, &[name.into()]).expect(FAILED, 1);
            asm.call(CREATE, &[name.into(), 1.into()]).expect(0, 2);
            asm.call(REMOVE, &[name.into()]).expect(0, 3);
        }
        asm.exit(0);
    });
    assert_eq!(done.status(), 0);
}

#[test]
fn a_process_may_have_128_files_open() {
    let done = run(|asm| {
        let name = asm.string("file");
        asm.repeat(MAX_OPEN_FILES as u32, |asm| {
            asm.call(OPEN, &[name.into()]);
        });
        asm.expect(MAX_OPEN_FILES as u32 + 1, 1);
        asm.call(OPEN, &[name.into()]).expect(FAILED, 2);
        asm.call(CLOSE, &[50.into()]);
        asm.call(OPEN, &[name.into()]).expect(50, 3).exit(0);
    });
    assert_eq!(done.status(), 0);
}

#[test]
fn the_keyboard_gives_what_is_typed_and_then_nothing() {
    let main = program(|asm| {
        asm.call(READ, &[0.into(), BUFFER.into(), 3.into()])
            .expect(3, 1);
        asm.call(WRITE, &[1.into(), BUFFER.into(), 3.into()]);
        asm.call(READ, &[0.into(), BUFFER.into(), 100.into()])
            .expect(2, 2);
        asm.call(READ, &[0.into(), BUFFER.into(), 100.into()])
            .expect(0, 3)
            .exit(0);
    });
    let done = Machine::new()
        .file("main", &main)
        .input(b"typed")
        .run("main");
    assert_eq!(done.text(), "typmain: exit(0)\n");
}

#[test]
fn transfers_of_many_pages_come_through_whole_with_few_frames() {
    let content: Vec<u8> = (0..100_000u32)
        .map(|number| ((number * 7) >> 3) as u8)
        .collect();
    // Reads the file into the stack's region, and writes it to a second file and to the console.
    let main = program(|asm| {
        let (file, copy) = (asm.string("file"), asm.string("copy"));
        asm.raw(&[0x81, 0xec]).raw(&0x2_0001u32.to_le_bytes()); // sub esp, 0x20001
        asm.raw(&[0x89, 0xe0]); // mov eax, esp
        let buffer = asm.word();
        asm.store(buffer);
        asm.call(OPEN, &[file.into()]).expect(2, 1);
        asm.call(READ, &[2.into(), Arg::At(buffer), 0x2_0000.into()])
            .expect(100_000, 2);
        asm.call(CREATE, &[copy.into(), 0.into()])
            .call(OPEN, &[copy.into()])
            .expect(3, 3);
        asm.call(WRITE, &[3.into(), Arg::At(buffer), 100_000.into()])
            .expect(100_000, 4);
        asm.call(WRITE, &[1.into(), Arg::At(buffer), 100_000.into()])
            .expect(100_000, 5);
        asm.call(HALT, &[]);
    });
    let machine = Machine::new().options(|options| options.frames(8));
    let done = machine
        .file("main", &main)
        .file("file", &content)
        .run("main");
    assert!(done.file("copy") == content && done.console == content);
    assert!(done.report.stats.vm.swap_writes > 10);
}

#[test]
fn a_mapped_file_is_read_stored_to_and_written_back() {
    const MAP: u32 = 0x1000_0000;
    let done = run(|asm| {
        let name = asm.string("file");
        asm.call(OPEN, &[name.into()]).expect(2, 1);
        for bad in [
            0,
            1,
            0x1000_0001,
            CODE,
            DATA,
            0xc000_0000,
            0xffff_f000,
            0xbfff_f000,
        ] {
            asm.call(MMAP, &[2.into(), bad.into()]).expect(FAILED, 2);
        }
        let id = asm.result_of(MMAP, &[2.into(), MAP.into()]);
        asm.call(MMAP, &[2.into(), MAP.into()]).expect(FAILED, 3);
        asm.call(CLOSE, &[2.into()]);
        asm.load(MAP).expect(u32::from_le_bytes(*b"some"), 4);
        asm.load(MAP + 12).expect(0, 5);
        asm.raw(&[0xc6, 0x05]).raw(&MAP.to_le_bytes()).raw(b"S"); // mov byte [MAP], 'S'
        asm.raw(&[0xc6, 0x05])
            .raw(&(MAP + 20).to_le_bytes())
            .raw(b"x");
        asm.call(MUNMAP, &[Arg::At(id)]).expect(0, 6);
        asm.call(MUNMAP, &[Arg::At(id)]).expect(FAILED, 7);
        asm.load(MAP).exit(0);
    });
    assert!(
        done.text().starts_with("Page fault at 0x10000000"),
        "{}",
        done.text()
    );
    assert_eq!(done.file("file"), b"Some content");
}

#[test]
fn stores_to_a_mapping_of_a_running_program_stay_out_of_its_file() {
    const MAP: u32 = 0x1000_0000;
    let done = run(|asm| {
        let name = asm.string("main");
        asm.call(OPEN, &[name.into()])
            .call(MMAP, &[2.into(), MAP.into()]);
        asm.raw(&[0xc6, 0x05]).raw(&MAP.to_le_bytes()).raw(b"X");
        asm.load(MAP)
            .expect(u32::from_le_bytes(*b"XELF"), 1)
            .exit(0);
    });
    assert_eq!(done.status(), 0);
    assert_eq!(done.file("main")[0], 0x7f);
}

#[test]
fn there_are_no_directories_but_files_have_numbers() {
    let done = run(|asm| {
        let (file, main) = (asm.string("file"), asm.string("main"));
        for call in [15, 16] {
            asm.call(call, &[file.into()]).expect(0, 1);
        }
        asm.call(OPEN, &[file.into()])
            .call(OPEN, &[file.into()])
            .call(OPEN, &[main.into()]);
        asm.call(17, &[2.into(), BUFFER.into()]).expect(0, 2);
        asm.call(18, &[2.into()]).expect(0, 3);
        let number = asm.result_of(19, &[2.into()]);
        asm.call(19, &[3.into()]);
        asm.raw(&[0x2b, 0x05])
            .raw(&number.to_le_bytes())
            .expect(0, 4); // sub eax, [number]
        asm.call(19, &[4.into()]);
        asm.raw(&[0x3b, 0x05]).raw(&number.to_le_bytes()); // cmp eax, [number]
        asm.raw(&[0x0f, 0x94, 0xc0, 0x0f, 0xb6, 0xc0])
            .exit_with_eax(); // sete al; movzx eax, al
    });
    assert_eq!(done.status(), 0);
}
