//! CR2, EIP and registers at a page fault compared with those of the emulator's own walker, for
//! every form of memory operand, around the boundary of pages that may each be absent, read-only,
//! supervisor only, or accessible.

use bare::oracle::{BLOCKS, End, Oracle};
use bare::{Machine, PAGE, Random, code};
use cpu::exit::Exit;
use cpu::registers::Registers;
use machine::addr::{Frame, PhysAddr, VirtAddr};
use machine::mmu::{PageFaultCode, Ring};
use machine::paging::PageDirectory;
use machine::pte::PteFlags;
use machine::work::Work;

/// Two pages of code and three of data.
const CODE: VirtAddr = VirtAddr(0x0804_8000);
const DATA: VirtAddr = VirtAddr(0x0805_0000);
/// The page boundary around which operands lie.
const BORDER: u32 = DATA.0 + 0x1000;
/// Where ring 3 of the oracle finds its first instruction.
const LANDING: VirtAddr = VirtAddr(0x0804_0000);
/// Where instructions lie that are not to cross a border themselves.
const USUAL_EIP: u32 = CODE.0 + 0x100;

struct Pair {
    machine: Machine,
    oracle: Oracle,
    directory: PageDirectory,
    /// Frames of the two pages of code and the three of data.
    frames: [Frame; 5],
}

/// A case: what to run, with which registers, on which pages.
#[derive(Clone, Debug)]
struct Case {
    instruction: Vec<u8>,
    eip: u32,
    registers: Registers,
    /// Flags of the second page of code and the three pages of data; empty for an absent page.
    pages: [PteFlags; 4],
}

impl Pair {
    fn new() -> Pair {
        let mut machine = Machine::new();
        let directory = machine.space();
        machine.place(&directory, LANDING, &[0xcd, 0x30]);
        let frames = std::array::from_fn(|_| machine.frame());
        machine.map(&directory, CODE.page(), frames[0], PteFlags::USER_READ);
        let layout = machine.tables.layout();
        let spare = Frame::new(layout.kernel_frames() - 1);
        let alias = layout.alias(spare).unwrap().start();
        let oracle = Oracle::new(&machine.memory, directory.root(), (spare, alias), LANDING);
        Pair {
            machine,
            oracle,
            directory,
            frames,
        }
    }

    /// Runs a case on both. Returns whether it was a page fault.
    fn compare(&mut self, case: &Case) -> bool {
        self.set_up(case);
        let registers = Registers {
            eip: case.eip,
            ..case.registers
        };
        let exit = self.run_ours(&registers);
        let ours = self.machine.cpu.registers();
        let root = self.directory.root();
        let end = match sees_the_trap_flag(&case.instruction) {
            true => self.oracle.run(root, &registers, Ring::User),
            false => self.oracle.step(root, &registers, Ring::User),
        };
        let what = format!("{case:#x?}\n{exit:#x?} at {:#x}\n{end:#x?}", ours.eip);
        if exit == Exit::Tick || end == End::Limit || is_intended(case, &exit, ours.eip) {
            return false;
        }
        match exit {
            Exit::PageFault(fault) => {
                assert_eq!(End::PageFault { cr2: fault.addr }, end, "{what}");
                let present = self.machine.pte(&self.directory, fault.addr).is_present();
                assert_eq!(
                    fault.code.contains(PageFaultCode::PRESENT),
                    present,
                    "{what}"
                );
            }
            Exit::Syscall => assert_eq!(end, End::Interrupt(0x30), "{what}"),
            Exit::Exception { exception, .. } => {
                let expected = match end {
                    End::Interrupt(number) => number,
                    End::InvalidOpcode => 6,
                    _ => panic!("{what}"),
                };
                assert_eq!(exception.vector(), expected, "{what}");
            }
            Exit::Tick | Exit::Debug(_) => unreachable!(),
        }
        if !reads_descriptors(&case.instruction) {
            self.compare_state(&ours, &what);
        }
        matches!(exit, Exit::PageFault(_))
    }

