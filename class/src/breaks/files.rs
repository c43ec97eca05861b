//! The files of the sources, and a copy of them.
//!
//! # Invariants
//!
//! Links are copied as links, so that what is broken in a file is broken wherever it is linked to, and nothing
//! is written or removed through one.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, io};

/// The links of a tree, and where they lead.
type Links = BTreeMap<PathBuf, PathBuf>;

/// Returns the files of the sources and their links: those that git has, or would take.
///
/// # Errors
/// That git does not list them.
pub(super) fn tracked(root: &Path) -> Result<(Vec<PathBuf>, Links), String> {
    let listed = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
            "--deduplicate",
        ])
        .current_dir(root)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot start git, which lists the files to copy: {error}"))?;
    if !listed.status.success() {
        let why = String::from_utf8_lossy(&listed.stderr);
        return Err(format!("git does not list the files to copy: {why}"));
    }
    let names = String::from_utf8_lossy(&listed.stdout);
    let (mut files, mut links) = (Vec::new(), Links::new());
    for name in names.split('\0').filter(|name| !name.is_empty()) {
        let at = root.join(name);
        if let Ok(target) = fs::read_link(&at) {
            links.insert(name.into(), target);
        } else if at.is_file() {
            files.push(name.into());
        }
        // What was deleted and not committed is still listed.
    }
    Ok((files, links))
}

/// Makes a folder have these files and links and no others.
///
/// # Errors
/// What the file system says.
pub(super) fn put(
    root: &Path,
    tree: &Path,
    texts: &BTreeMap<PathBuf, Vec<u8>>,
    links: &Links,
) -> io::Result<()> {
    fs::create_dir_all(tree)?;
    remove_others(tree, texts, links)?;
    for (file, bytes) in texts {
        let at = tree.join(file);
        if fs::read(&at).is_ok_and(|old| old == *bytes) {
            continue;
        }
        fs::create_dir_all(at.parent().expect("in the tree"))?;
        fs::write(&at, bytes)?;
        // The build runs a script of ours. What only the copy has is no program.
        if let Ok(original) = fs::metadata(root.join(file)) {
            fs::set_permissions(&at, original.permissions())?;
        }
    }
    for (link, target) in links {
        let at = tree.join(link);
        if !at.is_symlink() {
            fs::create_dir_all(at.parent().expect("in the tree"))?;
            symlink(target, at)?;
        }
    }
    Ok(())
}

/// Removes what is neither one of these files nor one of these links.
fn remove_others(tree: &Path, texts: &BTreeMap<PathBuf, Vec<u8>>, links: &Links) -> io::Result<()> {
    let mut folders = vec![tree.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let (at, kind) = (entry.path(), entry.file_type()?);
            let file = at.strip_prefix(tree).expect("in the tree");
            if kind.is_dir() {
                folders.push(at);
                continue;
            }
            let stays = match kind.is_symlink() {
                true => links.get(file) == fs::read_link(&at).ok().as_ref(),
                false => texts.contains_key(file) || file == Path::new("Cargo.lock"),
            };
            if !stays {
                fs::remove_file(at)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_what_the_sources_have_and_nothing_is_removed_through_a_link() {
        let (root, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let texts = BTreeMap::from([("vm/src/ids.rs".into(), b"ids".to_vec())]);
        let links = Links::from([("open/src".into(), "../vm/src".into())]);
        for _ in 0..2 {
            fs::create_dir_all(copy.path().join("old")).unwrap();
            fs::write(copy.path().join("old/file.rs"), "old").unwrap();
            put(root.path(), copy.path(), &texts, &links).unwrap();
            assert_eq!(
                fs::read(copy.path().join("open/src/ids.rs")).unwrap(),
                b"ids"
            );
            assert!(!copy.path().join("old/file.rs").exists());
        }
        put(root.path(), copy.path(), &texts, &Links::new()).unwrap();
        assert!(!copy.path().join("open/src").exists());
        assert!(copy.path().join("vm/src/ids.rs").exists());
    }
}
