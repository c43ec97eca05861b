mod common;
use common::*;
use emu::addr::*;
use emu::registers::Registers;
#[test]
fn dbg() {
    for b in [&[0xf0u8,0x64,0x94, 0x54][..], &[0x64,0x94, 0x54], &[0x90, 0x54], &[0x54, 0x54, 0x54], &[0x94,0x54], &[0xf0,0x87,0xc4,0x54], &[0x87,0xc4,0x54]] {
        let mut m = Machine::new();
        let d = m.space();
        let start = VirtAddr(0x8049000 - b.len() as u32);
        m.place(&d, start, b);
        let mut c = m.cpu.new_context(start, VirtAddr(0));
        c.set_registers(&Registers { eip: start.0, eax: 0x8048ffd, esp: 0x8048f00, ..Registers::default() });
        m.cpu.resume(&c, d.root());
        let e = m.run();
        println!("{b:x?} {e:?} {} esp {:?}", m.cpu.eip(), m.cpu.esp());
    }
}