    fn set_up(&mut self, case: &Case) {
        let rights_of_the_kernel = uses_the_rights_of_the_kernel(&case.instruction);
        let [first, ..] = self.frames;
        for frame in self.frames {
            self.machine.memory.zero(frame);
        }
        let places = [CODE.0 + 0x1000, DATA.0, DATA.0 + 0x1000, DATA.0 + 0x2000].map(VirtAddr);
        for ((place, frame), flags) in places.iter().zip(&self.frames[1..]).zip(case.pages) {
            if flags.is_empty() || rights_of_the_kernel && !flags.contains(PteFlags::USER) {
                self.machine.unmap(&self.directory, place.page());
            } else {
                let page = place.page();
                self.machine
                    .map(&self.directory, page, *frame, flags | PteFlags::USER);
                if !flags.contains(PteFlags::USER) {
                    self.machine.clear(&self.directory, page, PteFlags::USER);
                }
            }
        }
        // The instruction, at any address, and a system call after it.
        let bytes = code(&[&case.instruction, &[0xcd, 0x30]]);
        for (index, byte) in bytes.iter().enumerate() {
            let offset = case.eip - CODE.0 + index as u32;
            let frame = if offset < PAGE as u32 {
                first
            } else {
                self.frames[1]
            };
            self.machine
                .memory
                .write(PhysAddr(frame.start().0 + offset % PAGE as u32), &[*byte]);
        }
        for frame in self.changing_frames() {
            self.oracle.sync(&self.machine.memory, frame);
        }
    }

    fn run_ours(&mut self, registers: &Registers) -> Exit {
        let mut context = self.machine.cpu.new_context(VirtAddr(0), VirtAddr(0));
        context.set_registers(registers);
        self.machine.cpu.resume(&context, self.directory.root());
        let until = self.machine.cpu.work() + Work(BLOCKS.into());
        self.machine.cpu.run(until)
    }

    /// Compares registers and everything the instruction may have written, A and D bits included.
    fn compare_state(&mut self, ours: &Registers, what: &str) {
        let eip = ours.eip;
        use unicorn_engine::RegisterX86::*;
        let theirs = [EAX, EBX, ECX, EDX, ESI, EDI, EBP, ESP, EIP, EFLAGS]
            .map(|register| self.oracle.register(register));
        let ours = [
            ours.eax,
            ours.ebx,
            ours.ecx,
            ours.edx,
            ours.esi,
            ours.edi,
            ours.ebp,
            ours.esp,
            ours.eip,
            ours.eflags,
        ];
        assert_eq!(
            ours, theirs,
            "registers eax ebx ecx edx esi edi ebp esp eip flags\n{what}"
        );
        for frame in self.changing_frames() {
            let mut own = [0; PAGE];
            self.machine.memory.read(frame.start(), &mut own);
            let mut theirs = self.oracle.frame(frame);
            self.ignore_prefetch(frame, eip, &own, &mut theirs);
            // The address of descriptors, which the kernel's half determines, may differ.
            let end = if frame == self.directory.root() {
                768 * 4
            } else {
                PAGE
            };
            let differs = (0..end).find(|at| own[*at] != theirs[*at]);
            assert_eq!(differs, None, "content of frame {frame}\n{what}");
        }
    }

    /// Ignores A of the page after EIP's: it may have been fetched before an earlier instruction
    /// faulted. Hardware does the same.
    fn ignore_prefetch(&self, frame: Frame, eip: u32, own: &[u8; PAGE], theirs: &mut [u8; PAGE]) {
        let Some(page) = VirtAddr(eip).page().checked_add(1) else {
            return;
        };
        let tables = self.machine.tables.user_tables(&self.directory);
        if tables.contains(&(page.directory_index(), frame)) {
            let accessed = PteFlags::ACCESSED.bits() as u8;
            theirs[4 * page.table_index()] |= own[4 * page.table_index()] & accessed;
        }
    }

    fn changing_frames(&self) -> Vec<Frame> {
        let tables = self.machine.tables.user_tables(&self.directory);
        let tables = tables.into_iter().map(|(_, frame)| frame);
        tables
            .chain([self.directory.root()])
            .chain(self.frames)
            .collect()
    }
}

