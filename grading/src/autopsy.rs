//! Why processes died: the access or instruction, the line of the program, and what lies at the
//! address.
//!
//! What always holds: it only explains; nothing here decides about a verdict. A guest that prints
//! what looks like the kernel's words deceives only whoever reads its own explanation.

use goblin::elf::{Elf, program_header};

use crate::black_box::KillRecord;
use crate::source_line;
use crate::verdict::Run;

/// How many deaths are explained.
const SHOWN: usize = 4;
/// Where the kernel's half begins.
const PHYS_BASE: u32 = 0xc000_0000;
/// The most room of a stack.
const STACK: u32 = 8 << 20;

/// An exception as the console tells it.
#[derive(Default)]
struct Death {
    process: String,
    exception: String,
    eip: u32,
    esp: u32,
    fault: Option<Fault>,
}

#[derive(Clone, Copy)]
struct Fault {
    address: u32,
    is_present: bool,
    is_store: bool,
}

/// What the kernel's log says of a process that it killed.
struct LogLine<'a> {
    process: &'a str,
    why: &'a str,
}

/// Explains the deaths of a run, the last ones if there are many, each in a line or two.
/// `executable` gives that of a process by its name.
pub fn explain(run: &Run, executable: impl Fn(&str) -> Option<Vec<u8>>) -> Vec<String> {
    let console = String::from_utf8_lossy(&run.console);
    // Page faults that killed are on the console, in the log and in the record; what the kernel
    // found out for a system call is not on the console.
    let mut lines: Vec<LogLine<'_>> = run.messages.lines().filter_map(log_line).collect();
    let mut kills: Vec<&KillRecord> = run.record.kills.iter().collect();
    let mut texts = Vec::new();
    for death in &deaths(&console) {
        let mut kill = None;
        if let Some(fault) = death.fault {
            take(&mut lines, |line| line.process == death.process);
            kill = take(&mut kills, |kill| kill.address == fault.address);
        }
        texts.push(death.explain(kill, executable(&death.process).as_deref()));
    }
    for line in lines {
        let kill = take(&mut kills, |kill| kill.why == line.why);
        texts.push(line.explain(kill, executable(line.process).as_deref()));
    }
    let skipped = texts.len().saturating_sub(SHOWN);
    texts.split_off(skipped)
}

/// The messages of a run without the kernel's log of whom it killed.
pub fn without_kills(messages: &str) -> String {
    let others = messages.lines().filter(|line| log_line(line).is_none());
    others.map(|line| format!("{line}\n")).collect()
}

/// Takes the first that is as wanted out of a list.
fn take<T>(list: &mut Vec<T>, is_wanted: impl Fn(&T) -> bool) -> Option<T> {
    let at = list.iter().position(is_wanted)?;
    Some(list.remove(at))
}

/// `[TIME INFO userprog::kernel] PID (NAME) is killed: WHY`
fn log_line(line: &str) -> Option<LogLine<'_>> {
    let (_, said) = line.split_once("userprog::kernel] ")?;
    let (who, why) = said.split_once(") is killed: ")?;
    let (_, process) = who.split_once(" (")?;
    Some(LogLine { process, why })
}

/// Reads the kernel's words off a console.
fn deaths(console: &str) -> Vec<Death> {
    let mut deaths = Vec::new();
    let mut fault = None;
    for line in console.lines() {
        if let Some(found) = parse_fault(line) {
            fault = Some(found);
        } else if let Some((process, rest)) = line.split_once(": dying due to interrupt ") {
            deaths.push(Death {
                process: process.to_owned(),
                exception: rest.trim_end_matches('.').to_owned(),
                fault: fault.take(),
                ..Death::default()
            });
        } else if let Some(death) = deaths.last_mut() {
            if let Some((_, eip)) = line.split_once(" at eip=") {
                death.eip = hex(eip).unwrap_or(death.eip);
            } else if let Some((_, esp)) = line.split_once(" esp=") {
                let digits = esp.split(' ').next().unwrap_or_default();
                death.esp = hex(digits).unwrap_or(death.esp);
            }
        }
    }
    deaths
}

fn parse_fault(line: &str) -> Option<Fault> {
    let rest = line.strip_prefix("Page fault at ")?;
    let (address, what) = rest.split_once(": ")?;
    Some(Fault {
        address: hex(address)?,
        is_present: what.starts_with("rights violation"),
        is_store: what.contains(" writing "),
    })
}

fn hex(text: &str) -> Option<u32> {
    u32::from_str_radix(text.strip_prefix("0x").unwrap_or(text), 16).ok()
}

impl Death {
    fn explain(&self, kill: Option<&KillRecord>, executable: Option<&[u8]>) -> String {
        let line = executable.and_then(|elf| source_line::locate(elf, self.eip));
        let place = match line {
            Some(line) => format!("{line} (eip {:#x})", self.eip),
            None => format!("eip {:#x}", self.eip),
        };
        let Some(fault) = self.fault else {
            return format!("{} died at {place}: {}", self.process, self.exception);
        };
        let access = if fault.is_store { "writing" } else { "reading" };
        let why = kill.map_or(String::new(), |kill| format!(": {}", kill.why));
        let state = if fault.is_present {
            "the page is in a frame and forbids the access"
        } else {
            "the page is in no frame"
        };
        format!(
            "{} died at {place}: page fault {access} {:#010x}{why}\n  there: {}; {state}",
            self.process,
            fault.address,
            region(fault.address, Some(self.esp), executable),
        )
    }
}

