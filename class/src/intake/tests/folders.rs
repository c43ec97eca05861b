//! Folders that hold more than plain files.

use std::fs;
use std::os::unix::fs::symlink;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use super::super::testing::{fill, folder, pristine};
use super::super::{Refusal, take};

#[test]
fn a_link_among_the_sources_is_refused() {
    let folder = folder();
    fill(folder.path(), &[("vm/src/options.rs", "")]);
    symlink("/etc/passwd", folder.path().join("vm/src/lib.rs")).expect("the folder is ours");
    let refusal = take(folder.path(), &pristine());
    assert!(matches!(refusal, Err(Refusal::Link { path }) if path == "vm/src/lib.rs"));
}

#[test]
fn a_link_to_a_folder_is_refused_among_the_sources_and_not_followed_elsewhere() {
    let outside = folder();
    fill(outside.path(), &[("evict.rs", "// Not handed in.\n")]);
    let inside = folder();
    fill(inside.path(), &[("vm/src/lib.rs", "")]);
    symlink(outside.path(), inside.path().join("docs")).expect("the folder is ours");
    let taken = take(inside.path(), &pristine()).expect("docs/ is not wanted");
    assert_eq!(taken.files.len(), 1);

    symlink(outside.path(), inside.path().join("vm/src/pager")).expect("the folder is ours");
    let refusal = take(inside.path(), &pristine());
    assert!(matches!(refusal, Err(Refusal::Link { path }) if path == "vm/src/pager"));
}

#[test]
fn a_fifo_among_the_sources_is_refused_and_not_opened() {
    let folder = folder();
    fill(folder.path(), &[("vm/src/lib.rs", "")]);
    mkfifo(&folder.path().join("elsewhere.rs"), Mode::S_IRWXU).expect("the folder is ours");
    take(folder.path(), &pristine()).expect("it is not wanted");
    mkfifo(&folder.path().join("vm/src/options.rs"), Mode::S_IRWXU).expect("the folder is ours");
    let refusal = take(folder.path(), &pristine());
    assert!(matches!(refusal, Err(Refusal::NoFile { what, .. }) if what == "is a FIFO"));
}

#[test]
fn a_fifo_that_is_handed_in_is_not_waited_for() {
    let folder = folder();
    let path = folder.path().join("evict.rs");
    mkfifo(&path, Mode::S_IRWXU).expect("the folder is ours");
    let refusal = take(&path, &pristine());
    assert!(matches!(refusal, Err(Refusal::NoFile { .. })));
}

#[test]
fn folders_deeper_than_the_limit_are_not_entered() {
    let folder = folder();
    let deep = format!("{}evict.rs", "d/".repeat(40));
    fill(folder.path(), &[("vm/src/lib.rs", ""), (&deep, "")]);
    take(folder.path(), &pristine()).expect("the deep one is not wanted");
    fill(folder.path(), &[(&format!("vm/src/{deep}"), "")]);
    let refusal = take(folder.path(), &pristine());
    assert!(matches!(refusal, Err(Refusal::NoFile { what, .. }) if what.contains("deep")));
}

#[test]
fn skipped_folders_do_not_count_as_entries() {
    let folder = folder();
    fill(folder.path(), &[("vm/src/lib.rs", "")]);
    let target = folder.path().join("target");
    fs::create_dir(&target).expect("the folder is ours");
    for number in 0..super::super::limits::ENTRIES {
        fs::write(target.join(number.to_string()), "").expect("the folder is ours");
    }
    take(folder.path(), &pristine()).expect("target/ is not looked into");
    fs::rename(&target, folder.path().join("other")).expect("the folder is ours");
    let refusal = take(folder.path(), &pristine());
    assert!(matches!(refusal, Err(Refusal::TooMany)));
}

#[test]
fn a_folder_that_is_missing_is_the_hosts_error() {
    let folder = folder();
    let refusal = take(&folder.path().join("missing"), &pristine());
    assert!(matches!(refusal, Err(Refusal::Host { .. })));
}
