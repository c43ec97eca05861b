//! A listener gets every page that a program accesses, in order, and the program is not affected.

use std::cell::RefCell;
use std::rc::Rc;

use bare::{CODE, DATA, Machine, PAGE, Program, STACK, code, imm};
use cpu::exit::Exit;
use machine::addr::{Frame, VirtAddr};
use machine::pte::PteFlags;

/// The address at which the program reaches its second page.
const BORDER: u32 = CODE.0 + PAGE as u32;

/// Frames in the order of their accesses; consecutive accesses to the same frame count once.
type Told = Rc<RefCell<Vec<Frame>>>;

/// Returns a program: a load, a store across a page boundary, a push; then, just before the end of
/// the page, a load and a store, of which the second lies on both pages of code.
fn program(machine: &mut Machine) -> Program {
    let store = DATA.0 + PAGE as u32 - 2;
    let jump_from = CODE.0 + 16;
    let first = code(&[
        &[0xa1],
        &imm(DATA.0), // mov eax, [DATA]
        &[0xa3],
        &imm(store), // mov [end of DATA - 2], eax
        &[0x50],     // push eax
        &[0xe9],
        &imm(BORDER - 8 - jump_from), // jmp (BORDER - 8)
    ]);
    let last = code(&[
        &[0xa1],
        &imm(DATA.0), // mov eax, [DATA]
        &[0xa3],
        &imm(DATA.0 + 2 * PAGE as u32), // mov [third page], eax
        &[0xcd, 0x30],
    ]);
    let program = machine.program(&first);
    machine.place(&program.directory, VirtAddr(BORDER - 8), &last);
    program
}

fn page(number: u32) -> VirtAddr {
    VirtAddr(DATA.0 + number * PAGE as u32)
}

fn listen(machine: &mut Machine) -> Told {
    let told = Told::default();
    let list = Rc::clone(&told);
    let listener = move |frame| {
        let mut list = list.borrow_mut();
        if list.last() != Some(&frame) {
            list.push(frame);
        }
    };
    machine.cpu.listen_to_touches(Box::new(listener)).unwrap();
    told
}

#[test]
fn each_page_is_told_in_order_also_over_borders_and_through_a_fault() {
    let mut machine = Machine::new();
    let program = program(&mut machine);
    let frame_of = |machine: &mut Machine, addr| machine.pte(&program.directory, addr).frame();
    let [code, rest] = [CODE, VirtAddr(BORDER)].map(|addr| frame_of(&mut machine, addr));
    let stack = frame_of(&mut machine, STACK);
    let new_page = |machine: &mut Machine, number| {
        machine.map_new(
            &program.directory,
            page(number).page(),
            PteFlags::USER_WRITE,
        )
    };
    let [first, second] = [0, 1].map(|number| new_page(&mut machine, number));

    let told = listen(&mut machine);
    machine.resume(&program);
    assert!(matches!(machine.run(), Exit::PageFault(fault) if fault.addr == page(2)));
    let third = new_page(&mut machine, 2);
    assert_eq!(machine.run(), Exit::Syscall);

    let expected = [
        code, first, code, first, second, code, stack, code, first, code, third, rest,
    ];
    assert_eq!(told.take(), expected);
}

#[test]
fn touches_are_told_after_a_store_into_the_own_block() {
    let mut machine = Machine::new();
    let frame = machine.frame();
    let directory = machine.space();
    machine.map(&directory, CODE.page(), frame, PteFlags::USER_WRITE);
    // Stores two bytes that are not aligned into its own block, then loads.
    let bytes = code(&[
        &[0x66, 0xc7, 0x05],
        &imm(CODE.0 + 9),
        &[0x90, 0x90], // mov word [CODE + 9], 0x9090
        &[0x40, 0x40], // inc eax; inc eax: gone by then
        &[0xa1],
        &imm(DATA.0), // mov eax, [DATA]
        &[0xcd, 0x30],
    ]);
    machine.memory.write(frame.start(), &bytes);
    let data = machine.map_new(&directory, DATA.page(), PteFlags::USER_WRITE);
    let told = listen(&mut machine);
    let context = machine.cpu.new_context(CODE, STACK);
    machine.cpu.resume(&context, directory.root());
    assert_eq!(machine.run(), Exit::Syscall);
    assert_eq!(told.take(), [frame, data]);
}

#[test]
fn a_program_does_the_same_whether_someone_listens_or_not() {
    let ends = [false, true].map(|listened| {
        let mut machine = Machine::new();
        let program = program(&mut machine);
        for number in 0..3 {
            machine.map_new(
                &program.directory,
                page(number).page(),
                PteFlags::USER_WRITE,
            );
        }
        let told = listened.then(|| listen(&mut machine));
        machine.resume(&program);
        assert_eq!(machine.run(), Exit::Syscall);
        assert!(told.is_none_or(|told| !told.borrow().is_empty()));
        (machine.cpu.work(), machine.cpu.registers())
    });
    assert_eq!(ends[0], ends[1]);
}
