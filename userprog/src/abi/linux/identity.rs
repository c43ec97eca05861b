//! Who and where a program is: process numbers, users, uname, sysinfo, limits, prctl, getrandom.
//!
//! # Invariants
//! Everybody is root, of a machine whose name and version never change.

use super::call::{Call, Done, Reply};
use super::encode::Encoder;
use super::user::Buffer;
use crate::charges::PAGE_MOVED;
use crate::errno::Errno;
use crate::limits::{MAX_OPEN_FILES, MAX_PROCESSES};
use crate::process::Pid;
use crate::service::Service;
use machine::addr::PAGE_SIZE;

/// The bytes of a field of `struct utsname`.
const NAME_BYTES: usize = 65;
/// The longest name of a process, with the zero that ends it.
const TASK_NAME_BYTES: usize = 16;
/// No limit.
const INFINITY: u64 = u64::MAX;
/// What the stack may grow to.
const STACK_BYTES: u64 = 8 << 20;
/// GRND_NONBLOCK, GRND_RANDOM and GRND_INSECURE.
const NO_WAIT: u32 = 1;
const RANDOM: u32 = 2;
const INSECURE: u32 = 4;
/// PR_SET_NAME and PR_GET_NAME.
const SET_NAME: u32 = 15;
const GET_NAME: u32 = 16;

/// `pid_t getpid(void)`: the number of the first thread.
pub(super) fn getpid(kernel: &mut Service<'_>, call: Call) -> Reply {
    Ok(kernel.processes.leader(call.pid()).0.into())
}

/// `pid_t getppid(void)`: 0 of the first process and of those whose parent has ended.
pub(super) fn getppid(kernel: &mut Service<'_>, call: Call) -> Reply {
    let (parent, _) = kernel.processes.relatives(call.pid());
    Ok(parent.map_or(0, |parent| parent.0).into())
}

/// Calls whose result is 0: that of root's user and group, and of what is only taken note of.
pub(super) fn zero(_: &mut Service<'_>, _: Call) -> Reply {
    Ok(Done::ZERO)
}

/// `int setuid32(uid_t)` and the same of groups: there is one of each, as in a user namespace that knows no others.
///
/// # Errors
/// EINVAL for any other.
pub(super) fn set_id(_: &mut Service<'_>, call: Call) -> Reply {
    match call.arguments() {
        [0] => Ok(Done::ZERO),
        _ => Err(Errno::Invalid.into()),
    }
}

/// `int setreuid32(uid_t real, uid_t effective)` and the same of groups; -1 leaves one as it is.
///
/// # Errors
/// As of [`set_id`].
pub(super) fn set_two_ids(_: &mut Service<'_>, call: Call) -> Reply {
    set_ids(&call.arguments::<2>())
}

/// `int setresuid32(uid_t real, uid_t effective, uid_t saved)` and the same of groups; -1 leaves one as it is.
///
/// # Errors
/// As of [`set_id`].
pub(super) fn set_three_ids(_: &mut Service<'_>, call: Call) -> Reply {
    set_ids(&call.arguments::<3>())
}

fn set_ids(ids: &[u32]) -> Reply {
    match ids.iter().all(|id| [0, u32::MAX].contains(id)) {
        true => Ok(Done::ZERO),
        false => Err(Errno::Invalid.into()),
    }
}

/// Calls about extended attributes, which files do not have.
pub(super) fn no_attributes(_: &mut Service<'_>, _: Call) -> Reply {
    Err(Errno::NotSupported.into())
}

/// `int getresuid32(uid_t *, uid_t *, uid_t *)` and the same of groups.
pub(super) fn three_ids(kernel: &mut Service<'_>, call: Call) -> Reply {
    for to in call.arguments::<3>() {
        kernel.copy_out(call, to, &[0; 4])?;
    }
    Ok(Done::ZERO)
}

/// `int uname(struct utsname *)`
pub(super) fn uname(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [to] = call.arguments();
    let fields = [
        "Linux",
        "vmlab",
        "6.1.0-vmlab",
        "#1 vmlab",
        "i686",
        "(none)",
    ];
    let encoder = fields.iter().fold(Encoder::default(), |encoder, text| {
        encoder.text(text, NAME_BYTES)
    });
    kernel.copy_out(call, to, &encoder.finish())?;
    Ok(Done::ZERO)
}

