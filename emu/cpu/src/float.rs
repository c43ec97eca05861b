//! The x87 and SSE registers, for debuggers and inspectors.

use unicorn_engine::{RegisterX86, uc_error};

/// The x87 and SSE registers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FloatRegisters {
    /// ST0 to ST7, 80 bits each.
    pub st: [[u8; 10]; 8],
    /// The control word.
    pub control: u16,
    /// The status word, with the top of the stack.
    pub status: u16,
    /// The tag word: two bits for each physical register.
    pub tags: u16,
    /// XMM0 to XMM7.
    pub xmm: [u128; 8],
    /// The SSE control and status register.
    pub mxcsr: u32,
}

const ST: [RegisterX86; 8] = {
    use RegisterX86::*;
    [ST0, ST1, ST2, ST3, ST4, ST5, ST6, ST7]
};

const XMM: [RegisterX86; 8] = {
    use RegisterX86::*;
    [XMM0, XMM1, XMM2, XMM3, XMM4, XMM5, XMM6, XMM7]
};

impl FloatRegisters {
    /// Reads all of them through `read`, which puts a register's value into the first bytes and
    /// must not need more than 16.
    pub(crate) fn read_all(read: impl Fn(RegisterX86, &mut [u8; 16]) -> uc_error) -> Self {
        let value = |register| {
            let mut bytes = [0; 16];
            let result = read(register, &mut bytes);
            assert_eq!(result, uc_error::OK, "reading {register:?}");
            bytes
        };
        let word = |register| {
            let bytes = value(register);
            u16::from_le_bytes([bytes[0], bytes[1]])
        };
        let mxcsr = value(RegisterX86::MXCSR);
        FloatRegisters {
            st: ST.map(|register| {
                let bytes = value(register);
                std::array::from_fn(|i| bytes[i])
            }),
            control: word(RegisterX86::FPCW),
            status: word(RegisterX86::FPSW),
            tags: word(RegisterX86::FPTAG),
            xmm: XMM.map(|register| u128::from_le_bytes(value(register))),
            mxcsr: u32::from_le_bytes([mxcsr[0], mxcsr[1], mxcsr[2], mxcsr[3]]),
        }
    }
}
