//! Paths of Linux programs, from the root of the guest's files on.
//!
//! # Invariants
//! A path is absolute and has no ".", no ".." and no empty component: ".." goes up by name, and not beyond the
//! root.

use super::call::{Call, Fail};
use super::descriptors::Object;
use super::made;
use super::user::PATH_MAX;
use crate::charges::FILE_LOOKUP;
use crate::errno::Errno;
use crate::files::{FileError, FileName};
use crate::service::Service;
use std::io::ErrorKind;

/// The directory descriptor that stands for the working directory.
pub(super) const WORKING_DIRECTORY: u32 = -100i32 as u32;

/// An absolute path, as bytes without the '/' at its start.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct GuestPath(Vec<u8>);

impl GuestPath {
    /// The root.
    pub(crate) fn root() -> GuestPath {
        GuestPath(Vec::new())
    }

    /// Where `path` leads from here.
    pub(crate) fn join(&self, path: &[u8]) -> GuestPath {
        let mut components: Vec<&[u8]> = Vec::new();
        if !path.starts_with(b"/") {
            components.extend(self.0.split(|byte| *byte == b'/'));
        }
        components.extend(path.split(|byte| *byte == b'/'));
        let mut kept: Vec<&[u8]> = Vec::new();
        for component in components {
            match component {
                b"" | b"." => {}
                b".." => {
                    kept.pop();
                }
                name => kept.push(name),
            }
        }
        GuestPath(kept.join(&b'/'))
    }

    /// It as programs write it.
    pub(crate) fn absolute(&self) -> Vec<u8> {
        [b"/", &self.0[..]].concat()
    }

    /// Its last component; empty of the root.
    pub(crate) fn last(&self) -> &[u8] {
        self.0.rsplit(|byte| *byte == b'/').next().unwrap_or(&[])
    }

    /// The name among the guest's files; `None` of the root.
    ///
    /// # Errors
    /// ENAMETOOLONG if no file can have such a name.
    pub(crate) fn file_name(&self) -> Result<Option<FileName>, Errno> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let name = FileName::of_path(&self.0).map_err(|_| Errno::NameTooLong)?;
        Ok(Some(name))
    }
}

/// How a string ends that names something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum PathEnd {
    /// With a name.
    Name,
    /// With a name and a '/': that of a directory.
    Slash,
    /// With ".", or it is the root.
    Here,
    /// With "..".
    Up,
}

impl PathEnd {
    fn of(string: &[u8]) -> PathEnd {
        let last = string
            .split(|byte| *byte == b'/')
            .rfind(|part| !part.is_empty());
        match last {
            None | Some(b".") => PathEnd::Here,
            Some(b"..") => PathEnd::Up,
            Some(_) if string.ends_with(b"/") => PathEnd::Slash,
            Some(_) => PathEnd::Name,
        }
    }

    /// Whether it is a name, of whatever.
    pub(super) fn is_name(self) -> bool {
        matches!(self, PathEnd::Name | PathEnd::Slash)
    }
}

