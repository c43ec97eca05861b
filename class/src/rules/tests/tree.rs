//! The kernel of this tree, and the one of an open hand-out, keep the same rules as students' kernels.

use std::fs;
use std::path::Path;

use super::{Sources, breaches};

fn sources(folder: &str) -> Sources {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Sources::new();
    add(&root.join(folder), folder, &mut found);
    assert!(!found.is_empty());
    found
}

fn add(folder: &Path, name: &str, found: &mut Sources) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{name}/{}", entry.file_name().to_str().unwrap());
        // What it has in common with crate `vm` are links.
        if fs::metadata(entry.path()).unwrap().is_dir() {
            add(&entry.path(), &name, found);
        } else {
            found.insert(name, fs::read(entry.path()).unwrap());
        }
    }
}

#[test]
fn the_kernel_keeps_the_rules() {
    assert_eq!(breaches(&sources("vm/src"), &Sources::new()), []);
}

#[test]
fn the_kernel_that_an_open_hand_out_begins_with_keeps_the_rules() {
    assert_eq!(breaches(&sources("lab/open/vm/src"), &Sources::new()), []);
}
