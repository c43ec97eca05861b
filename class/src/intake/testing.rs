//! Submissions for tests, made of the same list of files in every kind.

use std::fs::{self, File};
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::listing::{Entry, Kind};
use super::{Refusal, Taken, take};
use crate::sources::Sources;

/// A path and the text of the file there.
pub(super) type Item<'a> = (&'a str, &'a str);

/// Paths of the files of a small hand-out, below `vm/src`.
pub(super) const KNOWN: [&str; 8] = [
    "lib.rs",
    "options.rs",
    "pager/evict.rs",
    "pager/mod.rs",
    "replacement/clock.rs",
    "replacement/mod.rs",
    "slots/mod.rs",
    "slots/tests.rs",
];

/// The hand-out, whose files all have the same text.
pub(super) fn pristine() -> Sources {
    KNOWN
        .iter()
        .map(|path| (format!("vm/src/{path}"), b"// To be written.\n".to_vec()))
        .collect()
}

/// Plain files at these paths, sorted as a listing has them.
pub(super) fn entries(paths: &[&str]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = paths
        .iter()
        .enumerate()
        .map(|(id, path)| Entry {
            path: (*path).to_owned(),
            kind: Kind::File,
            id,
        })
        .collect();
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    entries
}

/// What is taken of a file with these bytes and a name that says nothing.
pub(super) fn take_bytes(bytes: &[u8]) -> Result<Taken, Refusal> {
    let folder = folder();
    let path = folder.path().join("submission");
    fs::write(&path, bytes).expect("the folder is ours");
    take(&path, &pristine())
}

/// A temporary folder.
pub(super) fn folder() -> TempDir {
    tempfile::tempdir().expect("there is room for temporary files")
}

/// Writes files below a folder.
pub(super) fn fill(folder: &Path, items: &[Item<'_>]) {
    for (path, text) in items {
        testkit::write(&folder.join(path), text);
    }
}

/// A ZIP.
pub(super) fn zip(items: &[Item<'_>]) -> Vec<u8> {
    zip_with(items, SimpleFileOptions::default())
}

/// A ZIP with these options for all of its files.
pub(super) fn zip_with(items: &[Item<'_>], options: SimpleFileOptions) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, text) in items {
        writer.start_file(*path, options).expect("a new name");
        writer.write_all(text.as_bytes()).expect("it is in memory");
    }
    writer.finish().expect("it is in memory").into_inner()
}

/// A tar of plain files.
pub(super) fn tar(items: &[Item<'_>]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, text) in items {
        append(&mut builder, path, tar::EntryType::Regular, text, "");
    }
    builder.into_inner().expect("it is in memory")
}

/// Appends an entry of any kind with any path, which the builder itself would refuse.
pub(super) fn append(
    builder: &mut tar::Builder<Vec<u8>>,
    path: &str,
    kind: tar::EntryType,
    text: &str,
    link: &str,
) {
    let mut header = tar::Header::new_gnu();
    let fields = header.as_old_mut();
    fields.name[..path.len()].copy_from_slice(path.as_bytes());
    fields.linkname[..link.len()].copy_from_slice(link.as_bytes());
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(text.len() as u64);
    header.set_cksum();
    builder
        .append(&header, text.as_bytes())
        .expect("it is in memory");
}

/// The bytes, compressed with gzip.
pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("it is in memory");
    encoder.finish().expect("it is in memory")
}

/// A repository with these files committed on the branch `main`.
pub(super) fn repository(items: &[Item<'_>]) -> TempDir {
    let folder = folder();
    git(folder.path(), &["init", "--quiet", "-b", "main", "."]);
    fill(folder.path(), items);
    commit(folder.path());
    folder
}

/// Commits everything in a repository.
pub(super) fn commit(folder: &Path) {
    git(folder, &["add", "--all", "--force"]);
    git(folder, &["commit", "--quiet", "-m", "Work"]);
}

/// A git bundle of these references of a repository.
pub(super) fn bundle_of(folder: &Path, references: &[&str]) -> Vec<u8> {
    let file = folder.join(".git/made.bundle");
    let words = ["bundle", "create", "--quiet", ".git/made.bundle"];
    git(folder, &[&words[..], references].concat());
    fs::read(file).expect("git has made it")
}

/// A git bundle of a commit with these files.
pub(super) fn bundle(items: &[Item<'_>]) -> Vec<u8> {
    bundle_of(repository(items).path(), &["HEAD", "main"])
}

/// Runs git without user settings.
pub(super) fn git(folder: &Path, words: &[&str]) {
    let status = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=A Student", "-c", "user.email=a@localhost"])
        .args(words)
        .envs([
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ])
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE")
        .status()
        .expect("tests need git");
    assert!(status.success(), "git {words:?}");
}

/// An empty file with a name, in a folder that lives as long as the first.
pub(super) fn named(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = folder();
    let path = folder.path().join(name);
    let mut file = File::create(&path).expect("the folder is ours");
    file.write_all(bytes).expect("the folder is ours");
    (folder, path)
}