/// Returns whether our CPU intentionally differs from the bare emulator.
fn is_intended(case: &Case, exit: &Exit, eip: u32) -> bool {
    use iced_x86::{Code, Mnemonic::*};
    // The emulator lets far calls and returns use kernel memory as their stack.
    let far = uses_the_rights_of_the_kernel(&case.instruction);
    if far && matches!(exit, Exit::PageFault(fault) if !fault.addr.is_user()) {
        return true;
    }
    let skipped = eip.wrapping_sub(case.eip) as usize;
    let Some(at_eip) = case.instruction.get(skipped..).map(decoded) else {
        return false;
    };
    // The oracle continues after what looks like a single step.
    let int1 = skipped > 0 && case.instruction.get(skipped - 1) == Some(&0xf1);
    if int1
        && matches!(
            exit,
            Exit::Exception {
                exception: cpu::exception::Exception::Debug,
                ..
            }
        )
    {
        return true;
    }
    // The oracle permits port I/O, `sysenter`, `syscall` and every `int`.
    let refused = matches!(
        at_eip.mnemonic(),
        In | Out | Insb | Insw | Insd | Outsb | Outsw | Outsd
    ) || matches!(at_eip.mnemonic(), Sysenter | Syscall)
        || at_eip.code() == Code::Int_imm8;
    // The emulator executes some invalid instructions, or makes accesses for them; and it does not
    // know the second form of `test`.
    let unknown = at_eip.is_invalid()
        || matches!(
            at_eip.code(),
            Code::Test_rm8_imm8_F6r1 | Code::Test_rm16_imm16_F7r1 | Code::Test_rm32_imm32_F7r1
        );
    unknown || refused && matches!(exit, Exit::Exception { .. })
}

fn decoded(instruction: &[u8]) -> iced_x86::Instruction {
    iced_x86::Decoder::new(32, instruction, iced_x86::DecoderOptions::NO_INVALID_CHECK).decode()
}

