//! The kernel of this tree, and the one of an open hand-out, keep the same rules as students' kernels.

use std::fs;

use testkit::{files_below, root};

use super::{Sources, breaches};

fn sources(folder: &str) -> Sources {
    let root = root();
    let paths = files_below(&root.join(folder)).into_iter();
    paths
        .map(|path| format!("{folder}/{path}"))
        .map(|path| (path.clone(), fs::read(root.join(&path)).unwrap()))
        .collect()
}

#[test]
fn the_kernel_keeps_the_rules() {
    assert_eq!(breaches(&sources("vm/src"), &Sources::new()), []);
}

#[test]
fn the_kernel_that_an_open_hand_out_begins_with_keeps_the_rules() {
    assert_eq!(breaches(&sources("lab/open/vm/src"), &Sources::new()), []);
}
