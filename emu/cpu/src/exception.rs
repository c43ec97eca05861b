//! The exceptions of the i386 by name (SDM vol. 3, 6.15), as Pintos prints them.

use std::fmt;

macro_rules! exceptions {
    ($($(#[$doc:meta])* $name:ident = $vector:literal $text:literal,)*) => {
        /// An exception that a program can cause.
        ///
        /// # Examples
        ///
        /// ```
        /// use bare::Machine;
        /// use cpu::{exception::Exception, exit::Exit};
        ///
        /// let mut machine = Machine::new();
        /// let program = machine.program(&[0x0f, 0x0b]); // ud2
        /// let Exit::Exception { exception, .. } = machine.run_program(&program) else {
        ///     panic!("it is no instruction of this CPU");
        /// };
        /// assert_eq!(exception, Exception::InvalidOpcode);
        /// assert_eq!(exception.to_string(), "#UD Invalid Opcode Exception");
        /// assert_eq!(Exception::from_vector(6), Some(exception));
        /// ```
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u8)]
        pub enum Exception { $($(#[$doc])* $name = $vector,)* }

        impl Exception {
            /// Returns the exception with this number, if there is one.
            pub fn from_vector(vector: u32) -> Option<Exception> {
                match vector {
                    $($vector => Some(Exception::$name),)*
                    _ => None,
                }
            }

            /// Returns its name, as `intr_name` in Pintos does.
            pub fn name(self) -> &'static str {
                match self { $(Exception::$name => $text,)* }
            }
        }
    };
}

exceptions! {
    /// Division by zero, or a quotient that does not fit.
    DivideError = 0 "#DE Divide Error",
    /// Single step, by the trap flag.
    Debug = 1 "#DB Debug Exception",
    /// `int3`.
    Breakpoint = 3 "#BP Breakpoint Exception",
    /// `into` with the overflow flag set.
    Overflow = 4 "#OF Overflow Exception",
    /// `bound` with an index outside its bounds.
    BoundRange = 5 "#BR BOUND Range Exceeded Exception",
    /// An undefined instruction, or an invalid form of one.
    InvalidOpcode = 6 "#UD Invalid Opcode Exception",
    /// An FPU instruction while no FPU is available.
    DeviceNotAvailable = 7 "#NM Device Not Available Exception",
    /// An exception while one was being delivered.
    DoubleFault = 8 "#DF Double Fault Exception",
    /// A task switch to an invalid TSS.
    InvalidTss = 10 "#TS Invalid TSS Exception",
    /// A segment that is not present.
    SegmentNotPresent = 11 "#NP Segment Not Present",
    /// A bad stack segment.
    StackFault = 12 "#SS Stack Fault Exception",
    /// A privileged instruction or a forbidden segment.
    GeneralProtection = 13 "#GP General Protection Exception",
    /// A page fault; it leaves the CPU as [`crate::exit::Exit::PageFault`].
    PageFault = 14 "#PF Page-Fault Exception",
    /// An unmasked x87 exception.
    FpuError = 16 "#MF x87 FPU Floating-Point Error",
    /// A misaligned access while alignment checking is on.
    AlignmentCheck = 17 "#AC Alignment Check Exception",
    /// A failure of the hardware.
    MachineCheck = 18 "#MC Machine-Check Exception",
    /// An unmasked SSE exception.
    SimdError = 19 "#XF SIMD Floating-Point Exception",
}

impl Exception {
    /// Returns its number in the interrupt descriptor table.
    #[must_use]
    pub fn vector(self) -> u32 {
        self as u32
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vector_and_exception_name_each_other() {
        for vector in 0..=256 {
            if let Some(exception) = Exception::from_vector(vector) {
                assert_eq!(exception.vector(), vector);
                assert!(exception.name().len() > 4);
            }
        }
        assert_eq!(Exception::from_vector(2), None);
        assert_eq!(Exception::from_vector(0x30), None);
    }
}
