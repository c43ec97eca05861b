//! Explains why processes died: the access or instruction, the line of the program, and what is at
//! the address.
//!
//! # Invariants
//!
//! It only explains events that the kernel reported. Nothing here decides a verdict, and nothing
//! that a guest prints is taken for a report of the kernel.

use machine::addr::{KERNEL_BASE, PAGE_SIZE, VirtAddr};
use machine::mmu::{Access, PageFaultCode, Ring};
use userprog::{Call, MachineEvent};
use vm::event::{Area, Fault, Outcome, PagePlace, PageState};
use vm::{Event, Owner};

use crate::names::NameBook;

/// Explains an event that is the death of a process, in a line or two.
pub fn explain(event: &MachineEvent<'_>, names: &mut NameBook) -> Option<String> {
    match event {
        MachineEvent::Memory(Event::Fault(fault)) => {
            let Outcome::Killed(why) = fault.outcome else {
                return None;
            };
            Some(by_fault(fault, &why.to_string(), names))
        }
        MachineEvent::Memory(Event::Refused {
            owner,
            addr,
            access,
            state,
            why,
        }) => {
            let who = name(*owner, names);
            let what = in_a_call(&who, *access, *addr, &why.to_string());
            Some(format!(
                "{what}\n  there: {}",
                there(*owner, *addr, state, names)
            ))
        }
        MachineEvent::Died {
            pid,
            exception,
            eip,
        } => {
            let owner = Owner(pid.0);
            let (who, at) = (name(owner, names), place(owner, *eip, names));
            let (vector, exception) = (exception.vector(), exception.name());
            Some(format!("{who} died at {at}: {vector:#04x} ({exception})"))
        }
        MachineEvent::Called {
            pid,
            call: Call { number, name: None },
        } => {
            let who = name(Owner(pid.0), names);
            Some(format!(
                "{who} was killed by the kernel: there is no system call {number}"
            ))
        }
        _ => None,
    }
}

fn by_fault(fault: &Fault, why: &str, names: &mut NameBook) -> String {
    let who = name(fault.owner, names);
    let what = match fault.ring {
        Ring::Kernel => in_a_call(&who, fault.access, fault.addr, why),
        Ring::User => {
            let at = place(fault.owner, fault.eip, names);
            let access = match fault.access {
                Access::Read => "reading",
                Access::Write => "writing",
                Access::Fetch => "fetching an instruction at",
            };
            format!(
                "{who} died at {at}: page fault {access} {}: {why}",
                fault.addr
            )
        }
    };
    let mut text = format!(
        "{what}\n  there: {}",
        there(fault.owner, fault.addr, &fault.before, names)
    );
    if fault.before.area == Some(Area::Stack) && fault.addr < fault.esp {
        let below = fault.esp.0 - fault.addr.0;
        text += &format!("; {below} bytes below %esp ({})", fault.esp);
    }
    if fault.code.contains(PageFaultCode::PRESENT) && fault.addr.is_user() {
        text += "; its page-table entry forbids the access";
    }
    text
}

/// Explains the death of a process that passed the kernel an address that it may not use, or for
/// which there was no room.
fn in_a_call(who: &str, access: Access, addr: VirtAddr, why: &str) -> String {
    let access = match access {
        Access::Write => "write to",
        Access::Read | Access::Fetch => "read from",
    };
    format!("{who} was killed by the kernel, in a system call that would {access} {addr}: {why}")
}

fn name(owner: Owner, names: &NameBook) -> String {
    let name = names.process(owner).map(str::to_owned);
    name.unwrap_or_else(|| format!("process {}", owner.0))
}

fn place(owner: Owner, eip: VirtAddr, names: &mut NameBook) -> String {
    match names.line(owner, eip.0) {
        Some(line) => format!("{line} (eip {:#x})", eip.0),
        None => format!("eip {:#x}", eip.0),
    }
}

/// Describes the area of an address, its rights, and where its page is.
fn there(owner: Owner, addr: VirtAddr, state: &PageState, names: &NameBook) -> String {
    if addr >= KERNEL_BASE {
        return "kernel memory, which no program may touch".to_owned();
    }
    let Some(area) = state.area else {
        return if addr.0 < PAGE_SIZE {
            "the page of the null pointer, where nothing is ever mapped".to_owned()
        } else {
            "nothing: no segment of the executable, not the stack's room, no mapping".to_owned()
        };
    };
    let area = match area {
        Area::Code => "code or constants of the program".to_owned(),
        Area::Data => "data of the program".to_owned(),
        Area::Bss => "data of the program that begins as zeros".to_owned(),
        Area::Stack => "the room of the stack".to_owned(),
        Area::Mapping(number) => format!("mapping {number}"),
    };
    let symbol = names.symbol(owner, addr.0);
    let symbol = symbol.map_or(String::new(), |symbol| format!(" ({symbol})"));
    let page = match state.place {
        PagePlace::Unmapped | PagePlace::Untouched => "never touched before".to_owned(),
        PagePlace::Slot(slot) => format!("in swap slot {slot}"),
        PagePlace::Frame(frame) => format!("in frame {frame}"),
    };
    format!("{area}{symbol}, {}; the page is {page}", state.rights)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vm::Protection;

    fn state(area: Option<Area>, place: PagePlace) -> PageState {
        let rights = Protection::READ;
        PageState {
            area,
            rights,
            place,
        }
    }

    fn book() -> NameBook {
        let folder = tempfile::tempdir().unwrap();
        let authority = cap_std::ambient_authority();
        NameBook::new(
            cap_std::fs::Dir::open_ambient_dir(folder.path(), authority)
                .unwrap()
                .into(),
        )
    }

    fn there_is(addr: u32, state: &PageState) -> String {
        there(Owner(1), VirtAddr(addr), state, &book())
    }

    #[test]
    fn each_part_of_the_address_space_has_its_words() {
        let nothing = state(None, PagePlace::Unmapped);
        assert!(there_is(8, &nothing).contains("null pointer"));
        assert!(there_is(0x1000_0000, &nothing).starts_with("nothing:"));
        assert!(there_is(0xc000_0000, &nothing).contains("kernel memory"));
        let untouched = state(Some(Area::Stack), PagePlace::Untouched);
        assert_eq!(
            there_is(0xbfff_0000, &untouched),
            "the room of the stack, r--; the page is never touched before"
        );
    }

    #[test]
    fn the_distance_below_the_stack_pointer_is_told() {
        let fault = Fault {
            number: 1,
            owner: Owner(1),
            eip: VirtAddr(0x0804_8000),
            esp: VirtAddr(0xbfff_f000),
            addr: VirtAddr(0xbfff_e000),
            access: Access::Write,
            ring: Ring::User,
            code: PageFaultCode::USER | PageFaultCode::WRITE,
            before: state(Some(Area::Stack), PagePlace::Untouched),
            outcome: Outcome::Killed(vm::BadAccess::BelowStack.into()),
            displaced: Default::default(),
        };
        let event = Event::Fault(fault);
        let text = explain(&MachineEvent::Memory(&event), &mut book()).unwrap();
        assert!(text.contains("4096 bytes below %esp"), "{text}");
        assert!(text.contains("page fault writing 0xbfffe000"), "{text}");
    }
}
