//! A static i386 program for Linux, as bytes: it reads cases from standard input, runs each one on
//! the host's CPU, and writes what it did to standard output.
//!
//! # Invariants
//!
//! It has the pages of a case where the emulated machine has them, and nothing of its own there.
//! Each case ends in a signal, whose frame has the whole state: page faults that the case's record
//! resolves change the page's rights and return, all others write the result and go on with the
//! next case. One that takes ten seconds ends it all.

use crate::case::{CODE, DATA, STACK};

/// Where the program is loaded; its file begins with its ELF header.
const BASE: u32 = 0x1000_0000;
/// Where its code begins.
const START: u32 = BASE + 0x100;
/// Where its tables begin: the pages of a case, what tells `sigaltstack` of a stack, what tells
/// `rt_sigaction` of the handler, and the signals.
const TABLES: u32 = BASE + 0x1000;
/// Bytes of its memory: code, tables, a record, a result, stacks.
const MEMORY: u32 = 0x1_8000;
/// Where the handler of signals is.
const HANDLER: u32 = BASE + 0x292;

/// What it reads for each case: see `native.rs`.
pub(crate) const RECORD: usize = 0xa60;
/// What it writes.
pub(crate) const RESULT: usize = 0xae0;

/// Returns the file.
pub(crate) fn elf() -> Vec<u8> {
    let size = TABLES - BASE + tables().len() as u32;
    let words = [
        0x464c_457f, // magic
        0x0001_0101, // 32 bits, little-endian
        0,
        0,
        3 << 16 | 2, // i386, executable
        1,
        START,
        52, // program headers
        0,
        0,
        32 << 16 | 52, // sizes of a program header and of this one
        1,             // one program header
        0,
        1, // load
        0,
        BASE,
        BASE,
        size,
        MEMORY,
        7, // readable, writable, executable
        0x1000,
    ];
    let mut file: Vec<u8> = words.into_iter().flat_map(u32::to_le_bytes).collect();
    file.resize((START - BASE) as usize, 0);
    for instruction in PROGRAM {
        file.extend_from_slice(instruction);
    }
    file.resize((TABLES - BASE) as usize, 0);
    file.extend(tables());
    file
}

fn tables() -> Vec<u8> {
    const SA_SIGINFO_ONSTACK_NODEFER: u32 = 0x4800_0004;
    let words = [
        DATA - 0x1000,
        DATA,
        STACK - 0x1000,
        STACK,
        CODE,
        BASE + 0x4000, // the stack of signals
        0,
        0x1_0000,
        HANDLER,
        SA_SIGINFO_ONSTACK_NODEFER,
        0,
        0,
        0,
    ];
    let mut bytes: Vec<u8> = words.into_iter().flat_map(u32::to_le_bytes).collect();
    bytes.extend([4, 5, 7, 8, 11, 0]); // SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV
    bytes
}

