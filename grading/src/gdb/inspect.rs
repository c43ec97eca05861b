//! What `monitor` prints of a machine that stands still.
//!
//! What always holds: looking changes nothing.

use std::collections::BTreeMap;
use std::fmt::Write;

use emu::addr::{Page, VirtAddr};
use userprog::{Kernel, Pid};
use vm::event::PagePlace;

/// Who has pages in a place.
type Users = BTreeMap<u32, Vec<String>>;

/// The page directory and page tables of a process: all entries in use.
pub fn page_directory(kernel: &Kernel, pid: Pid) -> String {
    let vm = kernel.vm();
    let space = vm.space(kernel.space_of(pid));
    let mut text = format!("page directory in frame {}\n", space.directory().root());
    let mut table = None;
    for (page, pte) in vm.tables().user_entries(space.directory()) {
        let index = page.directory_index();
        if table.replace(index) != Some(index) {
            let end = (index as u64 + 1) << 22;
            line(&mut text, format!("{:#010x}-{end:#010x}", index << 22));
        }
        let (addr, frame) = (page.start(), pte.frame());
        line(
            &mut text,
            format!("  {addr} frame {frame:>6} {}", flags(pte)),
        );
    }
    text
}

/// The supplemental page table of a process: its regions, and where the pages of each are.
pub fn supplemental(kernel: &Kernel, pid: Pid) -> String {
    let vm = kernel.vm();
    let id = kernel.space_of(pid);
    let mut text = String::new();
    for region in vm.space(id).spt().regions() {
        let touched = vm.space(id).spt().contents(region.pages());
        let (mut frames, mut slots) = (0, 0);
        for (page, _) in touched {
            match vm.page_state(id, page).place {
                PagePlace::Frame(_) => frames += 1,
                PagePlace::Slot(_) => slots += 1,
                PagePlace::Unmapped | PagePlace::Untouched => {}
            }
        }
        let state = vm.page_state(id, region.start);
        let area = state.area.map_or("-".to_owned(), |area| area.to_string());
        let (start, end) = (region.start.start(), region.end.start());
        let pages = region.len();
        line(
            &mut text,
            format!(
                "{start}-{end} {area:<8} {pages:>7} pages, {frames} in frames, {slots} in swap  \
                 {:?}, {:?}",
                region.protection, region.backing
            ),
        );
    }
    text
}

/// The frame table: what each frame in use holds.
pub fn frames(kernel: &Kernel) -> String {
    let vm = kernel.vm();
    let users = users(kernel, |place| match place {
        PagePlace::Frame(frame) => Some(frame.number()),
        _ => None,
    });
    let table = vm.frames();
    let mut text = format!("{} of {} frames in use\n", table.in_use(), table.count());
    for (frame, users) in users {
        let pins = table.info(emu::addr::Frame::new(frame)).pins();
        let pins = if pins > 0 {
            format!(", {pins} pins")
        } else {
            String::new()
        };
        line(
            &mut text,
            format!("frame {frame:>6}: {}{pins}", users.join(", ")),
        );
    }
    text
}

/// The swap table: what each slot in use holds.
pub fn swap(kernel: &Kernel) -> String {
    let users = users(kernel, |place| match place {
        PagePlace::Slot(slot) => Some(slot.number()),
        _ => None,
    });
    let table = kernel.vm().swap();
    let mut text = format!("{} of {} slots in use\n", table.in_use(), table.slots());
    for (slot, users) in users {
        line(&mut text, format!("slot {slot:>6}: {}", users.join(", ")));
    }
    text
}

/// What an address of a process is at the moment.
pub fn address(kernel: &Kernel, pid: Pid, addr: VirtAddr) -> String {
    let vm = kernel.vm();
    let space = kernel.space_of(pid);
    let mut text = format!(
        "{addr} of process {pid}: {}\n",
        vm.page_state(space, addr.page())
    );
    let entry = vm.tables().entry(vm.space(space).directory(), addr.page());
    if entry.is_present() {
        line(
            &mut text,
            format!("page-table entry: frame {} {}", entry.frame(), flags(entry)),
        );
    }
    text
}

/// The pages whose content is in places of a kind, by the place's number.
fn users(kernel: &Kernel, number: impl Fn(PagePlace) -> Option<u32>) -> Users {
    let vm = kernel.vm();
    let mut users = Users::new();
    for pid in kernel.alive() {
        let space = kernel.space_of(pid);
        let pages: Vec<Page> = vm
            .space(space)
            .spt()
            .all_contents()
            .map(|(page, _)| page)
            .collect();
        for page in pages {
            if let Some(number) = number(vm.page_state(space, page).place) {
                let user = format!("{} of process {pid}", page.start());
                users.entry(number).or_default().push(user);
            }
        }
    }
    users
}

/// The flags of an entry as letters, each in its place.
fn flags(pte: emu::pte::Pte) -> String {
    use emu::pte::PteFlags;
    let letters = [
        (PteFlags::PRESENT, 'p'),
        (PteFlags::WRITABLE, 'w'),
        (PteFlags::USER, 'u'),
        (PteFlags::ACCESSED, 'a'),
        (PteFlags::DIRTY, 'd'),
    ];
    let letters = letters.into_iter();
    letters
        .map(|(flag, letter)| if pte.has(flag) { letter } else { '-' })
        .collect()
}

fn line(text: &mut String, line: String) {
    writeln!(text, "{line}").expect("a String takes all");
}
