//! Paths that begin with `std` or `core`, and what they may lead to.
//!
//! # Invariants
//! A root is followed by `::` and an allowed module, or a group of these. So a root is never bound to
//! another name, nor imported whole.

use proc_macro2::Delimiter;

use super::look::Found;
use super::tokens::{Token, after_colons};

/// How much of a module is allowed.
#[derive(Clone, Copy)]
enum Module {
    Whole,
    /// These of its items, and itself as in `use std::io;` if `itself` says so.
    Only {
        items: &'static [&'static str],
        itself: bool,
    },
    Refused,
}

/// The modules of std that only compute.
const WHOLE: &[&str] = &[
    "any",
    "array",
    "ascii",
    "borrow",
    "boxed",
    "cell",
    "char",
    "clone",
    "cmp",
    "collections",
    "convert",
    "default",
    "error",
    "f32",
    "f64",
    "fmt",
    "hash",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "iter",
    "marker",
    "mem",
    "num",
    "ops",
    "option",
    "pin",
    "prelude",
    "primitive",
    "ptr",
    "rc",
    "result",
    "slice",
    "str",
    "string",
    "sync",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "vec",
];

/// The modules of std that lead to the host, except by these items.
const IN_PART: &[(&str, Module)] = &[
    // What the functions of `io` need from the host is refused by name.
    (
        "io",
        Module::Only {
            items: &["Error", "ErrorKind", "Result"],
            itself: true,
        },
    ),
    (
        "panic",
        Module::Only {
            items: &["Location"],
            itself: false,
        },
    ),
    (
        "thread",
        Module::Only {
            items: &["panicking"],
            itself: false,
        },
    ),
];

/// The modules of core that do more than compute: instructions of the host's processor.
const NOT_OF_CORE: &[&str] = &["arch", "intrinsics"];

/// A crate whose modules are judged.
pub(super) struct Root {
    name: &'static str,
    module: fn(&str) -> Module,
}

const ROOTS: [Root; 2] = [
    Root {
        name: "std",
        module: of_std,
    },
    Root {
        name: "core",
        module: of_core,
    },
];

/// Returns the crate of this name, if its modules are judged.
pub(super) fn root(name: &str) -> Option<&'static Root> {
    ROOTS.iter().find(|root| root.name == name)
}

fn of_std(name: &str) -> Module {
    if WHOLE.contains(&name) {
        return Module::Whole;
    }
    IN_PART
        .iter()
        .find(|(module, _)| *module == name)
        .map_or(Module::Refused, |(_, module)| *module)
}

fn of_core(name: &str) -> Module {
    if NOT_OF_CORE.contains(&name) {
        Module::Refused
    } else {
        Module::Whole
    }
}

impl Root {
    /// Judges what follows the root's name, which is in line `line`.
    pub(super) fn judge(&self, line: usize, rest: &[Token], found: &mut Found) {
        match after_colons(rest) {
            Some(rest) => self.branch(line, rest, found),
            None => found.push((line, self.must_be_named())),
        }
    }

    fn must_be_named(&self) -> String {
        let name = self.name;
        format!(
            "`{name}` stands without `::` and a module: its modules are named, one by one, where they are used"
        )
    }

    fn branch(&self, line: usize, tokens: &[Token], found: &mut Found) {
        let Some(first) = tokens.first() else {
            return found.push((line, self.must_be_named()));
        };
        if let Some(group) = first.group(Delimiter::Brace) {
            for branch in branches(group) {
                self.branch(first.line, branch, found);
            }
            return;
        }
        match first.name() {
            Some("self") | None => found.push((first.line, self.must_be_named())),
            // A macro is judged by its name, with or without the crate before it.
            Some(_) if followed_by_bang(tokens) => {}
            Some(name) => self.module(first.line, name, &tokens[1..], found),
        }
    }

    fn module(&self, line: usize, name: &str, rest: &[Token], found: &mut Found) {
        let path = format!("{}::{name}", self.name);
        match (self.module)(name) {
            Module::Whole => {}
            Module::Refused => found.push((line, not_there(&path))),
            Module::Only { items, itself } => {
                let allowed = Allowed {
                    path: &path,
                    items,
                    itself,
                };
                allowed.judge(line, rest, found);
            }
        }
    }
}

/// What is allowed of a module.
struct Allowed<'a> {
    path: &'a str,
    items: &'a [&'a str],
    itself: bool,
}

impl Allowed<'_> {
    fn judge(&self, line: usize, rest: &[Token], found: &mut Found) {
        match after_colons(rest) {
            Some(rest) => self.item(line, rest, found),
            None if self.itself && ends(rest) => {}
            None => found.push((line, not_there(self.path))),
        }
    }

    fn item(&self, line: usize, tokens: &[Token], found: &mut Found) {
        let Some(first) = tokens.first() else {
            return found.push((line, not_there(self.path)));
        };
        if let Some(group) = first.group(Delimiter::Brace) {
            for branch in branches(group) {
                self.item(first.line, branch, found);
            }
            return;
        }
        match first.name() {
            Some("self") if self.itself && ends(&tokens[1..]) => {}
            Some(name) if self.items.contains(&name) => {}
            Some(name) if name != "self" => {
                found.push((first.line, not_there(&format!("{}::{name}", self.path))));
            }
            _ => found.push((first.line, not_there(self.path))),
        }
    }
}

fn not_there(path: &str) -> String {
    format!("`{path}` is not there for a kernel: what it needs is passed to it")
}

/// The branches of a group in a `use`; a comma may end it.
fn branches(group: &[Token]) -> impl Iterator<Item = &[Token]> {
    group
        .split(|token| token.is_sign(','))
        .filter(|branch| !branch.is_empty())
}

/// Whether a path of a `use` ends here, under its own name.
fn ends(rest: &[Token]) -> bool {
    rest.first().is_none_or(|next| next.is_sign(';'))
}

fn followed_by_bang(tokens: &[Token]) -> bool {
    tokens.get(1).is_some_and(|next| next.is_sign('!'))
}
