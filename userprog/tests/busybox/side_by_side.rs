//! One applet of busybox under Linux and under this kernel.

use std::fs;
use std::path::Path;
use std::process::Command;

use machine::paging::KernelHalf;
use small::Machine;
use small::side_by_side::{Case, Outcome};
use vm::{AliasPolicy, PolicyKind};

/// A machine to compare Linux with.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub frames: u32,
    pub half: KernelHalf,
    pub policy: PolicyKind,
    pub alias: AliasPolicy,
}

/// The machines: under pressure, and with room for all but a flushed TLB at each entry into the kernel.
fn usual() -> [Kind; 2] {
    let policy = PolicyKind::default();
    [
        Kind {
            frames: 64,
            half: KernelHalf::Shared,
            policy,
            alias: AliasPolicy::Sync,
        },
        Kind {
            frames: 300,
            half: KernelHalf::Isolated,
            policy,
            alias: AliasPolicy::UserAddress,
        },
    ]
}
/// The program, and folders of what Linux has elsewhere; there these are empty.
const APART: [&str; 3] = ["busybox", "bin", "etc"];

/// How this kernel differs from Linux on the usual machines.
pub(crate) fn differences(case: &Case, busybox: &Path) -> Vec<String> {
    differences_on(case, busybox, &usual())
}

/// How this kernel differs from Linux on these machines.
pub(crate) fn differences_on(case: &Case, busybox: &Path, machines: &[Kind]) -> Vec<String> {
    let native = native(case, busybox);
    let compare = |kind: Kind| {
        let guest = guest(case, busybox, kind);
        let what = native.difference_of(&guest)?;
        let (frames, policy, alias) = (kind.frames, kind.policy, kind.alias);
        let on = format!("with {frames} frames, {policy:?} and {alias:?}");
        Some(format!("{:?} {on}: {what}", case.words()))
    };
    machines.iter().copied().filter_map(compare).collect()
}

fn native(case: &Case, busybox: &Path) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::copy(busybox, here.join("busybox")).unwrap();
    for folder in &APART[1..] {
        fs::create_dir(here.join(folder)).unwrap();
    }
    let mut command = Command::new("./busybox");
    case.native(command.args(case.words()), "/bin:/", here, &APART)
}

fn guest(case: &Case, busybox: &Path, kind: Kind) -> Outcome {
    let program = fs::read(busybox).unwrap();
    let machine = Machine::new();
    // As Linux has them: a shell for programs that start one, and what root is called.
    for folder in &APART[1..] {
        fs::create_dir(machine.path().join(folder)).unwrap();
    }
    let machine = machine
        .file("busybox", &program)
        .file("bin/sh", &program)
        .file("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n")
        .file("etc/group", b"root:x:0:\n")
        .options(|options| {
            let options = options.frames(kind.frames).kernel_half(kind.half);
            options.policy(kind.policy).alias(kind.alias)
        });
    let words = [&["busybox".to_owned()], case.words()].concat();
    Outcome::of(case.guest(machine, &words), &APART)
}
