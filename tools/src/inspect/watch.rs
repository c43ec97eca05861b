//! Runs a machine to a [`Moment`] and stops it there.
//!
//! # Invariants
//!
//! A process that ends at the moment still has everything it had; if the moment never comes, the
//! run is over.

use std::cell::RefCell;
use std::rc::Rc;

use host::programs::Programs;
use machine::work::Work;
use userprog::inspect::Ending;
use userprog::process::{ExitStatus, Pid};
use userprog::{Kernel, MachineEvent, PauseFlag, Progress, RunReport};
use vm::Event;
use vm::event::{Detail, Outcome};

use super::moment::Moment;
use driver::fault_log;
use driver::listener::Listener;
use driver::names::NameBook;

/// Waits for a moment of a run.
#[derive(Debug)]
pub struct Watch {
    moment: Moment,
    /// The process whose end or kill it waits for.
    whose: Option<Pid>,
    ears: Rc<RefCell<Ears>>,
}

/// How far a run came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reached {
    /// It is stopped at the moment.
    Moment(Standstill),
    /// It is over: the moment did not come, or came when nothing was left to inspect.
    Over(RunReport),
}

/// A stopped run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standstill {
    /// The process whose turn it is, or the one that was asked for.
    pub pid: Pid,
    /// Which moment it is, in words.
    pub what: String,
}

/// The state that listens to the run.
#[derive(Debug)]
struct Ears {
    moment: Moment,
    names: NameBook,
    flag: Option<PauseFlag>,
    matches: u64,
    /// The text of the event that was waited for.
    heard: Option<String>,
}

impl Watch {
    /// Waits for a moment. An end or kill is that of `whose`; if that is `None`, it is the end of
    /// the first process, or any kill. Names come from `files`, the guest's.
    #[must_use]
    pub fn new(moment: &Moment, whose: Option<Pid>, files: Programs) -> Watch {
        Watch {
            moment: moment.clone(),
            whose,
            ears: Rc::new(RefCell::new(Ears {
                moment: moment.clone(),
                names: NameBook::new(files),
                flag: None,
                matches: 0,
                heard: None,
            })),
        }
    }

    /// Returns the listener that feeds this with the machine's events.
    #[must_use]
    pub fn listener(&self) -> Listener {
        let ears = Rc::clone(&self.ears);
        let detail = self.moment.detail();
        Listener::new(detail, move |work, event| {
            ears.borrow_mut().hear(work, event, detail);
        })
    }

    /// Starts a run and lets it go on to the moment.
    pub fn reach(&self, kernel: &mut Kernel, command_line: &str) -> Reached {
        self.ears.borrow_mut().flag = Some(kernel.pause_flag());
        if let Moment::Work(work) = self.moment {
            kernel.pause_at(Work(work));
        }
        let first = match kernel.begin(command_line.as_bytes()) {
            Ok(first) => first,
            Err(report) => return Reached::Over(*report),
        };
        let mut kills = 0;
        loop {
            if let Progress::Ended(report) = kernel.advance() {
                return Reached::Over(report);
            }
            if let Some(what) = self.arrived(kernel, first, &mut kills) {
                let pid = kernel.current().unwrap_or(first);
                let pid = self.whose.unwrap_or(match self.moment {
                    Moment::Exit => first,
                    _ => pid,
                });
                return Reached::Moment(Standstill { pid, what });
            }
        }
    }

    /// Describes the moment if a stopped run has reached it.
    fn arrived(&self, kernel: &Kernel, first: Pid, kills: &mut u64) -> Option<String> {
        let work = kernel.stats().work;
        match (&self.moment, kernel.ending()) {
            (Moment::Work(_), _) => Some(format!("work {work}")),
            (Moment::Fault(_) | Moment::Event(..), _) => self.ears.borrow().heard.clone(),
            (Moment::Exit, Some(Ending::PowerOff(pid))) => {
                Some(format!("work {work}, process {pid} powers off"))
            }
            (Moment::Exit, Some(Ending::Process(pid, status)))
                if pid == self.whose.unwrap_or(first) =>
            {
                let how = match status {
                    ExitStatus::Exited(status) => format!("exits with {status}"),
                    ExitStatus::Killed => "is killed".to_owned(),
                    ExitStatus::Signalled(signal) => format!("is killed by {signal}"),
                };
                Some(format!("work {work}, process {pid} {how}"))
            }
            (
                Moment::Kill(count),
                Some(Ending::Process(pid, ExitStatus::Killed | ExitStatus::Signalled(_))),
            ) if self.whose.is_none_or(|whose| whose == pid) => {
                *kills += 1;
                (*kills == *count).then(|| format!("work {work}, process {pid} is killed"))
            }
            _ => None,
        }
    }
}

impl Moment {
    /// Returns the detail of events that it has to listen to.
    fn detail(&self) -> Detail {
        match self {
            Moment::Event(pattern, _) if pattern.as_str().starts_with("pte") => Detail::Entries,
            Moment::Event(..) => Detail::Evictions,
            _ => Detail::Faults,
        }
    }
}

impl Ears {
    fn hear(&mut self, work: u64, event: &MachineEvent<'_>, detail: Detail) {
        self.names.note(event);
        let is_wanted = match (&self.moment, event) {
            (Moment::Fault(number), MachineEvent::Memory(Event::Fault(fault))) => {
                fault.number == *number
            }
            (Moment::Event(pattern, count), event) => {
                let line = fault_log::text(work, event, detail, &mut self.names);
                let text = line.as_deref().map(text_of);
                self.matches += u64::from(text.is_some_and(|text| pattern.matches(text)));
                self.matches == *count
            }
            (Moment::Exit | Moment::Kill(_), event) => return self.ask_if_final(event),
            _ => false,
        };
        if is_wanted && self.heard.is_none() {
            let line = fault_log::text(work, event, detail, &mut self.names);
            self.heard = line.map(|line| format!("work {work}, {}", text_of(&line)));
            self.ask();
        }
    }

    /// Requests a pause at events that may end a process.
    fn ask_if_final(&self, event: &MachineEvent<'_>) {
        let may_be_final = match event {
            MachineEvent::Called { .. } | MachineEvent::Died { .. } => true,
            MachineEvent::Memory(Event::Fault(fault)) => {
                matches!(fault.outcome, Outcome::Killed(_))
            }
            _ => false,
        };
        if may_be_final {
            self.ask();
        }
    }

    fn ask(&self) {
        if let Some(flag) = &self.flag {
            flag.raise();
        }
    }
}

/// Returns a line of the fault log without the work.
fn text_of(line: &str) -> &str {
    let text = line.trim_start().split_once(' ');
    text.map_or("", |(_, text)| text)
}
