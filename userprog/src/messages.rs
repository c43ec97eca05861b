//! The kernel's messages on the console, word for word like those of Pintos.
//!
//! # Invariants
//!
//! Each message consists of complete lines. The name of a process is printed byte by byte as it was
//! given.

use std::io::Write;

use cpu::exception::Exception;
use cpu::exit::PageFault;
use cpu::registers::Registers;
use machine::mmu::PageFaultCode;
use vm::Kill;

use crate::args::ProcessName;
use crate::process::ExitStatus;

/// An exception as the hardware reports it, with the registers at that moment.
#[derive(Debug)]
pub struct Trap<'a> {
    /// The exception.
    pub exception: Exception,
    /// Its error code, 0 if it has none.
    pub error_code: u32,
    /// CR2: the address of the last page fault, 0 if there was none.
    pub cr2: u32,
    /// The registers.
    pub registers: &'a Registers,
}

/// Writes to a `Vec`, which cannot fail.
macro_rules! line {
    ($to:expr, $($format:tt)*) => {
        writeln!($to, $($format)*).expect("memory takes all that is written to it")
    };
}

/// Returns `NAME: exit(STATUS)`.
#[must_use]
pub fn exit(name: &ProcessName, status: ExitStatus) -> Vec<u8> {
    named(name, format_args!("exit({})", status.code()))
}

/// Returns `load: NAME: open failed`.
#[must_use]
pub fn open_failed(name: &ProcessName) -> Vec<u8> {
    loading(name, "open failed")
}

/// Returns `load: NAME: error loading executable`.
#[must_use]
pub fn bad_executable(name: &ProcessName) -> Vec<u8> {
    loading(name, "error loading executable")
}

/// Returns `load: NAME: REASON`, for a program whose pages cannot all be brought in.
#[must_use]
pub fn no_memory(name: &ProcessName, kill: Kill) -> Vec<u8> {
    loading(name, &kill.to_string())
}

/// Returns `NAME: killed: REASON`, for an end that is not the program's fault.
#[must_use]
pub fn killed(name: &ProcessName, kill: Kill) -> Vec<u8> {
    named(name, format_args!("killed: {kill}"))
}

/// Returns the line about a page fault; [`dying`] follows it.
#[must_use]
pub fn page_fault(fault: &PageFault) -> Vec<u8> {
    let either = |flag, yes, no| if fault.code.contains(flag) { yes } else { no };
    let mut text = Vec::new();
    line!(
        text,
        "Page fault at {:#x}: {} error {} page in {} context.",
        fault.addr.0,
        either(PageFaultCode::PRESENT, "rights violation", "not present"),
        either(PageFaultCode::WRITE, "writing", "reading"),
        either(PageFaultCode::USER, "user", "kernel"),
    );
    text
}

/// Returns the exception of which a program dies, and its registers.
#[must_use]
pub fn dying(name: &ProcessName, trap: &Trap<'_>) -> Vec<u8> {
    let vector = trap.exception.vector();
    let exception = trap.exception.name();
    let r = trap.registers;
    let mut text = named(
        name,
        format_args!("dying due to interrupt {vector:#04x} ({exception})."),
    );
    line!(
        text,
        "Interrupt {vector:#04x} ({exception}) at eip={:#x}",
        r.eip
    );
    line!(text, " cr2={:08x} error={:08x}", trap.cr2, trap.error_code);
    line!(
        text,
        " eax={:08x} ebx={:08x} ecx={:08x} edx={:08x}",
        r.eax,
        r.ebx,
        r.ecx,
        r.edx
    );
    line!(
        text,
        " esi={:08x} edi={:08x} esp={:08x} ebp={:08x}",
        r.esi,
        r.edi,
        r.esp,
        r.ebp
    );
    line!(
        text,
        " cs={:04x} ds={:04x} es={:04x} ss={:04x}",
        r.cs,
        r.ds,
        r.es,
        r.ss
    );
    text
}

fn named(name: &ProcessName, what: std::fmt::Arguments<'_>) -> Vec<u8> {
    let mut text = name.as_bytes().to_vec();
    line!(text, ": {what}");
    text
}

fn loading(name: &ProcessName, what: &str) -> Vec<u8> {
    let mut text = b"load: ".to_vec();
    text.extend(named(name, format_args!("{what}")));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::CommandLine;
    use machine::addr::VirtAddr;
    use machine::mmu::Access;

    fn name(text: &[u8]) -> ProcessName {
        CommandLine::parse(text).unwrap().process_name()
    }

    #[test]
    fn the_short_messages_are_those_of_the_manual() {
        assert_eq!(
            exit(&name(b"a b"), ExitStatus::Exited(81)),
            b"a: exit(81)\n"
        );
        assert_eq!(
            exit(&name(b"\xff"), ExitStatus::Killed),
            b"\xff: exit(-1)\n"
        );
        assert_eq!(
            open_failed(&name(b"no-such")),
            b"load: no-such: open failed\n"
        );
        assert_eq!(
            bad_executable(&name(b"x")),
            b"load: x: error loading executable\n"
        );
    }

    #[test]
    fn a_page_fault_says_what_the_error_code_says() {
        let text = |addr, code| {
            page_fault(&PageFault {
                addr: VirtAddr(addr),
                access: Access::Read,
                code,
            })
        };
        assert_eq!(
            text(0xbfff_e000, PageFaultCode::USER | PageFaultCode::WRITE),
            b"Page fault at 0xbfffe000: not present error writing page in user context.\n"
        );
        assert_eq!(
            text(0, PageFaultCode::USER | PageFaultCode::PRESENT),
            b"Page fault at 0x0: rights violation error reading page in user context.\n"
        );
    }

    #[test]
    fn a_dying_program_leaves_its_registers() {
        let registers = Registers {
            eip: 0x0804_8123,
            esp: 0xbfff_ff00,
            cs: 0x1b,
            ss: 0x23,
            ..<_>::default()
        };
        let trap = Trap {
            exception: Exception::PageFault,
            error_code: 6,
            cr2: 0x1000,
            registers: &registers,
        };
        let text = String::from_utf8(dying(&name(b"bad"), &trap)).unwrap();
        assert_eq!(
            text,
            "bad: dying due to interrupt 0x0e (#PF Page-Fault Exception).\n\
             Interrupt 0x0e (#PF Page-Fault Exception) at eip=0x8048123\n \
             cr2=00001000 error=00000006\n \
             eax=00000000 ebx=00000000 ecx=00000000 edx=00000000\n \
             esi=00000000 edi=00000000 esp=bfffff00 ebp=00000000\n \
             cs=001b ds=0000 es=0000 ss=0023\n"
        );
    }
}