impl Service<'_> {
    /// The path that the string at `at` names, from the working directory on.
    pub(super) fn path_in(&mut self, call: Call, at: u32) -> Result<GuestPath, Fail> {
        self.path_at_in(call, WORKING_DIRECTORY, at)
    }

    /// The path that the string at `at` names, from an open directory on.
    ///
    /// # Errors
    /// ENOENT if the string is empty. ENOTDIR or ENOENT if by its end it names a directory, and there is none.
    pub(super) fn path_at_in(&mut self, call: Call, from: u32, at: u32) -> Result<GuestPath, Fail> {
        let (path, end) = self.name_at_in(call, from, at)?;
        if end != PathEnd::Name {
            self.check_directory(&path)?;
        }
        Ok(path)
    }

    /// The path to be made, renamed or taken away that the string at `at` names, and how that ends.
    pub(super) fn name_in(&mut self, call: Call, at: u32) -> Result<(GuestPath, PathEnd), Fail> {
        self.name_at_in(call, WORKING_DIRECTORY, at)
    }

    /// The same from an open directory on.
    ///
    /// # Errors
    /// ENOENT if the string is empty; what leads up has to be a directory.
    pub(super) fn name_at_in(
        &mut self,
        call: Call,
        from: u32,
        at: u32,
    ) -> Result<(GuestPath, PathEnd), Fail> {
        self.charge(FILE_LOOKUP);
        let string = self.string_in(call, at, PATH_MAX)?;
        if string.is_empty() {
            return Err(Errno::NoEntry.into());
        }
        let mut path = match string[0] {
            b'/' => GuestPath::root(),
            _ => self.base_directory(call, from)?,
        };
        let mut is_own = true;
        for part in string.split(|byte| *byte == b'/') {
            if part == b".." && !is_own {
                self.charge(FILE_LOOKUP);
                self.check_directory(&path)?;
            }
            is_own = is_own && matches!(part, b"" | b"." | b"..");
            path = path.join(part);
        }
        Ok((path, PathEnd::of(&string)))
    }

    /// # Errors
    /// ENOTDIR, or why there is nothing.
    pub(super) fn check_directory(&mut self, path: &GuestPath) -> Result<(), Errno> {
        match made::is_above(path) || self.status_of(path)?.is_directory() {
            true => Ok(()),
            false => Err(Errno::NotDirectory),
        }
    }

    /// Where the link of this path leads, if there is one.
    pub(super) fn link_at(
        &mut self,
        call: Call,
        path: &GuestPath,
    ) -> Result<Option<Vec<u8>>, Errno> {
        if path.absolute() == made::PROGRAM_LINK {
            return Ok(Some(self.group_of(call.pid()).program.absolute()));
        }
        let name = path.file_name()?;
        Ok(name.and_then(|name| self.files.link_target(&name)))
    }

    fn base_directory(&self, call: Call, from: u32) -> Result<GuestPath, Errno> {
        if from == WORKING_DIRECTORY {
            return Ok(self.group_of(call.pid()).directory.clone());
        }
        let open = self.opened_in_any_way(call, from)?;
        match open.object {
            Object::Directory(_) => Ok(open.path.clone()),
            _ => Err(Errno::NotDirectory),
        }
    }
}

impl From<FileError> for Errno {
    fn from(error: FileError) -> Errno {
        match error {
            FileError::Name(_) => Errno::NoEntry,
            FileError::Exists => Errno::Exists,
            FileError::Links => Errno::Links,
            FileError::NotPlain => Errno::Access,
            FileError::TooMany => Errno::TooManyInUse,
            FileError::Host(error) => match error.kind() {
                ErrorKind::NotFound => Errno::NoEntry,
                ErrorKind::PermissionDenied => Errno::Access,
                ErrorKind::AlreadyExists => Errno::Exists,
                ErrorKind::StorageFull => Errno::NoSpace,
                ErrorKind::NotADirectory => Errno::NotDirectory,
                ErrorKind::IsADirectory => Errno::IsDirectory,
                ErrorKind::DirectoryNotEmpty => Errno::NotEmpty,
                ErrorKind::InvalidInput => Errno::Invalid,
                ErrorKind::ReadOnlyFilesystem => Errno::ReadOnly,
                ErrorKind::ResourceBusy => Errno::Busy,
                _ => Errno::Io,
            },
        }
    }
}

impl From<FileError> for Fail {
    fn from(error: FileError) -> Fail {
        Fail::Errno(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_ends_with_a_name_or_says_that_it_is_a_directory() {
        let ends = [
            ("a/b", PathEnd::Name),
            ("a/b//", PathEnd::Slash),
            ("a/.", PathEnd::Here),
            ("//", PathEnd::Here),
            ("a/../", PathEnd::Up),
        ];
        for (string, end) in ends {
            assert_eq!(PathEnd::of(string.as_bytes()), end, "{string}");
        }
    }

    #[test]
    fn a_path_leads_nowhere_above_the_root() {
        let from = GuestPath::root().join(b"home/me");
        let lead = |path: &[u8]| String::from_utf8(from.join(path).absolute()).unwrap();
        assert_eq!(lead(b"a"), "/home/me/a");
        assert_eq!(lead(b"./a//b/"), "/home/me/a/b");
        assert_eq!(lead(b"../you"), "/home/you");
        assert_eq!(lead(b"../../../.."), "/");
        assert_eq!(lead(b"/etc/../tmp"), "/tmp");
        assert_eq!(GuestPath::root().file_name(), Ok(None));
    }
}
