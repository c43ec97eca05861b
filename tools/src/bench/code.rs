//! Machine code of the programs that are measured, instruction by instruction.
//!
//! # Invariants
//!
//! Each method of [`Code`] that emits one instruction uses the encoding of the Intel SDM volume 2
//! that its comment names. What is measured lies between two marks, each a write of one byte to
//! the console.

use super::elf::ENTRY;

/// A register, by its number in encodings.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(super) enum Reg {
    Eax = 0,
    Ecx = 1,
    Edx = 2,
    Ebx = 3,
    Esi = 6,
}

/// System calls by their number.
#[derive(Clone, Copy)]
#[repr(u32)]
enum Call {
    Exit = 1,
    Exec = 2,
    Wait = 3,
    Write = 9,
    Tell = 11,
}

/// Size in bytes of the array that the load/store loop walks: sixteen pages.
const LOOP_BYTES: u32 = 16 * 4096;
/// Instructions in one iteration of the load/store loop.
pub(super) const LOOP_INSTRUCTIONS: u32 = 7;

/// Code under construction.
#[derive(Default)]
pub(super) struct Code {
    pub(super) bytes: Vec<u8>,
}

/// Returns code that stores one word to each of `pages` pages at `data`: `before` times, and then
/// `passes` times between the marks.
pub(super) fn touch_pages(data: u32, pages: u32, before: u32, passes: u32) -> Vec<u8> {
    let mut code = Code::default();
    code.touch(data, pages, before);
    code.mark();
    code.touch(data, pages, passes);
    code.mark();
    code.exit();
    code.bytes
}

/// Returns code that stores one word to each of `pages` pages at `data`, then starts over from the
/// first page and stores to `count` pages in each of `rounds`, with a mark before the first round
/// and after each.
pub(super) fn touch_in_rounds(data: u32, pages: u32, rounds: u32, count: u32) -> Vec<u8> {
    let mut code = Code::default();
    code.touch(data, pages, 1);
    code.load_number(Reg::Edx, data);
    code.mark();
    code.load_number(Reg::Ebx, rounds);
    let round = code.here();
    code.load_number(Reg::Ecx, count);
    let page = code.here();
    code.emit(&[0x89, 0x0a]); // mov %ecx, (%edx): 89 /r
    code.add_number(Reg::Edx, 4096);
    code.count_down(Reg::Ecx, page);
    code.mark();
    code.count_down(Reg::Ebx, round);
    code.exit();
    code.bytes
}

/// Returns code that makes `calls` system calls that do nothing but fail: tell() of a bad
/// descriptor.
pub(super) fn null_calls(calls: u32) -> Vec<u8> {
    let mut code = Code::default();
    code.mark();
    code.push_number(u32::MAX);
    code.push_number(Call::Tell as u32);
    code.load_number(Reg::Ecx, calls);
    let call = code.here();
    code.system_call();
    code.count_down(Reg::Ecx, call);
    code.mark();
    code.exit();
    code.bytes
}

/// Returns code that starts the program `child` and waits for it, `times` times.
pub(super) fn start_children(child: &str, times: u32) -> Vec<u8> {
    // The name is after the code, whose length does not depend on the address of the name.
    let length = with_children(times, 0).len();
    let mut bytes = with_children(times, ENTRY + u32::try_from(length).expect("short"));
    bytes.extend(child.as_bytes());
    bytes.push(0);
    bytes
}

fn with_children(times: u32, name: u32) -> Vec<u8> {
    let mut code = Code::default();
    code.mark();
    code.load_number(Reg::Ebx, times);
    let child = code.here();
    code.push_number(name);
    code.push_number(Call::Exec as u32);
    code.system_call();
    code.emit(&[0x50]); // push %eax: 50+r
    code.push_number(Call::Wait as u32);
    code.system_call();
    code.drop_words(4);
    code.count_down(Reg::Ebx, child);
    code.mark();
    code.exit();
    code.bytes
}

/// Returns code that exits at once.
pub(super) fn only_exit() -> Vec<u8> {
    let mut code = Code::default();
    code.exit();
    code.bytes
}

/// Returns code that runs the load/store loop once over all its pages, then `iterations` times
/// between the marks.
pub(super) fn marked_load_store_loop(data: u32, iterations: u32) -> Vec<u8> {
    let mut code = Code::default();
    code.load_store_loop(data, LOOP_BYTES / 4);
    code.mark();
    code.load_store_loop(data, iterations);
    code.mark();
    code.exit();
    code.bytes
}

/// Returns the code of the load/store loop and nothing else.
pub(super) fn load_store_loop(data: u32, iterations: u32) -> Vec<u8> {
    let mut code = Code::default();
    code.load_store_loop(data, iterations);
    code.bytes
}

