//! C programs that tests compile.

/// More pages than 16 frames; nothing is printed.
pub const FILL: &str = "#include <test.h>\nstatic volatile char data[40 * 4096];\nint main(void)\n{\n    \
    for (int i = 0; i < 80; i++)\n        data[i % 40 * 4096] = i;\n    return 0;\n}\n";
