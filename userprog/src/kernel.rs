//! The kernel: lets programs run, and deals with whatever makes the CPU stop.
//!
//! What always holds:
//! - Programs run one at a time, in ring 3; all that this file does happens between two runs of
//!   the CPU. So nothing here is ever interrupted, and no lock is needed.
//! - A process is on the CPU, in the scheduler's queue, asleep until a disk is done, or waiting
//!   for a child.
//! - Time is guest work. No clock, address or thread of the host decides about anything.
//! - When a run is over, every process is gone, and with it whatever it had.

use std::io::{Read, Write};

use cap_std::fs::Dir;
use emu::cpu::Cpu;
use emu::exception::Exception;
use emu::exit::{Exit, PageFault};
use emu::layout::Layout;
use emu::memory::PhysMemory;
use emu::mmu::{Access, PageFaultCode};
use emu::paging::PageTables;
use emu::tlb::Tlb;
use emu::work::Work;
use vm::{Kill, Vm};

use crate::charges::KERNEL_ENTRY;
use crate::console::Console;
use crate::files::Files;
use crate::messages::{self, Trap};
use crate::options::{MachineError, MachineOptions};
use crate::process::{ExitStatus, Pid, ProcessTable};
use crate::report::{RunEnd, RunReport, RunStats};
use crate::scheduler::{Scheduler, Turn};
use crate::syscall::Answer;

/// A machine with its kernel.
pub struct Kernel {
    pub(crate) cpu: Cpu,
    pub(crate) vm: Vm,
    pub(crate) files: Files,
    pub(crate) console: Console,
    pub(crate) processes: ProcessTable,
    pub(crate) scheduler: Scheduler,
    /// Whose registers the CPU holds.
    on_cpu: Option<Pid>,
    /// CR2: where the last page fault was.
    last_fault: u32,
    limit: Work,
    context_switches: u64,
    system_calls: u64,
    idle: Work,
}

/// What becomes of a process after the kernel has dealt with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Next {
    /// It goes on.
    Resume,
    /// It goes on, and first of all repeats the instruction that faulted.
    Retry,
    /// Its time is over.
    Yield,
    /// It waits for a child.
    Wait,
    /// It is at its end.
    End(ExitStatus),
    /// So is the machine.
    PowerOff,
}

/// How a turn ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum TurnEnd {
    Yield,
    Wait,
    End(ExitStatus),
    PowerOff,
    WorkLimit,
}

impl Kernel {
    /// A machine whose guests have the files in `files`, print to `output` and read `input`.
    ///
    /// # Errors
    /// [`MachineError`] says what is missing.
    pub fn new(
        options: MachineOptions,
        files: Dir,
        output: Box<dyn Write>,
        input: Box<dyn Read>,
    ) -> Result<Kernel, MachineError> {
        if !(1..=Layout::MAX_USER_FRAMES).contains(&options.frames) {
            return Err(MachineError::Frames(options.frames));
        }
        let layout = Layout::new(options.frames);
        let memory = PhysMemory::new(layout.total_frames()).map_err(MachineError::Memory)?;
        let mut tables = PageTables::new(memory, layout);
        let tlb = Tlb::default();
        let cpu = Cpu::new(&mut tables, tlb.clone())?;
        Ok(Kernel {
            cpu,
            vm: Vm::new(tables, tlb, options.swap, options.vm),
            files: Files::new(files, options.file_quota).map_err(MachineError::Files)?,
            console: Console::new(output, input),
            processes: ProcessTable::default(),
            scheduler: Scheduler::new(options.seed),
            on_cpu: None,
            last_fault: 0,
            limit: options.max_work,
            context_switches: 0,
            system_calls: 0,
            idle: Work::ZERO,
        })
    }

    /// Runs the program that the first word of `command_line` names, and all that it starts,
    /// until it ends, one of them powers the machine off, or the work limit is reached.
    pub fn run(&mut self, command_line: &[u8]) -> RunReport {
        let spawned = self.spawn(None, command_line);
        // Nobody is there yet who could wait for the disk.
        self.vm.take_wait();
        let end = match spawned {
            Ok(first) => self.run_until_off(first),
            Err(error) => RunEnd::NotLoaded(error.to_string()),
        };
        self.power_off();
        RunReport {
            end,
            stats: self.stats(),
        }
    }

    /// The virtual memory.
    pub fn vm(&self) -> &Vm {
        &self.vm
    }

    /// The virtual memory, to have its events recorded.
    pub fn vm_mut(&mut self) -> &mut Vm {
        &mut self.vm
    }

