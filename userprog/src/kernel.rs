//! The kernel's state, the start of a run, and the end of processes and runs. `turns` has the main
//! loop, `exits` handles exits of the CPU.
//!
//! # Invariants
//!
//! - Programs run one at a time, in ring 3. Everything in this file happens between two runs of the
//!   CPU, so it is never interrupted and needs no locks.
//! - A process is on the CPU, in the scheduler's queue, suspended for lack of frames, asleep until
//!   a disk is done, or waiting for a child. The same holds of each thread of one that has several.
//! - Time is guest work. No clock, address or thread of the host has any influence.
//! - When a run ends, no process is left, nor anything that one had.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::rc::Rc;

use cap_std::fs::Dir;
use cpu::Cpu;
use cpu::exit::Exit;
use machine::addr::VirtAddr;
use machine::layout::Layout;
use machine::memory::PhysMemory;
use machine::paging::PageTables;
use machine::tlb::Tlb;
use machine::work::Work;
use vm::event::Detail;
use vm::touches::{RecordingOptions, TouchLog};
use vm::{Event, Moment, Vm};

use crate::abi::linux::LinuxShared;
use crate::check::{Checking, Checks};
use crate::console::Console;
use crate::entered::{Entered, EntryWatch};
use crate::events::{MachineEvent, Recorder, SharedRecorder};
use crate::files::Files;
use crate::limit::{Limit, Reached};
use crate::options::{MachineError, MachineOptions};
use crate::pause::{Pauses, Progress};
use crate::process::{ExitStatus, Pid, ProcessTable};
use crate::report::{RunEnd, RunReport, RunStats};
use crate::residents::Residents;
use crate::scheduler::Scheduler;
use crate::turn::OpenTurn;
use crate::witness::Witness;

/// A machine with its kernel.
pub struct Kernel {
    pub(crate) cpu: Cpu,
    pub(crate) vm: Vm,
    pub(crate) files: Files,
    pub(crate) console: Console,
    pub(crate) processes: ProcessTable,
    pub(crate) scheduler: Scheduler,
    /// What Linux programs share.
    pub(crate) linux: LinuxShared,
    /// The process whose registers are on the CPU.
    pub(crate) on_cpu: Option<Pid>,
    /// CR2: the address of the last page fault.
    pub(crate) last_fault: u32,
    /// Whose fault that was.
    pub(crate) last_faulter: Option<Pid>,
    pub(crate) limit: Limit,
    /// Page faults of programs.
    pub(crate) faults: u64,
    pub(crate) context_switches: u64,
    pub(crate) system_calls: u64,
    pub(crate) idle: Work,
    /// The process with which the run began, and with which it ends.
    pub(crate) first: Option<Pid>,
    /// The turn that a pause has interrupted.
    pub(crate) turn: Option<OpenTurn>,
    pub(crate) pauses: Pauses,
    pub(crate) recorder: Option<SharedRecorder>,
    pub(crate) entry_watch: Option<EntryWatch>,
    pub(crate) checks: Option<Checks>,
    pub(crate) witness: Option<Witness>,
}

impl std::fmt::Debug for Kernel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kernel").finish_non_exhaustive()
    }
}