/// `int sysinfo(struct sysinfo *)`: memory in pages.
pub(super) fn sysinfo(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [to] = call.arguments();
    let usage = kernel.vm.usage();
    let up = kernel.seconds_up();
    let processes = kernel.processes.pids().len() as u16;
    let fields = Encoder::default()
        .u32(up)
        .zeros(12) // loads
        .u32(usage.frames)
        .u32(usage.frames - usage.frames_in_use)
        .zeros(8) // shared, buffers
        .u32(usage.slots)
        .u32(usage.slots - usage.slots_in_use)
        .u16(processes)
        .zeros(10) // padding, high memory
        .u32(PAGE_SIZE)
        .zeros(8);
    kernel.copy_out(call, to, &fields.finish())?;
    Ok(Done::ZERO)
}

/// `int ugetrlimit(int resource, struct rlimit *)`
pub(super) fn ugetrlimit(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [resource, to] = call.arguments();
    let limit = u32::try_from(limit(resource)?).unwrap_or(u32::MAX);
    let fields = Encoder::default().u32(limit).u32(limit);
    kernel.copy_out(call, to, &fields.finish())?;
    Ok(Done::ZERO)
}

/// `int prlimit64(pid_t, int resource, const struct rlimit64 *new, struct rlimit64 *old)`: limits stay as they
/// are.
pub(super) fn prlimit64(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [pid, resource, new, old] = call.arguments();
    if pid != 0 && !kernel.is_linux(Pid(pid)) {
        return Err(Errno::NoProcess.into());
    }
    let limit = limit(resource)?;
    if new != 0 {
        return Err(Errno::Permission.into());
    }
    let fields = Encoder::default().u64(limit).u64(limit);
    kernel.copy_out_if_wanted(call, old, &fields.finish())?;
    Ok(Done::ZERO)
}

/// RLIMIT_STACK, RLIMIT_NPROC and RLIMIT_NOFILE are known, the others are not limited.
fn limit(resource: u32) -> Result<u64, Errno> {
    match resource {
        3 => Ok(STACK_BYTES),
        6 => Ok(MAX_PROCESSES as u64),
        7 => Ok(MAX_OPEN_FILES as u64),
        0..=15 => Ok(INFINITY),
        _ => Err(Errno::Invalid),
    }
}

/// `int prctl(int option, ...)`: the process' name.
pub(super) fn prctl(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [option, name] = call.arguments();
    match option {
        SET_NAME => {
            let mut given = [0; TASK_NAME_BYTES];
            let string = kernel.string_in(call, name, super::user::PATH_MAX)?;
            let length = string.len().min(TASK_NAME_BYTES - 1);
            given[..length].copy_from_slice(&string[..length]);
            kernel.linux_mut(call.pid()).name = string[..length].to_vec();
        }
        GET_NAME => {
            let mut field = kernel.linux_of(call.pid()).name.clone();
            field.truncate(TASK_NAME_BYTES - 1);
            field.resize(TASK_NAME_BYTES, 0);
            kernel.copy_out(call, name, &field)?;
        }
        _ => return Err(Errno::Invalid.into()),
    }
    Ok(Done::ZERO)
}

/// `ssize_t getrandom(void *, size_t, unsigned flags)`
pub(super) fn getrandom(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [to, count, flags] = call.arguments();
    let both = RANDOM | INSECURE;
    if flags & !(NO_WAIT | both) != 0 || flags & both == both {
        return Err(Errno::Invalid.into());
    }
    let mut done = 0;
    for part in Buffer::new(to, count).parts() {
        if kernel.work_is_done() {
            break;
        }
        kernel.charge(PAGE_MOVED);
        let mut bytes = vec![0; part.bytes as usize];
        kernel.linux.random(&mut bytes);
        kernel.copy_out(call, part.start, &bytes)?;
        done += part.bytes;
    }
    Ok(done.into())
}

/// `int rseq(...)`: a program that is told so does without.
pub(super) fn rseq(_: &mut Service<'_>, _: Call) -> Reply {
    Err(Errno::NoSuchCall.into())
}

/// `mode_t umask(mode_t)`
pub(super) fn umask(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [mask] = call.arguments();
    let old = std::mem::replace(&mut kernel.group_mut(call.pid()).umask, mask & 0o777);
    Ok(old.into())
}
