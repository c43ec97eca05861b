//! A small tree with marks, for tests of making hand-outs.
//!
//! Each line of its sources is a string of its own here: no line of this file is a mark.

use crate::course::Course;
use crate::ids::Unsolved;
use crate::source::Source;
use crate::tree::{File, Files, Mode};

/// Its `lab/lab.toml`.
pub(crate) const COURSE: &str = r#"[lab]
title = "A toy"

[[given]]
title = "files"
points = 20
tests = ["base/*"]

[[milestone]]
number = 1
title = "grow"
chapter = "lab/1.md"
hours = 2
points = 40
tests = ["vm/grow*"]

[[milestone.task]]
id = "1.1"
title = "grow by a page"
file = "vm/src/grow.rs"
function = "Stack::grow"
hints = ["think", "look at the stack", "push"]

[[milestone]]
number = 2
title = "swap"
chapter = "lab/2.md"
hours = 4
points = 30
needs = [1]
tests = ["vm/*"]
kernel-tests = ["swapping", "show"]

[[milestone.task]]
id = "2.1"
title = "write it out"
file = "vm/src/swap.rs"
function = "write"

[[milestone.task]]
id = "2.2"
title = "count what is left"
file = "vm/src/swap.rs"
function = "left"

[[milestone]]
number = 3
title = "share"
chapter = "lab/3.md"
hours = 1
points = 10
needs = [2]

[[milestone.task]]
id = "3.1"
title = "check the pointer"
file = "userprog/src/lib.rs"
function = "check"

[leave-out]
files = ["secret/*", "lab/handout/*"]
"#;

const GROW: [&str; 14] = [
    "impl Stack {",
    "    /// Grows.",
    "    pub fn grow(&mut self) -> usize {",
    "        // lab 1.1: grow by a page",
    "        self.pages.push(self.next_page_of_zeros());",
    "        self.pages.len()",
    "        // lab end",
    "    }",
    "}",
    "",
    "// lab 1 tests",
    "#[cfg(test)]",
    "mod tests {}",
    "",
];

const SWAP: [&str; 20] = [
    "// lab 2 only",
    "const SECTORS_OF_A_PAGE_OF_THE_TOY: u32 = 8;",
    "// lab end",
    "",
    "pub fn write(page: u32) {",
    "    // lab 2.1: write it out",
    "    disk().write(page * SECTORS_OF_A_PAGE_OF_THE_TOY);",
    "    // lab end",
    "}",
    "",
    "pub fn left() -> u32 {",
    "    // lab 2.2: count what is left",
    "    disk().sectors() / SECTORS_OF_A_PAGE_OF_THE_TOY",
    "    // lab given",
    "    // | // Until 2.2: there is always room.",
    "    // | u32::MAX",
    "    // lab end",
    "}",
    "",
    "pub fn shown_to_everybody() {}",
];

const USERPROG: [&str; 6] = [
    "fn check(pointer: u32) -> bool {",
    "    // lab 3.1: check the pointer",
    "    pointer < 0xc000_0000 && pointer != 0",
    "    // lab end",
    "}",
    "",
];

const MANIFEST: &str = r#"[workspace]
members = ["vm", "userprog", "secret"]

[workspace.package]
version = "0.1.0"
"#;

const VM_MANIFEST: &str = r#"[package]
name = "vm"
version.workspace = true

[[example]]
name = "show"
test = true
"#;

const LOCK: &str = r#"version = 4

[[package]]
name = "hidden"
version = "1.0.0"
source = "registry+x"
dependencies = [
 "log 2.0.0",
]

[[package]]
name = "log"
version = "1.0.0"
source = "registry+x"

[[package]]
name = "log"
version = "2.0.0"
source = "registry+x"

[[package]]
name = "secret"
version = "0.1.0"
dependencies = [
 "hidden",
 "vm",
]

[[package]]
name = "userprog"
version = "0.1.0"
dependencies = [
 "vm",
]

[[package]]
name = "vm"
version = "0.1.0"
dependencies = [
 "log 1.0.0",
]
"#;

const CRATE: &str = "//! A crate.\n\n#![forbid(unsafe_code)]\n\nmod grow;\n";

/// All files.
pub(crate) fn files() -> Files {
    let package = |name: &str| format!("[package]\nname = \"{name}\"\nversion.workspace = true\n");
    let text = [
        ("Cargo.toml", MANIFEST.to_owned()),
        ("Cargo.lock", LOCK.to_owned()),
        ("README.md", "For whoever teaches.\n".to_owned()),
        (
            "grading/rubric.toml",
            "the rubric of the whole\n".to_owned(),
        ),
        ("lab/lab.toml", COURSE.to_owned()),
        ("lab/1.md", "Grow.\n".to_owned()),
        ("lab/2.md", "Swap.\n".to_owned()),
        ("lab/3.md", "Share.\n".to_owned()),
        ("lab/handout/README.md", "For students.\n".to_owned()),
        ("secret/Cargo.toml", package("secret")),
        (
            "secret/answers.md",
            "self.pages.push(self.next_page_of_zeros());\n".to_owned(),
        ),
        ("userprog/Cargo.toml", package("userprog")),
        ("userprog/src/lib.rs", USERPROG.join("\n")),
        ("vm/Cargo.toml", VM_MANIFEST.to_owned()),
        ("vm/examples/show.rs", "fn main() {}\n".to_owned()),
        ("vm/src/grow.rs", GROW.join("\n")),
        ("vm/src/lib.rs", CRATE.to_owned()),
        ("vm/src/swap.rs", SWAP.join("\n")),
        (
            "vm/tests/swapping.rs",
            "#[test]\nfn swapping() {}\n".to_owned(),
        ),
    ];
    let mut files: Files = text
        .into_iter()
        .map(|(path, text)| (path.to_owned(), File::plain(text)))
        .collect();
    let launcher = File {
        bytes: b"#!/bin/sh\n\xff\n".to_vec(),
        mode: Mode::Executable,
    };
    files.insert("launcher".to_owned(), launcher);
    files
}

/// What its `lab.toml` says.
pub(crate) fn course() -> Course {
    Course::parse(COURSE).unwrap()
}

/// The tree, read.
pub(crate) fn source() -> Source {
    Source::of(files()).unwrap()
}

/// The milestones from this one on.
pub(crate) fn from(first: &str) -> Unsolved {
    course().from(first.parse().unwrap()).unwrap()
}