/// Every form of memory operand, by name. EBX, ESI, EDI, EBP and ESP point around the boundary.
const FORMS: &[(&str, &[u8])] = &[
    ("mov eax, [ebx]", &[0x8b, 0x03]),
    ("mov [ebx], eax", &[0x89, 0x03]),
    ("mov ax, [ebx]", &[0x66, 0x8b, 0x03]),
    ("mov [ebx], al", &[0x88, 0x03]),
    ("mov eax, [ebp+8]", &[0x8b, 0x45, 0x08]),
    ("mov [esp+4], ecx", &[0x89, 0x4c, 0x24, 0x04]),
    ("mov eax, [ebx+ecx*4-8]", &[0x8b, 0x44, 0x8b, 0xf8]),
    ("mov eax, [DATA+0xffe]", &[0xa1, 0xfe, 0x0f, 0x05, 0x08]),
    ("mov [DATA+0xfff], eax", &[0xa3, 0xff, 0x0f, 0x05, 0x08]),
    ("mov eax, fs:[ebx]", &[0x64, 0x8b, 0x03]),
    ("mov eax, [bx]", &[0x67, 0x8b, 0x07]),
    ("mov dword [edi], 1", &[0xc7, 0x07, 1, 0, 0, 0]),
    ("add [ebx], eax", &[0x01, 0x03]),
    ("add eax, [ebx]", &[0x03, 0x03]),
    ("lock add [ebx], eax", &[0xf0, 0x01, 0x03]),
    ("inc dword [esi]", &[0xff, 0x06]),
    ("neg dword [esi]", &[0xf7, 0x1e]),
    ("cmp [ebx], eax", &[0x39, 0x03]),
    ("test [ebx], eax", &[0x85, 0x03]),
    ("xchg [ebx], eax", &[0x87, 0x03]),
    ("xadd [ebx], eax", &[0x0f, 0xc1, 0x03]),
    ("cmpxchg [ebx], ecx", &[0x0f, 0xb1, 0x0b]),
    ("cmpxchg8b [ebx]", &[0x0f, 0xc7, 0x0b]),
    ("lock cmpxchg8b [ebx]", &[0xf0, 0x0f, 0xc7, 0x0b]),
    ("shl dword [ebx], 3", &[0xc1, 0x23, 3]),
    ("shld [ebx], eax, 4", &[0x0f, 0xa4, 0x03, 4]),
    ("imul eax, [ebx]", &[0x0f, 0xaf, 0x03]),
    ("div dword [ebx]", &[0xf7, 0x33]),
    ("movzx eax, word [ebx]", &[0x0f, 0xb7, 0x03]),
    ("movsx eax, byte [ebx]", &[0x0f, 0xbe, 0x03]),
    ("cmovz eax, [ebx]", &[0x0f, 0x44, 0x03]),
    ("setz [ebx]", &[0x0f, 0x94, 0x03]),
    ("bsf eax, [ebx]", &[0x0f, 0xbc, 0x03]),
    ("bound eax, [ebx]", &[0x62, 0x03]),
    ("arpl [ebx], ax", &[0x63, 0x03]),
    ("les eax, [ebx]", &[0xc4, 0x03]),
    ("lss eax, [ebx]", &[0x0f, 0xb2, 0x03]),
    ("sgdt [ebx]", &[0x0f, 0x01, 0x03]),
    ("smsw [ebx]", &[0x0f, 0x01, 0x23]),
    ("str [ebx]", &[0x0f, 0x00, 0x0b]),
    ("verr [ebx]", &[0x0f, 0x00, 0x23]),
    ("lar eax, [ebx]", &[0x0f, 0x02, 0x03]),
    ("mov [ebx], ds", &[0x8c, 0x1b]),
    ("mov es, [ebx]", &[0x8e, 0x03]),
    ("bt [ebx], eax", &[0x0f, 0xa3, 0x03]),
    ("bts [ebx], eax", &[0x0f, 0xab, 0x03]),
    ("btr [ebx], ax", &[0x66, 0x0f, 0xb3, 0x03]),
    ("btc [ebx], 7", &[0x0f, 0xba, 0x3b, 7]),
    ("bt [ebx], 200", &[0x0f, 0xba, 0x23, 200]),
    ("xlat", &[0xd7]),
    ("movsb", &[0xa4]),
    ("movsd", &[0xa5]),
    ("rep movsb", &[0xf3, 0xa4]),
    ("rep movsd", &[0xf3, 0xa5]),
    ("std; rep movsd", &[0xfd, 0xf3, 0xa5]),
    ("rep stosd", &[0xf3, 0xab]),
    ("stosw", &[0x66, 0xab]),
    ("lodsd", &[0xad]),
    ("rep lodsb", &[0xf3, 0xac]),
    ("cmpsd", &[0xa7]),
    ("repe cmpsb", &[0xf3, 0xa6]),
    ("repne cmpsw", &[0xf2, 0x66, 0xa7]),
    ("scasd", &[0xaf]),
    ("repne scasb", &[0xf2, 0xae]),
    ("rep movsd, 16-bit addresses", &[0x67, 0xf3, 0xa5]),
    ("push eax", &[0x50]),
    ("push ax", &[0x66, 0x50]),
    ("push 7", &[0x6a, 7]),
    ("push dword [ebx]", &[0xff, 0x33]),
    ("push dword [esp+8]", &[0xff, 0x74, 0x24, 8]),
    ("push fs", &[0x0f, 0xa0]),
    ("pop eax", &[0x58]),
    ("pop ax", &[0x66, 0x58]),
    ("pop dword [ebx]", &[0x8f, 0x03]),
    ("pop dword [esp]", &[0x8f, 0x04, 0x24]),
    ("pop dword [esp+4]", &[0x8f, 0x44, 0x24, 4]),
    ("pop word [esp+4]", &[0x66, 0x8f, 0x44, 0x24, 4]),
    ("pop es", &[0x07]),
    ("pushf", &[0x9c]),
    ("popf", &[0x9d]),
    ("pusha", &[0x60]),
    ("pushaw", &[0x66, 0x60]),
    ("popa", &[0x61]),
    ("popaw", &[0x66, 0x61]),
    ("enter 16, 0", &[0xc8, 16, 0, 0]),
    ("enter 16, 1", &[0xc8, 16, 0, 1]),
    ("enter 16, 4", &[0xc8, 16, 0, 4]),
    ("enterw 16, 3", &[0x66, 0xc8, 16, 0, 3]),
    ("leave", &[0xc9]),
    ("leavew", &[0x66, 0xc9]),
    ("call next", &[0xe8, 0, 0, 0, 0]),
    ("call eax", &[0xff, 0xd0]),
    ("call [ebx]", &[0xff, 0x13]),
    ("call far 0x1b:0", &[0x9a, 0, 0, 0, 0, 0x1b, 0]),
    ("call far [ebx]", &[0xff, 0x1b]),
    ("jmp [ebx]", &[0xff, 0x23]),
    ("jmp far [ebx]", &[0xff, 0x2b]),
    ("jmp eax", &[0xff, 0xe0]),
    ("ret", &[0xc3]),
    ("ret 8", &[0xc2, 8, 0]),
    ("retf", &[0xcb]),
    ("iret", &[0xcf]),
    ("fld dword [ebx]", &[0xd9, 0x03]),
    ("fld qword [ebx]", &[0xdd, 0x03]),
    ("fld tword [ebx]", &[0xdb, 0x2b]),
    ("fldz; fstp dword [ebx]", &[0xd9, 0xee, 0xd9, 0x1b]),
    ("fldz; fstp qword [ebx]", &[0xd9, 0xee, 0xdd, 0x1b]),
    ("fldz; fstp tword [ebx]", &[0xd9, 0xee, 0xdb, 0x3b]),
    ("fild word [ebx]", &[0xdf, 0x03]),
    ("fldz; fistp qword [ebx]", &[0xd9, 0xee, 0xdf, 0x3b]),
    ("fldz; fbstp [ebx]", &[0xd9, 0xee, 0xdf, 0x33]),
    ("fbld [ebx]", &[0xdf, 0x23]),
    ("fldz; fadd qword [ebx]", &[0xd9, 0xee, 0xdc, 0x03]),
    ("fnstcw [ebx]", &[0xd9, 0x3b]),
    ("fldcw [ebx]", &[0xd9, 0x2b]),
    ("fnstsw [ebx]", &[0xdd, 0x3b]),
    ("fnstenv [ebx]", &[0xd9, 0x33]),
    ("fldenv [ebx]", &[0xd9, 0x23]),
    ("fnsave [ebx]", &[0xdd, 0x33]),
    ("fnsavew [ebx]", &[0x66, 0xdd, 0x33]),
    ("frstor [ebx]", &[0xdd, 0x23]),
    ("fxsave [ebx]", &[0x0f, 0xae, 0x03]),
    ("fxrstor [ebx]", &[0x0f, 0xae, 0x0b]),
    ("ldmxcsr [ebx]", &[0x0f, 0xae, 0x13]),
    ("stmxcsr [ebx]", &[0x0f, 0xae, 0x1b]),
    ("movups xmm0, [ebx]", &[0x0f, 0x10, 0x03]),
    ("movups [ebx], xmm0", &[0x0f, 0x11, 0x03]),
    ("movaps [ebx], xmm0", &[0x0f, 0x29, 0x03]),
    ("movss xmm0, [ebx]", &[0xf3, 0x0f, 0x10, 0x03]),
    ("movlps [ebx], xmm0", &[0x0f, 0x13, 0x03]),
    ("movhps xmm0, [ebx]", &[0x0f, 0x16, 0x03]),
    ("addps xmm0, [ebx]", &[0x0f, 0x58, 0x03]),
    ("cvtps2pi mm0, [ebx]", &[0x0f, 0x2d, 0x03]),
    ("movq mm0, [ebx]", &[0x0f, 0x6f, 0x03]),
    ("movq [ebx], mm0", &[0x0f, 0x7f, 0x03]),
    ("movntq [ebx], mm0", &[0x0f, 0xe7, 0x03]),
    ("paddb mm0, [ebx]", &[0x0f, 0xfc, 0x03]),
    (
        "pcmpeqb mm0, mm0; maskmovq mm1, mm0",
        &[0x0f, 0x74, 0xc0, 0x0f, 0xf7, 0xc8],
    ),
];

