//! The processes.

use std::fmt::Write;

use serde::Serialize;
use userprog::Kernel;
use userprog::inspect::Ending;
use userprog::process::Pid;
use vm::view::{PageView, Place};

/// A process.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Row {
    /// Its number.
    pub pid: u32,
    /// Its parent, while that exists.
    pub parent: Option<u32>,
    /// Its name.
    pub name: String,
    /// Its state: `running`, `ready`, `waiting for N`, `ending with N`.
    pub state: String,
    /// The number of pages it has touched.
    pub touched: usize,
    /// The number of those that are in frames.
    pub resident: u32,
}

/// Returns all processes, in the order in which they were started.
pub fn rows(kernel: &Kernel) -> Vec<Row> {
    let processes = kernel.all_processes();
    let row = |process: userprog::inspect::ProcessView<'_>| {
        let vm = kernel.vm();
        let in_frame = |page: &PageView| matches!(page.place, Place::Frame(_));
        let resident = vm.pages(process.space).filter(in_frame);
        Row {
            pid: process.pid.0,
            parent: process.parent.map(|parent| parent.0),
            name: process.name.as_bytes().escape_ascii().to_string(),
            state: state(kernel, process.pid, process.waits_for),
            touched: vm.touched(process.space),
            resident: resident.count() as u32,
        }
    };
    processes.map(row).collect()
}

/// Returns one line per process.
pub fn render(kernel: &Kernel) -> String {
    let mut text = String::from("  PID PARENT TOUCHED RESIDENT NAME            STATE\n");
    for row in rows(kernel) {
        let parent = row.parent.map_or("-".to_owned(), |pid| pid.to_string());
        let Row {
            pid,
            name,
            state,
            touched,
            resident,
            ..
        } = row;
        writeln!(
            text,
            "{pid:>5} {parent:>6} {touched:>7} {resident:>8} {name:<15} {state}"
        )
        .expect("writing to memory");
    }
    text
}

fn state(kernel: &Kernel, pid: Pid, waits_for: Option<Pid>) -> String {
    match (kernel.ending(), waits_for) {
        (Some(Ending::Process(ending, status)), _) if ending == pid => {
            format!("ending with {}", status.code())
        }
        (Some(Ending::PowerOff(ending)), _) if ending == pid => "powering off".to_owned(),
        _ if kernel.current() == Some(pid) => "running".to_owned(),
        (_, Some(child)) => format!("waiting for {child}"),
        _ => "ready".to_owned(),
    }
}
