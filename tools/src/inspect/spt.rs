//! The supplemental page table: for each touched page its content, the place and the users of that.

use std::fmt::Write;

use serde::Serialize;
use userprog::Kernel;
use userprog::process::Pid;
use vm::view::{Held, PageView, Place};

use super::{PageOf, hex, nobody, spaced, users};

/// A touched page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Row {
    /// Its first address.
    #[serde(serialize_with = "hex")]
    pub page: u32,
    /// Its area, as in the fault log: `code`, `data`, `bss`, `stack`, `map:N`.
    pub area: Option<String>,
    /// The kind of its content: see [`kind`].
    pub kind: String,
    /// Where the content is: see [`place`].
    pub place: String,
    /// The number of pins that the process has on it.
    pub pins: u32,
    /// All pages that have this content.
    pub users: Vec<PageOf>,
}

/// Returns the touched pages of a process, in order; `None` if it does not exist.
pub fn rows(kernel: &Kernel, pid: Pid) -> Option<Vec<Row>> {
    let process = kernel.process(pid)?;
    let vm = kernel.vm();
    let row = |view: PageView| Row {
        page: view.page.start().0,
        area: vm
            .page_state(process.space, view.page)
            .area
            .map(|area| area.to_string()),
        kind: kind(view.held),
        place: place(view.place),
        pins: view.pins,
        users: users(kernel, &view.users),
    };
    let pages = vm.pages(process.space);
    Some(pages.map(row).collect())
}

/// Returns one line per page.
pub fn render(kernel: &Kernel, pid: Pid) -> String {
    let Some(rows) = rows(kernel, pid) else {
        return nobody(pid);
    };
    let mut text = String::from("PAGE     AREA  CONTENT       PLACE      PINS USERS\n");
    for row in rows {
        let Row {
            page,
            area,
            kind,
            place,
            pins,
            users,
        } = row;
        let area = area.unwrap_or_default();
        let users = spaced(&users);
        writeln!(
            text,
            "{page:08x} {area:<5} {kind:<13} {place:<10} {pins:>4} {users}"
        )
        .expect("writing to memory");
    }
    text
}

/// Returns `private`, `zeros` (private, and never stored to unless its frame is dirty) or `#N:K`, a
/// page of a file.
pub(super) fn kind(held: Held) -> String {
    match held {
        Held::Private { pristine: false } => "private".to_owned(),
        Held::Private { pristine: true } => "zeros".to_owned(),
        Held::File { file, page } => format!("{file}:{page}"),
    }
}

/// Returns `frame N` or `slot N`.
fn place(place: Place) -> String {
    match place {
        Place::Frame(frame) => format!("frame {frame}"),
        Place::Slot(slot) => format!("slot {slot}"),
    }
}