/// Generates registers that point around the boundary, and small numbers in the others.
fn random_registers(random: &mut Random) -> Registers {
    let mut near = |spread: u32| BORDER + random.below(2 * spread) - spread;
    let (ebx, esi, edi) = (near(24), near(12), near(12));
    let (ebp, esp) = (near(24), near(40) & !3);
    Registers {
        eax: [0, 1, 0x40, 0xffff_ffe0, CODE.0 + 0xffd][random.below(5) as usize],
        ecx: random.below(6),
        edx: random.below(2),
        ebx: if random.below(8) == 0 {
            (ebx & !0xf) - 0x100 + random.below(32) * 16
        } else {
            ebx
        },
        esi,
        edi,
        ebp,
        esp,
        eflags: 0x202 | [0, 0x40, 0x400, 0x8d5][random.below(4) as usize],
        ..Registers::default()
    }
}

fn random_pages(random: &mut Random) -> [PteFlags; 4] {
    std::array::from_fn(|_| match random.below(8) {
        0..3 => PteFlags::empty(),
        3 => PteFlags::USER_READ,
        4 => PteFlags::PRESENT | PteFlags::WRITABLE,
        _ => PteFlags::USER_WRITE,
    })
}

fn random_case(instruction: &[u8], random: &mut Random) -> Case {
    let to_border = PAGE as u32 - random.below(instruction.len() as u32 + 2);
    let at_border = random.below(3) == 0 && !sees_the_trap_flag(instruction);
    Case {
        instruction: instruction.to_vec(),
        eip: if at_border {
            CODE.0 + to_border
        } else {
            USUAL_EIP
        },
        registers: random_registers(random),
        pages: random_pages(random),
    }
}

