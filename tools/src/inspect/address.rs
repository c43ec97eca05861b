//! What is at an address: its region, where its page is, and its page-table entry.
//!
//! # Invariants
//!
//! The page tables are walked without setting a bit.

use std::fmt::Write;

use machine::addr::VirtAddr;
use serde::Serialize;
use userprog::Kernel;
use userprog::process::Pid;
use vm::User;
use vm::event::PagePlace;
use vm::view::{Held, Place};

use super::{PageOf, hex, maps, nobody, pagedir, spt, users};

/// An address of a process.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Address {
    /// The address.
    #[serde(serialize_with = "hex")]
    pub address: u32,
    /// The region that it lies in, if any.
    pub region: Option<maps::Row>,
    /// Its page: `unmapped`, `untouched`, `frame:N`, `slot:N`.
    pub page: String,
    /// The kind of content of the page, as in `spt`; `None` if it was never touched.
    pub kind: Option<String>,
    /// The byte's physical address, if its page is in a frame.
    pub physical: Option<String>,
    /// The flags of the page-table entry, `PWUADG`.
    pub entry: String,
    /// The number of pins that the process has on the page.
    pub pins: u32,
    /// All pages that have this content.
    pub users: Vec<PageOf>,
}

/// Describes an address of a process; `None` if the process does not exist, or the address is the
/// kernel's.
pub fn address(kernel: &Kernel, pid: Pid, address: VirtAddr) -> Option<Address> {
    let process = kernel.process(pid).filter(|_| address.is_user())?;
    let vm = kernel.vm();
    let page = address.page();
    let user = User {
        space: process.space,
        page,
    };
    let view = vm.page(user);
    let physical = vm.physical(process.space, address);
    let directory = vm.directory(process.space);
    Some(Address {
        address: address.0,
        region: vm.region(user).map(|region| maps::Row::of(kernel, region)),
        page: vm.page_state(process.space, page).place.to_string(),
        kind: view.as_ref().map(|view| spt::kind(view.held)),
        physical: physical.map(|physical| format!("{:#010x}", physical.0)),
        entry: pagedir::flags(vm.tables().entry(directory, page)),
        pins: view.as_ref().map_or(0, |view| view.pins),
        users: view.map_or(Vec::new(), |view| users(kernel, &view.users)),
    })
}

/// Returns the same as text, one line per fact.
pub fn render(kernel: &Kernel, pid: Pid, at: VirtAddr) -> String {
    let Some(process) = kernel.process(pid) else {
        return nobody(pid);
    };
    let Some(found) = address(kernel, pid, at) else {
        return format!("{at} is a kernel address: programs cannot access it.\n");
    };
    let mut text = match &found.region {
        None => "region   none: any access is an error\n".to_owned(),
        Some(region) => format!("region   {}\n", squeezed(&region.to_string())),
    };
    let page = state(kernel, process.space, at);
    let pins = match found.pins {
        0 => String::new(),
        pins => format!(", {pins} pins"),
    };
    writeln!(text, "page     {page}{pins}").expect("writing to memory");
    let entry = match found.entry.starts_with('P') {
        true => found.entry,
        false => "not present: the next access faults".to_owned(),
    };
    writeln!(text, "entry    {entry}").expect("writing to memory");
    if let Some(physical) = found.physical {
        writeln!(text, "physical {physical}").expect("writing to memory");
    }
    let shared = found.users.iter();
    let shared: Vec<_> = shared
        .filter(|user| user.pid != pid.0 || user.page != at.page().start().0)
        .collect();
    if !shared.is_empty() {
        writeln!(text, "shared   with {}", super::spaced(&shared)).expect("writing to memory");
    }
    text
}

/// Describes where the page of an address is.
fn state(kernel: &Kernel, space: vm::SpaceId, at: VirtAddr) -> String {
    let vm = kernel.vm();
    let page = at.page();
    let Some(view) = vm.page(User { space, page }) else {
        return match vm.page_state(space, page).place {
            PagePlace::Unmapped => "not mapped".to_owned(),
            _ => {
                "not resident: never touched, or dropped since, as its source can provide it again"
                    .to_owned()
            }
        };
    };
    let kind = match view.held {
        Held::Private { pristine: false } => "private".to_owned(),
        Held::Private { pristine: true } => "zeros, for itself".to_owned(),
        Held::File { file, page } => {
            let name = super::file_name(kernel, file);
            format!("page {page} of file {name}")
        }
    };
    match view.place {
        Place::Slot(slot) => format!("in swap slot {slot}, {kind}"),
        Place::Frame(frame) => {
            let dirty = if vm.is_dirty(frame) { "dirty" } else { "clean" };
            format!("in frame {frame}, {dirty}, {kind}")
        }
    }
}

/// Returns a line with runs of spaces reduced to one.
fn squeezed(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}