    /// What happened so far, in numbers.
    pub fn stats(&self) -> RunStats {
        RunStats {
            vm: *self.vm.stats(),
            context_switches: self.context_switches,
            system_calls: self.system_calls,
            processes: self.processes.started(),
            work: self.cpu.work().0,
            idle: self.idle.0,
        }
    }

    /// Checks that no run has left anything behind: no process, frame, swap slot or file in use.
    ///
    /// # Panics
    /// If one has, which only a bug can cause.
    pub fn check_clean(&self) {
        self.vm.check_invariants();
        assert_eq!(self.processes.pids(), [], "processes left behind");
        assert_eq!(self.vm.frames().in_use(), 0, "frames left behind");
        assert_eq!(self.vm.swap().in_use(), 0, "swap slots left behind");
        assert_eq!(self.files.in_use(), 0, "files left in use");
    }

    fn run_until_off(&mut self, first: Pid) -> RunEnd {
        while let Some(turn) = self.next_turn() {
            self.put_on_cpu(turn.pid);
            match self.take_turn(turn) {
                TurnEnd::Yield => self.make_ready(turn.pid),
                TurnEnd::Wait => {}
                TurnEnd::End(status) => {
                    self.end_process(turn.pid, status);
                    if turn.pid == first {
                        return match status {
                            ExitStatus::Exited(status) => RunEnd::Exited(status),
                            ExitStatus::Killed => RunEnd::Killed,
                        };
                    }
                }
                TurnEnd::PowerOff => return RunEnd::Halted,
                TurnEnd::WorkLimit => break,
            }
        }
        log::warn!("the work limit of {} is reached: power off", self.limit);
        RunEnd::WorkLimit
    }

    /// Whose turn it is. Lets time pass while everybody sleeps; `None` if it runs out.
    fn next_turn(&mut self) -> Option<Turn> {
        loop {
            let now = self.cpu.work();
            if let Some(turn) = self.scheduler.next_turn(now) {
                return Some(turn);
            }
            // A process that waits for a child has one that is alive, and so has that if it
            // waits: for as long as the first process is there, somebody runs or sleeps.
            let wake = self.scheduler.next_wake().expect("somebody sleeps");
            self.idle_until(wake);
            if self.work_is_done() {
                return None;
            }
        }
    }

    /// Lets time pass in which nobody runs.
    fn idle_until(&mut self, time: Work) {
        let idle = time.min(self.limit) - self.cpu.work();
        self.idle += idle;
        self.cpu.charge(idle);
    }

    /// Lets a process run when its turn comes, but not before the disk is done that it waits for.
    pub(crate) fn make_ready(&mut self, pid: Pid) {
        let time = self.processes.get(pid).not_before;
        if time > self.cpu.work() {
            self.scheduler.sleep(pid, time);
        } else {
            self.scheduler.add(pid);
        }
    }

    fn put_on_cpu(&mut self, pid: Pid) {
        if self.on_cpu == Some(pid) {
            return;
        }
        if let Some(before) = self.on_cpu.replace(pid) {
            self.cpu.save(&mut self.processes.get_mut(before).context);
        }
        let process = self.processes.get(pid);
        self.cpu
            .resume(&process.context, self.vm.root(process.space));
        self.context_switches += 1;
    }

    /// Lets the process on the CPU run until its turn is over.
    fn take_turn(&mut self, turn: Turn) -> TurnEnd {
        let end = self.cpu.work() + turn.slice;
        let mut until = end.min(self.limit);
        loop {
            let before = self.cpu.work();
            let exit = self.cpu.run(until);
            let got_on = self.cpu.work() > before;
            self.vm.set_time(self.cpu.work().0);
            let next = self.deal_with(turn.pid, exit);
            let disk = self.vm.take_wait().map(Work);
            let sleeps = self.wait_for_disk(turn.pid, got_on, disk);
            if next != Next::Yield {
                self.cpu.charge(KERNEL_ENTRY);
            }
            match next {
                Next::Wait => return TurnEnd::Wait,
                Next::End(status) => return TurnEnd::End(status),
                Next::PowerOff => return TurnEnd::PowerOff,
                Next::Resume | Next::Retry | Next::Yield => {}
            }
            let now = self.cpu.work();
            if self.work_is_done() {
                return TurnEnd::WorkLimit;
            }
            match next {
                _ if sleeps => return TurnEnd::Yield,
                // Were the turn over before the instruction is repeated, its page might be gone
                // by the next one, and so on for ever.
                Next::Retry => until = until.max(now + Work(1)),
                Next::Resume if now < end => {}
                _ => return TurnEnd::Yield,
            }
        }
    }

