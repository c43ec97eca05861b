//! Looking at a machine changes nothing, and what is seen adds up.

use std::cell::RefCell;
use std::rc::Rc;

use clap::ValueEnum;
use driver::fault_log;
use driver::listener::Listener;
use host::guest_dir::GuestDir;
use machine::addr::VirtAddr;
use tools::inspect::{Inspector, address};
use userprog::process::Pid;
use userprog::{Kernel, RunReport};
use vm::event::Detail;
use vm::view::{PageView, Place};

use crate::run;

/// What a run leaves: its console, its log with every entry, its report.
#[derive(PartialEq, Debug)]
struct Trace {
    console: Vec<u8>,
    log: Vec<String>,
    report: RunReport,
}

/// Runs a program in few frames; pauses after each fault and refusal, if there is someone to look.
fn traced(program: &str, look: Option<&mut dyn FnMut(&Kernel)>) -> Trace {
    let log = Rc::new(RefCell::new(Vec::new()));
    let lines = Rc::clone(&log);
    let logger = |dir: &GuestDir| -> Listener {
        let take = move |line: &str| lines.borrow_mut().push(line.to_owned());
        fault_log::lines(Detail::Entries, dir.programs().unwrap(), take)
    };
    let done = run::run(program, logger, look);
    let log = log.take();
    Trace {
        console: done.console,
        log,
        report: done.report,
    }
}

#[test]
fn a_run_that_is_looked_at_at_every_fault_is_the_run_that_is_not() {
    for program in [
        "fork-cow",
        "madv-pageout",
        "mmap-shared",
        "map-private",
        "bad-write",
    ] {
        let mut looks = 0;
        let mut look = |kernel: &Kernel| {
            looks += 1;
            let pid = kernel.current().unwrap_or(Pid(1));
            for inspector in Inspector::value_variants() {
                assert!(!inspector.render(kernel, pid).is_empty());
                assert!(!inspector.json(kernel, pid).is_null(), "{inspector:?}");
            }
            for at in [0, 0x0804_8000, 0xbfff_ff00, 0xc000_0000] {
                address::render(kernel, pid, VirtAddr(at));
            }
        };
        let looked_at = traced(program, Some(&mut look));
        assert!(looks > 0, "{program}");
        let alone = traced(program, None);
        assert!(looked_at == alone, "{program}");
    }
}

#[test]
fn what_the_inspectors_show_adds_up() {
    let mut look = |kernel: &Kernel| {
        let vm = kernel.vm();
        let frames = tools::inspect::frames::rows(kernel);
        assert_eq!(frames.len() as u32, vm.usage().frames_in_use);
        let swap = tools::inspect::swap::map(kernel);
        assert_eq!(swap.used.len() as u32, swap.in_use);
        let mut pss = 0;
        for process in kernel.all_processes() {
            let smaps = tools::inspect::smaps::rows(kernel, process.pid).unwrap();
            let rss: u64 = smaps.iter().map(|row| row.figures.rss).sum();
            let in_frame = |page: &PageView| matches!(page.place, Place::Frame(_));
            let resident = vm.pages(process.space).filter(in_frame).count() as u64;
            assert_eq!(rss, resident * 4096);
            for row in &smaps {
                let figures = row.figures;
                let parts = figures.shared_clean
                    + figures.shared_dirty
                    + figures.private_clean
                    + figures.private_dirty;
                assert_eq!(parts, figures.rss);
            }
            pss += smaps.iter().map(|row| row.figures.pss).sum::<u64>();
        }
        let in_frames = u64::from(vm.usage().frames_in_use) * 4096;
        // A share that is no whole number of bytes is rounded down.
        assert!(
            pss <= in_frames && pss + 1024 > in_frames,
            "{pss} of {in_frames}"
        );
    };
    for program in ["fork-cow", "mmap-shared"] {
        traced(program, Some(&mut look));
    }
}
