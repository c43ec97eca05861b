mod common;
use common::*;
use emu::addr::*;
use emu::pte::PteFlags;
#[test]
fn dbg() {
    let mut m = Machine::new();
    // mov byte [ebx+0x20],1; int30; call DATA; int30; mov byte [ebx+1],3; int30; call; int30
    let call = code(&[&[0xb8], &imm(DATA.0), &[0xff, 0xd0, 0xcd, 0x30]]);
    let b = code(&[&[0xc6, 0x43, 0x20, 1, 0xcd, 0x30], &call, &[0xc6, 0x43, 1, 3, 0xcd, 0x30], &call]);
    let p = m.program(&b);
    let f = m.map_new(&p.directory, DATA.page(), PteFlags::USER_READ);
    m.place(&p.directory, DATA, &[0xb8, 1, 0, 0, 0, 0xc3]);
    let alias = VirtAddr(0x0b00_0000);
    m.map(&p.directory, alias.page(), f, PteFlags::USER_WRITE);
    m.resume(&p);
    let mut r = m.cpu.registers();
    r.ebx = alias.0;
    m.cpu.set_registers(&r);
    for _ in 0..4 {
        let e = m.run();
        println!("{e:?} eax {} {:?} word {:x}", m.cpu.eax(), m.memory.frame_use(f), m.memory.read_u32(f.start()));
    }
}
