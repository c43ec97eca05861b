mod common;
use common::*;
use emu::registers::Registers;
use emu::work::Work;
#[test]
fn dbg() {
    let mut m = Machine::new();
    let mut n = 0;
    let shared = unsafe { libc::mmap(std::ptr::null_mut(), 4096, 3, libc::MAP_SHARED | libc::MAP_ANONYMOUS, -1, 0) } as *mut u8;
    for two in 0..2u32 { for op in 0..256u32 { for pre in 0..10u32 {
    let pid = unsafe { libc::fork() };
    n += 1;
    if pid == 0 {
        unsafe { let fd = libc::open(c"/dev/null".as_ptr(), 1); libc::dup2(fd, 2); }
        let t = std::time::Instant::now(); unsafe { libc::alarm(5); } for modrm in 0..256u32 {
        let p: &[u8] = [&[0xf0u8][..], &[], &[0x66], &[0xf2], &[0xf3], &[0xf0,0x66], &[0x67], &[0x66,0xf3],&[0x66,0xf2], &[0x66,0x67]][pre as usize];
        let mut b = p.to_vec();
        if two == 1 { b.push(0x0f); }
        b.push(op as u8);
        b.push(modrm as u8);
        b.extend([0x24, 0x11, 0, 0, 0x05, 0x0a,0xcd,0x30]);
        unsafe { std::ptr::copy(b.as_ptr(), shared, b.len()); }
        let d = m.space();
        m.place(&d, CODE, &b);
        m.map_new(&d, DATA.page(), emu::pte::PteFlags::USER_WRITE);
        let mut c = m.cpu.new_context(CODE, DATA);
        let a = DATA.0 + 0x800;
        c.set_registers(&Registers { eip: CODE.0, eax: a, ebx: a, ecx: 3, edx: a, esi: a, edi: a, ebp: a, esp: a, ..Registers::default() });
        m.cpu.resume(&c, d.root());
        
        let _ = m.cpu.run(m.cpu.work() + Work(50));
        let f = m.tables.destroy(d); m.tlb.note(f);
        for _ in 0..0 {}
        m.reset_frames();
        }
        println!("{two} {op:x} {pre} {:?}", t.elapsed()); unsafe { libc::_exit(0) };
    }
    let mut st = 0;
    unsafe { libc::waitpid(pid, &mut st, 0); }
    if st != 0 { println!("status {st:#x}: {}", format!("{:x?}", unsafe { std::slice::from_raw_parts(shared, 8) })); }
    }}}
    println!("{n} done");
}
