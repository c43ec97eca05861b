//! Symbolic links in the lower directory, followed as a guest sees them: its root is the directory.
//!
//! # Invariants
//! No link leads out of the directory: ".." of its root is the root, and an absolute target begins there.
//! Following ends after [`MAX_LINKS`].

use std::collections::VecDeque;
use std::io;
use std::os::unix::ffi::OsStrExt;

use cap_std::fs::Dir;

use super::{FileError, FileName, Files};

/// Links in a path, as in Linux.
const MAX_LINKS: u32 = 40;

/// The name of what a name stands for, in which nothing is a link.
///
/// # Errors
/// If a part of it is not there, or links lead to each other.
pub(super) fn resolve(directory: &Dir, name: &FileName) -> Result<FileName, FileError> {
    let components = |path: &[u8]| -> VecDeque<Vec<u8>> {
        let parts = path.split(|byte| *byte == b'/');
        parts.map(<[u8]>::to_vec).collect()
    };
    let mut rest = components(name.as_bytes());
    let mut done: Vec<Vec<u8>> = Vec::new();
    let mut links = 0;
    while let Some(component) = rest.pop_front() {
        match &component[..] {
            b"" | b"." => continue,
            b".." => {
                done.pop();
                continue;
            }
            _ => done.push(component),
        }
        let here = FileName::of_path(&done.join(&b'/'))?;
        if !directory.symlink_metadata(here.as_path())?.is_symlink() {
            continue;
        }
        links += 1;
        if links > MAX_LINKS {
            return Err(FileError::Links);
        }
        let target = target_of(directory, &here)?;
        match target.starts_with(b"/") {
            true => done.clear(),
            false => drop(done.pop()),
        }
        let mut path = components(&target);
        path.append(&mut rest);
        rest = path;
    }
    FileName::of_path(&done.join(&b'/')).map_err(|_| FileError::NotPlain)
}

fn target_of(directory: &Dir, name: &FileName) -> io::Result<Vec<u8>> {
    let target = directory.read_link_contents(name.as_path())?;
    Ok(target.as_os_str().as_bytes().to_vec())
}

impl Files {
    /// Where the link of this name leads; `None` if there is no link of this name.
    pub(crate) fn link_target(&self, name: &FileName) -> Option<Vec<u8>> {
        let lower = self.lower.as_ref()?;
        if self.directory.symlink_metadata(name.as_path()).is_ok() {
            return None;
        }
        let path = name.as_bytes();
        let end = path.iter().rposition(|byte| *byte == b'/');
        let name = match end {
            None => name.clone(),
            Some(end) => {
                let parent = resolve(lower, &FileName::of_path(&path[..end]).ok()?).ok()?;
                FileName::of_path(&[parent.as_bytes(), &path[end..]].concat()).ok()?
            }
        };
        let metadata = lower.symlink_metadata(name.as_path()).ok()?;
        metadata
            .is_symlink()
            .then(|| target_of(lower, &name).ok())?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cap_std::ambient_authority;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_lead_to_files_of_the_guest_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("usr/lib")).unwrap();
        std::fs::write(at("usr/lib/file"), "").unwrap();
        for (target, link) in [
            ("usr/lib", "lib"),
            ("/lib/file", "usr/absolute"),
            ("../../../../usr/absolute", "usr/lib/up"),
            ("/etc/passwd", "out"),
            ("round", "round"),
        ] {
            symlink(target, at(link)).unwrap();
        }
        let directory = Dir::open_ambient_dir(folder.path(), ambient_authority()).unwrap();
        let resolved =
            |name: &str| resolve(&directory, &FileName::of_path(name.as_bytes()).unwrap());
        for name in ["usr/lib/file", "lib/file", "usr/absolute", "lib/up"] {
            assert_eq!(
                resolved(name).unwrap().as_bytes(),
                b"usr/lib/file",
                "{name}"
            );
        }
        assert!(matches!(resolved("out"), Err(FileError::Host(_))));
        assert!(matches!(resolved("lib/none"), Err(FileError::Host(_))));
        assert!(matches!(resolved("round"), Err(FileError::Links)));
    }
}