/// In the comments DATA, STACK and CODE are the first of two pages.
const PROGRAM: &[&[u8]] = &[
    &[0xbb, 0, 0, 0, 0x0a],                         // start: mov ebx, DATA
    &[0xe8, 0x45, 0, 0, 0],                         // call map
    &[0xbb, 0, 0, 0, 0x0b],                         // mov ebx, STACK
    &[0xe8, 0x3b, 0, 0, 0],                         // call map
    &[0xbb, 0, 0x80, 0x04, 0x08],                   // mov ebx, CODE
    &[0xe8, 0x31, 0, 0, 0],                         // call map
    &[0xb8, 0xba, 0, 0, 0],                         // mov eax, sigaltstack
    &[0xbb, 0x14, 0x10, 0, 0x10],                   // mov ebx, altstack
    &[0x31, 0xc9],                                  // xor ecx, ecx
    &[0xcd, 0x80],                                  // int 0x80
    &[0xbd, 0x34, 0x10, 0, 0x10],                   // mov ebp, signals
    &[0x0f, 0xb6, 0x5d, 0],                         // movzx ebx, byte [ebp+0x0]
    &[0x85, 0xdb],                                  // test ebx, ebx
    &[0x74, 0x5d],                                  // je next
    &[0xb8, 0xae, 0, 0, 0],                         // mov eax, rt_sigaction
    &[0xb9, 0x20, 0x10, 0, 0x10],                   // mov ecx, action
    &[0x31, 0xd2],                                  // xor edx, edx
    &[0xbe, 0x08, 0, 0, 0],                         // mov esi, 0x8
    &[0xcd, 0x80],                                  // int 0x80
    &[0x45],                                        // inc ebp
    &[0xeb, 0xe2],                                  // jmp the movzx above
    &[0xb8, 0xc0, 0, 0, 0],                         // map: mov eax, mmap2
    &[0xb9, 0, 0x20, 0, 0],                         // mov ecx, 0x2000
    &[0xba, 0x07, 0, 0, 0],                         // mov edx, 0x7
    &[0xbe, 0x32, 0, 0, 0],                         // mov esi, 0x32
    &[0x83, 0xcf, 0xff],                            // or edi, 0xffffffff
    &[0x31, 0xed],                                  // xor ebp, ebp
    &[0xcd, 0x80],                                  // int 0x80
    &[0xc3],                                        // ret
    &[0xbb, 0, 0, 0, 0x0a],                         // unprotect: mov ebx, DATA
    &[0xe8, 0x0f, 0, 0, 0],                         // call the mprotect below
    &[0xbb, 0, 0, 0, 0x0b],                         // mov ebx, STACK
    &[0xe8, 0x05, 0, 0, 0],                         // call the mprotect below
    &[0xbb, 0, 0x80, 0x04, 0x08],                   // mov ebx, CODE
    &[0xb8, 0x7d, 0, 0, 0],                         // mov eax, mprotect
    &[0xb9, 0, 0x20, 0, 0],                         // mov ecx, 0x2000
    &[0xba, 0x07, 0, 0, 0],                         // mov edx, 0x7
    &[0xcd, 0x80],                                  // int 0x80
    &[0xc3],                                        // ret
    &[0xbc, 0, 0x80, 0x01, 0x10],                   // next: mov esp, STACK_TOP
    &[0xb8, 0x1b, 0, 0, 0],                         // mov eax, alarm
    &[0xbb, 0x0a, 0, 0, 0],                         // mov ebx, 0xa
    &[0xcd, 0x80],                                  // int 0x80
    &[0x8c, 0xd8],                                  // mov eax, ds
    &[0x8e, 0xe0],                                  // mov fs, eax
    &[0x8e, 0xe8],                                  // mov gs, eax
    &[0xb8, 0x03, 0, 0, 0],                         // mov eax, read
    &[0x31, 0xdb],                                  // xor ebx, ebx
    &[0xb9, 0, 0x20, 0, 0x10],                      // mov ecx, RECORD
    &[0xba, 0x60, 0x0a, 0, 0],                      // mov edx, 0xa60
    &[0xcd, 0x80],                                  // int 0x80
    &[0x3d, 0x60, 0x0a, 0, 0],                      // cmp eax, 0xa60
    &[0x0f, 0x85, 0xbe, 0, 0, 0],                   // jne exit
    &[0xe8, 0x9b, 0xff, 0xff, 0xff],                // call unprotect
    &[0x31, 0xc0],                                  // xor eax, eax
    &[0xbf, 0, 0, 0, 0x0a],                         // mov edi, DATA
    &[0xb9, 0, 0x08, 0, 0],                         // mov ecx, 0x800
    &[0xf3, 0xab],                                  // rep stosd
    &[0xbf, 0, 0, 0, 0x0b],                         // mov edi, STACK
    &[0xb9, 0, 0x08, 0, 0],                         // mov ecx, 0x800
    &[0xf3, 0xab],                                  // rep stosd
    &[0xbe, 0, 0x22, 0, 0x10],                      // mov esi, RECORD + 0x200
    &[0xbf, 0, 0x0e, 0, 0x0a],                      // mov edi, DATA + 0xe00
    &[0xb9, 0, 0x01, 0, 0],                         // mov ecx, 0x100
    &[0xf3, 0xa5],                                  // rep movsd
    &[0xbf, 0, 0x0e, 0, 0x0b],                      // mov edi, STACK + 0xe00
    &[0xb9, 0, 0x01, 0, 0],                         // mov ecx, 0x100
    &[0xf3, 0xa5],                                  // rep movsd
    &[0xbe, 0x40, 0x2a, 0, 0x10],                   // mov esi, RECORD + 0xa40
    &[0x8b, 0x3d, 0x24, 0x2a, 0, 0x10],             // mov edi, RECORD + 0xa24
    &[0xb9, 0x08, 0, 0, 0],                         // mov ecx, 0x8
    &[0xf3, 0xa5],                                  // rep movsd
    &[0x31, 0xf6],                                  // xor esi, esi
    &[0x8b, 0x1c, 0xb5, 0, 0x10, 0, 0x10],          // mov ebx, [esi*4+pages]
    &[0xb9, 0, 0x10, 0, 0],                         // mov ecx, 0x1000
    &[0x0f, 0xb6, 0x14, 0xb5, 0x28, 0x2a, 0, 0x10], // movzx edx, byte [esi*4+RECORD + 0xa28]
    &[0xb8, 0x7d, 0, 0, 0],                         // mov eax, mprotect
    &[0xcd, 0x80],                                  // int 0x80
    &[0x46],                                        // inc esi
    &[0x83, 0xfe, 0x05],                            // cmp esi, 0x5
    &[0x75, 0xdf],                                  // jne the mov ebx above
    &[0xc7, 0x05, 0, 0x30, 0, 0x10, 0, 0, 0, 0],    // mov RESULT, 0x0
    &[0x0f, 0xae, 0x0d, 0, 0x20, 0, 0x10],          // fxrstor RECORD
    &[0xff, 0x35, 0x20, 0x2a, 0, 0x10],             // push RECORD + 0xa20
    &[0x9d],                                        // popf
    &[0xa1, 0, 0x2a, 0, 0x10],                      // mov eax, RECORD + 0xa00
    &[0x8b, 0x0d, 0x04, 0x2a, 0, 0x10],             // mov ecx, RECORD + 0xa04
    &[0x8b, 0x15, 0x08, 0x2a, 0, 0x10],             // mov edx, RECORD + 0xa08
    &[0x8b, 0x1d, 0x0c, 0x2a, 0, 0x10],             // mov ebx, RECORD + 0xa0c
    &[0x8b, 0x25, 0x10, 0x2a, 0, 0x10],             // mov esp, RECORD + 0xa10
    &[0x8b, 0x2d, 0x14, 0x2a, 0, 0x10],             // mov ebp, RECORD + 0xa14
    &[0x8b, 0x35, 0x18, 0x2a, 0, 0x10],             // mov esi, RECORD + 0xa18
    &[0x8b, 0x3d, 0x1c, 0x2a, 0, 0x10],             // mov edi, RECORD + 0xa1c
    &[0xff, 0x25, 0x24, 0x2a, 0, 0x10],             // jmp RECORD + 0xa24
    &[0xb8, 0x01, 0, 0, 0],                         // exit: mov eax, exit
    &[0x31, 0xdb],                                  // xor ebx, ebx
    &[0xcd, 0x80],                                  // int 0x80
    &[0x89, 0xe5],                                  // handler: mov ebp, esp
    &[0x8b, 0x5d, 0x0c],                            // mov ebx, [ebp+0xc]
    &[0x83, 0x7b, 0x44, 0x0e],                      // cmp [ebx+0x44], 0xe
    &[0x75, 0x6a],                                  // jne final
    &[0x8b, 0x43, 0x68],                            // mov eax, [ebx+0x68]
    &[0x8b, 0x0d, 0, 0x30, 0, 0x10],                // mov ecx, RESULT
    &[0x83, 0xf9, 0x0f],                            // cmp ecx, 0xf
    &[0x73, 0x5c],                                  // jae final
    &[0x8b, 0x53, 0x48],                            // mov edx, [ebx+0x48]
    &[0x89, 0x04, 0xcd, 0x04, 0x30, 0, 0x10],       // mov [ecx*8+RESULT + 0x4], eax
    &[0x89, 0x14, 0xcd, 0x08, 0x30, 0, 0x10],       // mov [ecx*8+RESULT + 0x8], edx
    &[0x25, 0, 0xf0, 0xff, 0xff],                   // and eax, 0xfffff000
    &[0x31, 0xf6],                                  // xor esi, esi
    &[0x39, 0x04, 0xb5, 0, 0x10, 0, 0x10],          // cmp [esi*4+pages], eax
    &[0x74, 0x08],                                  // je the lea below
    &[0x46],                                        // inc esi
    &[0x83, 0xfe, 0x05],                            // cmp esi, 0x5
    &[0x75, 0xf1],                                  // jne the cmp above
    &[0xeb, 0x33],                                  // jmp final
    &[0x8d, 0x3c, 0xb5, 0x29, 0x2a, 0, 0x10],       // lea edi, [esi*4+RECORD + 0xa29]
    &[0xf6, 0xc2, 0x02],                            // test dl, 0x2
    &[0x74, 0x01],                                  // je the movzx below
    &[0x47],                                        // inc edi
    &[0x0f, 0xb6, 0x17],                            // movzx edx, byte [edi]
    &[0x80, 0xfa, 0xff],                            // cmp dl, 0xff
    &[0x74, 0x1e],                                  // je final
    &[0xff, 0x05, 0, 0x30, 0, 0x10],                // inc RESULT
    &[0x89, 0xc3],                                  // mov ebx, eax
    &[0xb9, 0, 0x10, 0, 0],                         // mov ecx, 0x1000
    &[0xb8, 0x7d, 0, 0, 0],                         // mov eax, mprotect
    &[0xcd, 0x80],                                  // int 0x80
    &[0x8d, 0x65, 0x04],                            // lea esp, [ebp+0x4]
    &[0xb8, 0xad, 0, 0, 0],                         // mov eax, rt_sigreturn
    &[0xcd, 0x80],                                  // int 0x80
    &[0x8d, 0x73, 0x14],                            // final: lea esi, [ebx+0x14]
    &[0xbf, 0x90, 0x30, 0, 0x10],                   // mov edi, RESULT + 0x90
    &[0xb9, 0x13, 0, 0, 0],                         // mov ecx, 0x13
    &[0xf3, 0xa5],                                  // rep movsd
    &[0x8b, 0x43, 0x68],                            // mov eax, [ebx+0x68]
    &[0xa3, 0x88, 0x30, 0, 0x10],                   // mov RESULT + 0x88, eax
    &[0x8b, 0x45, 0x04],                            // mov eax, [ebp+0x4]
    &[0xa3, 0x8c, 0x30, 0, 0x10],                   // mov RESULT + 0x8c, eax
    &[0x8b, 0x73, 0x60],                            // mov esi, [ebx+0x60]
    &[0x83, 0xc6, 0x70],                            // add esi, 0x70
    &[0xbf, 0xe0, 0x30, 0, 0x10],                   // mov edi, RESULT + 0xe0
    &[0xb9, 0x80, 0, 0, 0],                         // mov ecx, 0x80
    &[0xf3, 0xa5],                                  // rep movsd
    &[0xe8, 0x2e, 0xfe, 0xff, 0xff],                // call unprotect
    &[0xbf, 0xe0, 0x32, 0, 0x10],                   // mov edi, RESULT + 0x2e0
    &[0xbe, 0, 0x0e, 0, 0x0a],                      // mov esi, DATA + 0xe00
    &[0xb9, 0, 0x01, 0, 0],                         // mov ecx, 0x100
    &[0xf3, 0xa5],                                  // rep movsd
    &[0xbe, 0, 0x0e, 0, 0x0b],                      // mov esi, STACK + 0xe00
    &[0xb9, 0, 0x01, 0, 0],                         // mov ecx, 0x100
    &[0xf3, 0xa5],                                  // rep movsd
    &[0xb8, 0x04, 0, 0, 0],                         // mov eax, write
    &[0xbb, 0x01, 0, 0, 0],                         // mov ebx, 0x1
    &[0xb9, 0, 0x30, 0, 0x10],                      // mov ecx, RESULT
    &[0xba, 0xe0, 0x0a, 0, 0],                      // mov edx, 0xae0
    &[0xcd, 0x80],                                  // int 0x80
    &[0xe9, 0x21, 0xfe, 0xff, 0xff],                // jmp next
];