    /// A process may have to wait for a disk, until a time; whether it sleeps, so that others run.
    ///
    /// If it slept for its page and did not get to use it, since those others took it away again,
    /// it does not sleep but keeps the CPU while it waits. Otherwise processes that share too few
    /// frames would take each other's pages for ever, and none would get on.
    fn wait_for_disk(&mut self, pid: Pid, got_on: bool, disk: Option<Work>) -> bool {
        let process = self.processes.get_mut(pid);
        let slept_in_vain = process.slept && !got_on;
        process.slept = slept_in_vain || disk.is_some();
        match disk {
            None => false,
            Some(time) if slept_in_vain => {
                self.idle_until(time);
                false
            }
            Some(time) => {
                process.not_before = time;
                true
            }
        }
    }

    fn deal_with(&mut self, pid: Pid, exit: Exit) -> Next {
        match exit {
            Exit::Tick => Next::Yield,
            Exit::PageFault(fault) => self.page_fault(pid, fault),
            Exit::Syscall => {
                self.system_calls += 1;
                let stack = self.cpu.esp();
                match self.system_call(pid, stack) {
                    Ok(answer) => self.answer(answer),
                    Err(kill) => self.kill(pid, kill),
                }
            }
            Exit::Exception {
                exception,
                error_code,
            } => {
                self.print_death(pid, exception, error_code);
                Next::End(ExitStatus::Killed)
            }
        }
    }

    fn answer(&mut self, answer: Answer) -> Next {
        match answer {
            Answer::Value(value) => {
                self.cpu.set_eax(value);
                Next::Resume
            }
            Answer::Yield => {
                self.cpu.set_eax(0);
                Next::Yield
            }
            Answer::Wait => Next::Wait,
            Answer::End(status) => Next::End(status),
            Answer::PowerOff => Next::PowerOff,
        }
    }

    fn page_fault(&mut self, pid: Pid, fault: PageFault) -> Next {
        self.last_fault = fault.addr.0;
        let store = fault.code.contains(PageFaultCode::WRITE);
        let access = if store { Access::Write } else { Access::Read };
        let space = self.processes.get(pid).space;
        match self.vm.resolve(space, fault.addr, access, self.cpu.esp()) {
            Ok(()) => Next::Retry,
            Err(kill) => {
                if kill.is_bad_access() {
                    self.console.write(&messages::page_fault(&fault));
                    self.print_death(pid, Exception::PageFault, fault.code.bits());
                }
                self.kill(pid, kill)
            }
        }
    }

    /// Ends a process that may not have what it wants. What is no fault of the program's is said.
    fn kill(&mut self, pid: Pid, kill: Kill) -> Next {
        let name = &self.processes.get(pid).name;
        log::info!("{pid} ({name}) is killed: {kill}");
        if !kill.is_bad_access() {
            self.console.write(&messages::killed(name, kill));
        }
        Next::End(ExitStatus::Killed)
    }

    fn print_death(&mut self, pid: Pid, exception: Exception, error_code: u32) {
        let registers = self.cpu.registers();
        let trap = Trap {
            exception,
            error_code,
            cr2: self.last_fault,
            registers: &registers,
        };
        let name = &self.processes.get(pid).name;
        self.console.write(&messages::dying(name, &trap));
    }

    /// Takes a process away, and lets the parent go on that waits for it.
    fn end_process(&mut self, pid: Pid, status: ExitStatus) {
        let ended = self.processes.end(pid, status);
        self.console
            .write(&messages::exit(&ended.process.name, status));
        self.on_cpu = self.on_cpu.filter(|running| *running != pid);
        self.vm.destroy_space(ended.process.space);
        // What is written back now, nobody waits for.
        self.vm.take_wait();
        if let Some(parent) = ended.waiter {
            self.processes
                .get_mut(parent)
                .context
                .set_eax(status.code() as u32);
            self.make_ready(parent);
        }
    }

    /// Takes all processes away without a word, as power does that is cut.
    fn power_off(&mut self) {
        self.on_cpu = None;
        self.scheduler.clear();
        for pid in self.processes.pids() {
            let ended = self.processes.end(pid, ExitStatus::Killed);
            self.vm.destroy_space(ended.process.space);
        }
        self.vm.take_wait();
        self.console.flush();
        if cfg!(debug_assertions) {
            self.check_clean();
        }
    }

    /// Counts work that the kernel does for a program.
    pub(crate) fn charge(&mut self, work: Work) {
        self.cpu.charge(work);
    }

    /// Whether the machine has done all the work that it may do.
    pub(crate) fn work_is_done(&self) -> bool {
        self.cpu.work() >= self.limit
    }
}
