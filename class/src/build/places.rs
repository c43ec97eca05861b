//! Folders to compile in, one for each process at a time.
//!
//! # Invariants
//! A folder belongs to one process until it ends, however it ends: the lock is the host's.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

/// A folder that is ours as long as this lives.
#[derive(Debug)]
pub struct Taken {
    /// Its path.
    pub folder: PathBuf,
    /// Held until this is dropped, which releases the lock.
    _lock: Flock<File>,
}

/// Takes the first free folder of this host below `places`.
///
/// # Errors
/// The host's.
pub fn take(places: &Path) -> io::Result<Taken> {
    fs::create_dir_all(places)?;
    let host = nix::unistd::gethostname()?;
    let host = host.to_string_lossy();
    let mut number = 0_u32;
    loop {
        let name = format!("{host}-{number}");
        let lock = File::create(places.join(format!("{name}.lock")))?;
        match Flock::lock(lock, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => {
                let folder = places.join(name);
                return Ok(Taken {
                    folder,
                    _lock: lock,
                });
            }
            Err((_, Errno::EWOULDBLOCK)) => number += 1,
            Err((_, error)) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_one_process_s_and_free_again_afterwards() {
        let places = tempfile::tempdir().unwrap();
        let first = take(places.path()).unwrap();
        let second = take(places.path()).unwrap();
        assert_ne!(first.folder, second.folder);
        let was = first.folder.clone();
        drop(first);
        assert_eq!(take(places.path()).unwrap().folder, was);
    }
}
