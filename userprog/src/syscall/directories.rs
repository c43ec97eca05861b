//! chdir, mkdir, readdir, isdir, inumber: the directory calls of Pintos.
//!
//! The guest has one flat directory, which cannot be opened. So there is no directory to change to,
//! to create or to read. A file has a number, the same for as long as it has its name.

use vm::{Access, FileSource, Kill};

use super::{Answer, Caller};
use crate::files::{Fd, MAX_NAME};
use crate::service::Service;

impl Service<'_> {
    /// Serves `bool chdir(const char *directory)`, `bool mkdir(const char *directory)`: always
    /// fail.
    pub(super) fn sys_name_of_directory(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [name] = self.arguments(caller)?;
        self.string(caller, name)?;
        Ok(Answer::from(false))
    }

    /// Serves `bool readdir(int fd, char name[15])`: always fails, as no descriptor is a directory.
    pub(super) fn sys_readdir(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [_, name] = self.arguments(caller)?;
        self.check(caller, name, MAX_NAME as u32 + 1, Access::Write)?;
        Ok(Answer::from(false))
    }

    /// Serves `bool isdir(int fd)`
    pub(super) fn sys_isdir(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [_] = self.arguments(caller)?;
        Ok(Answer::from(false))
    }

    /// Serves `int inumber(int fd)`: the number of an open file, or -1.
    pub(super) fn sys_inumber(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [fd] = self.arguments(caller)?;
        let file = self.processes.get(caller.pid).files.get(Fd(fd));
        Ok(file.map_or(Answer::FAILED, |file| {
            Answer::Value(file.inode.id().0 as u32)
        }))
    }
}