/// Returns whether an instruction exposes a difference between the machines: the address of
/// descriptors, and that only ours has a task register.
fn reads_descriptors(instruction: &[u8]) -> bool {
    use iced_x86::Mnemonic::*;
    let first = decoded(instruction);
    matches!(first.mnemonic(), Sgdt | Str | Lar | Lsl)
}

/// Returns whether the bare emulator wrongly makes accesses of an instruction with the rights of
/// ring 0: far calls and returns, also among bytes that run only after the first instruction.
/// Supervisor pages are then left out.
fn uses_the_rights_of_the_kernel(instruction: &[u8]) -> bool {
    instruction
        .iter()
        .any(|byte| matches!(byte, 0x9a | 0xca | 0xcb | 0xcf | 0xff))
}

/// Returns whether stepping with the trap flag would be visible: a `pushf`, `popf` or `iret`, also
/// among bytes that run only after a jump into the instruction.
fn sees_the_trap_flag(instruction: &[u8]) -> bool {
    instruction
        .iter()
        .any(|byte| matches!(byte, 0x9c | 0x9d | 0xcf))
}

#[test]
fn every_form_of_operand_faults_where_the_hardware_walker_says() {
    let mut pair = Pair::new();
    let mut random = Random::new(3);
    for (name, instruction) in FORMS {
        let mut faults = 0;
        for _ in 0..80 {
            faults += u32::from(pair.compare(&random_case(instruction, &mut random)));
        }
        assert!(faults > 10, "{name} faulted {faults} times");
    }
}

#[test]
fn random_instructions_do_what_they_do_on_the_bare_emulator() {
    let mut pair = Pair::new();
    let mut random = Random::new(4);
    let mut faults = 0;
    for _ in 0..20_000 {
        let instruction = random_instruction(&mut random);
        if aborts_the_translator(&instruction)
            || sees_the_trap_flag(&instruction)
            || loses_the_flags(&instruction)
        {
            continue;
        }
        faults += u32::from(pair.compare(&random_case(&instruction, &mut random)));
    }
    assert!(faults > 4000, "{faults} faults");
}

/// Returns whether the oracle, unlike our CPU, would crash.
fn aborts_the_translator(instruction: &[u8]) -> bool {
    use iced_x86::{Mnemonic::*, OpKind};
    let first = decoded(instruction);
    matches!(first.mnemonic(), Bt | Bts | Btr | Btc)
        && first.has_lock_prefix()
        && first.op0_kind() == OpKind::Register
}

/// Returns whether it is `loopz` or `loopnz`, after which the emulator's flags are only right in
/// single steps.
fn loses_the_flags(instruction: &[u8]) -> bool {
    instruction.iter().any(|byte| matches!(byte, 0xe0 | 0xe1))
}

/// Generates any opcode of one or two bytes, perhaps with prefixes, an operand near the boundary,
/// and an immediate.
fn random_instruction(random: &mut Random) -> Vec<u8> {
    const PREFIXES: [u8; 8] = [0x66, 0x67, 0xf2, 0xf3, 0xf0, 0x2e, 0x64, 0x3e];
    let mut bytes = Vec::new();
    while random.below(3) == 0 && bytes.len() < 3 {
        bytes.push(PREFIXES[random.below(8) as usize]);
    }
    if random.below(2) == 0 {
        bytes.push(0x0f);
    }
    bytes.push(random.draw() as u8);
    let reg = (random.draw() as u8 & 7) << 3;
    match random.below(4) {
        0 => bytes.push(0xc0 | reg | (random.draw() as u8 & 7)),
        1 => bytes.push(reg | 3),
        2 => bytes.extend([0x40 | reg | 6, random.draw() as u8 & 0x1f]),
        _ => bytes.extend([0x44 | reg, 0x24, random.draw() as u8 & 0x1f]),
    }
    bytes.extend([random.draw() as u8, 0, 0, 0]);
    bytes
}
