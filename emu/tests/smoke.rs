mod common;
use common::*;
use emu::exit::Exit;

#[test]
fn a_system_call_leaves_eip_after_it_and_registers_as_they_were() {
    let mut machine = Machine::new();
    let program = machine.program(&code(&[&[0xb8], &imm(7), &[0xcd, 0x30]]));
    assert_eq!(machine.run_program(&program), Exit::Syscall);
    let r = machine.cpu.registers();
    println!("{r:#x?}");
    assert_eq!(r.eax, 7);
    assert_eq!(r.eip, CODE.0 + 7);
    assert_eq!((r.cs, r.ss, r.ds), (0x1b, 0x23, 0x23));
    assert_eq!(machine.cpu.work().0, 1);
}
