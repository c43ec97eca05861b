//! The bytes that an instruction accesses, in the order of the emulator: for watchpoints and
//! reference strings.
//!
//! The instruction at EIP is decoded, and its explicit and implied operands are listed.

use std::ops::Range;

use iced_x86::{
    Code, CodeSize, Instruction, InstructionInfoFactory, Mnemonic, OpAccess, OpKind, Register,
    UsedMemory,
};
use machine::addr::{Page, VirtAddr};

use crate::watch::WatchKind;

/// One access of an instruction to memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Touch {
    addr: u32,
    bytes: u32,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Load,
    Store,
    LoadAndStore,
}

impl Touch {
    /// Returns its first byte in the range, if it is of that kind and has one there.
    fn first_within(&self, range: &Range<u32>, kind: WatchKind) -> Option<VirtAddr> {
        let wanted = match kind {
            WatchKind::Write => self.kind != Kind::Load,
            WatchKind::Read => self.kind != Kind::Store,
            WatchKind::Access => true,
        };
        let end = self.addr.saturating_add(self.bytes.max(1));
        let first = self.addr.max(range.start);
        (wanted && first < end.min(range.end)).then_some(VirtAddr(first))
    }

    /// Returns the page on which it begins, if it ends on another.
    fn page_left_behind(&self) -> Option<Page> {
        let first = VirtAddr(self.addr).page();
        let last = VirtAddr(self.addr.wrapping_add(self.bytes.max(1) - 1)).page();
        (first != last).then_some(first)
    }
}

/// Lists the accesses of instructions. Reused, since the decoder's tables are costly to set up.
#[derive(Debug)]
pub(crate) struct Accesses {
    factory: InstructionInfoFactory,
    /// The last instruction and its operands, cached because a loop faults at the same one again.
    last: Instruction,
    operands: Vec<UsedMemory>,
    list: Vec<Touch>,
}

impl Default for Accesses {
    fn default() -> Accesses {
        Accesses {
            factory: InstructionInfoFactory::new(),
            last: Instruction::default(),
            operands: Vec::new(),
            list: Vec::new(),
        }
    }
}

impl Accesses {
    /// Returns the first byte in `range` to which `instruction` makes an access of that kind.
    pub(crate) fn first_within(
        &mut self,
        range: &Range<u32>,
        kind: WatchKind,
        instruction: &Instruction,
        read: impl Fn(Register) -> u32,
    ) -> Option<VirtAddr> {
        self.collect(instruction, &read);
        let mut found = self.list.iter();
        found.find_map(|touch| touch.first_within(range, kind))
    }

    /// The pages on which accesses of `instruction` begin that end on the next page. `read` gives
    /// the value of a general register as it is before the instruction, or the base of a segment.
    pub(crate) fn pages_left_behind(
        &mut self,
        instruction: &Instruction,
        read: impl Fn(Register) -> u32,
    ) -> Vec<Page> {
        self.collect(instruction, &read);
        self.list
            .iter()
            .filter_map(Touch::page_left_behind)
            .collect()
    }

    /// Lists the accesses of an instruction.
    fn collect(&mut self, instruction: &Instruction, read: &dyn Fn(Register) -> u32) {
        self.list.clear();
        match instruction.mnemonic() {
            Mnemonic::Pushad => self.push_all(4, read),
            Mnemonic::Pusha => self.push_all(2, read),
            Mnemonic::Popad => self.pop_all(4, read),
            Mnemonic::Popa => self.pop_all(2, read),
            _ => self.operands(instruction, read),
        }
        match instruction.mnemonic() {
            Mnemonic::Bt | Mnemonic::Bts | Mnemonic::Btr | Mnemonic::Btc => {
                self.add_bit_offset(instruction, read);
            }
            Mnemonic::Fbld => self.in_bytes(&[8, 7, 6, 5, 4, 3, 2, 1, 0, 9]),
            Mnemonic::Fbstp => self.in_bytes(&[9, 0, 1, 2, 3, 4, 5, 6, 7, 8]),
            Mnemonic::Fldenv => self.only_fields(&environment(instruction)),
            Mnemonic::Frstor => {
                let [control, status, tags] = environment(instruction);
                let registers = (tags.0 / 2 * 7, 80); // after the environment
                self.only_fields(&[control, status, tags, registers]);
            }
            // The emulator loads from EDI first, the decoder lists ESI first.
            Mnemonic::Cmpsb | Mnemonic::Cmpsw | Mnemonic::Cmpsd => self.list.reverse(),
            _ => {}
        }
    }

