//! The register state of a program that is not on the CPU, x87 and SSE included.
//!
//! # Invariants
//!
//! A context was saved by the CPU or copied from such a one, so restoring it puts the CPU into ring
//! 3 with the descriptor tables of this machine.

use machine::addr::{Frame, VirtAddr};
use unicorn_engine::{RegisterX86, uc_context, uc_engine, uc_error};

use crate::float::FloatRegisters;
use crate::interrupt::SyscallGate;
use crate::registers::Registers;
use crate::tls::TlsSegments;

/// The complete register state of a program.
#[derive(Clone, Debug)]
pub struct Context {
    /// The emulator's context: a header and a copy of its CPU state, which owns nothing beyond
    /// these bytes as long as contexts hold no memory, the emulator's default.
    words: Box<[u128]>,
    /// The address space that CR3 in this context names; `None` in the one saved at boot.
    root: Option<Frame>,
    /// What the program's own entries of the GDT hold.
    pub(crate) tls: TlsSegments,
    /// Whether `%fs` and `%gs` are to be loaded from these entries when the program goes on.
    pub(crate) reloads: bool,
    pub(crate) gate: SyscallGate,
}

impl Context {
    /// Saves the state of `engine`.
    ///
    /// # Safety
    /// `engine` must be a live engine.
    pub(crate) unsafe fn saved_from(engine: *mut uc_engine) -> Context {
        // SAFETY: the caller vouches for the engine.
        let bytes = unsafe { unicorn_engine::uc_context_size(engine) };
        let mut words = vec![0u128; bytes.div_ceil(size_of::<u128>())].into_boxed_slice();
        let mut model = std::ptr::null_mut();
        // SAFETY: as above; `model` is a place for one pointer.
        let result = unsafe { unicorn_engine::uc_context_alloc(engine, &mut model) };
        assert_eq!(
            result,
            uc_error::OK,
            "the host has memory for a context of a few KiB"
        );
        // SAFETY: as above. Once saved to, the model has `bytes` bytes of plain data, for which
        // there is room in `words`; then it is freed, and this was the only pointer to it.
        unsafe {
            let result = unicorn_engine::uc_context_save(engine, model);
            assert_eq!(result, uc_error::OK, "saving a context");
            let target = words.as_mut_ptr().cast::<u8>();
            std::ptr::copy_nonoverlapping(model.cast::<u8>(), target, bytes);
            unicorn_engine::uc_context_free(model);
        }
        Context {
            words,
            root: None,
            tls: TlsSegments::default(),
            reloads: false,
            gate: SyscallGate::default(),
        }
    }

    /// Saves the state of `engine` over what was saved before.
    ///
    /// # Safety
    /// `engine` must be the live engine this context was first saved from.
    pub(crate) unsafe fn save_from(&mut self, engine: *mut uc_engine) {
        let context = self.words.as_mut_ptr().cast();
        // SAFETY: the caller vouches for the engine; the context was allocated for it.
        let result = unsafe { unicorn_engine::uc_context_save(engine, context) };
        assert_eq!(result, uc_error::OK, "saving a context");
    }

    /// Loads the context into `engine`.
    ///
    /// # Safety
    /// `engine` must be the live engine this context was first saved from.
    pub(crate) unsafe fn restore_to(&self, engine: *mut uc_engine) {
        // SAFETY: as in `save_from`; the context is only read.
        let result = unsafe { unicorn_engine::uc_context_restore(engine, self.raw()) };
        assert_eq!(result, uc_error::OK, "restoring a context");
    }

    /// Returns the address space that CR3 in this context names.
    pub(crate) fn root(&self) -> Option<Frame> {
        self.root
    }

    /// Records the address space that CR3 names in what was saved last.
    pub(crate) fn set_root(&mut self, root: Frame) {
        self.root = Some(root);
    }

    /// Returns the registers.
    #[must_use]
    pub fn registers(&self) -> Registers {
        Registers::read_all(|register| self.read(register))
    }

    /// Returns the x87 and SSE registers.
    #[must_use]
    pub fn float_registers(&self) -> FloatRegisters {
        FloatRegisters::read_all(|register, bytes| {
            // SAFETY: the context is initialised, and no register read here is wider than 16 bytes.
            unsafe {
                unicorn_engine::uc_context_reg_read(
                    self.raw(),
                    register as i32,
                    bytes.as_mut_ptr().cast(),
                )
            }
        })
    }

    /// Sets the general registers, EIP and the flags that ring 3 may change; segments stay.
    pub fn set_registers(&mut self, registers: &Registers) {
        registers.write_all(|register, value| self.write(register, value));
    }

    /// Sets by which gate the program makes its system calls.
    pub fn set_gate(&mut self, gate: SyscallGate) {
        self.gate = gate;
    }

    /// Sets the entries of the GDT that are the program's own, and has `%fs` and `%gs` loaded from them
    /// when the program goes on; a selector that names none becomes 0.
    pub fn set_tls(&mut self, tls: TlsSegments) {
        (self.tls, self.reloads) = (tls, true);
    }

    /// Sets EAX: the result of a system call that returns later.
    pub fn set_eax(&mut self, value: u32) {
        self.write(RegisterX86::EAX, value);
    }

    /// Sets the address at which the program continues.
    pub fn set_eip(&mut self, addr: VirtAddr) {
        self.write(RegisterX86::EIP, addr.0);
    }

    /// Sets the stack pointer.
    pub fn set_esp(&mut self, addr: VirtAddr) {
        self.write(RegisterX86::ESP, addr.0);
    }

    /// Returns the context as the emulator knows it, for reading.
    fn raw(&self) -> *mut uc_context {
        self.words.as_ptr().cast_mut().cast()
    }

    fn read(&self, register: RegisterX86) -> u32 {
        let mut value = 0u64;
        // SAFETY: the context is initialised, and `value` has room for the widest register read
        // here, of 4 bytes.
        let result = unsafe {
            unicorn_engine::uc_context_reg_read(
                self.raw(),
                register as i32,
                (&raw mut value).cast(),
            )
        };
        assert_eq!(result, uc_error::OK, "reading {register:?} of a context");
        value as u32
    }

    /// Writes a register that is not wider than 32 bits.
    fn write(&mut self, register: RegisterX86, value: u32) {
        let value = u64::from(value);
        // SAFETY: the context is initialised, and `value` is as wide as any register written.
        let result = unsafe {
            unicorn_engine::uc_context_reg_write(
                self.words.as_mut_ptr().cast(),
                register as i32,
                (&raw const value).cast(),
            )
        };
        assert_eq!(result, uc_error::OK, "writing {register:?} of a context");
    }
}
