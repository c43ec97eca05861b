//! Names that are refused everywhere: in code, in attributes, as an argument of a macro.
//!
//! # Invariants
//! A name here leads to the host by itself. Importing, renaming or passing it need not be checked, since each
//! has to write it.

/// Names and what is wrong with each, a text that follows the name.
const REFUSED: &[(&[&str], &str)] = &[
    (
        &["unsafe"],
        "is refused: kernels here are written without `unsafe`",
    ),
    (
        &["include", "include_str", "include_bytes"],
        "reads a file of the host while the kernel is compiled: what it needs is passed to it",
    ),
    (
        &["env", "option_env"],
        "reads the host's environment while the kernel is compiled: what it needs is passed to it",
    ),
    (
        &["asm", "global_asm", "naked_asm"],
        "is machine code, which no rule here can read: kernels here are written in Rust",
    ),
    (
        &["println", "eprint", "eprintln", "dbg"],
        "writes past the log: use the macros of crate `log`",
    ),
    (
        &["stdin", "stdout", "stderr", "pipe"],
        "belongs to the host: a kernel has the machine's devices alone",
    ),
    (
        &["FileDisk"],
        "opens a file of the host: a kernel is passed its disks",
    ),
    (
        &["RandomState"],
        "is random: a kernel must do the same in every run",
    ),
    (
        &["is_x86_feature_detected", "is_aarch64_feature_detected"],
        "asks the host's processor: a kernel must do the same on every machine",
    ),
    (
        &["concat_idents", "trace_macros"],
        "makes or shows names that are not written in the file",
    ),
];

const HIDDEN: &str = "is refused: names that begin with `__` are other crates' own";

/// Returns why a name is refused, if it is.
pub(super) fn refused(name: &str) -> Option<String> {
    let listed = REFUSED
        .iter()
        .find(|(names, _)| names.contains(&name))
        .map(|(_, why)| *why);
    let why = listed.or_else(|| name.starts_with("__").then_some(HIDDEN))?;
    Some(format!("`{name}` {why}"))
}
