//! An entry for each touched page of a process, as in Linux' `/proc/PID/pagemap`.

use std::fmt::Write;

use serde::Serialize;
use userprog::Kernel;
use userprog::process::Pid;
use vm::view::PageView;
use vm::{User, pagemap};

use super::{hex, nobody};

/// A page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Row {
    /// Its first address.
    #[serde(serialize_with = "hex")]
    pub page: u32,
    /// Linux' 64-bit entry, in hexadecimal.
    pub entry: String,
    /// The entry in words: `frame N` or `slot N`, and `shared` or `file`, `dirty`.
    pub meaning: String,
}

/// Returns the touched pages of a process, in order; `None` if it does not exist.
pub fn rows(kernel: &Kernel, pid: Pid) -> Option<Vec<Row>> {
    let space = kernel.process(pid)?.space;
    let touched = kernel.vm().pages(space);
    let row = |PageView { page, .. }| {
        let entry = kernel.vm().pagemap(User { space, page });
        Row {
            page: page.start().0,
            entry: format!("{entry:016x}"),
            meaning: meaning(entry),
        }
    };
    Some(touched.map(row).collect())
}

/// Returns one line per page.
pub fn render(kernel: &Kernel, pid: Pid) -> String {
    let Some(rows) = rows(kernel, pid) else {
        return nobody(pid);
    };
    let mut text = String::new();
    for Row {
        page,
        entry,
        meaning,
    } in rows
    {
        writeln!(text, "{page:08x} {entry} {meaning}").expect("writing to memory");
    }
    text
}

fn meaning(entry: u64) -> String {
    let is = |flag| entry & flag != 0;
    let mut words = vec![if is(pagemap::PRESENT) {
        format!("frame {}", entry & pagemap::FRAME)
    } else {
        format!("slot {}", (entry & pagemap::FRAME) >> pagemap::SLOT_SHIFT)
    }];
    let flags = [
        (pagemap::FILE_OR_SHARED, "file-or-shared"),
        (pagemap::DIRTY, "soft-dirty"),
    ];
    let set = flags.iter().filter(|(flag, _)| is(*flag));
    words.extend(set.map(|(_, word)| (*word).to_owned()));
    words.join(", ")
}
