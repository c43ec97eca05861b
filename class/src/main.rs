//! The program of the commands that take submissions; all of it is in the library.

fn main() {}
