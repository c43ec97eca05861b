//! The registers of the machine, as a debugger is told of them: names, sizes and order.
//!
//! gdb knows those of an i386 by heart, and LLDB reads them from here.
//!
//! # Invariants
//! The order is that of `X86CoreRegs`, which a debugger gets in one piece.
//!
//! Source: GDB manual, appendix "Target Descriptions": "Predefined Target Types" and "i386 Features".

use gdbstub::target::TargetResult;
use gdbstub::target::ext::target_description_xml_override::TargetDescriptionXmlOverride;

use super::memory::copy;
use super::target::Debugger;

/// The name by which a debugger asks for it.
const NAME: &[u8] = b"target.xml";

const GENERAL: [(&str, &str); 10] = [
    ("eax", "int32"),
    ("ecx", "int32"),
    ("edx", "int32"),
    ("ebx", "int32"),
    ("esp", "data_ptr"),
    ("ebp", "data_ptr"),
    ("esi", "int32"),
    ("edi", "int32"),
    ("eip", "code_ptr"),
    ("eflags", "int32"),
];
const SEGMENTS: [&str; 6] = ["cs", "ss", "ds", "es", "fs", "gs"];
const FPU: [&str; 8] = [
    "fctrl", "fstat", "ftag", "fiseg", "fioff", "foseg", "fooff", "fop",
];
/// The parts of a vector register, by which a debugger shows it: name, type, how many.
const PARTS: [(&str, &str, u32); 6] = [
    ("v4_float", "ieee_single", 4),
    ("v2_double", "ieee_double", 2),
    ("v16_int8", "int8", 16),
    ("v8_int16", "int16", 8),
    ("v4_int32", "int32", 4),
    ("v2_int64", "int64", 2),
];

/// Returns the description as XML.
fn xml() -> String {
    let mut core = String::new();
    for (name, kind) in GENERAL {
        core += &register(name, 32, kind);
    }
    for name in SEGMENTS {
        core += &register(name, 32, "int32");
    }
    for number in 0..8 {
        core += &register(&format!("st{number}"), 80, "i387_ext");
    }
    for name in FPU {
        core += &register(name, 32, "int");
    }
    let mut sse = String::new();
    let mut parts = String::new();
    for (name, kind, count) in PARTS {
        sse += &format!(r#"<vector id="{name}" type="{kind}" count="{count}"/>"#);
        parts += &format!(r#"<field name="{name}" type="{name}"/>"#);
    }
    sse += &format!(r#"<union id="vec128">{parts}<field name="uint128" type="uint128"/></union>"#);
    for number in 0..8 {
        sse += &register(&format!("xmm{number}"), 128, "vec128");
    }
    sse += &register("mxcsr", 32, "int");
    format!(
        r#"<target version="1.0"><architecture>i386</architecture><feature name="org.gnu.gdb.i386.core">{core}</feature><feature name="org.gnu.gdb.i386.sse">{sse}</feature></target>"#
    )
}

fn register(name: &str, bits: u32, kind: &str) -> String {
    format!(r#"<reg name="{name}" bitsize="{bits}" type="{kind}"/>"#)
}

impl TargetDescriptionXmlOverride for Debugger<'_> {
    fn target_description_xml(
        &self,
        annex: &[u8],
        offset: u64,
        length: usize,
        buf: &mut [u8],
    ) -> TargetResult<usize, Self> {
        if annex != NAME {
            return Ok(0);
        }
        let most = length.min(buf.len());
        Ok(copy(xml().as_bytes(), offset, &mut buf[..most]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gdbstub::arch::Registers as _;
    use gdbstub_arch::x86::reg::X86CoreRegs;

    #[test]
    fn the_registers_have_as_many_bytes_as_are_sent() {
        let text = xml();
        let sizes = text.split("bitsize=\"").skip(1);
        let bits = sizes.map(|rest| rest.split_once('"').unwrap().0.parse::<usize>().unwrap());
        let mut sent = 0;
        X86CoreRegs::default().gdb_serialize(|_| sent += 1);
        assert_eq!(bits.sum::<usize>(), 8 * sent);
    }
}
