//! The machine and the model together: each step is taken in both.

use std::rc::Rc;

use kit::{Machine, MemFile, client};
use machine::addr::PAGE_SIZE;
use machine::disk::MemoryDisk;
use vm::{Access, AdviceError, FileRef, Kill, MapId, PinError, Protection, SpaceId, User, UserPtr};

use crate::reference::{AREAS, FILES, Reference, Verdict, area_start};
use crate::sights::{Sight, Sights};
use crate::steps::{Act, FileAct, Part, Setup, Step};

pub(crate) struct Pair<'a> {
    pub machine: Machine,
    pub model: Reference,
    pub setup: Setup,
    pub sights: &'a Sights,
    files: Vec<Rc<MemFile>>,
    /// The live processes; there is always one.
    processes: Vec<Process>,
    next_number: usize,
    /// Free frames of the kernel's pool before there was a process.
    kernel_frames: usize,
}

/// A process of the model, with its address space and its mappings on the machine.
#[derive(Clone, Copy)]
pub(crate) struct Process {
    pub number: usize,
    pub space: SpaceId,
    maps: [Option<MapId>; AREAS],
}

impl<'a> Pair<'a> {
    pub(crate) fn new(setup: Setup, sights: &'a Sights) -> Pair<'a> {
        let model = Reference::new();
        let file = |number| MemFile::new(number as u64, model.file(number).to_vec());
        let files = (0..FILES).map(file).collect();
        let swap = Box::new(MemoryDisk::new(setup.slots * 8));
        let machine = Machine::with_kernel_pages(
            setup.half,
            setup.frames,
            setup.kernel_pages.unwrap_or(usize::MAX),
            swap,
            setup.options,
        );
        let mut pair = Pair {
            kernel_frames: machine.vm.tables().free_frames(),
            machine,
            model,
            setup,
            sights,
            files,
            processes: Vec::new(),
            next_number: 0,
        };
        pair.start();
        pair
    }

    pub(crate) fn take(&mut self, step: Step) {
        match step {
            Step::Of(nth, act) => {
                let who = self.processes[nth % self.processes.len()];
                self.act(&who, act);
            }
            Step::File(file, act) => self.act_on_file(file, act),
        }
        self.machine.pass_time();
        self.machine.vm.check_invariants();
        if self.processes.len() > self.setup.frames as usize {
            self.sights.note(Sight::Crowd);
        }
    }

    /// Ends all processes in turn, each after loading all its pages. Then only the files are left.
    pub(crate) fn finish(mut self) {
        while let Some(who) = self.processes.pop() {
            for addr in self.model.mapped_addresses(who.number) {
                self.load(&who, addr);
            }
            self.end(&who);
        }
        self.machine.assert_nothing_left();
        let tables = self.machine.vm.tables();
        assert_eq!(tables.free_frames(), self.kernel_frames, "page tables left");
        for (number, file) in self.files.iter().enumerate() {
            let is_right = file.on_disk() == self.model.file(number);
            assert!(is_right, "file {number} at the end");
        }
    }

    fn act(&mut self, who: &Process, act: Act) {
        let (number, space) = (who.number, who.space);
        match act {
            Act::Load(at) => self.load(who, at.address()),
            Act::Store(at, byte) => self.store(who, at.address(), byte),
            Act::KernelRead(at, length) => self.kernel_read(who, at.address(), length),
            Act::KernelWrite(at, length, byte) => {
                self.kernel_write(who, at.address(), length, byte)
            }
            Act::MapZeros(area, pages) => {
                if self.model.map_zeros(number, area, pages) {
                    self.machine.zeros(space, area_start(area), pages);
                }
            }
            Act::MapFile(area, file, pages, sharing) => {
                if self
                    .model
                    .map_file(number, area, file, pages.clone(), sharing)
                {
                    let (at, file) = (area_start(area), self.file(file));
                    let id = self.machine.mmap_pages(space, at, &file, pages, sharing);
                    self.process(number).maps[area] = Some(id);
                }
            }
            Act::Unmap(area) => self.unmap(who, area),
            Act::Fork(generations) => self.fork(*who, generations),
            Act::Exit => {
                self.processes.retain(|process| process.number != number);
                self.end(who);
                if self.processes.is_empty() {
                    self.start();
                }
            }
            Act::SetResident(is_resident) => self.machine.vm.set_resident(space, is_resident),
            Act::PageOut(part) => {
                let done = self.machine.vm.page_out(space, part.pages());
                self.check_advice(who, &part, done);
                self.assert_paged_out(who, &part);
            }
            Act::WillNeed(part) => self.will_need(who, &part),
            Act::DontNeed(part) => {
                let done = self.machine.vm.dont_need(space, part.pages());
                self.check_advice(who, &part, done);
                self.model.dont_need(number, part.area, &part.within);
            }
            Act::Cold(part) => {
                let done = self.machine.vm.cold(space, part.pages());
                self.check_advice(who, &part, done);
            }
            Act::Sync(part) => {
                let done = self.machine.vm.sync(space, part.pages());
                let is_mapped = self.model.is_mapped(number, part.area, &part.within);
                assert_eq!(done.is_ok(), is_mapped);
            }
            Act::Protect(part, protection) => self.protect(who, &part, protection),
            Act::Pin(part, access) => self.pin(who, &part, access),
            Act::Unpin(part) => {
                let done = self.machine.vm.unpin(space, part.pages());
                let expected = self.model.unpin(number, part.area, &part.within);
                assert_eq!(done.is_ok(), expected);
            }
        }
    }

    fn act_on_file(&mut self, number: usize, act: FileAct) {
        let file = self.file(number);
        match act {
            FileAct::Read(offset, length) => {
                let mut bytes = vec![0xcc; length as usize];
                let read = self.machine.vm.file_read(&file, offset.into(), &mut bytes);
                let contents = self.model.file(number);
                let from = (offset as usize).min(contents.len());
                let to = (from + length as usize).min(contents.len());
                let is_right = bytes[..read.unwrap()] == contents[from..to];
                assert!(is_right, "file {number} at {offset}");
            }
            FileAct::Write(offset, length, byte) => {
                let bytes = vec![byte; length as usize];
                let written = self.machine.vm.file_write(&file, offset.into(), &bytes);
                written.unwrap();
                self.model.write_file(number, offset, &bytes);
            }
            FileAct::Resize(len) => {
                self.machine.resize(&self.files[number], len as usize);
                self.model.resize_file(number, len as usize);
            }
        }
    }

    fn load(&mut self, who: &Process, addr: u32) {
        let verdict = self.model.verdict(who.number, addr, Access::Read);
        let loaded = self.machine.load(who.space, addr);
        self.assert_explained(&[verdict], loaded.map(|_| ()));
        if let Ok(byte) = loaded {
            self.check_bytes(who, addr, &[byte]);
        }
    }

    fn store(&mut self, who: &Process, addr: u32, byte: u8) {
        let verdict = self.model.verdict(who.number, addr, Access::Write);
        let stored = self.machine.store(who.space, addr, byte);
        self.assert_explained(&[verdict], stored);
        if stored.is_ok() {
            self.model.store(who.number, addr, byte);
        }
    }

    fn kernel_read(&mut self, who: &Process, addr: u32, length: u32) {
        let verdicts = self.verdicts(who, addr, length, Access::Read);
        let mut bytes = vec![0xcc; length as usize];
        let vm = &mut self.machine.vm;
        let read = vm.read_user(client(who.space), UserPtr(addr), &mut bytes);
        self.assert_explained(&verdicts, read);
        if read.is_ok() {
            self.check_bytes(who, addr, &bytes);
        }
    }

    /// Makes a write page by page where it is unspecified how far a whole one gets.
    fn kernel_write(&mut self, who: &Process, addr: u32, length: u32, byte: u8) {
        let verdicts = self.verdicts(who, addr, length, Access::Write);
        if self.setup.is_ample() && !verdicts.contains(&Verdict::Open) {
            let granted = pieces(addr, length).zip(&verdicts);
            let granted = granted.take_while(|(_, verdict)| **verdict == Verdict::Granted);
            let done = granted.map(|((_, length), _)| length).sum();
            let written = self.write_user(who, addr, length, byte);
            self.assert_explained(&verdicts, written);
            return self.store_all(who, addr, done, byte);
        }
        for ((addr, length), verdict) in pieces(addr, length).zip(verdicts) {
            let written = self.write_user(who, addr, length, byte);
            self.assert_explained(&[verdict], written);
            if written.is_err() {
                break;
            }
            self.store_all(who, addr, length, byte);
        }
    }

    fn write_user(&mut self, who: &Process, addr: u32, length: u32, byte: u8) -> Result<(), Kill> {
        let bytes = vec![byte; length as usize];
        let vm = &mut self.machine.vm;
        vm.write_user(client(who.space), UserPtr(addr), &bytes)
    }

    fn store_all(&mut self, who: &Process, addr: u32, length: u32, byte: u8) {
        for addr in addr..addr + length {
            self.model.store(who.number, addr, byte);
        }
    }

    /// Returns the predicted result of an access to each page of a range.
    fn verdicts(&self, who: &Process, addr: u32, length: u32, access: Access) -> Vec<Verdict> {
        pieces(addr, length)
            .map(|(addr, _)| self.model.verdict(who.number, addr, access))
            .collect()
    }

    fn check_bytes(&self, who: &Process, start: u32, bytes: &[u8]) {
        for (addr, byte) in (start..).zip(bytes) {
            match self.model.load(who.number, addr) {
                Some(expected) => assert_eq!(*byte, expected, "at {addr:#x}"),
                None => self.sights.note(Sight::StoredBehind),
            }
        }
    }

    fn unmap(&mut self, who: &Process, area: usize) {
        self.model.unmap(who.number, area);
        let unmapped = match self.process(who.number).maps[area].take() {
            Some(id) => self.machine.vm.munmap(who.space, id),
            None => {
                let pages = Part::whole(area).pages();
                self.machine.vm.unmap(who.space, pages)
            }
        };
        unmapped.unwrap();
    }

    fn fork(&mut self, mut parent: Process, generations: usize) {
        for _ in 0..generations {
            if self.processes.len() == self.setup.processes {
                return;
            }
            let space = match self.machine.try_fork(parent.space) {
                Ok(space) => space,
                Err(error) => return self.assert_no_room_for_a_fork(error),
            };
            let number = self.new_number();
            self.model.fork(parent.number, number);
            parent = Process {
                number,
                space,
                ..parent
            };
            self.processes.push(parent);
        }
    }

    fn will_need(&mut self, who: &Process, part: &Part) {
        match self.machine.vm.will_need(who.space, part.pages()) {
            Err(AdviceError::Kill(Kill::OutOfTables | Kill::OutOfSwap)) => {
                assert!(!self.setup.is_ample());
            }
            Err(AdviceError::Kill(kill)) => assert_eq!(kill, Kill::PastEndOfFile),
            done => self.check_advice(who, part, done),
        }
    }

    fn protect(&mut self, who: &Process, part: &Part, protection: Protection) {
        let Part { area, within } = part;
        let is_mapped = self.model.is_mapped(who.number, *area, within);
        match self.machine.vm.protect(who.space, part.pages(), protection) {
            Ok(()) => self.model.protect(who.number, *area, within, protection),
            Err(AdviceError::Pinned) => {
                assert!(self.model.has_pins(who.number, *area, within));
            }
            Err(error) => assert!(!is_mapped, "{error}"),
        }
    }

    fn pin(&mut self, who: &Process, part: &Part, access: Access) {
        let addr = part.pages().start.start().0;
        let length = part.within.len() as u32 * PAGE_SIZE;
        let mut verdicts = self.verdicts(who, addr, length, access);
        // All rights are checked before any page is brought in.
        let has_no_right =
            |verdict: &Verdict| matches!(verdict, Verdict::Refused(kill) if kill.is_bad_access());
        if let Some(refused) = verdicts.iter().copied().find(has_no_right) {
            verdicts = vec![refused];
        }
        match self.machine.vm.pin(client(who.space), part.pages(), access) {
            Ok(()) => {
                self.assert_explained(&verdicts, Ok(()));
                self.model.pin(who.number, part.area, &part.within, access);
            }
            Err(PinError::TooMany) => {}
            Err(PinError::Kill(kill)) => {
                self.assert_explained(&verdicts, Err(kill));
                self.note_copies(who, part);
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Takes over private copies of pages before the one that could not be pinned.
    fn note_copies(&mut self, who: &Process, part: &Part) {
        let start = part.pages().start;
        for (page, within) in start.until(part.pages().end).zip(part.within.clone()) {
            let space = who.space;
            if self.is_private(User { space, page }) {
                self.model.make_own(who.number, part.area, within);
            }
        }
    }

    fn start(&mut self) {
        let process = Process {
            number: self.new_number(),
            space: self.machine.space(),
            maps: [None; AREAS],
        };
        self.model.start(process.number);
        self.processes.push(process);
    }

    fn end(&mut self, who: &Process) {
        self.machine.vm.destroy_space(who.space);
        self.machine.vm.check_invariants();
        self.model.exit(who.number);
    }

    fn new_number(&mut self) -> usize {
        self.next_number += 1;
        self.next_number
    }

    fn file(&self, file: usize) -> FileRef {
        self.files[file].clone()
    }

    fn process(&mut self, number: usize) -> &mut Process {
        let mut processes = self.processes.iter_mut();
        let found = processes.find(|process| process.number == number);
        found.expect("it lives")
    }
}

/// Splits a range into its parts on each page: address and length.
fn pieces(addr: u32, length: u32) -> impl Iterator<Item = (u32, u32)> {
    let end = addr + length;
    let next = |at: u32| (at / PAGE_SIZE + 1) * PAGE_SIZE;
    let starts = std::iter::successors(Some(addr), move |at| Some(next(*at)));
    starts
        .take_while(move |at| *at < end)
        .map(move |at| (at, next(at).min(end) - at))
}
