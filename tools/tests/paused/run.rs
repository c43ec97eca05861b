//! Runs that pause after each fault, for inspection.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use driver::guest::Guest;
use driver::listener::Listener;
use driver::run::{Machine, power_on};
use host::guest_dir::GuestDir;
use protocol::settings::Settings;
use testkit::Console;
use userprog::{Kernel, MachineEvent, PauseFlag, Progress, RunReport};
use vm::Event;
use vm::event::Detail;

/// The result of a run.
pub(crate) struct Done {
    pub console: Vec<u8>,
    pub report: RunReport,
}

/// Runs a program in 16 frames with a listener, and pauses after each fault and refusal if there is
/// an inspector.
pub(crate) fn run(
    program: &str,
    listener: impl FnOnce(&GuestDir) -> Listener,
    mut look: Option<&mut dyn FnMut(&Kernel)>,
) -> Done {
    let guest = Guest::find(program, &[], &[]).unwrap();
    let dir = GuestDir::temporary().unwrap();
    guest.put_into(&dir).unwrap();
    let flag = Rc::new(RefCell::new(PauseFlag::default()));
    let raised = Rc::clone(&flag);
    let pauser = Listener::new(Detail::Faults, move |_, event| {
        if let MachineEvent::Memory(Event::Fault(_) | Event::Refused { .. }) = event {
            raised.borrow().raise();
        }
    });
    let settings = Settings {
        frames: Some(16.try_into().unwrap()),
        ..Settings::default()
    };
    let machine = Machine {
        settings: &settings,
        swap_file: None,
        files: dir.handle().unwrap(),
        listeners: vec![listener(&dir), pauser],
    };
    let console = Console::default();
    let mut kernel = power_on(machine, Box::new(console.clone()), Box::new(io::empty())).unwrap();
    if look.is_some() {
        *flag.borrow_mut() = kernel.pause_flag();
    }
    kernel.begin(guest.command_line().as_bytes()).unwrap();
    let report = loop {
        match (kernel.advance(), &mut look) {
            (Progress::Ended(report), _) => break report,
            (_, Some(look)) => look(&kernel),
            (pause, None) => panic!("nobody asked for {pause:?}"),
        }
    };
    let console = console.take();
    Done { console, report }
}