/// Pages of data that the load/store loop uses.
pub(super) const LOOP_PAGES: u32 = LOOP_BYTES / 4096;

impl Code {
    pub(super) fn emit(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    /// Returns the offset of the next instruction.
    pub(super) fn here(&self) -> usize {
        self.bytes.len()
    }

    /// mov $number, %reg: b8+r id
    pub(super) fn load_number(&mut self, reg: Reg, number: u32) {
        self.emit(&[0xb8 + reg as u8]);
        self.emit(&number.to_le_bytes());
    }

    /// add $number, %reg: 81 /0 id
    fn add_number(&mut self, reg: Reg, number: u32) {
        self.emit(&[0x81, 0xc0 + reg as u8]);
        self.emit(&number.to_le_bytes());
    }

    /// push $number: 68 id
    fn push_number(&mut self, number: u32) {
        self.emit(&[0x68]);
        self.emit(&number.to_le_bytes());
    }

    /// dec %reg: 48+r, then jnz backwards to `target`
    pub(super) fn count_down(&mut self, reg: Reg, target: usize) {
        self.emit(&[0x48 + reg as u8]);
        self.repeat(target);
    }

    /// jnz backwards to `target`: 75 cb
    pub(super) fn repeat(&mut self, target: usize) {
        let distance = self.here() + 2 - target;
        let back = i8::try_from(distance).expect("loops are short");
        self.emit(&[0x75, (-back).to_le_bytes()[0]]);
    }

    /// int $0x30: cd ib
    fn system_call(&mut self) {
        self.emit(&[0xcd, 0x30]);
    }

    /// add $(4 * words), %esp: 83 /0 ib
    fn drop_words(&mut self, words: u8) {
        self.emit(&[0x83, 0xc4, 4 * words]);
    }

    /// exit(0)
    pub(super) fn exit(&mut self) {
        self.push_number(0);
        self.push_number(Call::Exit as u32);
        self.system_call();
    }

    /// write(1, ENTRY, 1): which byte does not matter.
    pub(super) fn mark(&mut self) {
        for argument in [1, ENTRY, 1, Call::Write as u32] {
            self.push_number(argument);
        }
        self.system_call();
        self.drop_words(4);
    }

    /// Stores to each page, `passes` times.
    fn touch(&mut self, data: u32, pages: u32, passes: u32) {
        if passes == 0 {
            return;
        }
        self.load_number(Reg::Ebx, passes);
        let pass = self.here();
        self.load_number(Reg::Eax, data);
        self.load_number(Reg::Ecx, pages);
        let page = self.here();
        self.emit(&[0x89, 0x08]); // mov %ecx, (%eax): 89 /r
        self.add_number(Reg::Eax, 4096);
        self.count_down(Reg::Ecx, page);
        self.count_down(Reg::Ebx, pass);
    }

    /// A load, a store, and the instructions that wrap around in an array at `data`.
    fn load_store_loop(&mut self, data: u32, iterations: u32) {
        self.load_number(Reg::Esi, data);
        self.load_number(Reg::Edx, 0);
        self.load_number(Reg::Ecx, iterations);
        let again = self.here();
        self.emit(&[0x8b, 0x04, 0x16]); // mov (%esi,%edx), %eax: 8b /r
        self.emit(&[0x01, 0xc8]); // add %ecx, %eax: 01 /r
        self.emit(&[0x89, 0x04, 0x16]); // mov %eax, (%esi,%edx): 89 /r
        self.add_number(Reg::Edx, 4);
        self.emit(&[0x81, 0xe2]); // and $(LOOP_BYTES - 1), %edx: 81 /4 id
        self.emit(&(LOOP_BYTES - 1).to_le_bytes());
        self.count_down(Reg::Ecx, again);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes of a mark: four pushes, int, add.
    const MARK: usize = 4 * 5 + 2 + 3;

    #[test]
    fn a_loop_jumps_back_to_its_first_instruction() {
        let code = null_calls(5);
        // Two pushes and the counter are 15 bytes; then int, dec, jnz -5.
        let body = &code[MARK + 15..];
        assert_eq!(body[..5], [0xcd, 0x30, 0x49, 0x75, (-5i8).to_le_bytes()[0]]);
    }

    #[test]
    fn the_name_of_a_child_follows_the_code_that_points_to_it() {
        let code = start_children("child", 2);
        assert!(code.ends_with(b"\xcd\x30child\0"));
        let name = ENTRY + u32::try_from(code.len() - "child\0".len()).unwrap();
        assert_eq!(code[MARK + 6..MARK + 10], name.to_le_bytes());
    }
}
