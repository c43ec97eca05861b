/* What the tests of threads need of Linux, without a C library: calls, threads,
   a lock, and a report. */
#ifndef THREADS_H
#define THREADS_H

#include <stddef.h>
#include <stdint.h>

enum {
    EXIT_THREAD = 1, FORK = 2, WRITE = 4, WAITPID = 7, EXECVE = 11, GETPID = 20, KILL = 37, BRK = 45,
    GETPPID = 64, MUNMAP = 91, CLONE = 120, MPROTECT = 125, SCHED_YIELD = 158, NANOSLEEP = 162,
    SIGACTION = 174, SIGPROCMASK = 175, VFORK = 190, MMAP2 = 192, GETTID = 224, FUTEX = 240,
    EXIT_GROUP = 252, TGKILL = 270, SET_ROBUST_LIST = 311
};
enum { WAIT = 0, WAKE = 1, REQUEUE = 3, CMP_REQUEUE = 4, WAIT_BITSET = 9, WAKE_BITSET = 10, PRIVATE = 128 };
enum { EINTR = 4, EAGAIN = 11, ENOMEM = 12, EINVAL = 22, ETIMEDOUT = 110 };

/* CLONE_VM, FS, FILES, SIGHAND, THREAD, SYSVSEM, PARENT_SETTID, CHILD_CLEARTID:
   those of pthread_create, but for the storage of a thread's own. */
#define THREAD 0x350f00
#define SET_TLS 0x80000

/* A call with up to six arguments; the result is as the kernel gives it. */
long call6(long number, long a, long b, long c, long d, long e, long f);
#define CALL(n, a, b, c, d, e, f, ...) \
    call6((n), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define call(...) CALL(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)

/* A thread that calls `run` with `argument`; `id` is zero when it has ended. */
struct thread {
    volatile int id;
    void *stack;
    int (*run)(void *argument);
    void *argument;
};

/* Starts a thread; returns what clone does. `tls` is a struct user_desc, or null. */
int start(struct thread *thread, int (*run)(void *), void *argument, void *tls);
/* The same with these flags. */
int start_as(int flags, struct thread *thread, int (*run)(void *), void *argument);
/* Waits for the end of a thread, and gives its stack back. */
void join(struct thread *thread);

/* A lock: 0 free, 1 held, 2 held while somebody may wait. */
typedef volatile int lock_t;
void lock(lock_t *lock);
void unlock(lock_t *lock);

/* New pages of zeros. */
void *pages(unsigned count, int shared);
/* Has a handler called for a signal. */
void handle(int signal, void (*handler)(int));
/* Waits until a word is no longer `value`, letting others run. */
void until_not(volatile int *word, int value);

/* Prints a text and a number. */
void say(const char *text, int number);
/* Ends the process with 1, and says why, unless it is so. */
#define check(what) ((what) ? (void)0 : (say("not so: " #what ", line", __LINE__), (void)call(EXIT_GROUP, 1)))

/* A test. */
int test(int argc, char **argv);

#endif
