//! Runs cases on the host's own CPU, by the program in `runner.rs`; where the host cannot run i386
//! programs, under `qemu-i386`.
//!
//! `VMLAB_ORACLE=host` or `VMLAB_ORACLE=qemu-i386` selects one of the two, which must be available
//! then.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Seek, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::case::{CODE, Case, FLAGS, WINDOW};
use crate::emulated::INT3;
use crate::outcome::{End, Fault, Float, Outcome};
use crate::pages::{PAGES, Pages, Rights};
use crate::runner::{self, RECORD, RESULT};
use crate::values::FXSAVE;

/// Data and stack segment of programs on Linux for x86-64; on the emulated machine it is 0x23.
const LINUX_DATA: u16 = 0x2b;

/// The reference.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Oracle {
    /// The CPU of this host.
    Host,
    /// QEMU for user programs: an emulator with its own mistakes.
    Qemu,
}

/// What runs i386 programs.
pub(crate) struct Native {
    pub oracle: Oracle,
    folder: TempDir,
}

impl Native {
    /// Returns the host, or else QEMU, or why neither is available.
    ///
    /// # Panics
    /// If the environment selects one that is not available.
    pub(crate) fn new() -> Result<Native, String> {
        if !cfg!(target_os = "linux") {
            return Err("only Linux runs i386 programs".to_string());
        }
        match std::env::var("VMLAB_ORACLE").as_deref() {
            Err(_) => Native::with(Oracle::Host).or_else(|why| {
                let qemu = Native::with(Oracle::Qemu);
                qemu.map_err(|why_not_qemu| format!("{why}; {why_not_qemu}"))
            }),
            Ok("host") => Ok(Native::with(Oracle::Host).unwrap_or_else(|why| panic!("{why}"))),
            Ok("qemu-i386") => Ok(Native::with(Oracle::Qemu).unwrap_or_else(|why| panic!("{why}"))),
            Ok(other) => panic!("VMLAB_ORACLE is {other}: neither host nor qemu-i386"),
        }
    }

    fn with(oracle: Oracle) -> Result<Native, String> {
        let native = Native {
            oracle,
            folder: TempDir::new().map_err(|error| error.to_string())?,
        };
        let program = native.program();
        fs::write(&program, runner::elf()).map_err(|error| error.to_string())?;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o700))
            .map_err(|error| error.to_string())?;
        native.output(&[])?;
        Ok(native)
    }

    fn command(&self) -> Command {
        match self.oracle {
            Oracle::Host => Command::new(self.program()),
            Oracle::Qemu => {
                let mut command = Command::new("qemu-i386");
                command.arg(self.program());
                command
            }
        }
    }

    /// Runs these cases in these page states. Returns their outcomes.
    pub(crate) fn run(&self, cases: &[(Case, Pages)], floats: &[[u8; FXSAVE]]) -> Vec<Outcome> {
        let records: Vec<u8> = cases
            .iter()
            .flat_map(|(case, pages)| record(case, *pages, &floats[case.float]))
            .collect();
        let results = self.output(&records).expect("it ran before");
        let results = results.chunks_exact(RESULT);
        assert_eq!(results.len(), cases.len(), "it ended at a case");
        results.map(|bytes| outcome(&Reader(bytes))).collect()
    }

    fn program(&self) -> std::path::PathBuf {
        self.folder.path().join("cases")
    }

    fn output(&self, input: &[u8]) -> Result<Vec<u8>, String> {
        let text = |error: std::io::Error| error.to_string();
        let mut from = tempfile::tempfile_in(self.folder.path()).map_err(text)?;
        let mut to: File = tempfile::tempfile_in(self.folder.path()).map_err(text)?;
        from.write_all(input).map_err(text)?;
        from.rewind().map_err(text)?;
        loop {
            let status = self
                .command()
                .stdin(Stdio::from(from.try_clone().map_err(text)?))
                .stdout(Stdio::from(to.try_clone().map_err(text)?))
                .status();
            match status {
                // Another test forked a process while the file was open for writing.
                Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                Err(error) => {
                    return Err(match self.oracle {
                        Oracle::Host => format!("this host does not run i386 programs: {error}"),
                        Oracle::Qemu => format!("there is no qemu-i386: {error}"),
                    });
                }
                Ok(status) if status.success() => break,
                Ok(status) => return Err(format!("the i386 program ended with {status}")),
            }
        }
        let mut output = Vec::new();
        to.rewind().map_err(text)?;
        to.read_to_end(&mut output).map_err(text)?;
        Ok(output)
    }
}

/// Returns the input of the program: x87 and SSE, data, stack, general registers, flags, EIP, for
/// each page the rights at first and after a load and a store that fault (255: none), code.
fn record(case: &Case, pages: Pages, float: &[u8; FXSAVE]) -> Vec<u8> {
    let mut bytes = [&float[..], &case.data, &case.stack].concat();
    for word in case.general.iter().chain([&case.eflags, &case.eip]) {
        bytes.extend(word.to_le_bytes());
    }
    for (addr, page) in PAGES.into_iter().zip(pages.all()) {
        let rights = |rights: Rights| match rights {
            Rights::None => 0,
            Rights::Write if addr != CODE => 7,
            _ => 5,
        };
        let after = |write| page.after(write).map_or(255, rights);
        bytes.extend([rights(page.first()), after(false), after(true), 0]);
    }
    bytes.extend([0; 4]);
    bytes.extend(&case.bytes);
    bytes.resize(RECORD, INT3);
    bytes
}

/// Parses the output of the program: resolved faults, CR2 and the signal, the registers as in
/// Linux' `sigcontext_32`, x87 and SSE, data, stack.
fn outcome(result: &Reader) -> Outcome {
    let faults = (0..result.word(0) as usize).map(|i| Fault {
        addr: result.word(4 + 8 * i),
        code: result.word(8 + 8 * i) & 7,
    });
    let register = |index: usize| result.word(144 + 4 * index);
    let [gs, fs, es, ds] = [0, 1, 2, 3].map(register);
    let [edi, esi, ebp, esp, ebx, edx, ecx, eax] = std::array::from_fn(|i| register(4 + i));
    let [vector, code, eip] = [12, 13, 14].map(register);
    let end = match vector {
        3 => End::Next,
        14 => End::PageFault(Fault {
            addr: result.word(136),
            code: code & 7,
        }),
        _ => End::Exception { vector, code },
    };
    let data_segment = |selector: u32| match selector as u16 {
        LINUX_DATA => 0x23,
        other => other,
    };
    Outcome {
        end,
        faults: faults.collect(),
        general: [eax, ecx, edx, ebx, esp, ebp, esi, edi],
        eip: eip - u32::from(end == End::Next),
        eflags: register(16) & FLAGS,
        segments: [ds, es, fs, gs, register(18)].map(data_segment),
        float: Float::of_fxsave(result.bytes::<FXSAVE>(224)),
        data: *result.bytes::<WINDOW>(736),
        stack: *result.bytes::<WINDOW>(1760),
    }
}

/// One result.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn bytes<const N: usize>(&self, at: usize) -> &[u8; N] {
        self.0[at..at + N].try_into().expect("as many")
    }

    fn word(&self, at: usize) -> u32 {
        u32::from_le_bytes(*self.bytes(at))
    }
}
