//! A program, its files and its machine, and the log of what it does there.

use std::cell::RefCell;
use std::fmt::Write;
use std::rc::Rc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use driver::fault_log;
use driver::listener;
use machine::work::Work;
use protocol::level::Level;
use small::Machine;
use userprog::RunEnd;
use vm::PolicyKind;
use vm::replacement::clock;

use executables::asm::{Asm, DATA, program};

/// More work than any of these programs does.
const MAX_WORK: Work = Work(1_000_000);

/// The first address of a page of data, 0 to 15.
pub(crate) fn page(number: u32) -> u32 {
    DATA + number * 4096
}

/// Stores a byte.
pub(crate) fn store(asm: &mut Asm, addr: u32) {
    asm.raw(&[0xc6, 0x05]).raw(&addr.to_le_bytes()).raw(&[1]); // movb $1, addr
}

/// Loads a byte.
pub(crate) fn load(asm: &mut Asm, addr: u32) {
    asm.raw(&[0xa0]).raw(&addr.to_le_bytes()); // movb addr, %al
}

/// Stores a byte to each of these pages of data.
pub(crate) fn store_pages(asm: &mut Asm, pages: impl IntoIterator<Item = u32>) {
    pages
        .into_iter()
        .for_each(|number| store(asm, page(number)));
}

/// A program that is to run on a machine.
pub(crate) struct Scene {
    files: Vec<(&'static str, Vec<u8>)>,
    frames: u32,
    slots: u64,
    policy: PolicyKind,
    latency: u64,
    level: Level,
    only: Option<&'static str>,
}

impl Scene {
    /// A program, which ends with status 0 unless it ends before.
    pub(crate) fn new(write: impl FnOnce(&mut Asm)) -> Scene {
        Scene::of_executable(program(|asm| {
            write(asm);
            asm.exit(0);
        }))
    }

    /// A program that is an executable already.
    pub(crate) fn of_executable(executable: Vec<u8>) -> Scene {
        Scene {
            files: vec![("main", executable)],
            frames: 8,
            slots: 1024,
            policy: clock::POLICY,
            latency: 0,
            level: Level::Faults,
            only: None,
        }
    }

    /// With a file beside the program.
    pub(crate) fn file(mut self, name: &'static str, content: Vec<u8>) -> Scene {
        self.files.push((name, content));
        self
    }

    /// With so many frames.
    pub(crate) fn frames(self, frames: u32) -> Scene {
        Scene { frames, ..self }
    }

    /// With so many slots of swap.
    pub(crate) fn slots(self, slots: u64) -> Scene {
        Scene { slots, ..self }
    }

    /// With this policy.
    pub(crate) fn policy(self, policy: PolicyKind) -> Scene {
        Scene { policy, ..self }
    }

    /// With a disk that takes so much work for a page.
    pub(crate) fn latency(self, latency: u64) -> Scene {
        Scene { latency, ..self }
    }

    /// With more in the log than faults.
    pub(crate) fn level(self, level: Level) -> Scene {
        Scene { level, ..self }
    }

    /// With those lines alone that have this in them.
    pub(crate) fn only(self, part: &'static str) -> Scene {
        Scene {
            only: Some(part),
            ..self
        }
    }

    /// Runs it: the machine, the log, how it ended and what was printed.
    pub(crate) fn text(self) -> String {
        let mut machine = Machine::with_swap(self.slots * 8).options(|options| {
            options
                .frames(self.frames)
                .policy(self.policy)
                .disk_latency(Work(self.latency))
                .max_work(MAX_WORK)
        });
        for (name, content) in &self.files {
            machine = machine.file(name, content);
        }
        let log = Rc::new(RefCell::new(String::new()));
        let (lines, only) = (Rc::clone(&log), self.only);
        let files = Dir::open_ambient_dir(machine.path(), ambient_authority());
        let files = files.expect("the folder is there");
        let logger = fault_log::lines(fault_log::detail(self.level), files.into(), move |line| {
            if only.is_none_or(|part| line.contains(part)) {
                writeln!(lines.borrow_mut(), "{}", line.trim_start()).expect("writing to memory");
            }
        });
        let done = machine.run_by(|kernel| {
            listener::attach(vec![logger], kernel);
            kernel.run(b"main")
        });
        let end = match done.report.end {
            RunEnd::Exited(status) => format!("exited with {status}"),
            RunEnd::Killed => "killed".to_owned(),
            ref end => panic!("{end:?}"),
        };
        let mut text = format!("{}\n{}end: {end}\n", self.head(), log.borrow());
        for line in done.text().lines() {
            writeln!(text, "console: {line}").expect("writing to memory");
        }
        text
    }

    fn head(&self) -> String {
        let mut head = format!("{} frames, {}", self.frames, self.policy);
        if self.slots != 1024 {
            write!(head, ", {} slots", self.slots).expect("writing to memory");
        }
        if self.latency > 0 {
            write!(head, ", a disk takes {} work for a page", self.latency)
                .expect("writing to memory");
        }
        write!(head, "; level {}", self.level).expect("writing to memory");
        if let Some(part) = self.only {
            write!(head, "; only lines with {part:?}").expect("writing to memory");
        }
        head
    }
}

/// Compares the log of a scene with the snapshot that is named after the test.
macro_rules! logs_as_before {
    ($scene:expr) => {
        insta::with_settings!({
            snapshot_path => "../snapshots",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!($scene.text());
        })
    };
}

pub(crate) use logs_as_before;
