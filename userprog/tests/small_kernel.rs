//! A kernel with little room for page directories and page tables: what does not fit is refused or
//! ended with a message, and nothing is left behind.

use executables::asm::*;
use executables::elf_writer::{ElfWriter, Load};
use machine::paging::KernelHalf;
use small::{Done, Machine};
use userprog::RunEnd;

/// An area for which a process needs one more page table than for code, data and stack.
const AREA: u32 = 0x1000_0000;

/// Runs a parent that starts a child, which stores to [`AREA`], and exits with its status.
fn run(half: KernelHalf, kernel_pages: u32) -> Done {
    let mut child = Asm::new();
    child.store(AREA).exit(5);
    let area = Load {
        memory_bytes: 4096,
        ..Load::new(AREA, &[], Load::RW)
    };
    let loads = child.parts().into_iter().chain([area]);
    let child = loads.fold(ElfWriter::new(CODE), ElfWriter::load).build();
    let main = program(|asm| {
        let line = asm.string("child");
        let pid = asm.result_of(EXEC, &[line.into()]);
        asm.call(WAIT, &[Arg::At(pid)]).exit_with_eax();
    });
    let machine = Machine::new().options(|options| {
        let options = options.kernel_half(half);
        options.kernel_pages(kernel_pages)
    });
    machine
        .file("main", &main)
        .file("child", &child)
        .run("main")
}

/// Runs on a kernel whose processes have this number of directories each.
fn check(half: KernelHalf, directories: u32) {
    let run = |pages| run(half, pages);
    // A process has its directories, a table for its stack and one for code and data, allocated in
    // that order.
    let process = directories + 2;
    for pages in 0..=directories {
        let end = run(pages).report.end;
        assert!(matches!(end, RunEnd::NotLoaded(_)), "{pages}: {end:?}");
    }
    let no_room = "killed: out of memory: no room for page tables";
    let expected = format!("main: {no_room}\nmain: exit(-1)\n");
    assert_eq!(run(directories + 1).text(), expected);
    for pages in process..=process + directories {
        let done = run(pages);
        assert_eq!(done.text(), "main: exit(-1)\n", "{pages} pages");
    }
    let expected = format!("child: {no_room}\nchild: exit(-1)\nmain: exit(-1)\n");
    for pages in process + directories + 1..=2 * process {
        assert_eq!(run(pages).text(), expected, "{pages} pages");
    }
    assert_eq!(run(2 * process + 1).status(), 5);
}

#[test]
fn what_needs_a_page_table_that_cannot_be_had_is_refused_or_ended() {
    check(KernelHalf::Shared, 1);
}

#[test]
fn a_second_directory_that_cannot_be_had_is_refused_like_the_first() {
    check(KernelHalf::Isolated, 2);
}
