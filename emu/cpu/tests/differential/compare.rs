//! Differences of two outcomes, in words.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::case::{Case, FLAGS};
use crate::outcome::Outcome;

/// Which parts of the state are compared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Latitude {
    /// Whether EAX to EDI count, except ESP.
    pub general: bool,
    /// Bits of EFLAGS that count.
    pub flags: u32,
    /// Bits of the x87 status word that count.
    pub status: u16,
    /// Whether ST0 to ST7 and their tags count.
    pub st: bool,
    /// Whether the XMM registers count.
    pub xmm: bool,
    /// Whether memory counts.
    pub memory: bool,
}

impl Latitude {
    /// All must be the same.
    pub(crate) const NONE: Latitude = Latitude {
        general: true,
        flags: FLAGS,
        status: 0xffff,
        st: true,
        xmm: true,
        memory: true,
    };
}

/// Returns the parts in which the states differ, each with the expected and the actual value.
pub(crate) fn states(
    expected: &Outcome,
    got: &Outcome,
    latitude: Latitude,
) -> Vec<(String, String)> {
    let mut list = Vec::new();
    let mut note = |part: &str, expected: String, got: String| {
        if expected != got {
            list.push((part.to_string(), format!("expected {expected}, got {got}")));
        }
    };
    const NAMES: [&str; 8] = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"];
    for (name, (old, new)) in NAMES.iter().zip(expected.general.iter().zip(got.general)) {
        if latitude.general || name == &"esp" {
            note(name, format!("{old:#x}"), format!("{new:#x}"));
        }
    }
    note("eip", hex(expected.eip), hex(got.eip));
    let flags = |outcome: &Outcome| hex(outcome.eflags & latitude.flags);
    note("flags", flags(expected), flags(got));
    let segments = |outcome: &Outcome| format!("{:x?}", outcome.segments);
    note("segments", segments(expected), segments(got));
    let (old, new) = (&expected.float, &got.float);
    note("x87 control", hex(old.control), hex(new.control));
    let status = |status: u16| hex(status & latitude.status);
    note("x87 status", status(old.status), status(new.status));
    if latitude.st {
        note("x87 tags", hex(old.full), hex(new.full));
    }
    note("mxcsr", hex(old.mxcsr), hex(new.mxcsr));
    for i in 0..8 {
        if latitude.st {
            note(
                "st",
                format!("{i}: {}", bytes(&old.st[i])),
                format!("{i}: {}", bytes(&new.st[i])),
            );
        }
        if latitude.xmm {
            note(
                "xmm",
                format!("{i}: {:032x}", old.xmm[i]),
                format!("{i}: {:032x}", new.xmm[i]),
            );
        }
    }
    if latitude.memory {
        for (name, old, new) in [
            ("data", &expected.data, &got.data),
            ("stack", &expected.stack, &got.stack),
        ] {
            if let Some(first) = (0..old.len()).find(|i| old[*i] != new[*i]) {
                let end = (first + 16).min(old.len());
                let at = first as i32 - old.len() as i32 / 2;
                let part = |from: &[u8]| format!("{at:+}: {}", bytes(&from[first..end]));
                note(name, part(old), part(new));
            }
        }
    }
    list
}

fn hex(value: impl Into<u64>) -> String {
    format!("{:#x}", value.into())
}

/// Formats bytes in the order of memory.
pub(crate) fn bytes(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        write!(text, "{byte:02x}").expect("a string grows");
    }
    text
}

/// Findings by kind: the number and the first of each.
#[derive(Default)]
pub(crate) struct Findings(BTreeMap<(String, String), (u64, String)>);

impl Findings {
    /// Records that a case failed in this way.
    pub(crate) fn note(&mut self, case: &Case, way: &str, detail: impl FnOnce() -> String) {
        let code = format!("{:?}", case.instruction.code());
        self.0
            .entry((code, way.to_string()))
            .or_insert_with(|| (0, format!("{}\n        {}", describe(case), detail())))
            .0 += 1;
    }

    /// Fails if there are any, and lists them all.
    pub(crate) fn assert_none(&self, cases: u64) {
        let mut text = String::new();
        for ((code, way), (count, first)) in &self.0 {
            writeln!(text, "{code}: {way}: {count} times, first\n        {first}").unwrap();
        }
        assert!(
            self.0.is_empty(),
            "{} kinds in {cases} cases\n{text}",
            self.0.len()
        );
        println!("{cases} cases");
    }
}

/// Describes a case, so that it can be reproduced by hand.
pub(crate) fn describe(case: &Case) -> String {
    let [eax, ecx, edx, ebx, esp, ebp, esi, edi] = case.general;
    format!(
        "{} at {:#x}: eax {eax:#x} ecx {ecx:#x} edx {edx:#x} ebx {ebx:#x} esp {esp:#x} \
         ebp {ebp:#x} esi {esi:#x} edi {edi:#x} eflags {:#x} float {}",
        bytes(&case.bytes),
        case.eip,
        case.eflags,
        case.float,
    )
}