impl Kernel {
    /// Creates a machine whose guests have the files in `files`, print to `output` and read
    /// `input`.
    ///
    /// # Errors
    /// [`MachineError`] if the host lacks memory or the folder cannot be read.
    ///
    /// # Examples
    ///
    /// ```
    /// use cap_std::{ambient_authority, fs::Dir};
    /// use executables::asm::program;
    /// use machine::disk::MemoryDisk;
    /// use userprog::{Kernel, MachineOptions, RunEnd};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let main = program(|asm| _ = asm.print("hello").exit(7));
    /// std::fs::write(folder.path().join("main"), main)?;
    ///
    /// let files = Dir::open_ambient_dir(folder.path(), ambient_authority())?;
    /// let swap = Box::new(MemoryDisk::new(64 * 8));
    /// let options = MachineOptions::new(swap).frames(64);
    /// let (console, keyboard) = (Box::new(std::io::sink()), Box::new(std::io::empty()));
    /// let mut kernel = Kernel::new(options, files, console, keyboard)?;
    /// let report = kernel.run(b"main");
    /// assert_eq!(report.end, RunEnd::Exited(7));
    /// assert_eq!(report.stats.system_calls, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(
        options: MachineOptions,
        files: Dir,
        output: Box<dyn Write>,
        input: Box<dyn Read>,
    ) -> Result<Kernel, MachineError> {
        if !(1..=Layout::MAX_USER_FRAMES).contains(&options.frames) {
            return Err(MachineError::Frames(options.frames));
        }
        let residents = Residents::new(options.frames, options.vm.disk_latency);
        let layout = Layout::new(options.frames);
        let memory = PhysMemory::new(layout.total_frames()).map_err(MachineError::Memory)?;
        let mut tables = PageTables::with_kernel_half(memory, layout, options.kernel_half);
        let tlb = Tlb::default();
        let mut cpu = Cpu::new(&tables, tlb.clone())?;
        leave_kernel_pages(&mut tables, options.kernel_pages);
        let memory = tables.memory();
        let checks = match options.checking {
            Checking::Off | Checking::Bytes => None,
            Checking::Rules => Some(Checks::new(memory.clone(), tlb.clone())),
        };
        let witness = match options.checking {
            Checking::Off => None,
            Checking::Bytes | Checking::Rules => {
                Some(Witness::new(memory.clone(), &mut cpu, tlb.clone()))
            }
        };
        let mut kernel = Kernel {
            cpu,
            vm: Vm::new(tables, tlb, options.swap, options.vm),
            files: Files::new(files, options.root, options.file_quota)
                .map_err(MachineError::Files)?,
            console: Console::new(output, input),
            processes: ProcessTable::default(),
            scheduler: Scheduler::new(options.seed, residents),
            linux: LinuxShared::new(options.abi, options.seed, options.aslr),
            on_cpu: None,
            last_fault: 0,
            last_faulter: None,
            limit: Limit::of(options.max_work),
            faults: 0,
            context_switches: 0,
            system_calls: 0,
            idle: Work::ZERO,
            first: None,
            turn: None,
            pauses: Pauses::default(),
            recorder: None,
            entry_watch: None,
            checks,
            witness,
        };
        if kernel.checks.is_some() {
            kernel.record(Detail::Faults, Box::new(|_, _| {}));
        }
        Ok(kernel)
    }

    /// Runs the program that the first word of `command_line` names, and all processes that it
    /// starts, until it ends, one of them powers the machine off, or the work limit is reached.
    ///
    /// # Examples
    ///
    /// ```
    /// use executables::asm::program;
    /// use small::Machine;
    ///
    /// // mov eax, [esp + 4]: the first argument of main is argc
    /// let argc = program(|asm| _ = asm.raw(&[0x8b, 0x44, 0x24, 0x04]).exit_with_eax());
    /// let done = Machine::new().file("argc", &argc).run("argc one  two");
    /// assert_eq!(done.status(), 3);
    /// assert_eq!(done.text(), "argc: exit(3)\n");
    /// ```
    pub fn run(&mut self, command_line: &[u8]) -> RunReport {
        if let Err(report) = self.begin(command_line) {
            return *report;
        }
        loop {
            if let Progress::Ended(report) = self.advance() {
                return report;
            }
        }
    }

    /// Begins a run like [`Kernel::run`]; [`Kernel::advance`] continues it.
    ///
    /// # Errors
    /// The report of a run that has ended already, because the program could not be loaded.
    pub fn begin(&mut self, command_line: &[u8]) -> Result<Pid, Box<RunReport>> {
        let no_instruction = self.moment_at(VirtAddr(0));
        let spawned = self.serve(no_instruction, |kernel| kernel.spawn(None, command_line));
        // There is no process yet that could wait for the disk.
        match spawned.for_nobody() {
            Ok(first) => {
                self.first = Some(first);
                Ok(first)
            }
            Err(error) => Err(Box::new(self.over(RunEnd::NotLoaded(error.to_string())))),
        }
    }

    /// Ends a run at any point.
    pub fn cut_power(&mut self) -> RunReport {
        self.over(RunEnd::Halted)
    }

    /// Removes everything that a run has left. Returns its report.
    pub(crate) fn over(&mut self, end: RunEnd) -> RunReport {
        self.power_off();
        RunReport {
            end: self.checked(end),
            stats: self.stats(),
        }
    }

    /// Returns the virtual memory.
    #[must_use]
    pub fn vm(&self) -> &Vm {
        &self.vm
    }

    /// Starts recording the reference string: the accesses of programs and of the kernel for them.
    /// Nothing may have run yet. Programs do the same as without recording, more slowly.
    ///
    /// # Errors
    /// [`MachineError`] if the host has no memory for it.
    pub fn record_touches(
        &mut self,
        options: RecordingOptions,
    ) -> Result<Rc<TouchLog>, MachineError> {
        let log = self.vm.record_touches(options);
        let told = Rc::clone(&log);
        self.cpu
            .listen_to_touches(Box::new(move |frame| told.touched(frame)))?;
        Ok(log)
    }

    /// Returns the counters.
    #[must_use]
    pub fn stats(&self) -> RunStats {
        RunStats {
            vm: *self.vm.stats(),
            context_switches: self.context_switches,
            kpti_flushes: self.cpu.kpti_flushes(),
            system_calls: self.system_calls,
            processes: self.processes.started(),
            work: self.cpu.work().0,
            idle: self.idle.0,
        }
    }

    /// Checks that no run has left anything behind: no process, frame, swap slot or file in use.
    ///
    /// # Panics
    /// If something is left, which only a bug can cause.
    pub fn check_clean(&self) {
        self.vm.check_invariants();
        assert_eq!(self.processes.pids(), [], "processes left behind");
        let usage = self.vm.usage();
        assert_eq!(usage.frames_in_use, 0, "frames left behind");
        assert_eq!(usage.slots_in_use, 0, "swap slots left behind");
        assert_eq!(self.vm.copies().count(), 0, "copies left behind");
        assert_eq!(self.files.in_use(), 0, "files left in use");
        let mut with_attributes = self.linux.attributes.files();
        assert!(
            with_attributes.all(|file| self.files.name_of(file).is_some()),
            "rights or times of files that are gone"
        );
    }

    /// Removes a process with all its threads, of which `pid` is one, and wakes the parent if it waits
    /// for it. Returns which process it was.
    pub(crate) fn end_process(&mut self, pid: Pid, status: ExitStatus) -> Option<Pid> {
        let leader = self.processes.leader(pid);
        let moment = self.moment_at(self.cpu.eip());
        let ended = self.serve(moment, |kernel| kernel.end_process(leader, status));
        // No process waits for the write-back of one that has ended.
        ended.for_nobody();
        self.on_cpu = None;
        Some(leader)
    }

    /// Ends the thread on the CPU, whose process has others.
    pub(crate) fn end_thread(&mut self, pid: Pid, status: ExitStatus) {
        let moment = self.moment_at(self.cpu.eip());
        let ended = self.serve(moment, |kernel| kernel.end_thread(pid, status));
        ended.for_nobody();
        self.on_cpu = None;
    }

    /// Ends a run whose kernel is wrong, and leaves the machine as it is.
    pub(crate) fn stand_still(&mut self, end: RunEnd) -> RunReport {
        (self.first, self.turn) = (None, None);
        self.scheduler.clear();
        self.console.flush();
        RunReport {
            end: self.checked(end),
            stats: self.stats(),
        }
    }

    /// Removes all processes without messages, like a power cut.
    fn power_off(&mut self) {
        (self.first, self.turn, self.on_cpu) = (None, None, None);
        self.scheduler.clear();
        let last = Moment {
            work: Work(self.vm.now()),
            eip: self.cpu.eip(),
        };
        let mut destroyed = BTreeSet::new();
        for process in self.processes.clear() {
            let space = process.space;
            if destroyed.insert(space) {
                let gone = self.vm.serve(last, |vm| vm.destroy_space(space));
                gone.for_nobody();
            }
        }
        if let Some(witness) = &self.witness {
            witness.forget_all();
        }
        self.console.flush();
        if let Some(checks) = &self.checks {
            checks.over(&self.vm);
        } else if cfg!(debug_assertions) {
            self.check_clean();
        }
    }

    /// Starts reporting all events to `recorder`; those of the virtual memory up to this level of
    /// detail.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{cell::RefCell, rc::Rc};
    ///
    /// use executables::asm::program;
    /// use small::Machine;
    /// use userprog::MachineEvent;
    /// use vm::event::Detail;
    ///
    /// let main = program(|asm| _ = asm.exit(0));
    /// let log = Rc::new(RefCell::new(Vec::new()));
    /// let copy = Rc::clone(&log);
    /// Machine::new().file("main", &main).run_by(|kernel| {
    ///     let recorder = move |_, event: &MachineEvent<'_>| {
    ///         copy.borrow_mut().push(event.to_string());
    ///     };
    ///     kernel.record(Detail::Faults, Box::new(recorder));
    ///     kernel.run(b"main")
    /// });
    /// let log = log.borrow();
    /// for event in ["start pid=1 name=main by=exec", "call pid=1 name=exit"] {
    ///     assert!(log.contains(&event.to_owned()), "{event}");
    /// }
    /// assert_eq!(log.last().unwrap(), "end pid=1 status=0");
    /// ```
    pub fn record(&mut self, detail: Detail, recorder: Recorder) {
        let (detail, recorder) = match &self.checks {
            Some(checks) => (Detail::Entries, checks.before(detail, recorder)),
            None => (detail, recorder),
        };
        let shared = SharedRecorder::new(recorder);
        self.recorder = Some(shared.clone());
        let tell = move |work, event: &Event| {
            shared.tell(Work(work), &MachineEvent::Memory(event));
        };
        self.vm.record(detail, Box::new(tell));
    }

    /// Reports an event of the process on the CPU.
    pub(crate) fn tell(&self, event: &MachineEvent<'_>) {
        if let Some(recorder) = &self.recorder {
            recorder.tell(self.cpu.work(), event);
        }
    }

    /// Starts reporting each entry into the kernel to `watch`, before it is handled.
    pub fn watch_entries(&mut self, watch: impl FnMut(&Entered) + 'static) {
        self.entry_watch = Some(Box::new(watch));
    }

    /// Reports an entry into the kernel.
    pub(crate) fn note_entry(&mut self, pid: Pid, exit: &Exit) {
        if let (Some(checks), Exit::PageFault(_) | Exit::Syscall) = (&self.checks, exit) {
            checks.entered(&self.vm, self.cpu.work().0);
        }
        if let Some(watch) = &mut self.entry_watch {
            watch(&Entered::by(exit, pid, self.cpu.eip()));
        }
    }

    /// Returns whether the work limit is reached.
    pub(crate) fn work_is_done(&self) -> bool {
        self.limit_that_is_reached().is_some()
    }

    /// Returns which limit of the run is reached, if one is.
    pub(crate) fn limit_that_is_reached(&self) -> Option<Reached> {
        let (work, calls) = (self.cpu.work(), self.system_calls);
        self.limit.reached(work, self.faults, calls)
    }
}

/// Reduces the free frames of the kernel's pool to `wanted`.
fn leave_kernel_pages(tables: &mut PageTables, wanted: Option<u32>) {
    let Some(wanted) = wanted else {
        return;
    };
    while tables.free_frames() > wanted as usize && tables.reserve().is_ok() {}
}
