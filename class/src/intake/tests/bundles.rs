//! Git bundles that are made to do harm, and those that are damaged.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use super::super::Refusal;
use super::super::testing::{Item, bundle, bundle_of, commit, git, repository, take_bytes};

const ITEMS: [Item<'static>; 2] = [
    ("vm/src/lib.rs", "mod options;\n"),
    ("vm/src/options.rs", "// Options.\n"),
];

/// Hashes an object into the repository; its name.
fn hash(folder: &Path, words: &[&str], input: &[u8]) -> String {
    let input_path = folder.join(".git/input");
    fs::write(&input_path, input).expect("the folder is ours");
    let output = Command::new("git")
        .current_dir(folder)
        .args(words)
        .stdin(fs::File::open(input_path).expect("it was just written"))
        .stderr(Stdio::inherit())
        .output()
        .expect("tests need git");
    let name = String::from_utf8(output.stdout).expect("a name is hexadecimal");
    name.trim().to_owned()
}

/// Makes `main` a commit of a tree.
fn commit_tree(folder: &Path, tree: &str) {
    let words = ["-c", "user.name=A", "-c", "user.email=a@localhost"];
    let commit = ["commit-tree", "-m", "Work", tree];
    let commit = hash(folder, &[&words[..], &commit].concat(), b"");
    git(folder, &["update-ref", "refs/heads/main", &commit]);
}

#[test]
fn a_link_in_a_bundle_is_refused_among_the_sources_only() {
    let repository = repository(&ITEMS);
    let folder = repository.path();
    symlink("/etc/passwd", folder.join("passwd.rs")).expect("the folder is ours");
    commit(folder);
    take_bytes(&bundle_of(folder, &["main"])).expect("it is not wanted");
    symlink("/etc/passwd", folder.join("vm/src/evict.rs")).expect("the folder is ours");
    commit(folder);
    let refusal = take_bytes(&bundle_of(folder, &["main"]));
    assert!(matches!(refusal, Err(Refusal::Link { path }) if path == "vm/src/evict.rs"));
}

#[test]
fn a_submodule_among_the_sources_is_refused() {
    let repository = repository(&ITEMS);
    let folder = repository.path();
    let entry = format!("160000,{},vm/src/pager", "1".repeat(40));
    git(folder, &["update-index", "--add", "--cacheinfo", &entry]);
    git(folder, &["commit", "--quiet", "-m", "A submodule"]);
    let refusal = take_bytes(&bundle_of(folder, &["main"]));
    assert!(matches!(refusal, Err(Refusal::NoFile { what, .. }) if what == "is a submodule"));
}

#[test]
fn a_large_file_in_a_bundle_is_refused_by_its_size() {
    let large = " ".repeat(50 << 20);
    let refusal = take_bytes(&bundle(&[("vm/src/lib.rs", &large)]));
    assert!(matches!(refusal, Err(Refusal::TooLarge { .. })));
}

/// The bundle has a blob of 1 MiB, a delta that copies it 8 times, and one that copies the result 512 times:
/// 4 GiB out of 1,336 bytes. Git makes no such pack, so the file was written byte by byte.
#[cfg(target_os = "linux")]
#[test]
fn deltas_of_deltas_stop_at_the_limit_of_memory() {
    let refusal = take_bytes(include_bytes!("delta_bomb.bundle"));
    assert!(matches!(refusal, Err(Refusal::Bomb)));
}

#[test]
fn a_tree_that_contains_itself_many_times_over_stops_at_the_limit_of_entries() {
    let repository = repository(&ITEMS);
    let folder = repository.path();
    let blob = hash(folder, &["hash-object", "-w", "--stdin"], b"");
    let mut tree = format!("100644 blob {blob}\tx\n");
    // Ten in each of ten levels: 10^10 files in eleven objects.
    for _ in 0..10 {
        let below = hash(folder, &["mktree"], tree.as_bytes());
        tree = (0..10)
            .map(|number| format!("040000 tree {below}\td{number}\n"))
            .collect();
    }
    let top = hash(folder, &["mktree"], tree.as_bytes());
    commit_tree(folder, &top);
    let refusal = take_bytes(&bundle_of(folder, &["main"]));
    assert!(matches!(refusal, Err(Refusal::TooMany)));
}

#[test]
fn a_tree_with_a_path_that_leads_out_is_refused() {
    let repository = repository(&ITEMS);
    let folder = repository.path();
    let blob = hash(folder, &["hash-object", "-w", "--stdin"], b"");
    let inner = hash(
        folder,
        &["mktree"],
        format!("100644 blob {blob}\tx\n").as_bytes(),
    );
    let raw: Vec<u8> = (0..inner.len())
        .step_by(2)
        .filter_map(|at| u8::from_str_radix(&inner[at..at + 2], 16).ok())
        .collect();
    let tree = [b"40000 ..\0", raw.as_slice()].concat();
    let words = ["hash-object", "-t", "tree", "-w", "--stdin", "--literally"];
    let tree = hash(folder, &words, &tree);
    commit_tree(folder, &tree);
    let refusal = take_bytes(&bundle_of(folder, &["main"]));
    assert!(matches!(
        refusal,
        Err(Refusal::Damaged { .. } | Refusal::LeadsOut { .. })
    ));
}

#[test]
fn a_damaged_bundle_is_refused() {
    let bytes = bundle(&ITEMS);
    for length in [16, 40, 80, bytes.len() / 2, bytes.len() - 1] {
        let refusal = take_bytes(&bytes[..length]);
        let damaged = matches!(
            refusal,
            Err(Refusal::Damaged { .. } | Refusal::WhichBranch { .. })
        );
        assert!(damaged, "{length}");
    }
    let mut bytes = bytes;
    let last = bytes.len() - 30;
    bytes[last] ^= 1;
    let refusal = take_bytes(&bytes);
    assert!(matches!(refusal, Err(Refusal::Damaged { .. })));
}
