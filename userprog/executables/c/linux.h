/* What tests need of Linux without a C library: calls, handlers, and a report. */
#ifndef LINUX_H
#define LINUX_H

#include <stddef.h>
#include <stdint.h>

/* A call with up to six arguments; the result is as the kernel gives it. */
long call6(long number, long a, long b, long c, long d, long e, long f);
#define CALL(n, a, b, c, d, e, f, ...) \
    call6((n), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define call(...) CALL(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)

enum {
    EXIT_THREAD = 1, FORK = 2, READ = 3, WRITE = 4, OPEN = 5, CLOSE = 6, WAITPID = 7, CREAT = 8, UNLINK = 10,
    EXECVE = 11, CHDIR = 12, TIME = 13, CHMOD = 15, LSEEK = 19, GETPID = 20, ALARM = 27, PAUSE = 29, UTIME = 30, ACCESS = 33, NICE = 34,
    KILL = 37, RENAME = 38, MKDIR = 39, RMDIR = 40, DUP = 41, PIPE = 42, TIMES = 43, BRK = 45, IOCTL = 54,
    SETPGID = 57, UMASK = 60, DUP2 = 63, GETPPID = 64, GETPGRP = 65, SETSID = 66, GETRUSAGE = 77, GETTIMEOFDAY = 78,
    READLINK = 85, MMAP = 90, MUNMAP = 91, TRUNCATE = 92, FTRUNCATE = 93, FCHMOD = 94, GETPRIORITY = 96, SETPRIORITY = 97,
    SETITIMER = 104, GETITIMER = 105,
    WAIT4 = 114, SYSINFO = 116, FSYNC = 118, CLONE = 120, UNAME = 122, MPROTECT = 125, GETPGID = 132, FCHDIR = 133,
    LLSEEK = 140, NEWSELECT = 142, MSYNC = 144, READV = 145, WRITEV = 146, GETSID = 147, SCHED_YIELD = 158,
    NANOSLEEP = 162, MREMAP = 163, POLL = 168, PRCTL = 172, SIGACTION = 174, SIGPROCMASK = 175, SIGPENDING = 176,
    SIGSUSPEND = 179, PREAD64 = 180, PWRITE64 = 181, GETCWD = 183, SIGALTSTACK = 186, VFORK = 190,
    UGETRLIMIT = 191, MMAP2 = 192, TRUNCATE64 = 193, FTRUNCATE64 = 194, STAT64 = 195, LSTAT64 = 196, FSTAT64 = 197,
    GETUID32 = 199, GETGID32 = 200, SETREUID32 = 203, SETREGID32 = 204, SETRESUID32 = 208, SETRESGID32 = 210,
    SETUID32 = 213, SETGID32 = 214,
    MINCORE = 218, MADVISE = 219, GETDENTS64 = 220, FCNTL64 = 221, GETTID = 224, TKILL = 238, SENDFILE64 = 239,
    FUTEX = 240, SCHED_SETAFFINITY = 241, SCHED_GETAFFINITY = 242, EXIT_GROUP = 252, CLOCK_GETTIME = 265, CLOCK_GETRES = 266,
    CLOCK_NANOSLEEP = 267, TGKILL = 270, UTIMES = 271,
    OPENAT = 295, MKDIRAT = 296, FUTIMESAT = 299, FSTATAT64 = 300, UNLINKAT = 301, RENAMEAT = 302, FCHMODAT = 306,
    FACCESSAT = 307, PPOLL = 309, SET_ROBUST_LIST = 311, UTIMENSAT = 320, FALLOCATE = 324, DUP3 = 330, PIPE2 = 331, PRLIMIT64 = 340,
    RENAMEAT2 = 353, GETRANDOM = 355, UTIMENSAT_TIME64 = 412, CLOSE_RANGE = 436
};
enum {
    EINTR = 4, EAGAIN = 11, ENOMEM = 12, EINVAL = 22, ETIMEDOUT = 110
};
enum {
    SIGHUP = 1, SIGILL = 4, SIGTRAP = 5, SIGBUS = 7, SIGFPE = 8, SIGKILL = 9, SIGUSR1 = 10, SIGSEGV = 11,
    SIGUSR2 = 12, SIGPIPE = 13, SIGALRM = 14, SIGTERM = 15, SIGCHLD = 17, SIGCONT = 18, SIGSTOP = 19, SIGURG = 23
};
enum { O_RDONLY = 0, O_WRONLY = 1, O_RDWR = 2, O_CREAT = 0100, O_EXCL = 0200, O_TRUNC = 01000, O_APPEND = 02000,
       O_NONBLOCK = 04000, O_DIRECTORY = 0200000, O_CLOEXEC = 02000000, O_PATH = 010000000 };
enum { PROT_NONE = 0, PROT_READ = 1, PROT_WRITE = 2, PROT_EXEC = 4 };
enum { MAP_SHARED = 1, MAP_PRIVATE = 2, MAP_FIXED = 0x10, MAP_ANONYMOUS = 0x20, MAP_FIXED_NOREPLACE = 0x100000 };
#define PAGE 4096

/* Has a handler called for a signal. */
void handle(int signal, void (*handler)(int));
/* The code to which a handler returns. */
void returns(void);
void returns_with_info(void);

/* New pages of zeros. */
void *pages(unsigned count, int shared);

size_t length_of(const char *text);
/* Prints a text and a number. */
void say(const char *text, int number);
/* Prints a text and a line's end. */
void line(const char *text);
/* Prints an expression and its value: of a call, what the kernel returns. */
#define show(expression) say(#expression, (int)(expression))
/* Prints an expression and its value if that is an error, else that it is none. */
#define fine(expression) says_fine(#expression, (int)(expression))
int says_fine(const char *text, int number);
/* Ends the process with 1, and says why, unless it is so. */
#define check(what) ((what) ? (void)0 : (say("not so: " #what ", line", __LINE__), (void)call(EXIT_GROUP, 1)))

/* A test. */
int test(int argc, char **argv);

#endif
