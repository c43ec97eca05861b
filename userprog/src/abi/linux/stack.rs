//! How a program finds its arguments, its environment and what the kernel tells it on the stack.
//!
//! ```text
//! 0xc0000000  end of the stack
//!             zeros, 4 bytes, and those of the layout's gap
//!             strings: the program's path, environment, arguments; the platform; 16 random bytes
//!             the auxiliary vector: pairs of a kind and a value, ended by AT_NULL
//!             the environment's pointers and 0
//!             argv[argc] = 0
//!             argv[argc - 1] ... argv[0]
//! esp ->      argc, at a multiple of 16
//! ```
//!
//! # Invariants
//! Arguments and environment together take at most [`MAX_BYTES`].

use machine::addr::{KERNEL_BASE, PAGE_SIZE, VirtAddr};
use thiserror::Error;

use crate::args::InitialStack;
use crate::elf::Program;

/// Arguments and environment are too long.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("arguments and environment take more than {MAX_BYTES} bytes")]
pub struct TooLarge;

/// What arguments and environment may take together, pointers and all.
const MAX_BYTES: usize = 128 << 10;

/// What `cpuid` says of the CPU, in EDX of leaf 1: a Pentium 4 with SSE2.
const HWCAP: u32 = 0x0788_a131;
/// Ticks of `times` in a second.
pub(super) const CLOCK_TICKS: u32 = 100;

/// Kinds of entries of the auxiliary vector.
#[derive(Clone, Copy)]
#[repr(u32)]
enum Auxiliary {
    Null = 0,
    ProgramHeaders = 3,
    ProgramHeaderSize = 4,
    ProgramHeaderCount = 5,
    PageSize = 6,
    Base = 7,
    Flags = 8,
    Entry = 9,
    Uid = 11,
    EffectiveUid = 12,
    Gid = 13,
    EffectiveGid = 14,
    Platform = 15,
    Hwcap = 16,
    ClockTicks = 17,
    Secure = 23,
    Random = 25,
    Executable = 31,
}

/// Strings that are put on the stack from its end downwards.
struct Strings {
    /// In the order of their addresses from the highest down.
    parts: Vec<Vec<u8>>,
    lowest: u32,
}

impl Strings {
    fn below(gap: u32) -> Strings {
        let zeros = 4 + gap;
        Strings {
            parts: vec![vec![0; zeros as usize]],
            lowest: KERNEL_BASE.0 - zeros,
        }
    }

    /// Puts bytes below what is there; returns where.
    fn put(&mut self, bytes: Vec<u8>) -> u32 {
        self.lowest -= bytes.len() as u32;
        self.parts.push(bytes);
        self.lowest
    }

    fn put_text(&mut self, text: &[u8]) -> u32 {
        self.put([text, &[0]].concat())
    }
}

/// What a program finds on its stack.
#[derive(Clone, Copy)]
pub(crate) struct Told<'a> {
    /// The path of its file.
    pub path: &'a [u8],
    /// Its arguments, from its name on.
    pub arguments: &'a [Vec<u8>],
    pub environment: &'a [Vec<u8>],
    pub random: [u8; 16],
    /// Where its interpreter is; 0 if it has none.
    pub interpreter: u32,
    /// Bytes that stay free at the stack's end.
    pub gap: u32,
}

/// The stack that a program starts with.
///
/// # Errors
/// [`TooLarge`]
pub(crate) fn initial_stack(program: &Program, told: Told<'_>) -> Result<InitialStack, TooLarge> {
    let (arguments, environment) = (told.arguments, told.environment);
    let words = || arguments.iter().chain(environment);
    let bytes: usize = words().map(|word| word.len() + 1 + 4).sum();
    if bytes + told.path.len() > MAX_BYTES {
        return Err(TooLarge);
    }
    let mut strings = Strings::below(told.gap);
    let path = strings.put_text(told.path);
    let mut put_all = |words: &[Vec<u8>]| -> Vec<u32> {
        let reversed = words.iter().rev();
        let mut addresses: Vec<u32> = reversed.map(|word| strings.put_text(word)).collect();
        addresses.reverse();
        addresses
    };
    let environment = put_all(environment);
    let arguments = put_all(arguments);
    let platform = strings.put_text(b"i686");
    let random = strings.put(told.random.to_vec());
    let known = Known {
        path,
        platform,
        random,
        interpreter: told.interpreter,
    };

    let mut below = vec![arguments.len() as u32];
    below.extend(arguments);
    below.push(0);
    below.extend(environment);
    below.push(0);
    for (kind, value) in auxiliary(program, known) {
        below.extend([kind as u32, value]);
    }
    let pointer = (strings.lowest - 4 * below.len() as u32) & !15;
    let mut bytes: Vec<u8> = below.iter().flat_map(|word| word.to_le_bytes()).collect();
    bytes.resize((strings.lowest - pointer) as usize, 0);
    bytes.extend(strings.parts.into_iter().rev().flatten());
    Ok(InitialStack {
        bytes,
        pointer: VirtAddr(pointer),
    })
}

