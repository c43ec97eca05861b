//! The executables of a guest: what is known of the names in them.
//!
//! # Invariants
//! - Nothing but what is in the guest's folders is read, whatever a program says of itself.
//! - No file is read that is larger than [`MOST_BYTES`], or no regular one: a guest can make files as large as it likes.

use cap_std::fs::Dir;

use crate::debug_info::{DebugInfo, separate_file};

/// The most bytes of a file that are read for its names. Debian's own programs and libraries stay far below.
const MOST_BYTES: u64 = 128 << 20;

/// Folders with the programs of a guest.
#[derive(Debug)]
pub struct Programs {
    /// What an earlier one has hides what a later one has.
    folders: Vec<Dir>,
}

impl From<Dir> for Programs {
    fn from(folder: Dir) -> Programs {
        Programs {
            folders: vec![folder],
        }
    }
}

impl Programs {
    /// Adds a folder in which is looked for what the others do not have.
    #[must_use]
    pub fn above(mut self, folder: Dir) -> Programs {
        self.folders.push(folder);
        self
    }

    /// Returns what is known of the program with this path; nothing, if there is none. Debug information that was
    /// taken out of it is found by its build ID.
    #[must_use]
    pub fn information(&self, path: &str) -> DebugInfo {
        let Some(executable) = self.read(path) else {
            log::debug!("no symbols of {path:?}: no such file, or one that is too large");
            return DebugInfo::of(&[]);
        };
        let separate = separate_file(&executable).and_then(|path| self.read(&path));
        match separate {
            Some(separate) => DebugInfo::of_two(&executable, &separate),
            None => DebugInfo::of(&executable),
        }
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let known = |folder: &'_ Dir| folder.metadata(path).ok();
        let mut found = self
            .folders
            .iter()
            .filter_map(|folder| Some((folder, known(folder)?)));
        let (folder, metadata) = found.next()?;
        let is_read = metadata.is_file() && metadata.len() <= MOST_BYTES;
        is_read.then(|| folder.read(path).ok()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::process::Command;

    use cap_std::ambient_authority;
    use tempfile::TempDir;

    use super::*;

    fn folder() -> (TempDir, Dir) {
        let folder = tempfile::tempdir().unwrap();
        let dir = Dir::open_ambient_dir(folder.path(), ambient_authority()).unwrap();
        (folder, dir)
    }

    /// Runs a tool of the host's compiler; false if it is missing or refuses.
    fn tool(name: &str, args: &str, folder: &Path) -> bool {
        let mut command = Command::new(name);
        command.args(args.split(' ')).current_dir(folder);
        command.output().is_ok_and(|output| output.status.success())
    }

    #[test]
    fn names_that_were_taken_out_are_found_by_the_build_id() {
        let (own, own_dir) = folder();
        let (root, root_dir) = folder();
        fs::write(
            own.path().join("a.c"),
            "int found(int a) { return a + 1; }\nvoid _start(void) { found(1); }\n",
        )
        .unwrap();
        let flags =
            "-m32 -g -static -nostdlib -fno-pic -no-pie -Wl,--build-id=0xabcdef0123 -o whole a.c";
        if !tool("cc", flags, own.path()) {
            eprintln!("skipped: cc does not take {flags}");
            return;
        }
        let debug = root.path().join("usr/lib/debug/.build-id/ab");
        fs::create_dir_all(&debug).unwrap();
        let separate = debug.join("cdef0123.debug");
        for compressed in ["", "--compress-debug-sections=zlib "] {
            let keep = format!("--only-keep-debug {compressed}whole {}", separate.display());
            assert!(tool("objcopy", &keep, own.path()));
            assert!(tool("objcopy", "--strip-all whole stripped", own.path()));
            let whole = DebugInfo::of(&fs::read(own.path().join("whole")).unwrap());
            let address = whole.address("found").unwrap();

            let alone = Programs::from(own_dir.try_clone().unwrap());
            assert_eq!(alone.information("stripped").address("found"), None);
            let both = alone.above(root_dir.try_clone().unwrap());
            let information = both.information("stripped");
            assert_eq!(information.symbol(address), Some(("found", 0)));
            assert_eq!(
                information.line(address),
                whole.line(address),
                "{compressed}"
            );
            assert_eq!(information.line(address).unwrap().line, Some(1));
        }
    }

    #[test]
    fn a_file_that_a_guest_made_huge_is_not_read() {
        let (own, dir) = folder();
        let file = fs::File::create(own.path().join("huge")).unwrap();
        fs::create_dir(own.path().join("folder")).unwrap();
        let programs = Programs::from(dir);
        file.set_len(MOST_BYTES).unwrap();
        assert!(programs.read("huge").is_some());
        file.set_len(MOST_BYTES + 1).unwrap();
        assert_eq!(programs.read("huge"), None);
        assert_eq!(programs.read("folder"), None);
    }

    #[test]
    fn what_is_in_no_folder_has_no_names() {
        let (_own, dir) = folder();
        assert_eq!(
            Programs::from(dir)
                .information("../etc/passwd")
                .names()
                .count(),
            0
        );
    }
}
