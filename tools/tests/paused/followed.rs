//! The history of a page knows at each moment where the page is.

use driver::listener::Listener;
use host::guest_dir::GuestDir;
use machine::addr::VirtAddr;
use tools::why::Target;
use tools::why::history::{History, Whereabouts};
use userprog::{Kernel, RunEnd};
use vm::event::PagePlace;

use crate::run;

/// Follows a page, and compares its place with the kernel's at every fault, in every process.
fn is_followed(program: &str, address: u32) {
    let history = std::cell::OnceCell::new();
    let listener = |dir: &GuestDir| -> Listener {
        let target = Target::Address(VirtAddr(address));
        let history = history.get_or_init(|| History::new(target, dir.programs().unwrap()));
        history.listener()
    };
    let page = VirtAddr(address).page();
    let mut looks = 0;
    let mut look = |kernel: &Kernel| {
        looks += 1;
        let history = history.get().unwrap();
        for process in kernel.all_processes() {
            let told = history.place(process.pid);
            let truth = match kernel.vm().page_state(process.space, page).place {
                PagePlace::Frame(frame) => Whereabouts::Frame(frame),
                PagePlace::Slot(slot) => Whereabouts::Slot(slot),
                PagePlace::Untouched | PagePlace::Unmapped => Whereabouts::Nowhere,
            };
            let pid = process.pid;
            assert_eq!(
                told,
                Some(truth),
                "{program}, {address:#x} of {pid}, pause {looks}"
            );
        }
    };
    let done = run::run(program, listener, Some(&mut look));
    assert!(looks > 0);
    let console = String::from_utf8_lossy(&done.console);
    assert_eq!(done.report.end, RunEnd::Exited(0), "{console}");
}

#[test]
fn a_page_is_where_its_history_says_at_every_fault() {
    let programs = [
        "fork-cow",
        "fork-swap",
        "fork-unmap",
        "fork-mmap",
        "fork-protect",
        "madv-pageout",
        "madv-dontneed",
        "madv-willneed",
        "map-private",
        "mprotect",
        "mmap-exit",
    ];
    for program in programs {
        for address in [
            0x0804_8000,
            0x0804_b000,
            0x1000_0000,
            0x1000_2000,
            0xbfff_f000,
        ] {
            is_followed(program, address);
        }
    }
}
