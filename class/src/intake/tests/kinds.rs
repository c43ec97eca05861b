//! Every kind of submission gives the same result for the same contents.

use std::fs;
use std::os::unix::fs::symlink;

use super::super::testing::{
    Item, bundle, bundle_of, fill, folder, git, gzip, named, pristine, repository, take_bytes, tar,
    zip,
};
use super::super::{Refusal, Taken, take};

const WHOLE: [Item<'static>; 6] = [
    ("repo-main/vm/src/pager/evict.rs", "// Mine.\n"),
    ("repo-main/vm/src/lib.rs", "mod pager;\n"),
    ("repo-main/vm/src/pager/mod.rs", "mod evict;\n"),
    ("repo-main/vm/Cargo.toml", "[package]\n"),
    ("repo-main/vm/src/notes.md", "Notes\n"),
    ("repo-main/target/debug/build.rs", "fn main() {}\n"),
];

fn in_a_folder(items: &[Item<'_>]) -> Result<Taken, Refusal> {
    let folder = folder();
    fill(folder.path(), items);
    take(folder.path(), &pristine())
}

#[test]
fn each_kind_gives_the_same_files() {
    let expected = in_a_folder(&WHOLE).expect("a folder is taken");
    assert!(expected.whole);
    assert_eq!(expected.files.len(), 3);
    assert_eq!(
        expected.notes,
        [
            "vm/src of repo-main/ (3 files)",
            "repo-main/target/ and 2 other files were not looked at",
        ]
    );
    for bytes in [zip(&WHOLE), tar(&WHOLE), gzip(&tar(&WHOLE))] {
        assert_eq!(take_bytes(&bytes).expect("it is taken"), expected);
    }
    let taken = take_bytes(&bundle(&WHOLE)).expect("a bundle is taken");
    assert_eq!(taken.files, expected.files);
    assert_eq!(taken.notes[0], "HEAD of the git bundle");
    assert_eq!(taken.notes[1..], expected.notes);
}

#[test]
fn the_order_in_an_archive_does_not_matter() {
    let mut reversed = WHOLE;
    reversed.reverse();
    let taken = take_bytes(&zip(&reversed)).expect("it is taken");
    assert_eq!(taken, take_bytes(&tar(&WHOLE)).expect("it is taken"));
}

#[test]
fn a_whole_kernel_replaces_the_hand_out_and_its_new_files_stay() {
    let items = [("vm/src/lib.rs", "mod mine;"), ("vm/src/mine.rs", "")];
    let files = take_bytes(&zip(&items)).expect("taken").over(&pristine());
    let paths: Vec<_> = files.keys().collect();
    assert_eq!(paths, ["vm/src/lib.rs", "vm/src/mine.rs"]);
}

#[test]
fn some_files_are_put_over_the_hand_out() {
    let taken = take_bytes(&zip(&[("vm/src/pager/evict.rs", "// Mine.\n")])).expect("taken");
    assert!(!taken.whole);
    let files = taken.over(&pristine());
    assert_eq!(files.len(), pristine().len());
    assert_eq!(files["vm/src/pager/evict.rs"], b"// Mine.\n");
    assert_eq!(files["vm/src/lib.rs"], pristine()["vm/src/lib.rs"]);
}

#[test]
fn one_source_file_is_taken_by_its_name() {
    let (_folder, path) = named("evict.rs", b"// Mine.\n");
    let taken = take(&path, &pristine()).expect("it is taken");
    assert_eq!(taken.files["vm/src/pager/evict.rs"], b"// Mine.\n");
    assert_eq!(taken.notes, ["evict.rs as vm/src/pager/evict.rs"]);

    let (_folder, path) = named("mod.rs", b"// Mine.\n");
    let refusal = take(&path, &pristine());
    assert!(matches!(refusal, Err(Refusal::Ambiguous { could_be, .. })
        if could_be == "vm/src/pager/mod.rs, vm/src/replacement/mod.rs, vm/src/slots/mod.rs"));
}

#[test]
fn what_is_no_submission_is_told_apart() {
    assert!(matches!(take_bytes(b""), Err(Refusal::Unknown)));
    assert!(matches!(take_bytes(b"hello"), Err(Refusal::Unknown)));
    let refusal = take_bytes(b"Rar!\x1a\x07\x01\0");
    assert!(matches!(refusal, Err(Refusal::Unsupported { what }) if what == "a RAR archive"));
    let refusal = take_bytes(&zip(&[("README", "")]));
    assert!(matches!(refusal, Err(Refusal::Nothing)));
    assert!(matches!(take_bytes(&zip(&[])), Err(Refusal::Nothing)));
}

#[test]
fn a_link_to_a_submission_is_refused() {
    let (folder, path) = named("evict.rs", b"// Another's.\n");
    let link = folder.path().join("options.rs");
    symlink(path, &link).expect("the folder is ours");
    let refusal = take(&link, &pristine());
    assert!(matches!(refusal, Err(Refusal::Link { .. })));
}

#[test]
fn a_file_larger_than_any_archive_is_refused() {
    let (_folder, path) = named("vm.zip", b"PK\x03\x04");
    let file = fs::File::options().write(true).open(&path).expect("ours");
    file.set_len((64 << 20) + 1).expect("a file with a hole");
    let refusal = take(&path, &pristine());
    assert!(matches!(refusal, Err(Refusal::ArchiveTooLarge)));
}

#[test]
fn a_source_that_is_no_text_is_refused_with_its_name() {
    let folder = folder();
    fill(folder.path(), &[("vm/src/lib.rs", "a\0b")]);
    let refusal = take(folder.path(), &pristine());
    assert!(matches!(refusal, Err(Refusal::NotText { path }) if path == "vm/src/lib.rs"));

    fs::write(folder.path().join("vm/src/lib.rs"), b"// \xe9").expect("the folder is ours");
    let refusal = take(folder.path(), &pristine());
    assert!(matches!(refusal, Err(Refusal::NotText { .. })));
}

#[test]
fn a_bundle_is_taken_from_the_branch_that_is_meant() {
    let repository = repository(&[("vm/src/lib.rs", "// main\n")]);
    let folder = repository.path();
    git(folder, &["checkout", "--quiet", "-b", "trial"]);
    fill(folder, &[("vm/src/lib.rs", "// trial\n")]);
    super::super::testing::commit(folder);
    git(folder, &["branch", "other"]);

    let taken = |references: &[&str]| {
        let taken = take_bytes(&bundle_of(folder, references))?;
        Ok::<_, Refusal>((taken.notes[0].clone(), taken.files["vm/src/lib.rs"].clone()))
    };
    let (note, text) = taken(&["--all"]).expect("it has HEAD");
    assert_eq!(
        (note.as_str(), &*text),
        ("HEAD of the git bundle", &b"// trial\n"[..])
    );
    let (note, text) = taken(&["main", "trial"]).expect("it has main");
    assert_eq!(
        (note.as_str(), &*text),
        ("branch main of the git bundle", &b"// main\n"[..])
    );
    let (note, _) = taken(&["trial"]).expect("it has one branch");
    assert_eq!(note, "branch trial of the git bundle");
    let refusal = taken(&["trial", "other"]);
    assert!(matches!(refusal, Err(Refusal::WhichBranch { branches })
        if branches == "refs/heads/other, refs/heads/trial"));
    let refusal = taken(&["main..trial"]);
    assert!(matches!(refusal, Err(Refusal::PartOfHistory)));
}
