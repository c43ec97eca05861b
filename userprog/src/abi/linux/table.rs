//! Which function serves which call.
//!
//! # Invariants
//! The list is in the order of the numbers, each of which stands in it once.

use super::call::Handler;
use super::{
    alarms, altstack, clock, exec, files, futex, groups, identity, memory, open, pipes, poll,
    processes, remap, renames, rights, robust, scheduling, select, sigcalls, stat, threads, times,
    tls, transfer,
};

/// The function that serves the call with this number.
pub(super) fn handler(number: u32) -> Option<Handler> {
    let found = CALLS.binary_search_by_key(&number, |(number, _)| *number);
    found.ok().map(|index| CALLS[index].1)
}

#[rustfmt::skip]
const CALLS: &[(u32, Handler)] = &[
    (1, threads::exit),
    (2, processes::fork),
    (3, transfer::read),
    (4, transfer::write),
    (5, open::open),
    (6, files::close),
    (7, processes::waitpid),
    (8, open::creat),
    (9, renames::link),
    (10, renames::unlink),
    (11, exec::execve),
    (12, open::chdir),
    (13, clock::time),
    (15, rights::chmod),
    (19, files::lseek),
    (20, identity::getpid),
    (24, identity::zero), // getuid
    (27, alarms::alarm),
    (29, sigcalls::pause),
    (30, times::utime),
    (33, open::access),
    (34, scheduling::nice),
    (36, identity::zero), // sync
    (37, sigcalls::kill),
    (38, renames::rename),
    (39, renames::mkdir),
    (40, renames::rmdir),
    (41, files::dup),
    (42, pipes::pipe),
    (43, clock::times),
    (45, memory::brk),
    (47, identity::zero), // getgid
    (49, identity::zero), // geteuid
    (50, identity::zero), // getegid
    (54, files::ioctl),
    (57, groups::setpgid),
    (60, identity::umask),
    (63, files::dup2),
    (64, identity::getppid),
    (65, groups::getpgrp),
    (66, groups::setsid),
    (77, clock::getrusage),
    (78, clock::gettimeofday),
    (82, select::select),
    (83, renames::link), // symlink
    (85, open::readlink),
    (90, memory::mmap),
    (91, memory::munmap),
    (92, files::truncate),
    (93, files::ftruncate),
    (94, rights::fchmod),
    (96, scheduling::getpriority),
    (97, scheduling::setpriority),
    (104, alarms::setitimer),
    (105, alarms::getitimer),
    (114, processes::wait4),
    (116, identity::sysinfo),
    (118, files::fsync),
    (119, sigcalls::sigreturn),
    (120, threads::clone),
    (122, identity::uname),
    (125, memory::mprotect),
    (132, groups::getpgid),
    (133, open::fchdir),
    (140, files::llseek),
    (142, select::newselect),
    (144, memory::msync),
    (145, transfer::readv),
    (146, transfer::writev),
    (147, groups::getsid),
    (148, files::fsync), // fdatasync
    (158, scheduling::sched_yield),
    (162, clock::nanosleep),
    (163, remap::mremap),
    (165, identity::three_ids), // getresuid
    (168, poll::poll),
    (171, identity::three_ids), // getresgid
    (172, identity::prctl),
    (173, sigcalls::rt_sigreturn),
    (174, sigcalls::rt_sigaction),
    (175, sigcalls::rt_sigprocmask),
    (176, sigcalls::rt_sigpending),
    (179, sigcalls::rt_sigsuspend),
    (180, transfer::pread64),
    (181, transfer::pwrite64),
    (183, open::getcwd),
    (186, altstack::sigaltstack),
    (190, processes::vfork),
    (191, identity::ugetrlimit),
    (192, memory::mmap2),
    (193, files::truncate64),
    (194, files::ftruncate64),
    (195, stat::stat64),
    (196, stat::lstat64),
    (197, stat::fstat64),
    (198, stat::change), // lchown32
    (199, identity::zero), // getuid32
    (200, identity::zero), // getgid32
    (201, identity::zero), // geteuid32
    (202, identity::zero), // getegid32
    (203, identity::set_two_ids), // setreuid32
    (204, identity::set_two_ids), // setregid32
    (205, identity::zero), // getgroups32: none beyond the first
    (207, stat::change_open), // fchown32
    (208, identity::set_three_ids), // setresuid32
    (209, identity::three_ids), // getresuid32
    (210, identity::set_three_ids), // setresgid32
    (211, identity::three_ids), // getresgid32
    (212, stat::change), // chown32
    (213, identity::set_id), // setuid32
    (214, identity::set_id), // setgid32
    (215, identity::zero), // setfsuid32: returns what it was
    (216, identity::zero), // setfsgid32
    (218, memory::mincore),
    (219, memory::madvise),
    (220, open::getdents64),
    (221, files::fcntl64),
    (224, threads::gettid),
    (226, identity::no_attributes), // setxattr
    (227, identity::no_attributes), // lsetxattr
    (228, identity::no_attributes), // fsetxattr
    (229, identity::no_attributes), // getxattr
    (230, identity::no_attributes), // lgetxattr
    (231, identity::no_attributes), // fgetxattr
    (232, identity::no_attributes), // listxattr
    (233, identity::no_attributes), // llistxattr
    (234, identity::no_attributes), // flistxattr
    (235, identity::no_attributes), // removexattr
    (236, identity::no_attributes), // lremovexattr
    (237, identity::no_attributes), // fremovexattr
    (238, sigcalls::tkill),
    (239, transfer::sendfile64),
    (240, futex::futex),
    (241, scheduling::sched_setaffinity),
    (242, scheduling::sched_getaffinity),
    (243, tls::set_thread_area),
    (244, tls::get_thread_area),
    (252, processes::exit_group),
    (258, threads::set_tid_address),
    (265, clock::clock_gettime),
    (266, clock::clock_getres),
    (267, clock::clock_nanosleep),
    (268, stat::statfs64),
    (269, stat::fstatfs64),
    (270, sigcalls::tgkill),
    (271, times::utimes),
    (272, identity::zero), // fadvise64_64
    (295, open::openat),
    (296, renames::mkdirat),
    (298, stat::change_at), // fchownat
    (299, times::futimesat),
    (300, stat::fstatat64),
    (301, renames::unlinkat),
    (302, renames::renameat),
    (303, renames::link), // linkat
    (304, renames::link), // symlinkat
    (305, open::readlinkat),
    (306, rights::fchmodat),
    (307, open::faccessat),
    (308, select::pselect6),
    (309, poll::ppoll),
    (311, robust::set_robust_list),
    (320, times::utimensat),
    (324, files::fallocate),
    (330, files::dup3),
    (331, pipes::pipe2),
    (340, identity::prlimit64),
    (353, renames::renameat2),
    (355, identity::getrandom),
    (383, stat::statx),
    (386, identity::rseq),
    (403, clock::clock_gettime64),
    (406, clock::clock_getres_time64),
    (407, clock::clock_nanosleep_time64),
    (412, times::utimensat_time64),
    (413, select::pselect6_time64),
    (414, poll::ppoll_time64),
    (422, futex::futex_time64),
    (436, files::close_range),
    (439, open::faccessat), // faccessat2
];

#[cfg(test)]
mod tests {
    use super::super::names;
    use super::*;

    #[test]
    fn the_list_is_in_order_and_each_number_has_a_name() {
        assert!(CALLS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (number, _) in CALLS {
            assert!(names::name(*number).is_some(), "{number}");
        }
    }
}