impl LogLine<'_> {
    /// A process that handed the kernel an address to which it had no right, or for which there
    /// was no room.
    fn explain(&self, kill: Option<&KillRecord>, executable: Option<&[u8]>) -> String {
        let LogLine { process, why } = self;
        match kill {
            None => format!("{process} was killed by the kernel, in a system call: {why}"),
            Some(kill) => {
                let access = if kill.store { "write to" } else { "read from" };
                let address = kill.address;
                format!(
                    "{process} was killed by the kernel, in a system call that would {access} \
                     {address:#010x}: {why}\n  there: {}",
                    region(address, None, executable)
                )
            }
        }
    }
}

/// What an address is in, and with which permission.
fn region(address: u32, esp: Option<u32>, executable: Option<&[u8]>) -> String {
    if address >= PHYS_BASE {
        return "kernel memory, which no program may touch".to_owned();
    }
    if address < 0x1000 {
        return "the page of the null pointer, where nothing is ever mapped".to_owned();
    }
    if let Some(segment) = executable.and_then(|elf| segment(elf, address)) {
        return segment;
    }
    if address >= PHYS_BASE - STACK {
        let distance = match esp {
            Some(esp) if address < esp => format!(", {} bytes below %esp", esp - address),
            _ => String::new(),
        };
        return format!("the room of the stack, read and write{distance}");
    }
    "outside the executable's segments and the stack: a mapped file, or nothing".to_owned()
}

fn segment(executable: &[u8], address: u32) -> Option<String> {
    let elf = Elf::parse(executable).ok()?;
    let loaded = elf
        .program_headers
        .iter()
        .filter(|header| header.p_type == program_header::PT_LOAD);
    for header in loaded {
        let pages = header.p_vaddr & !0xfff..header.p_vaddr + header.p_memsz;
        if pages.contains(&u64::from(address)) {
            let kind = if header.is_write() {
                "data of the program, read and write"
            } else {
                "code or constants of the program, read only"
            };
            return Some(format!(
                "{kind} ({:#x} to {:#x})",
                pages.start,
                pages.end - 1
            ));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::black_box::Record;
    use crate::stats::Printed;
    use crate::verdict::ProcessEnd;

    const CONSOLE: &str = "\
(hello) begin
Page fault at 0x8048000: rights violation error writing page in user context.
hello: dying due to interrupt 0x0e (#PF Page-Fault Exception).
Interrupt 0x0e (#PF Page-Fault Exception) at eip=ENTRY
 cr2=08048000 error=00000007
 eax=00000000 ebx=00000000 ecx=00000000 edx=00000000
 esi=00000000 edi=00000000 esp=bffffff0 ebp=00000000
 cs=001b ds=0023 es=0023 ss=0023
hello: exit(-1)
";

    fn kill(address: u32, why: &str) -> KillRecord {
        KillRecord {
            pid: 1,
            address,
            store: true,
            why: why.to_owned(),
        }
    }

    fn run(console: &str, messages: &str, kills: Vec<KillRecord>) -> Run {
        Run {
            end: ProcessEnd::Exited(1),
            console: console.as_bytes().to_vec(),
            too_long: false,
            messages: messages.to_owned(),
            stats: Printed::default(),
            record: Record {
                kills,
                ..Record::default()
            },
        }
    }

    const LOG: &str = "[2000-01-01T00:00:00Z INFO  userprog::kernel] 1 (hello) is killed: ";

    #[test]
    fn a_store_to_code_names_the_line_and_the_segment() {
        let elf = images::find("hello").unwrap().elf;
        let entry = u32::from_le_bytes(elf[24..28].try_into().unwrap());
        let console = CONSOLE.replace("ENTRY", &format!("{entry:#x}"));
        let why = "store to a read-only page";
        let run = run(
            &console,
            &format!("{LOG}{why}\n"),
            vec![kill(0x0804_8000, why)],
        );
        let texts = explain(&run, |_| Some(elf.to_vec()));
        assert_eq!(texts.len(), 1, "{texts:?}");
        for part in [
            "hello died at images/lib/start.c:",
            "page fault writing 0x08048000: store to a read-only page",
            "code or constants of the program, read only",
            "in a frame and forbids",
        ] {
            assert!(texts[0].contains(part), "{}", texts[0]);
        }
    }

    #[test]
    fn a_bad_pointer_for_the_kernel_is_told_from_an_exception() {
        let messages = format!("a warning\n{LOG}kernel address\n");
        let texts = explain(&run("", &messages, Vec::new()), |_| None);
        let expected = "hello was killed by the kernel, in a system call: kernel address";
        assert_eq!(texts, [expected]);
        let kills = vec![kill(0xc000_0000, "kernel address")];
        let texts = explain(&run("", &messages, kills), |_| None);
        assert!(texts[0].contains("would write to 0xc0000000"), "{texts:?}");
        assert!(texts[0].contains("there: kernel memory"), "{texts:?}");
        assert_eq!(without_kills(&messages), "a warning\n");
    }

    #[test]
    fn each_part_of_the_address_space_has_its_words() {
        assert!(region(8, None, None).contains("null pointer"));
        let stack = region(0xbfff_0000, Some(0xbfff_1000), None);
        assert!(
            stack.contains("stack") && stack.contains("4096 bytes below"),
            "{stack}"
        );
        assert!(region(0x1000_0000, None, None).contains("a mapped file, or nothing"));
    }

    #[test]
    fn of_many_deaths_the_last_are_shown() {
        let run = run(&CONSOLE.repeat(9), "", Vec::new());
        assert_eq!(explain(&run, |_| None).len(), SHOWN);
    }
}