/// Addresses that the auxiliary vector has.
#[derive(Debug)]
struct Known {
    path: u32,
    platform: u32,
    random: u32,
    interpreter: u32,
}

fn auxiliary(program: &Program, known: Known) -> [(Auxiliary, u32); 18] {
    use Auxiliary::*;
    let headers = program.headers;
    [
        (Hwcap, HWCAP),
        (PageSize, PAGE_SIZE),
        (ClockTicks, CLOCK_TICKS),
        (ProgramHeaders, headers.map_or(0, |headers| headers.start)),
        (ProgramHeaderSize, crate::elf::HEADER_BYTES as u32),
        (
            ProgramHeaderCount,
            headers.map_or(0, |headers| headers.count),
        ),
        (Base, known.interpreter),
        (Flags, 0),
        (Entry, program.entry),
        (Uid, 0),
        (EffectiveUid, 0),
        (Gid, 0),
        (EffectiveGid, 0),
        (Secure, 0),
        (Random, known.random),
        (Executable, known.path),
        (Platform, known.platform),
        (Null, 0),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::Abi;
    use crate::elf::HeaderTable;

    fn program() -> Program {
        Program {
            entry: 0x0804_8100,
            moved_by: 0,
            interpreter: None,
            segments: Vec::new(),
            headers: Some(HeaderTable {
                start: 0x0804_8034,
                count: 2,
            }),
            abi: Abi::Linux,
        }
    }

    fn word(stack: &InitialStack, addr: u32) -> u32 {
        let at = (addr - stack.pointer.0) as usize;
        u32::from_le_bytes(stack.bytes[at..at + 4].try_into().unwrap())
    }

    fn string(stack: &InitialStack, addr: u32) -> &[u8] {
        let from = &stack.bytes[(addr - stack.pointer.0) as usize..];
        from.split(|byte| *byte == 0).next().unwrap()
    }

    #[test]
    fn arguments_environment_and_auxiliary_vector_follow_each_other() {
        let words = |words: &[&str]| {
            words
                .iter()
                .map(|w| w.as_bytes().to_vec())
                .collect::<Vec<_>>()
        };
        let told = Told {
            path: b"/p",
            arguments: &words(&["p", "a b", ""]),
            environment: &words(&["HOME=/"]),
            random: [7; 16],
            interpreter: 0xb7f0_0000,
            gap: 0x20,
        };
        let stack = initial_stack(&program(), told).unwrap();
        let esp = stack.pointer.0;
        assert_eq!(esp % 16, 0);
        assert_eq!(esp + stack.bytes.len() as u32, KERNEL_BASE.0);
        assert_eq!(word(&stack, esp), 3);
        let text = |index: u32| string(&stack, word(&stack, esp + 4 * index));
        assert_eq!(
            (text(1), text(2), text(3)),
            (&b"p"[..], &b"a b"[..], &b""[..])
        );
        assert_eq!(word(&stack, esp + 16), 0);
        assert_eq!(text(5), b"HOME=/");
        assert_eq!(word(&stack, esp + 24), 0);
        let mut found = std::collections::BTreeMap::new();
        for pair in 0.. {
            let at = esp + 28 + 8 * pair;
            found.insert(word(&stack, at), word(&stack, at + 4));
            if word(&stack, at) == 0 {
                break;
            }
        }
        assert_eq!(
            (found[&3], found[&5], found[&9]),
            (0x0804_8034, 2, 0x0804_8100)
        );
        assert_eq!(found[&7], 0xb7f0_0000);
        assert_eq!(found[&31], KERNEL_BASE.0 - 0x20 - 4 - 3);
        assert_eq!(string(&stack, found[&31]), b"/p");
        assert_eq!(string(&stack, found[&25])[..16], [7; 16]);
    }

    #[test]
    fn what_is_too_long_is_refused() {
        let told = Told {
            path: b"/p",
            arguments: &[vec![b'a'; MAX_BYTES]],
            environment: &[],
            random: [0; 16],
            interpreter: 0,
            gap: 0,
        };
        assert_eq!(initial_stack(&program(), told), Err(TooLarge));
    }
}