    /// Lists the operands that the decoder knows, explicit and implied.
    fn operands(&mut self, instruction: &Instruction, read: &dyn Fn(Register) -> u32) {
        if self.last != *instruction {
            self.operands.clear();
            let info = self.factory.info(instruction);
            self.operands.extend_from_slice(info.used_memory());
            self.last = *instruction;
        }
        for operand in &self.operands {
            let kind = match operand.access() {
                OpAccess::Read | OpAccess::CondRead => Kind::Load,
                OpAccess::Write | OpAccess::CondWrite => Kind::Store,
                OpAccess::ReadWrite | OpAccess::ReadCondWrite => Kind::LoadAndStore,
                OpAccess::None | OpAccess::NoMemAccess => continue,
            };
            let addr = operand.virtual_address(0, |register, _, _| Some(read(register).into()));
            // Of a repeated string instruction the decoder tells no size.
            let bytes = match operand.memory_size().size() {
                0 => instruction.memory_size().size(),
                known => known,
            } as u32;
            self.list.extend(addr.map(|addr| Touch {
                addr: addr as u32,
                bytes,
                kind,
            }));
        }
    }

    /// Lists the stores of `pusha`, which the emulator makes from the lowest address up.
    fn push_all(&mut self, bytes: u32, read: &dyn Fn(Register) -> u32) {
        let lowest = read(Register::ESP).wrapping_sub(8 * bytes);
        let stores = (0..8).map(|i| lowest.wrapping_add(i * bytes));
        self.list.extend(stores.map(|addr| Touch {
            addr,
            bytes,
            kind: Kind::Store,
        }));
    }

    /// Lists the loads of `popa`: upwards, without the slot of ESP.
    fn pop_all(&mut self, bytes: u32, read: &dyn Fn(Register) -> u32) {
        let lowest = read(Register::ESP);
        let loads = (0..8)
            .filter(|i| *i != 3)
            .map(|i| lowest.wrapping_add(i * bytes));
        self.list.extend(loads.map(|addr| Touch {
            addr,
            bytes,
            kind: Kind::Load,
        }));
    }

    /// Replaces the single operand by these fields of it: offset and length of each.
    fn only_fields(&mut self, fields: &[(u32, u32)]) {
        if let Some(operand) = self.list.pop() {
            let field = |(offset, bytes): &(u32, u32)| Touch {
                addr: operand.addr.wrapping_add(*offset),
                bytes: *bytes,
                kind: operand.kind,
            };
            self.list.extend(fields.iter().map(field));
        }
    }

    /// Replaces the single operand by its bytes, accessed in this order.
    fn in_bytes(&mut self, order: &[u32; 10]) {
        self.only_fields(&order.map(|offset| (offset, 1)));
    }

    /// Moves the operand of `bt` and its variants by their bit offset, which in a register can
    /// reach any bit relative to the operand.
    fn add_bit_offset(&mut self, instruction: &Instruction, read: &dyn Fn(Register) -> u32) {
        if instruction.op1_kind() != OpKind::Register {
            return;
        }
        let register = instruction.op1_register();
        let bytes = match register.size() {
            2 => i64::from(read(register) as i16 >> 4) * 2,
            _ => i64::from(read(register) as i32 >> 5) * 4,
        };
        let mask = match self.operands[..] {
            [operand] if operand.address_size() == CodeSize::Code16 => 0xffff,
            _ => u32::MAX,
        };
        for touch in &mut self.list {
            touch.addr = touch.addr.wrapping_add(bytes as u32) & mask;
        }
    }
}

/// Returns the fields that `fldenv` and `frstor` load from an x87 environment of 28 or, with 16-bit
/// operands, 14 bytes: control, status and tag word. The emulator does not use the rest.
fn environment(instruction: &Instruction) -> [(u32, u32); 3] {
    match instruction.code() {
        Code::Fldenv_m14byte | Code::Frstor_m94byte => [(0, 2), (2, 2), (4, 2)],
        _ => [(0, 2), (4, 2), (8, 2)],
    }
}
