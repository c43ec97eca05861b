//! One dynamic program under Linux and under this kernel.

use std::fs;
use std::path::Path;
use std::process::Command;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use small::side_by_side::{Case, Outcome};
use small::{Done, Machine};

use crate::package;

/// The machines: with no more frames than one instruction may need, under pressure, and with room for all.
pub(crate) const FRAMES: &[u32] = &[8, 16, 64, 4096];

/// How this kernel, with each of these numbers of frames, differs from Linux, where this command starts the program.
pub(crate) fn differences(
    case: &Case,
    root: &Path,
    mut command: Command,
    frames: &[u32],
) -> Vec<String> {
    let apart = [case.words()[0].as_str()];
    let folder = tempfile::tempdir().unwrap();
    let command = command.args(&case.words()[1..]);
    let native = case.native(command, "/bin:/usr/bin:/", folder.path(), &apart);
    let compare = |frames: u32| {
        let guest = Outcome::of(guest(case, root, frames, None), &apart);
        let what = native.difference_of(&guest)?;
        Some(format!("{:?} with {frames} frames: {what}", case.words()))
    };
    frames.iter().copied().filter_map(compare).collect()
}

/// A run under this kernel.
pub(crate) fn guest(case: &Case, root: &Path, frames: u32, aslr: Option<u64>) -> Done {
    let name = &case.words()[0];
    let program = fs::read(package::program(root, name)).unwrap();
    let below = Dir::open_ambient_dir(root, ambient_authority()).unwrap();
    let machine = Machine::new().file(name, &program).options(|options| {
        let options = options.frames(frames).root(below);
        match aslr {
            None => options,
            Some(seed) => options.aslr(seed),
        }
    });
    case.guest(machine, case.words())
}
