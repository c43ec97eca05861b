//! The registers of a process, as Pintos shows them.

use cpu::registers::Registers;
use serde::Serialize;
use userprog::Kernel;
use userprog::process::Pid;

use super::{hex, nobody};

/// The general registers, the instruction pointer and the flags.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[expect(missing_docs, reason = "the names are the registers' own")]
pub struct Values {
    #[serde(serialize_with = "hex")]
    pub eax: u32,
    #[serde(serialize_with = "hex")]
    pub ebx: u32,
    #[serde(serialize_with = "hex")]
    pub ecx: u32,
    #[serde(serialize_with = "hex")]
    pub edx: u32,
    #[serde(serialize_with = "hex")]
    pub esi: u32,
    #[serde(serialize_with = "hex")]
    pub edi: u32,
    #[serde(serialize_with = "hex")]
    pub ebp: u32,
    #[serde(serialize_with = "hex")]
    pub esp: u32,
    #[serde(serialize_with = "hex")]
    pub eip: u32,
    #[serde(serialize_with = "hex")]
    pub eflags: u32,
}

/// Returns the registers of a process; `None` if it does not exist.
pub fn values(kernel: &Kernel, pid: Pid) -> Option<Values> {
    let Registers {
        eax,
        ebx,
        ecx,
        edx,
        esi,
        edi,
        ebp,
        esp,
        eip,
        eflags,
        ..
    } = kernel.process(pid)?.registers;
    Some(Values {
        eax,
        ebx,
        ecx,
        edx,
        esi,
        edi,
        ebp,
        esp,
        eip,
        eflags,
    })
}

/// Returns three lines of text.
pub fn render(kernel: &Kernel, pid: Pid) -> String {
    let Some(Values {
        eax,
        ebx,
        ecx,
        edx,
        esi,
        edi,
        ebp,
        esp,
        eip,
        eflags,
    }) = values(kernel, pid)
    else {
        return nobody(pid);
    };
    format!(
        "eax={eax:08x} ebx={ebx:08x} ecx={ecx:08x} edx={edx:08x}\n\
         esi={esi:08x} edi={edi:08x} ebp={ebp:08x} esp={esp:08x}\n\
         eip={eip:08x} eflags={eflags:08x}\n"
    )
}
